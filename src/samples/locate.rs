use crate::text::Span;

/// Where `needle` occurs in `text`: as whole words if it does so anywhere, else as it stands.
pub(super) fn occurrences(text: &str, needle: &str) -> Vec<Span> {
    if needle.is_empty() {
        return Vec::new();
    }
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let begins_in_word = letter(needle.chars().next());
    let ends_in_word = letter(needle.chars().next_back());
    let (mut whole, mut any) = (Vec::new(), Vec::new());
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(needle)) {
        let span = Span::new(from + found, from + found + needle.len());
        let before = text[..span.start].chars().next_back();
        let after = text[span.end..].chars().next();
        if !(begins_in_word && letter(before) || ends_in_word && letter(after)) {
            whole.push(span);
        }
        any.push(span);
        from = span.start + needle.chars().next().map_or(1, char::len_utf8);
    }
    if whole.is_empty() { any } else { whole }
}

/// Of two strings' occurrences, the disjoint pair with the fewest bytes between, the first of
/// equals. With `order`, the subject comes first (`true`) or last.
pub(super) fn nearest(
    subjects: &[Span],
    objects: &[Span],
    order: Option<bool>,
) -> Option<(Span, Span)> {
    let mut best: Option<(usize, Span, Span)> = None;
    for &s in subjects {
        for &o in objects {
            if s.overlaps(o) || order.is_some_and(|first| first != (s.start < o.start)) {
                continue;
            }
            let gap = s.start.max(o.start) - s.end.min(o.end);
            if best.is_none_or(|b| gap < b.0) {
                best = Some((gap, s, o));
            }
        }
    }
    best.map(|(_, s, o)| (s, o))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Iranian media: Iran said Iran would leave; Omani and Oman stay.";

    #[test]
    fn whole_words_come_first() {
        let starts =
            |needle| -> Vec<usize> { occurrences(TEXT, needle).iter().map(|s| s.start).collect() };
        assert_eq!(starts("Iran"), [15, 25]);
        assert_eq!(starts("Irani"), [0]);
        assert!(starts("Peru").is_empty());
        assert!(starts("").is_empty());
        assert_eq!(occurrences("ééé", "é").len(), 3);
    }

    #[test]
    fn the_nearest_disjoint_pair_is_taken() {
        let (iran, oman) = (occurrences(TEXT, "Iran"), occurrences(TEXT, "Oman"));
        let (s, o) = nearest(&iran, &oman, None).unwrap();
        assert_eq!((s.start, o.of(TEXT)), (25, "Oman"));
        assert_eq!(nearest(&iran, &oman, Some(false)), None);
        let (s, o) = nearest(&iran, &iran, None).unwrap();
        assert_eq!((s.start, o.start), (15, 25));
        let (s, o) = nearest(&iran, &iran, Some(false)).unwrap();
        assert_eq!((s.start, o.start), (25, 15));
    }
}
