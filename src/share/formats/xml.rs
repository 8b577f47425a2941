use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::error::{Error, Result};
use crate::share::output::OutFile;

/// An XML file that is being written, an element on each line.
pub struct Xml {
    out: Writer<OutFile>,
    open: Vec<&'static str>,
}

impl Xml {
    /// Begins a file.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn begin(file: OutFile) -> Result<Self> {
        let mut xml = Self {
            out: Writer::new_with_indent(file, b' ', 1),
            open: Vec::new(),
        };
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(xml)
    }

    /// Opens an element.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> Result<()> {
        self.open.push(name);
        self.event(Event::Start(start(name, attributes)))
    }

    /// Closes the element that was opened last.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn close(&mut self) -> Result<()> {
        match self.open.pop() {
            Some(name) => self.event(Event::End(BytesEnd::new(name))),
            None => Ok(()),
        }
    }

    /// Writes an element without content.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<()> {
        self.event(Event::Empty(start(name, attributes)))
    }

    /// Writes an element that holds text.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> Result<()> {
        self.event(Event::Start(start(name, attributes)))?;
        self.event(Event::Text(BytesText::new(&legal(text))))?;
        self.event(Event::End(BytesEnd::new(name)))
    }

    /// Closes what is open, and the file.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(mut self) -> Result<std::path::PathBuf> {
        while !self.open.is_empty() {
            self.close()?;
        }
        self.out.into_inner().finish()
    }

    fn event(&mut self, event: Event<'_>) -> Result<()> {
        let written: io::Result<()> = self.out.write_event(event);
        written.map_err(|e| Error::io(self.out.get_ref().path(), e))
    }
}

fn start<'n>(name: &'n str, attributes: &[(&str, &str)]) -> BytesStart<'n> {
    let mut element = BytesStart::new(name);
    for (key, value) in attributes {
        element.push_attribute((*key, legal(value).as_ref()));
    }
    element
}

/// Text without the characters that XML cannot hold, not even escaped.
fn legal(text: &str) -> Cow<'_, str> {
    let illegal = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(illegal) {
        Cow::Owned(text.replace(illegal, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_in_names_do_no_harm() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.xml");
        let mut xml = Xml::begin(OutFile::create(&path).unwrap()).unwrap();
        xml.open("graph", &[("label", "<\"A&B\">")]).unwrap();
        xml.text("data", &[], "</data>\u{1}&amp;").unwrap();
        xml.finish().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("<graph label=\"&lt;&quot;A&amp;B&quot;&gt;\">"),
            "{text}"
        );
        assert!(
            text.contains("<data>&lt;/data&gt;\u{fffd}&amp;amp;</data>"),
            "{text}"
        );
        assert!(text.ends_with("</graph>"), "{text}");
    }
}
