use dom_smoothie::{Config, ParsePolicy, Readability, TextMode};

use jiff::civil::Date;

use super::guarded::guarded;
use super::piece::Fields;
use super::{decode, find_date};

const MOST_ELEMENTS: usize = 200_000;

/// A web page: its main content, title and day of publication.
pub(super) fn fields(page: &str) -> Result<Fields, String> {
    let page = page.to_string();
    let read = guarded(move || -> Result<Fields, String> {
        let parse = |policy: Option<ParsePolicy>| {
            let config = Config {
                text_mode: TextMode::Formatted,
                max_elements_to_parse: MOST_ELEMENTS,
                ..Config::default()
            };
            let mut reader =
                Readability::new(page.as_str(), None, Some(config)).map_err(|e| e.to_string())?;
            let about = About::of(&reader);
            let article = match policy {
                None => reader.parse(),
                Some(policy) => reader.parse_with_policy(policy),
            };
            article.map(|a| (a, about)).map_err(|e| e.to_string())
        };
        let (article, about) = parse(None).or_else(|_| parse(Some(ParsePolicy::Raw)))?;
        let text = decode::normal(&article.text_content).into_owned();
        let date = article.published_time.as_deref().and_then(find_date);
        Ok(Fields {
            title: Some(about.without_site(&one_line(&article.title))).filter(|t| !t.is_empty()),
            date: date.or(about.date),
            text,
            ..Fields::default()
        })
    })?;
    read.map_err(|e| format!("no article found in the page: {e}"))
}

/// What a page says of its article outside the metadata that the readability crate knows.
struct About {
    headings: Vec<String>,
    date: Option<Date>,
}

impl About {
    fn of(reader: &Readability) -> Self {
        const DATES: [(&str, &str); 3] = [
            (
                "meta[property='article:published_time'], meta[name='date'], meta[name='pubdate'], \
                 meta[name='publish-date'], meta[name='publishdate'], meta[name='DC.date.issued'], \
                 meta[name='dc.date'], meta[name='sailthru.date'], meta[name='parsely-pub-date'], \
                 meta[itemprop='datePublished']",
                "content",
            ),
            ("time[itemprop='datePublished']", "datetime"),
            ("article time[datetime], header time[datetime]", "datetime"),
        ];
        let date = DATES.iter().find_map(|(places, attribute)| {
            let found = reader.doc.select(places);
            found
                .iter()
                .find_map(|tag| find_date(&tag.attr(attribute)?))
        });
        let headings = reader.doc.select("h1");
        Self {
            headings: headings.iter().map(|h| one_line(&h.text())).collect(),
            date,
        }
    }

    /// "Talks end | The Daily" is "Talks end" where the page has that heading.
    fn without_site(&self, title: &str) -> String {
        let is_title = |heading: &&String| {
            title.strip_prefix(heading.as_str()).is_some_and(|rest| {
                rest.trim_start()
                    .starts_with(['|', '-', '–', '—', '·', ':', '»'])
            })
        };
        let heading = self
            .headings
            .iter()
            .filter(|h| !h.is_empty())
            .find(is_title);
        heading.map_or(title, String::as_str).to_string()
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// Whether a text holds names or numbers of characters, as HTML writes them.
pub(super) fn has_entities(text: &str) -> bool {
    [
        "&amp;", "&quot;", "&#", "&lt;", "&gt;", "&nbsp;", "&apos;", "squo;", "dquo;", "dash;",
    ]
    .iter()
    .any(|entity| text.contains(entity))
}

/// Whether a text field holds HTML.
pub(super) fn looks_like(text: &str) -> bool {
    ["<p>", "<p ", "<br", "<div", "</a>", "</p>"]
        .iter()
        .any(|tag| text.contains(tag))
}

/// The text of an HTML fragment, all of it, paragraph by paragraph.
pub(super) fn inner_text(fragment: &str) -> String {
    let page = format!("<html><body><article>{fragment}</article></body></html>");
    let parsed = guarded(move || {
        let config = Config {
            text_mode: TextMode::Formatted,
            max_elements_to_parse: MOST_ELEMENTS,
            ..Config::default()
        };
        let mut reader = Readability::new(page, None, Some(config)).ok()?;
        let article = reader.parse_with_policy(ParsePolicy::Raw).ok()?;
        Some(decode::normal(&article.text_content).into_owned())
    });
    match parsed {
        Ok(Some(text)) => text,
        _ => fragment.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let paragraph = "The minister of trade said on Monday that the talks, which had gone on for weeks, would end. ";
        format!(
            "<html><head><title>Talks end - Daily</title><meta property='article:published_time' content='2021-04-05T10:00:00Z'>\
             </head><body><nav><a href='/'>Home</a> <a href='/w'>World</a></nav><article><h1>Talks end</h1>{}</article>\
             <footer>Copyright Daily. Subscribe now!</footer></body></html>",
            format!("<p>{}</p>", paragraph.repeat(3)).repeat(4)
        )
    }

    #[test]
    fn the_article_comes_without_its_page() {
        let fields = fields(&page()).unwrap();
        assert!(fields.title.unwrap().starts_with("Talks end"));
        assert_eq!(fields.date.unwrap().to_string(), "2021-04-05");
        assert_eq!(fields.text.matches("minister of trade").count(), 12);
        assert!(fields.text.contains("\n\n") && !fields.text.contains("Subscribe"));
    }

    #[test]
    fn headings_and_dates_outside_the_known_metadata() {
        let page = page()
            .replace("property='article:published_time'", "name='date'")
            .replace("Talks end - Daily", "Talks end | Daily");
        let fields = fields(&page).unwrap();
        assert_eq!(fields.title.as_deref(), Some("Talks end"));
        assert_eq!(fields.date.unwrap().to_string(), "2021-04-05");
    }

    #[test]
    fn fragments_keep_all_their_text() {
        assert!(looks_like("<p>One.</p>"));
        let text = inner_text("<p>One &amp; two.</p><p>Three.</p>");
        assert!(
            text.contains("One & two.") && text.contains("Three."),
            "{text}"
        );
    }
}
