use jiff::civil::Date;

use super::date::first_date;
use super::dateline::date_in_dateline;
use super::language::is_foreign;
use super::options::ReadOptions;
use super::piece::Fields;
use super::{clean, decode, html};
use crate::text::Document;

// Compared without case, spaces, hyphens and underscores: "Full Text" and "fullText" are "full_text".
pub(super) const TEXT: &[&str] = &[
    "text",
    "body",
    "content",
    "article",
    "maintext",
    "full_text",
    "article_text",
    "article_body",
    "content_text",
    "raw_text",
    "story",
    "plain_text",
    "description",
];
const TITLE: &[&str] = &[
    "title",
    "headline",
    "heading",
    "name",
    "article_title",
    "head",
];
const DATE: &[&str] = &[
    "date",
    "published",
    "date_publish",
    "publish_date",
    "published_at",
    "pub_date",
    "publication_date",
    "published_date",
    "date_published",
    "published_time",
    "created_at",
    "timestamp",
    "time",
    "datetime",
];
const ID: &[&str] = &[
    "id",
    "doc_id",
    "article_id",
    "uid",
    "uuid",
    "_id",
    "guid",
    "url",
    "link",
];

/// The names of the columns or keys that hold an article's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub text: Option<usize>,
    pub title: Option<usize>,
    pub date: Option<usize>,
    pub id: Option<usize>,
}

impl Names {
    /// Finds them among `columns`: those the user named, else the usual ones.
    pub fn among(columns: &[String], options: &ReadOptions) -> Self {
        let find = |given: &Option<String>, usual: &[&str]| {
            let same = |like: fn(&str, &str) -> bool, name: &str| {
                columns.iter().position(|column| like(column, name))
            };
            match given {
                Some(name) => same(exact, name).or_else(|| same(alike, name)),
                None => usual.iter().find_map(|name| same(alike, name)),
            }
        };
        Self {
            text: find(&options.text_field, TEXT),
            title: find(&options.title_field, TITLE),
            date: find(&options.date_field, DATE),
            id: find(&options.id_field, ID),
        }
    }
}

fn exact(column: &str, name: &str) -> bool {
    column == name
}

/// Whether two names differ only in case, spaces, hyphens and underscores.
pub(super) fn alike(column: &str, name: &str) -> bool {
    let bare = |name: &str| -> String {
        name.chars()
            .filter(|c| !matches!(c, ' ' | '-' | '_'))
            .flat_map(char::to_lowercase)
            .collect()
    };
    bare(column) == bare(name)
}

/// What to say when no column or key holds the text.
pub(super) fn no_text(columns: &[String], options: &ReadOptions) -> String {
    let shown = shown(columns);
    match &options.text_field {
        Some(name) => format!("has no field {name:?}; it has: {shown}"),
        None => {
            format!(
                "no field is known to hold the text; name it with --text-field. It has: {shown}"
            )
        }
    }
}

/// What to say of the fields that the user named for title, date and id, and that are not there.
pub(super) fn absent(
    columns: &[String],
    options: &ReadOptions,
    is_there: impl Fn(&str) -> bool,
) -> Vec<String> {
    [
        (&options.title_field, "title"),
        (&options.date_field, "date"),
        (&options.id_field, "id"),
    ]
    .into_iter()
    .filter_map(|(name, part)| Some((name.as_deref()?, part)))
    .filter(|(name, _)| !is_there(name))
    .map(|(name, part)| {
        let shown = shown(columns);
        format!("has no field {name:?} for the {part}; it has: {shown}")
    })
    .collect()
}

/// The first names, for a message.
fn shown(columns: &[String]) -> String {
    let shown: Vec<&str> = columns.iter().map(String::as_str).take(20).collect();
    shown.join(", ")
}

/// What is told of a text in another language.
const FOREIGN: &str = "does not look like English; the bundled models read English";

impl Fields {
    /// An article from its raw parts, as JSON and CSV have them.
    ///
    /// # Errors
    /// Its text is HTML that no parser can make out.
    pub fn from_parts(
        id: Option<String>,
        title: Option<String>,
        date: Option<String>,
        text: &str,
    ) -> Result<Self, String> {
        let tidy = |part: Option<String>| {
            part.map(|p| decode::normal(p.trim()).replace('\n', " "))
                .filter(|p| !p.is_empty())
        };
        let title = match tidy(title) {
            Some(title) if html::has_entities(&title) || html::looks_like(&title) => {
                Some(html::inner_text(&title)?.trim().replace('\n', " "))
            }
            title => title,
        };
        let text = decode::normal(text);
        let text = if html::looks_like(&text) {
            html::inner_text(&text)?
        } else {
            text.into_owned()
        };
        let (date, note) = first_date(date.as_deref());
        Ok(Self {
            id: tidy(id),
            title,
            date,
            text,
            notes: note.into_iter().collect(),
        })
    }

