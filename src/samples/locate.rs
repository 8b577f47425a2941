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
/// equals.
pub(super) fn nearest(subjects: &[Span], objects: &[Span]) -> Option<(Span, Span)> {
    closest(subjects, objects, |s, o| {
        (!s.overlaps(o)).then(|| s.start.max(o.start) - s.end.min(o.end))
    })
}

/// Of two strings' occurrences, the pair that is least `far`, the first of equals; those without a
/// figure are no pairs.
pub(super) fn closest<K: Ord>(
    subjects: &[Span],
    objects: &[Span],
    far: impl Fn(Span, Span) -> Option<K>,
) -> Option<(Span, Span)> {
    let pairs = subjects
        .iter()
        .flat_map(|&s| objects.iter().map(move |&o| (s, o)));
    pairs
        .filter_map(|(s, o)| Some((far(s, o)?, (s, o))))
        .min_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, pair)| pair)
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
        let (s, o) = nearest(&iran, &oman).unwrap();
        assert_eq!((s.start, o.of(TEXT)), (25, "Oman"));
        let (s, o) = nearest(&iran, &iran).unwrap();
        assert_eq!((s.start, o.start), (15, 25));
        assert_eq!(nearest(&iran[..1], &iran[..1]), None);
    }
}
