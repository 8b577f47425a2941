//! A run as one HTML page to look at, with everything in it: it opens from a mail or a USB stick and
//! asks no network for anything (its content policy forbids it).
//!
//! What the articles say is hostile input. It goes into the page as JSON in a `script` element that
//! no browser runs, with every `<` escaped, and the page's program puts it on the screen as text,
//! never as markup.
//!
//! The graph is drawn by cytoscape.js, which `scripts/assets` fetches before a build; without it
//! the page draws the strongest entities on a circle, and all else is the same.

mod data;

use std::path::{Path, PathBuf};

use data::Data;

use crate::error::{Error, Result};
use crate::share::{OutFile, RunDir};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const PROGRAM: &str = include_str!("page.js");
/// Empty when it was not there at build time.
const GRAPH_LIBRARY: &str = include_str!(concat!(env!("OUT_DIR"), "/cytoscape.min.js"));

/// Triples that a page holds; a browser on a phone opens so many without trouble.
pub const MOST_TRIPLES: usize = 20_000;

/// Writes the page of a run to the file `path`; of more than `most` triples the strongest.
///
/// # Errors
/// The run cannot be read, or the file cannot be written.
pub fn write(run: &RunDir, path: &Path, most: usize) -> Result<PathBuf> {
    let data = Data::read(run, most)?;
    let json = serde_json::to_string(&data).map_err(|e| Error::format(path, e.to_string()))?;
    let mut file = OutFile::create(path)?;
    file.text(&page(&json))?;
    file.finish()
}

fn page(json: &str) -> String {
    // `<` is only ever inside strings there.
    let json = json.replace('<', "\\u003c");
    let library = GRAPH_LIBRARY.replace("</script", "<\\/script");
    let mut page = String::with_capacity(PAGE.len() + json.len() + library.len());
    let mut rest = PAGE;
    for (place, text) in [
        ("{{style}}", STYLE),
        ("{{data}}", &json),
        ("{{library}}", &library),
        ("{{program}}", PROGRAM),
    ] {
        if let Some((before, after)) = rest.split_once(place) {
            page.push_str(before);
            page.push_str(text);
            rest = after;
        }
    }
    page.push_str(rest);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_an_article_can_leave_its_place() {
        let page = page(r#"{"t":"</script><script>alert(1)</script><!--{{program}}"}"#);
        assert!(!page.contains("<script>alert"));
        assert!(page.contains(r"\u003c/script>\u003cscript>alert(1)"));
        assert_eq!(page.matches(PROGRAM).count(), 1);
        assert!(page.trim_end().ends_with("</html>"));
    }
}
