use encoding_rs::{Encoding, WINDOWS_1252};

/// A file's text without byte order mark.
pub(super) struct Decoded {
    pub text: String,
    /// The first line that is not UTF-8, when the encoding had to be guessed as Windows-1252, in
    /// which spreadsheets of western systems save CSV.
    pub guessed_from: Option<usize>,
}

pub(super) fn decode(bytes: &[u8]) -> Decoded {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Decoded {
            text: encoding.decode(bytes).0.into_owned(),
            guessed_from: None,
        };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded {
            text: text.to_string(),
            guessed_from: None,
        },
        Err(e) => {
            let good = bytes.get(..e.valid_up_to()).unwrap_or_default();
            Decoded {
                text: WINDOWS_1252
                    .decode_without_bom_handling(bytes)
                    .0
                    .into_owned(),
                guessed_from: Some(1 + good.iter().filter(|b| **b == b'\n').count()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn encodings_of_spreadsheets() {
        let text = "Müller – “né”";
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).text, text);
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decode(&wide).text, text);
        let old = decode(b"ok\nM\xfcller \x96 \x93n\xe9\x94");
        assert_eq!(old.text, format!("ok\n{text}"));
        assert_eq!(old.guessed_from, Some(2));
    }
}