    /// The document: cleaned of page debris, opened by its title.
    pub fn into_document(
        self,
        id: String,
        source_file: String,
        name_date: Option<Date>,
    ) -> Document {
        let cleaned = clean(&self.text);
        let mut notes = self.notes;
        match cleaned.left_out.len() {
            0 => {}
            1 => notes.push("1 line of page debris left out".into()),
            n => notes.push(format!("{n} lines of page debris left out")),
        }
        match cleaned.inserts {
            0 => {}
            1 => notes.push("1 list of links within a sentence left out".into()),
            n => notes.push(format!("{n} lists of links within sentences left out")),
        }
        let body = cleaned.text.trim();
        let title = self.title.filter(|t| !t.is_empty());
        let text = match &title {
            Some(title) => headed(title, body),
            None => body.to_string(),
        };
        // A title is no article: without a body there is nothing to read.
        let text = if body.is_empty() { String::new() } else { text };
        if is_foreign(body) {
            notes.push(FOREIGN.into());
        }
        let date = self.date.or(name_date);
        Document {
            id,
            source_file,
            title,
            date: date.or_else(|| date_in_dateline(&text)),
            text,
            notes,
        }
    }
}

/// The body below its title, which opens it once: a body may begin with it, as a line or as a
/// heading of Markdown, or as both.
fn headed(title: &str, body: &str) -> String {
    let (first, below) = first_line(body);
    let (wanted, opening) = (words(title), words(first));
    if !opening.starts_with(&wanted) {
        return format!("{title}\n\n{body}");
    }
    let headline = without_heading_mark(first);
    let (second, rest) = first_line(below.trim_start());
    let text = if opening == wanted && words(second) == wanted {
        format!("{headline}\n\n{}", rest.trim_start())
    } else {
        format!("{headline}\n{below}")
    };
    text.trim_end().to_string()
}

fn first_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// What two headlines have in common that differ in case, white space and marks of headings.
fn words(line: &str) -> String {
    let words: Vec<&str> = line.trim_start_matches('#').split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// "## Talks fail" is "Talks fail"; "#talks" is no heading.
fn without_heading_mark(line: &str) -> &str {
    let bare = line.trim_start_matches('#');
    if bare.starts_with(char::is_whitespace) {
        bare.trim_start()
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_are_found_however_they_are_written() {
        let columns = ["Article ID", "HEADLINE", "publishedAt", "Full-Text"].map(String::from);
        let names = Names::among(&columns, &ReadOptions::default());
        assert_eq!(
            (names.id, names.title, names.date, names.text),
            (Some(0), Some(1), Some(2), Some(3))
        );
        let given = ReadOptions {
            text_field: Some("text".into()),
            ..ReadOptions::default()
        };
        let columns = ["Text", "text"].map(String::from);
        assert_eq!(Names::among(&columns, &given).text, Some(1));
    }

    #[test]
    fn titles_are_freed_of_markup() {
        let title = |title: &str| {
            let fields = Fields::from_parts(None, Some(title.into()), None, "x");
            fields.unwrap().title
        };
        assert_eq!(title("Q &amp; A").as_deref(), Some("Q & A"));
        assert_eq!(title("AT&T; R&D").as_deref(), Some("AT&T; R&D"));
    }

    #[test]
    fn the_title_opens_the_text_once() {
        let fields =
            |text: &str| Fields::from_parts(None, Some("A Title".into()), None, text).unwrap();
        let text = |f: Fields| f.into_document("a".into(), "a".into(), None).text;
        assert_eq!(text(fields("He came.")), "A Title\n\nHe came.");
        assert_eq!(text(fields("A title\n\nHe came.")), "A title\n\nHe came.");
        assert_eq!(text(fields("  ")), "");
    }

    #[test]
    fn a_headline_that_is_a_heading_opens_the_text_once() {
        for body in [
            "Talks fail\n\n# Talks fail\n\nAna left.",
            "# Talks fail\n\nAna left.",
            "# Talks fail\n\nTalks Fail\nAna left.",
        ] {
            let document =
                super::super::text::fields(body.into()).into_document("a".into(), "a".into(), None);
            assert_eq!(document.title.as_deref(), Some("Talks fail"), "{body}");
            assert_eq!(document.text, "Talks fail\n\nAna left.", "{body}");
        }
        assert_eq!(headed("Talks", "Talks fail\nTalks"), "Talks fail\nTalks");
        assert_eq!(headed("talks", "#talks"), "#talks");
        assert_eq!(headed("Talks", "# Rome\n\nx"), "Talks\n\n# Rome\n\nx");
    }

    #[test]
    fn named_fields_that_are_not_there_are_told() {
        let options = ReadOptions {
            title_field: Some("titel".into()),
            date_field: Some("Day".into()),
            ..ReadOptions::default()
        };
        let columns = ["title", "day"].map(String::from);
        let told = absent(&columns, &options, |name| {
            columns.iter().any(|column| alike(column, name))
        });
        assert_eq!(
            told,
            [r#"has no field "titel" for the title; it has: title, day"#]
        );
    }
}
