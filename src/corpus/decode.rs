use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The encoding that the first bytes of a file, or all of them, are in.
pub(super) fn encoding_of(head: &[u8], whole: bool) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    if let Some(encoding) = utf16_without_bom(head) {
        return encoding;
    }
    match std::str::from_utf8(head) {
        Ok(_) => return UTF_8,
        // The head may end inside a character.
        Err(e) if !whole && e.error_len().is_none() => return UTF_8,
        Err(_) => {}
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, whole);
    detector.guess(None, Utf8Detection::Allow)
}

/// Latin text in UTF-16 has a zero in nearly every second byte.
fn utf16_without_bom(head: &[u8]) -> Option<&'static Encoding> {
    let head = &head[..head.len().min(4096) & !1];
    if head.len() < 8 {
        return None;
    }
    let zeros = |odd: usize| {
        head.iter()
            .skip(odd)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if odd * 10 >= half * 7 && even * 10 < half {
        Some(UTF_16LE)
    } else if even * 10 >= half * 7 && odd * 10 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The text of `bytes`, without a byte order mark, and what had to be replaced.
pub(super) fn decode(bytes: &[u8], encoding: &'static Encoding) -> (String, Option<String>) {
    let (text, _, replaced) = encoding.decode(bytes);
    let note =
        replaced.then(|| format!("some bytes are not {} and were replaced", encoding.name()));
    (normal(&text).into_owned(), note)
}

/// Whether the beginning of `bytes` reads as text: of random bytes every eighth is a control
/// character, of text with some damage hardly any.
pub(super) fn is_text(bytes: &[u8], encoding: &'static Encoding) -> bool {
    const LOOKED_AT: usize = 64 << 10;
    let (text, _, _) = encoding.decode(&bytes[..bytes.len().min(LOOKED_AT)]);
    odd_at_most(&text, 12)
}

/// Whether at most one of so many characters is none that texts have: a control character, or what
/// stands for bytes that are no character.
pub(super) fn odd_at_most(text: &str, one_of: usize) -> bool {
    let odd = |c: &char| *c == '\u{fffd}' || c.is_control() && !c.is_whitespace();
    text.chars().filter(odd).count() * one_of <= text.chars().count()
}

/// Line ends become `\n`, other control characters a space.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    let odd = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '\r' => '\n',
                c if odd(c) => ' ',
                c => c,
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(bytes: &[u8]) -> String {
        decode(bytes, encoding_of(bytes, true)).0
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = "Das Außenministerium erklärte, Präsident Müller reise nächste Woche über Köln.";
        assert_eq!(decoded(text.as_bytes()), text);
        assert_eq!(decoded(&encoding_rs::WINDOWS_1252.encode(text).0), text);
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&wide), text);
        let marked: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        assert_eq!(decoded(&marked), text);
        assert_eq!(
            decoded("\u{feff}one\r\ntwo\rthree\0".as_bytes()),
            "one\ntwo\nthree "
        );
    }

    proptest! {
        #[test]
        fn any_bytes_decode(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            decoded(&bytes);
        }
    }
}
