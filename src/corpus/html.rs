use dom_smoothie::{Config, ParsePolicy, Readability, TextMode};

use serde_json::Value;

use super::date::first_date;
use super::decode;
use super::guarded::guarded;
use super::piece::Fields;

const MOST_ELEMENTS: usize = 200_000;

/// Elements whose content is not for reading.
const UNREAD: &str = "script, style, noscript, template, head, iframe, object, svg, math, \
    select, textarea, button, input";

/// Tags by which a text is known to hold HTML.
const TAGS: &str = "p br div a span h1 h2 h3 h4 h5 h6 ul ol li b i em strong u blockquote table tr td \
    img figure figcaption script style iframe section article font center hr pre";

/// Tags that set apart what stands in them. Where there are none, line ends do.
const BLOCKS: &str =
    "p br div h1 h2 h3 h4 h5 h6 ul ol li blockquote table figure section article pre";

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
        let written = article.published_time.iter().chain(&about.dates);
        let (date, note) = first_date(written.map(|date| &**date));
        Ok(Fields {
            title: Some(about.without_site(&one_line(&article.title))).filter(|t| !t.is_empty()),
            date,
            text,
            notes: note.into_iter().collect(),
            ..Fields::default()
        })
    })?;
    read.map_err(|e| format!("no article found in the page: {e}"))
}

/// What a page says of its article outside the metadata that the readability crate knows.
struct About {
    headings: Vec<String>,
    /// Days of publication as written, the surest first.
    dates: Vec<String>,
}

impl About {
    fn of(reader: &Readability) -> Self {
        const DATES: [(&str, &str); 3] = [
            (
                "meta[property='article:published_time'], meta[name='article:published_time'], \
                 meta[property='og:published_time'], meta[name='date'], meta[name='pubdate'], \
                 meta[name='publish-date'], meta[name='publishdate'], \
                 meta[name='publication_date'], meta[name='DC.date.issued'], meta[name='DC.date'], \
                 meta[name='dc.date'], meta[name='dcterms.date'], meta[name='sailthru.date'], \
                 meta[name='parsely-pub-date'], meta[itemprop='datePublished']",
                "content",
            ),
            ("time[itemprop='datePublished'], time[pubdate]", "datetime"),
            (
                "article time[datetime], header time[datetime], main time[datetime]",
                "datetime",
            ),
        ];
        let linked = reader.doc.select("script[type='application/ld+json']");
        let linked = linked.iter().filter_map(|script| {
            let data: Value = serde_json::from_str(script.text().trim()).ok()?;
            published(&data).map(str::to_owned)
        });
        let tagged = DATES.iter().flat_map(|(places, attribute)| {
            let found = reader.doc.select(places);
            let written: Vec<String> = found
                .iter()
                .filter_map(|tag| Some(tag.attr(attribute)?.to_string()))
                .collect();
            written
        });
        let dates = linked.chain(tagged).collect();
        let headings = reader.doc.select("h1");
        Self {
            headings: headings.iter().map(|h| one_line(&h.text())).collect(),
            dates,
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

/// The `datePublished` of an article in linked data, which may stand in a list or a graph.
fn published(data: &Value) -> Option<&str> {
    match data {
        Value::Array(list) => list.iter().find_map(published),
        Value::Object(map) => match map.get("datePublished").and_then(Value::as_str) {
            Some(date) => Some(date),
            None => published(map.get("@graph")?),
        },
        _ => None,
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
    has_tag(text, TAGS)
}

/// Whether a text holds one of these tags.
fn has_tag(text: &str, tags: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let inside = &text[at + 1..];
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric());
        let Some((name, after)) = end.map(|end| inside.split_at(end)) else {
            return false;
        };
        let ended = after.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace());
        ended
            && tags
                .split_whitespace()
                .any(|tag| tag.eq_ignore_ascii_case(name))
    })
}

/// The text of an HTML fragment, all of it, paragraph by paragraph.
///
/// # Errors
/// Its parser gave up on it, twice: says so, for people.
pub(super) fn inner_text(fragment: &str) -> Result<String, String> {
    inner_text_of(fragment, MOST_ELEMENTS)
}

fn inner_text_of(fragment: &str, most_elements: usize) -> Result<String, String> {
    let page = as_page(fragment);
    if let Ok(Some(text)) = guarded(move || main_text(page, most_elements)) {
        return Ok(text);
    }
    let page = as_page(fragment);
    guarded(move || whole_text(page)).map_err(|e| format!("its HTML is not read: {e}"))
}

