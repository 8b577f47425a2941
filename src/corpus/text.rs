use super::clean;
use super::piece::Fields;

const LONGEST_TITLE: usize = 200;

/// A plain text: its first line is the title when it looks like one.
pub(super) fn fields(text: String) -> Fields {
    Fields {
        title: title(&clean(&text).text),
        text,
        ..Fields::default()
    }
}

/// The first line with words, if it is short, stands alone and does not end like a sentence.
pub(super) fn title(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|l| l.trim().is_empty());
    let first = lines.next()?.trim();
    let alone = lines.next().is_none_or(|second| second.trim().is_empty());
    let looks = first.chars().count() <= LONGEST_TITLE && !first.ends_with(['.', ':', ';', ',']);
    (alone && looks).then(|| first.trim_start_matches('#').trim().to_string())
}
