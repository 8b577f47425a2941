use crate::text::Span;

/// A word that is tagged, with the subword that it takes its tag from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// Where, in bytes of the text.
    pub span: Span,
    /// Index of its first subword.
    pub subword: usize,
}

/// The words of a sentence (runs of letters and digits, and other marks one by one), each with the
/// first subword that touches it. Words of one subword ("U.S." in some vocabularies) are one unit.
pub(super) fn units(text: &str, sentence: Span, subwords: &[Span]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut rest = subwords.iter().enumerate().peekable();
    for word in words(text, sentence) {
        while rest.next_if(|(_, piece)| piece.end <= word.start).is_some() {}
        let mut near = rest.clone().take_while(|(_, piece)| piece.start < word.end);
        let Some((subword, _)) = near.find(|(_, piece)| piece.overlaps(word)) else {
            continue;
        };
        match units.last_mut() {
            Some(last) if last.subword == subword => last.span.end = word.end,
            _ => units.push(Unit {
                span: word,
                subword,
            }),
        }
    }
    units
}

fn words(text: &str, sentence: Span) -> Vec<Span> {
    let mut words: Vec<Span> = Vec::new();
    let mut open = false;
    for (at, c) in sentence.of(text).char_indices() {
        let at = sentence.start + at;
        // A combining mark belongs to the letter before it.
        let joins = c.is_alphanumeric() || is_mark(c);
        match words.last_mut() {
            Some(last) if open && joins => last.end = at + c.len_utf8(),
            _ if c.is_whitespace() => {}
            _ => words.push(Span::new(at, at + c.len_utf8())),
        }
        open = joins;
    }
    words
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_at_marks_and_keep_their_accents() {
        let text = "In Tirana, U.S.-led e\u{301}lan.";
        let spans = words(text, Span::new(0, text.len()));
        let cut: Vec<&str> = spans.iter().map(|w| w.of(text)).collect();
        let wanted = [
            "In",
            "Tirana",
            ",",
            "U",
            ".",
            "S",
            ".",
            "-",
            "led",
            "e\u{301}lan",
            ".",
        ];
        assert_eq!(cut, wanted);
    }

    #[test]
    fn long_sentences_take_linear_time() {
        let text = "a ".repeat(300_000);
        let pieces: Vec<Span> = (0..300_000).map(|n| Span::new(2 * n, 2 * n + 1)).collect();
        let begun = std::time::Instant::now();
        assert_eq!(
            units(&text, Span::new(0, text.len()), &pieces).len(),
            300_000
        );
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn words_of_one_subword_are_one_unit() {
        let text = "the U.S. army";
        let pieces = [(0, 3), (4, 8), (9, 11), (11, 13)].map(|(a, b)| Span::new(a, b));
        let units = units(text, Span::new(0, text.len()), &pieces);
        let found: Vec<(&str, usize)> =
            units.iter().map(|u| (u.span.of(text), u.subword)).collect();
        assert_eq!(found, [("the", 0), ("U.S.", 1), ("army", 2)]);
    }
}
