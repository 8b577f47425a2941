use std::path::{Path, PathBuf};

use tokenizers::Tokenizer;
use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

use crate::error::{Error, Result};

/// Opens the tokenizer of a Hugging Face folder, whichever files it comes in, with the file that it
/// was read from.
pub(super) fn open(folder: &Path) -> Result<(Tokenizer, PathBuf)> {
    let file = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
    if let Some(path) = file("tokenizer.json") {
        let read = Tokenizer::from_file(&path).map_err(|e| Error::model(&path, e.to_string()))?;
        return Ok((read, path));
    }
    if let Some(path) = file("vocab.txt") {
        return Ok((word_piece(&path, folder)?, path));
    }
    if let (Some(vocabulary), Some(merges)) = (file("vocab.json"), file("merges.txt")) {
        let read = byte_level(&vocabulary, &merges, folder)?;
        return Ok((read, vocabulary));
    }
    Err(Error::model(
        folder,
        "has no tokenizer: neither tokenizer.json nor vocab.txt nor vocab.json with merges.txt. A \
         folder with a SentencePiece file alone has to be saved with its fast tokenizer first",
    ))
}

fn word_piece(path: &Path, folder: &Path) -> Result<Tokenizer> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
    let vocabulary: std::collections::HashMap<String, u32> = text
        .lines()
        .zip(0u32..)
        .map(|(token, id)| (token.trim_end().to_string(), id))
        .collect();
    // Where the settings do not tell, the vocabulary does: an uncased one holds no capitals.
    let uncased =
        setting(folder, "do_lower_case").unwrap_or_else(|| !vocabulary.keys().any(|t| is_cased(t)));
    let model = WordPiece::builder()
        .vocab(vocabulary)
        .unk_token("[UNK]".into())
        .build()
        .map_err(|e| Error::model(path, e.to_string()))?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_normalizer(Some(BertNormalizer::new(
        true,
        setting(folder, "tokenize_chinese_chars").unwrap_or(true),
        setting(folder, "strip_accents"),
        uncased,
    )));
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    Ok(tokenizer)
}

fn is_cased(token: &str) -> bool {
    !token.starts_with('[') && token.chars().any(char::is_uppercase)
}

fn byte_level(vocabulary: &Path, merges: &Path, folder: &Path) -> Result<Tokenizer> {
    let as_text = |path: &Path| path.display().to_string();
    let model = BPE::from_file(&as_text(vocabulary), &as_text(merges))
        .build()
        .map_err(|e| Error::model(vocabulary, e.to_string()))?;
    let mut tokenizer = Tokenizer::new(model);
    let space = setting(folder, "add_prefix_space").unwrap_or(false);
    tokenizer.with_pre_tokenizer(Some(ByteLevel::default().add_prefix_space(space)));
    Ok(tokenizer)
}

/// A yes or no of `tokenizer_config.json`, if it is there.
fn setting(folder: &Path, name: &str) -> Option<bool> {
    let text = std::fs::read_to_string(folder.join("tokenizer_config.json")).ok()?;
    let settings: serde_json::Value = serde_json::from_str(&text).ok()?;
    settings.get(name)?.as_bool()
}

#[cfg(test)]
mod tests {
    use crate::model::SubwordTokenizer;
    use crate::text::Span;

    #[test]
    fn a_word_list_makes_a_tokenizer_that_can_be_saved() {
        let folder = tempfile::tempdir().unwrap();
        let list = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nana\nmet\n##s\n.\n";
        std::fs::write(folder.path().join("vocab.txt"), list).unwrap();
        let first = SubwordTokenizer::load(folder.path()).unwrap();
        let text = "Ana mets.";
        let tokens = first.tokenize(text, Span::new(0, text.len())).unwrap();
        assert_eq!(tokens.ids, [4, 5, 6, 7]);
        assert_eq!(tokens.words.len(), 3);
        assert_eq!(first.special(), (2, 3, 0));
        std::fs::write(
            folder.path().join("tokenizer.json"),
            first.to_json().unwrap(),
        )
        .unwrap();
        std::fs::remove_file(folder.path().join("vocab.txt")).unwrap();
        let again = SubwordTokenizer::load(folder.path()).unwrap();
        assert_eq!(
            again.tokenize(text, Span::new(0, text.len())).unwrap(),
            tokens
        );
    }

    #[test]
    fn a_folder_without_any_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let message = SubwordTokenizer::load(folder.path())
            .unwrap_err()
            .to_string();
        assert!(message.contains("tokenizer.json") && message.contains("vocab.txt"));
    }
}
