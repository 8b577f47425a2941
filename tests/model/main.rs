//! A small model made here: `dossier model check` on it and on each way to damage it, and what it reads.

mod damage;
mod reading;

use std::path::Path;
use std::process::Command;

use dossier::config::{ModelConfig, Schema};
use dossier::model::{Storage, write_tensors};
use dossier::network::{Network, made_with};

const SCHEMA: &str = "[[entity]]\nname='PER'\n[[entity]]\nname='LOC'\n\
                      [[relation]]\nname='meets'\n[[relation]]\nname='visits'\n";

/// Writes a whole model of a few thousand random weights.
fn model(folder: &Path) {
    let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    put("schema.toml", SCHEMA);
    put(
        "tokenizer.json",
        &tokenizer(&["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ana"]),
    );
    let schema = Schema::load(&folder.join("schema.toml")).unwrap();
    let config = ModelConfig {
        dossier: 1,
        encoder: serde_json::json!({
            "model_type": "bert", "vocab_size": 5, "hidden_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 32, "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
            "max_position_embeddings": 64, "type_vocab_size": 2, "initializer_range": 0.02,
            "pad_token_id": 0
        }),
        windows: [32, 64, 16],
        relation_threshold: 0.5,
        relation_thresholds: Default::default(),
        relation_temperature: 1.0,
        relation_corrections: Vec::new(),
        made_with: Some(made_with(folder, &schema).unwrap()),
        training: serde_json::Value::Null,
    };
    let network = Network::new(&config, &schema).unwrap();
    let tensors = network.variables();
    write_tensors(&folder.join("model.safetensors"), &tensors, Storage::Bf16).unwrap();
    put(
        "config.json",
        &serde_json::to_string_pretty(&config).unwrap(),
    );
}

fn tokenizer(words: &[&str]) -> String {
    let vocabulary: serde_json::Map<String, serde_json::Value> = words
        .iter()
        .zip(0..)
        .map(|(word, id)| (word.to_string(), id.into()))
        .collect();
    serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": null, "decoder": null,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary
        }
    })
    .to_string()
}

fn check(folder: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dossier"))
        .args(["model", "check"])
        .arg(folder)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), said)
}

#[test]
fn a_whole_model_passes() {
    let folder = tempfile::tempdir().unwrap();
    model(folder.path());
    let (code, said) = check(folder.path());
    assert_eq!(code, Some(0), "{said}");
    let shown = Command::new(env!("CARGO_BIN_EXE_dossier"))
        .args(["model", "show"])
        .arg(folder.path())
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    for part in [
        "2 layers of width 16",
        "entity types, 2: PER, LOC",
        "relations, 2: meets, visits",
        "weights in bf16",
        "sha256",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_dossier"))
        .args(["model", "check", "no/such/model"])
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/model"));
}
