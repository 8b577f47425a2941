use sha2::{Digest, Sha256};

use crate::annotation::Label;

const SLUG_CHARS: usize = 40;
const SHORT_HASH_BYTES: usize = 3;
const LONG_HASH_BYTES: usize = 6;

/// The id of the entity of that type and name key, such as `PER-edi-rama-` and six hexadecimal
/// digits. It depends on nothing else, so it is the same in every run; it is made of ASCII letters,
/// digits, `_` and `-`, so it can stand in a URL or a file name.
///
/// The digits begin the SHA-256 of type and key. Where the readable part does not tell type and key
/// apart from others (another script, punctuation, a very long name) there are twelve of them.
pub fn entity_id(label: &Label, key: &str) -> String {
    let (kind, kind_is_whole) = ascii(label.as_str(), '_');
    let (slug, slug_is_whole) = ascii(key, '-');
    let bytes = if kind_is_whole && slug_is_whole {
        SHORT_HASH_BYTES
    } else {
        LONG_HASH_BYTES
    };
    let mut hash = Sha256::new();
    hash.update(label.as_str());
    hash.update([0]);
    hash.update(key);
    let mut id = kind;
    if !slug.is_empty() {
        id.push('-');
        id.push_str(&slug);
    }
    id.push('-');
    for byte in hash.finalize().iter().take(bytes) {
        id.push_str(&format!("{byte:02x}"));
    }
    id
}

/// The ASCII letters and digits of `text` with `between` for the rest, and whether `text` can be
/// told from that.
fn ascii(text: &str, between: char) -> (String, bool) {
    let mut slug = String::new();
    let mut whole = true;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if slug.len() >= SLUG_CHARS {
                whole = false;
                break;
            }
            slug.push(c);
        } else {
            whole &= c == ' ' && !slug.is_empty() && !slug.ends_with(between);
            if !slug.is_empty() && !slug.ends_with(between) {
                slug.push(between);
            }
        }
    }
    if slug.ends_with(between) {
        slug.pop();
        whole = false;
    }
    (slug, whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::name_key;

    fn id(label: &str, name: &str) -> String {
        entity_id(&label.into(), &name_key(name))
    }

    #[test]
    fn an_id_never_changes() {
        // The digits can be had with: printf 'PER\0edi rama' | sha256sum
        assert_eq!(id("PER", "Edi Rama"), "PER-edi-rama-67d5ee");
    }

    #[test]
    fn an_id_depends_on_type_and_name_but_not_on_spelling() {
        assert_eq!(id("PER", "EDI RAMA"), id("PER", "Edi Rama"));
        assert_ne!(id("ORG", "Edi Rama"), id("PER", "Edi Rama"));
        assert_ne!(id("PER", "Edi-Rama"), id("PER", "Edi Rama"));
    }

    #[test]
    fn names_without_ascii_letters_have_longer_digits() {
        let id = id("PER", "Путин");
        assert!(id.starts_with("PER-") && id.len() == 16, "{id}");
    }

    #[test]
    fn an_id_can_stand_anywhere() {
        for name in ["", "a/b?c", "=1+1", "x".repeat(500).as_str(), "é\u{1f600}"] {
            let id = id("=Weapon System", name);
            assert!(
                id.chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
                "{id}"
            );
            assert!(id.len() < 80);
        }
    }
}
