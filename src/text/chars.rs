use super::Span;

/// Converts between byte offsets and Unicode code point offsets of one text.
///
/// Keeps the byte offset of every 64th code point, so it costs an eighth of a byte a character and
/// a conversion scans at most 64 characters.
#[derive(Debug, Clone)]
pub struct CharOffsets<'t> {
    text: &'t str,
    every: Vec<usize>,
    chars: usize,
}

const STRIDE: usize = 64;

impl<'t> CharOffsets<'t> {
    /// Indexes `text`.
    pub fn new(text: &'t str) -> Self {
        let mut every = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut chars = 0;
        for (byte, _) in text.char_indices() {
            if chars % STRIDE == 0 {
                every.push(byte);
            }
            chars += 1;
        }
        Self { text, every, chars }
    }

    /// The number of code points before byte `byte`; bytes past the end count as the end, bytes
    /// inside a character as its start.
    pub fn char_of(&self, byte: usize) -> usize {
        if byte >= self.text.len() {
            return self.chars;
        }
        let block = self.every.partition_point(|&b| b <= byte).saturating_sub(1);
        let from = self.every.get(block).copied().unwrap_or(0);
        let inside = self.text[from..]
            .char_indices()
            .take_while(|(at, c)| from + at + c.len_utf8() <= byte)
            .count();
        block * STRIDE + inside
    }

    /// The byte offset of code point `at`, or `None` past the end of the text.
    pub fn byte_of(&self, at: usize) -> Option<usize> {
        if at == self.chars {
            return Some(self.text.len());
        }
        let from = *self.every.get(at / STRIDE)?;
        self.text[from..]
            .char_indices()
            .nth(at % STRIDE)
            .map(|(byte, _)| from + byte)
    }

    /// A byte span as code points.
    pub fn chars_of(&self, span: Span) -> Span {
        Span::new(self.char_of(span.start), self.char_of(span.end))
    }

    /// A code point span as bytes, or `None` when it is empty, reversed or leaves the text.
    pub fn bytes_of(&self, start: usize, end: usize) -> Option<Span> {
        if start >= end {
            return None;
        }
        Some(Span::new(self.byte_of(start)?, self.byte_of(end)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_and_chars_are_inverse(text in "\\PC{0,300}") {
            let offsets = CharOffsets::new(&text);
            for (n, (byte, _)) in text.char_indices().enumerate() {
                prop_assert_eq!(offsets.char_of(byte), n);
                prop_assert_eq!(offsets.byte_of(n), Some(byte));
            }
            let total = text.chars().count();
            prop_assert_eq!(offsets.char_of(text.len()), total);
            prop_assert_eq!(offsets.byte_of(total), Some(text.len()));
            prop_assert_eq!(offsets.byte_of(total + 1), None);
        }
    }
}
