use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::piece::Fields;
use super::{find_date, text};

/// Markdown: headings, paragraphs and list items become blocks of plain text; code and raw HTML
/// are left out; a YAML front matter gives title and date.
pub(super) fn fields(source: &str) -> Fields {
    let (front, body) = front_matter(source);
    let mut out = String::new();
    let mut hidden = 0usize;
    for event in Parser::new_ext(body, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_)) => hidden += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_)) => {
                hidden = hidden.saturating_sub(1)
            }
            Event::Text(t) | Event::Code(t) if hidden == 0 => out.push_str(&t),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push('\n'),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::TableRow
                | TagEnd::TableHead,
            ) if !out.ends_with("\n\n") => out.push_str("\n\n"),
            Event::End(TagEnd::TableCell) => out.push_str("  "),
            _ => {}
        }
    }
    let value = |key: &str| {
        front.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let value = value.trim().trim_matches(['"', '\'']);
            (name.trim().eq_ignore_ascii_case(key) && !value.is_empty()).then(|| value.to_string())
        })
    };
    Fields {
        title: value("title").or_else(|| text::title(&out)),
        date: value("date").as_deref().and_then(find_date),
        text: out,
        ..Fields::default()
    }
}

/// The lines between `---` and `---` at the start, and the rest.
fn front_matter(source: &str) -> (&str, &str) {
    let Some(rest) = source.strip_prefix("---\n") else {
        return ("", source);
    };
    rest.split_once("\n---\n")
        .map_or(("", source), |(front, body)| (front, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_front_matter() {
        let source = "---\ntitle: \"Talks fail\"\ndate: 2021-04-05\n---\n# Talks *fail*\n\nAna [met](http://x) Bo\nin Rome.\n\n- one\n- two\n\n```\ncode\n```\n";
        let fields = fields(source);
        assert_eq!(fields.title.as_deref(), Some("Talks fail"));
        assert_eq!(fields.date.unwrap().to_string(), "2021-04-05");
        assert_eq!(
            fields.text.trim(),
            "Talks fail\n\nAna met Bo in Rome.\n\none\n\ntwo"
        );
    }
}
