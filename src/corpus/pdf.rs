use std::collections::HashMap;

use super::guarded::guarded;
use super::piece::Fields;
use super::{decode, text};

/// A PDF with a text layer.
pub(super) fn fields(bytes: Vec<u8>) -> Result<Fields, String> {
    let pages = guarded(move || pdf_extract::extract_text_from_mem_by_pages(&bytes))?;
    let pages = pages.map_err(|e| {
        let message = e.to_string();
        if message.to_lowercase().contains("crypt") || message.to_lowercase().contains("password") {
            "encrypted: save an unlocked copy and read that".to_string()
        } else {
            format!("damaged or no PDF: {message}")
        }
    })?;
    let pages: Vec<String> = pages
        .iter()
        .map(|p| decode::normal(p).into_owned())
        .collect();
    if pages.iter().all(|p| p.trim().is_empty()) {
        return Err("has no text layer (a scan?): run OCR on it first".into());
    }
    let text = paragraphs(&pages);
    Ok(Fields {
        title: text::title(&text),
        text,
        ..Fields::default()
    })
}

/// Joins lines into paragraphs: words cut at line ends are made whole, page numbers and lines that
/// head or foot most pages are dropped.
fn paragraphs(pages: &[String]) -> String {
    let running = running_lines(pages);
    let mut out = String::new();
    for page in pages {
        let lines: Vec<&str> = page.lines().map(str::trim).collect();
        let width = lines.iter().map(|l| l.chars().count()).max().unwrap_or(0);
        for (n, line) in lines.iter().enumerate() {
            let edge = n < 3 || n + 3 >= lines.len();
            let number = line.bytes().all(|b| b.is_ascii_digit()) && line.len() <= 4;
            if edge && !line.is_empty() && (number || running.contains(*line)) {
                continue;
            }
            if line.is_empty() {
                continue_or_break(&mut out, &lines[n + 1..]);
            } else {
                append(&mut out, line, width);
            }
        }
    }
    out
}

fn running_lines(pages: &[String]) -> std::collections::HashSet<&str> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for page in pages {
        let lines: Vec<&str> = page
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect();
        let edges = lines.iter().take(1).chain(lines.iter().rev().take(1));
        for line in edges.collect::<std::collections::HashSet<_>>() {
            *seen.entry(line).or_default() += 1;
        }
    }
    seen.into_iter()
        .filter(|(_, n)| *n >= 3 && *n * 2 > pages.len())
        .map(|(line, _)| line)
        .collect()
}

/// A blank line ends a paragraph, unless the sentence goes on below it.
fn continue_or_break(out: &mut String, rest: &[&str]) {
    let next = rest.iter().find(|l| !l.is_empty());
    let goes_on = next.is_some_and(|l| l.starts_with(char::is_lowercase))
        && out
            .trim_end()
            .ends_with(|c: char| c.is_alphanumeric() || c == ',' || c == '-');
    if !goes_on && !out.is_empty() && !out.ends_with("\n\n") {
        let end = out.trim_end().len();
        out.truncate(end);
        out.push_str("\n\n");
    }
}

fn append(out: &mut String, line: &str, width: usize) {
    if out.is_empty() || out.ends_with("\n\n") {
        out.push_str(line);
        return;
    }
    let cut = out.ends_with('-')
        && out[..out.len() - 1].ends_with(char::is_lowercase)
        && line.starts_with(char::is_lowercase);
    if cut {
        out.pop();
    } else {
        let last = out.rsplit('\n').next().unwrap_or("");
        // A short line that ends a sentence ends its paragraph.
        let short =
            last.chars().count() * 4 < width * 3 && last.ends_with(['.', '!', '?', '”', '"']);
        out.push(if short { '\n' } else { ' ' });
    }
    out.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_paragraphs() {
        let page = |n: usize| {
            format!(
                "The Daily\n\nThe minis-\nter met the press and\nleft for Rome.\n\nBo stayed.\n\n{n}\n"
            )
        };
        let text = paragraphs(&[page(1), page(2), page(3)]);
        assert!(
            text.starts_with("The minister met the press and left for Rome.\n\nBo stayed."),
            "{text}"
        );
        assert!(!text.contains("The Daily") && !text.contains('2'));
    }

    #[test]
    fn damaged_files_are_told() {
        assert!(
            fields(b"%PDF-1.4 nonsense".to_vec())
                .unwrap_err()
                .contains("damaged")
        );
    }
}
