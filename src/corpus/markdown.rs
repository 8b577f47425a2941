use pulldown_cmark::{Event, Options, Parser, TagEnd};

use super::date::first_date;
use super::guarded::guarded;
use super::piece::Fields;
use super::text;

/// Markdown: headings, paragraphs and list items become blocks of plain text; code and raw HTML
/// are left out; a YAML front matter gives title and date.
///
/// # Errors
/// Its parser gives up on it.
pub(super) fn fields(source: String) -> Result<Fields, String> {
    guarded(move || read(&source))
}

fn read(source: &str) -> Fields {
    let (front, body) = front_matter(source);
    let mut out = String::new();
    let mut hidden = 0usize;
    for event in Parser::new_ext(body, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(tag) => {
                if is_block(&tag.to_end()) {
                    end_block(&mut out);
                }
                hidden += usize::from(is_hidden(&tag.to_end()));
            }
            Event::End(TagEnd::TableCell) => out.push_str("  "),
            Event::End(tag) => {
                if is_block(&tag) {
                    end_block(&mut out);
                }
                hidden = hidden.saturating_sub(usize::from(is_hidden(&tag)));
            }
            Event::Text(t) | Event::Code(t) if hidden == 0 => out.push_str(&t),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push('\n'),
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
    let (date, note) = first_date(value("date").as_deref());
    Fields {
        title: value("title").or_else(|| text::title(&out)),
        date,
        text: out,
        notes: note.into_iter().collect(),
        ..Fields::default()
    }
}

fn is_hidden(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_)
    )
}

/// Whether what stands inside is apart from what stands around it. Lists are blocks of their own,
/// since the items of a tight list hold no paragraphs.
fn is_block(tag: &TagEnd) -> bool {
    is_hidden(tag)
        || matches!(
            tag,
            TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::BlockQuote(_)
                | TagEnd::List(_)
                | TagEnd::Item
                | TagEnd::Table
                | TagEnd::TableHead
                | TagEnd::TableRow
        )
}

fn end_block(out: &mut String) {
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push_str("\n\n");
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
        let fields = read(source);
        assert_eq!(fields.title.as_deref(), Some("Talks fail"));
        assert_eq!(fields.date.unwrap().to_string(), "2021-04-05");
        assert_eq!(
            fields.text.trim(),
            "Talks fail\n\nAna met Bo in Rome.\n\none\n\ntwo"
        );
    }

    #[test]
    fn blocks_inside_items_stay_apart() {
        for source in [
            "- Ana Lee met Bo Cho\n  - Carla left\n  - Dan stayed\n- Eve spoke\n",
            "1. Ana Lee met Bo Cho\n   > Carla left\n   - Dan stayed\n2. Eve spoke\n",
            "- Ana Lee met Bo Cho\n  ```\n  code\n  ```\n  Carla left\n- Dan stayed\n- Eve spoke\n",
        ] {
            assert_eq!(
                read(source).text.trim(),
                "Ana Lee met Bo Cho\n\nCarla left\n\nDan stayed\n\nEve spoke",
                "{source}"
            );
        }
    }
}
