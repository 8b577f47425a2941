use super::Span;

/// Most bytes of a sentence. To cut one into subwords takes some forty times its bytes, so that a
/// file of one endless line would fill the memory.
const LONGEST: usize = 4 << 20;

/// The sentences, of which those of more than [`LONGEST`] bytes are cut: between words, or, where a
/// word is as long, between characters.
pub(super) fn bounded(text: &str, sentences: Vec<Span>) -> Vec<Span> {
    if sentences.iter().all(|sentence| sentence.len() <= LONGEST) {
        return sentences;
    }
    let mut all = Vec::with_capacity(sentences.len());
    for mut sentence in sentences {
        while sentence.len() > LONGEST {
            let end = cut(text, sentence.start);
            all.push(Span::new(sentence.start, end).trimmed(text));
            sentence = Span::new(end, sentence.end).trimmed(text);
        }
        all.push(sentence);
    }
    all
}

/// Where a part that begins at `start`, with no white space, ends.
fn cut(text: &str, start: usize) -> usize {
    let mut end = start + LONGEST;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let space = text[start..end].rfind(char::is_whitespace);
    space.map_or(end, |at| start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &str) -> Vec<usize> {
        let cut = bounded(text, vec![Span::new(0, text.len())]);
        assert!(cut.iter().all(|s| s.len() <= LONGEST && !s.is_empty()));
        let kept: String = cut.iter().map(|s| s.of(text)).collect();
        let bare = |text: &str| text.replace(' ', "");
        assert!(bare(&kept) == bare(text));
        cut.into_iter().map(Span::len).collect()
    }

    #[test]
    fn what_is_longer_than_any_prose_is_cut() {
        assert_eq!(lengths(&"x".repeat(LONGEST)), [LONGEST]);
        assert_eq!(lengths(&"x".repeat(LONGEST + 1)), [LONGEST, 1]);
        let words = "word ".repeat(LONGEST / 5 * 2);
        assert_eq!(lengths(words.trim()).len(), 2);
        // A character of three bytes does not end where the part should.
        assert_eq!(
            lengths(&"\u{4e2d}".repeat(LONGEST / 3 + 1)),
            [LONGEST - 1, 3]
        );
    }
}
