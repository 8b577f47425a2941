//! `dossier model check` on a small model and on each way to damage it.

use std::path::Path;
use std::process::Command;

use dossier::config::{ModelConfig, Schema};
use dossier::model::{Storage, read_tensors, write_tensors};
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

fn edit(folder: &Path, name: &str, change: impl Fn(String) -> String) {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(text)).unwrap();
}

fn config_with(folder: &Path, key: &str, value: serde_json::Value) {
    edit(folder, "config.json", |text| {
        let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
        config["encoder"][key] = value.clone();
        config.to_string()
    });
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
        "2: PER, LOC",
        "2: meets, visits",
        "sha256",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn each_damage_has_its_line() {
    type Damage = (&'static str, fn(&Path));
    let damages: &[Damage] = &[
        ("config.json: the file is missing", |f| {
            std::fs::remove_file(f.join("config.json")).unwrap();
        }),
        ("model.safetensors: the file is missing", |f| {
            std::fs::remove_file(f.join("model.safetensors")).unwrap();
        }),
        ("has no tokenizer", |f| {
            std::fs::remove_file(f.join("tokenizer.json")).unwrap();
        }),
        ("schema.toml", |f| {
            std::fs::remove_file(f.join("schema.toml")).unwrap()
        }),
        ("cut short", |f| {
            let path = f.join("model.safetensors");
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("cut short", |f| {
            std::fs::write(f.join("model.safetensors"), "").unwrap()
        }),
        // A header that claims to be longer than any file, and one that lies about a shape.
        ("damaged", |f| {
            std::fs::write(f.join("model.safetensors"), [255; 64]).unwrap()
        }),
        ("damaged", |f| {
            let header = br#"{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4]}}"#;
            let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
            bytes.extend_from_slice(header);
            bytes.extend_from_slice(&[0; 4]);
            std::fs::write(f.join("model.safetensors"), bytes).unwrap();
        }),
        ("not finite", |f| {
            let path = f.join("model.safetensors");
            let mut tensors: std::collections::BTreeMap<_, _> =
                read_tensors(&path).unwrap().into_iter().collect();
            let bias = tensors["ner.output.bias"].copy() * f64::NAN;
            tensors.insert("ner.output.bias".into(), bias);
            write_tensors(&path, &tensors, Storage::Fp32).unwrap();
        }),
        ("lacks 1 of", |f| {
            let path = f.join("model.safetensors");
            let mut tensors: std::collections::BTreeMap<_, _> =
                read_tensors(&path).unwrap().into_iter().collect();
            tensors.remove("ner.shapes.weight");
            write_tensors(&path, &tensors, Storage::Fp32).unwrap();
        }),
        ("has the shape", |f| {
            config_with(f, "intermediate_size", 48.into())
        }),
        ("million weights", |f| {
            config_with(f, "hidden_size", 1_000_000.into())
        }),
        ("hidden_size", |f| {
            config_with(f, "hidden_size", (-16).into())
        }),
        ("attention heads", |f| {
            config_with(f, "num_attention_heads", 3.into())
        }),
        ("no encoder of type", |f| {
            config_with(f, "model_type", "gpt2".into())
        }),
        ("max_position_embeddings", |f| {
            config_with(f, "max_position_embeddings", 0.into())
        }),
        ("subwords", |f| {
            config_with(f, "max_position_embeddings", 32.into())
        }),
        ("lists 3 relations, the weights know 2", |f| {
            edit(f, "schema.toml", |text| {
                text + "[[relation]]\nname='hosts'\n"
            });
        }),
        ("lists 3 entity types, the weights know 2", |f| {
            edit(f, "schema.toml", |text| text + "[[entity]]\nname='ORG'\n");
        }),
        ("visits where the weights have meets", |f| {
            edit(f, "schema.toml", |text| {
                text.replace("meets", "x")
                    .replace("visits", "meets")
                    .replace('x', "visits")
            });
        }),
        ("schema.toml", |f| {
            std::fs::write(f.join("schema.toml"), "[[entity]\nname=").unwrap()
        }),
        ("not the tokenizer", |f| {
            let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "bo"];
            std::fs::write(f.join("tokenizer.json"), tokenizer(&words)).unwrap();
        }),
        ("do not belong together", |f| {
            let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ana", "bo"];
            std::fs::write(f.join("tokenizer.json"), tokenizer(&words)).unwrap();
        }),
        ("tokenizer.json", |f| {
            std::fs::write(f.join("tokenizer.json"), "{").unwrap()
        }),
        ("config.json", |f| {
            std::fs::write(f.join("config.json"), "{}").unwrap()
        }),
    ];
    for (part, damage) in damages {
        let folder = tempfile::tempdir().unwrap();
        model(folder.path());
        damage(folder.path());
        let (code, said) = check(folder.path());
        assert_eq!(code, Some(1), "{part}: {said}");
        assert!(said.contains(part), "{part}: {said}");
        assert!(said.lines().count() <= 6, "{part}: {said}");
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