fn as_page(fragment: &str) -> String {
    let fragment = if has_tag(fragment, BLOCKS) {
        fragment.to_string()
    } else {
        with_line_ends_as_tags(fragment)
    };
    format!("<html><body><article><p>{fragment}</article></body></html>")
}

fn with_line_ends_as_tags(fragment: &str) -> String {
    let mut out = String::with_capacity(fragment.len());
    let mut in_tag = false;
    let mut characters = fragment.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\n' if !in_tag => {
                let blank = characters.next_if_eq(&'\n').is_some();
                out.push_str(if blank { "<p>" } else { "<br>" });
                continue;
            }
            '<' => {
                let next = characters.peek();
                in_tag = next.is_some_and(|next| next.is_ascii_alphabetic() || *next == '/');
            }
            '>' => in_tag = false,
            _ => {}
        }
        out.push(c);
    }
    out
}

fn main_text(page: String, most_elements: usize) -> Option<String> {
    let config = Config {
        text_mode: TextMode::Formatted,
        max_elements_to_parse: most_elements,
        ..Config::default()
    };
    let mut reader = Readability::new(page, None, Some(config)).ok()?;
    let article = reader.parse_with_policy(ParsePolicy::Raw).ok()?;
    Some(decode::normal(&article.text_content).into_owned())
}

/// What is left of a page without its tags and what is not for reading.
fn whole_text(page: String) -> String {
    let reader = Readability::from(page);
    reader.doc.select(UNREAD).remove();
    decode::normal(&reader.doc.formatted_text()).into_owned()
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
        let text = inner_text("<p>One &amp; two.</p><p>Three.</p>").unwrap();
        assert!(
            text.contains("One & two.") && text.contains("Three."),
            "{text}"
        );
    }

    #[test]
    fn lines_count_where_no_tag_sets_apart() {
        let text = inner_text("Ana <b>met</b> Bo.\n\nCarla left.\nDan <i>stayed</i>.").unwrap();
        assert_eq!(text, "Ana met Bo.\n\nCarla left.\nDan stayed.");
        let text = inner_text("Ana met <a\nhref='x'>Bo</a>.").unwrap();
        assert_eq!(text, "Ana met Bo.");
        let text = inner_text("<p>Ana\nmet <b>Bo</b>.</p>\n<p>Carla left.</p>").unwrap();
        assert_eq!(text, "Ana met Bo.\n\nCarla left.");
    }

    #[test]
    fn tags_are_known_however_they_are_written() {
        for text in [
            "<P>a",
            "a<br/>b",
            "<SPAN class='x'>a",
            "a</li>",
            "<script>x",
        ] {
            assert!(looks_like(text), "{text}");
        }
        for text in ["a < b", "<3", "<peter@example.org> wrote", "a<b", "<"] {
            assert!(!looks_like(text), "{text}");
        }
    }

    #[test]
    fn markup_never_reaches_the_text() {
        let head = "<p>Ana met Bo.</p><script>var a = 1;</script><style>p { x: y }</style>";
        let fragment = format!("{head}{}", "<b>x</b> ".repeat(20));
        assert_eq!(main_text(as_page(&fragment), 10), None);
        for most_elements in [10, MOST_ELEMENTS] {
            let text = inner_text_of(&fragment, most_elements).unwrap();
            assert!(text.trim_start().starts_with("Ana met Bo."), "{text}");
            assert!(!text.contains(['<', '{', '=']), "{text}");
        }
    }

    #[test]
    fn days_in_linked_data_and_times() {
        let tag = "<meta property='article:published_time' content='2021-04-05T10:00:00Z'>";
        let date = |instead: &str| fields(&page().replace(tag, instead)).unwrap();
        let linked = "<script type='application/ld+json'>{\"@context\": \"https://schema.org\", \
            \"@graph\": [{\"@type\": \"WebSite\"}, {\"@type\": \"NewsArticle\", \
            \"datePublished\": \"2021-04-05T10:00:00+02:00\"}]}</script>";
        for instead in [linked, "<meta name='DC.date' content='5 April 2021'>"] {
            let date = date(instead).date.map(|date| date.to_string());
            assert_eq!(date.as_deref(), Some("2021-04-05"), "{instead}");
        }
        let unread = date("<meta name='date' content='04/05/2021'>");
        assert_eq!((unread.date, unread.notes.len()), (None, 1));
        let timed = page().replace(tag, "").replace(
            "<h1>Talks end</h1>",
            "<h1>Talks end</h1><time datetime='2021-04-05'>Monday</time>",
        );
        assert!(fields(&timed).unwrap().date.is_some());
    }
}
