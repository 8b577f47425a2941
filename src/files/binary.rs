/// First bytes of files that hold no plain text, what they are, and how their content becomes text.
const KNOWN: [(&[u8], &str); 6] = [
    (
        b"PK\x03\x04",
        "is a spreadsheet, a word processor's file or a zip archive, not text: save the sheet as \
         CSV (File > Save As > CSV UTF-8) and name that file",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "is a spreadsheet or a word processor's file in an old form, not text: save the sheet as \
         CSV (File > Save As > CSV UTF-8) and name that file",
    ),
    (
        b"%PDF",
        "is a PDF, not text: save the table that it was made from as CSV and name that file",
    ),
    (b"{\\rtf", "is rich text: save it as plain text or CSV"),
    (
        b"\x1f\x8b",
        "is compressed: unpack it and name the file in it",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "is compressed: unpack it and name the file in it",
    ),
];

/// How many bytes are looked through for one that no text has.
const LOOKED_AT: usize = 1024;

/// Why a file that should be text or a table cannot be read as such, and what to do about it; `None`
/// for what may be text. `head` is its beginning.
pub fn no_text(head: &[u8]) -> Option<&'static str> {
    let known = KNOWN.iter().find(|(start, _)| head.starts_with(start));
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    match known {
        Some((_, told)) => Some(told),
        None if !wide && head.iter().take(LOOKED_AT).any(|&byte| byte == 0) => {
            Some("is no text: name a file of text, such as CSV or JSON lines")
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_programs_are_told_by_their_first_bytes() {
        for (head, told) in [
            (&b"PK\x03\x04\x14\0"[..], "CSV UTF-8"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "CSV UTF-8"),
            (b"%PDF-1.7", "is a PDF"),
            (b"{\\rtf1", "is rich text"),
            (b"\x1f\x8b\x08", "unpack it"),
            (b"\x89PNG\r\n\x1a\n\0", "is no text"),
        ] {
            assert!(no_text(head).unwrap().contains(told), "{head:?}");
        }
        for text in [&b""[..], b"a,b\n", b"\xff\xfea\0", b"M\xfcller", b"{}"] {
            assert_eq!(no_text(text), None, "{text:?}");
        }
    }
}
