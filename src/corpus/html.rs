use dom_smoothie::{Config, ParsePolicy, Readability, TextMode};

use super::fields::Fields;
use super::{decode, find_date};

/// Stack for parsing a page: its tree is walked recursively, and some pages are nested deeply.
const STACK: usize = 256 << 20;
const MOST_ELEMENTS: usize = 200_000;

/// A web page: its main content, title and day of publication.
pub(super) fn fields(page: &str) -> Result<Fields, String> {
    let read = on_big_stack(|| -> Result<Fields, String> {
        let parse = |policy: Option<ParsePolicy>| {
            let config = Config {
                text_mode: TextMode::Formatted,
                max_elements_to_parse: MOST_ELEMENTS,
                ..Config::default()
            };
            let mut reader =
                Readability::new(page, None, Some(config)).map_err(|e| e.to_string())?;
            match policy {
                None => reader.parse(),
                Some(policy) => reader.parse_with_policy(policy),
            }
            .map_err(|e| e.to_string())
        };
        let article = parse(None).or_else(|_| parse(Some(ParsePolicy::Raw)))?;
        let text = decode::normal(&article.text_content).into_owned();
        Ok(Fields {
            title: Some(decode::normal(article.title.trim()).replace('\n', " "))
                .filter(|t| !t.is_empty()),
            date: article.published_time.as_deref().and_then(find_date),
            text,
            ..Fields::default()
        })
    })?;
    read.map_err(|e| format!("no article found in the page: {e}"))
}

/// Whether a text field holds HTML.
pub(super) fn looks_like(text: &str) -> bool {
    ["<p>", "<p ", "<br", "<div", "</a>", "</p>"]
        .iter()
        .any(|tag| text.contains(tag))
}

/// The text of an HTML fragment, all of it, paragraph by paragraph.
pub(super) fn inner_text(fragment: &str) -> String {
    let parsed = on_big_stack(|| {
        let config = Config {
            text_mode: TextMode::Formatted,
            max_elements_to_parse: MOST_ELEMENTS,
            ..Config::default()
        };
        let page = format!("<html><body><article>{fragment}</article></body></html>");
        let mut reader = Readability::new(page, None, Some(config)).ok()?;
        let article = reader.parse_with_policy(ParsePolicy::Raw).ok()?;
        Some(decode::normal(&article.text_content).into_owned())
    });
    match parsed {
        Ok(Some(text)) => text,
        _ => fragment.to_string(),
    }
}

fn on_big_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name(super::pdf::QUIET.into())
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|e| format!("no thread for it: {e}"))?
            .join()
            .map_err(|_| "the parser gave up on it".to_string())
    })
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
    fn fragments_keep_all_their_text() {
        assert!(looks_like("<p>One.</p>"));
        let text = inner_text("<p>One &amp; two.</p><p>Three.</p>");
        assert!(
            text.contains("One & two.") && text.contains("Three."),
            "{text}"
        );
    }
}
