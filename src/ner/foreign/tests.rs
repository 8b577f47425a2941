//! Taggers whose weights are written by hand: every layer hands on what it gets, a word's embedding
//! is one of eight unit vectors, and the classifier reads the tag off it. What they find is known.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tch::{Kind, Tensor};

use super::architecture::Architecture;
use super::{ForeignMention, LabelMap, Tagger};
use crate::annotation::Label;
use crate::model::{Storage, Weights, write_tensors};
use crate::text::Span;

const WIDTH: i64 = 8;

/// Words of the vocabulary with the output that they are tagged with.
const WORDS: [(&str, i64); 10] = [
    ("[PAD]", 0),
    ("[UNK]", 0),
    ("[CLS]", 0),
    ("[SEP]", 0),
    (".", 0),
    ("met", 0),
    ("edi", 1),
    ("rama", 2),
    ("tirana", 3),
    ("##lia", 4),
];

fn config(kind: &str) -> Value {
    let mut config = json!({
        "model_type": kind,
        "id2label": {"0": "O", "1": "B-PERSON", "2": "I-PERSON", "3": "B-GPE", "4": "I-WEAPON"},
        "vocab_size": WORDS.len(), "max_position_embeddings": 64, "type_vocab_size": 1,
        "pad_token_id": 0, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu", "initializer_range": 0.02,
    });
    let sizes = if kind == "distilbert" {
        json!({"dim": WIDTH, "hidden_dim": 16, "n_layers": 2, "n_heads": 2, "activation": "gelu"})
    } else {
        json!({
            "hidden_size": WIDTH, "embedding_size": WIDTH, "intermediate_size": 16,
            "num_hidden_layers": 2, "num_attention_heads": 2,
        })
    };
    if let (Some(all), Some(sizes)) = (config.as_object_mut(), sizes.as_object()) {
        all.extend(sizes.clone());
    }
    config
}

/// The weights by hand: zero, but for what is to be handed on.
fn by_hand(name: &str, like: &Tensor) -> Tensor {
    let norm = name.to_lowercase().contains("norm");
    if name.ends_with("word_embeddings.weight") {
        let outputs: Vec<i64> = WORDS.iter().map(|w| w.1).collect();
        Tensor::from_slice(&outputs)
            .one_hot(WIDTH)
            .to_kind(Kind::Float)
    } else if name == "classifier.weight" {
        Tensor::eye_m(5, WIDTH, (Kind::Float, tch::Device::Cpu)) * 4.0
    } else if name.ends_with("embedding_hidden_mapping_in.weight") {
        Tensor::eye(WIDTH, (Kind::Float, tch::Device::Cpu))
    } else if norm && name.ends_with("weight") {
        like.ones_like()
    } else {
        like.zeros_like()
    }
}

/// Values between -0.5 and 0.5 that look random and are always the same: the library's own generator
/// is shared by all tests that run at a time.
fn scattered(like: &Tensor) -> Tensor {
    let count = Tensor::arange(like.numel() as i64, (Kind::Double, like.device()));
    let values: Tensor = ((count + 1.0) * 12.9898).sin() * 43_758.545_3;
    (values.frac().abs() - 0.5)
        .to_kind(Kind::Float)
        .view(like.size().as_slice())
}

fn folder(kind: &str) -> tempfile::TempDir {
    folder_of(&config(kind))
}

fn folder_of(config: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let weights = Weights::new();
    Architecture::new(weights.root().path(), config).unwrap();
    let tensors: BTreeMap<String, Tensor> = weights
        .variables()
        .into_iter()
        .map(|(name, t)| (name.clone(), by_hand(&name, &t)))
        .collect();
    let path = folder.path();
    write_tensors(&path.join("model.safetensors"), &tensors, Storage::Fp32).unwrap();
    std::fs::write(path.join("config.json"), config.to_string()).unwrap();
    let list: Vec<&str> = WORDS.iter().map(|w| w.0).collect();
    std::fs::write(path.join("vocab.txt"), list.join("\n")).unwrap();
    folder
}

fn known() -> Vec<Label> {
    ["PER", "ORG", "LOC", "MISC"].map(Label::from).to_vec()
}

fn load(folder: &Path) -> crate::Result<Tagger> {
    Tagger::load(folder, &LabelMap::default(), &known(), 2)
}

fn sentences(text: &str) -> Vec<Span> {
    let mut from = 0;
    text.split_inclusive('\n')
        .map(|line| {
            from += line.len();
            Span::new(from - line.len(), from).trimmed(text)
        })
        .collect()
}

fn found(tagger: &Tagger, text: &str) -> Vec<(String, String)> {
    let mentions = tagger.mentions(text, &sentences(text), 0).unwrap();
    mentions
        .iter()
        .map(|m| (m.span.of(text).to_string(), m.label.to_string()))
        .collect()
}

const KINDS: [&str; 7] = [
    "bert",
    "distilbert",
    "electra",
    "albert",
    "roberta",
    "deberta",
    "deberta-v2",
];

#[test]
fn every_architecture_finds_what_it_was_made_to_find() {
    let text = "Edi Rama met Zoë in «Tirana».\nRama, of Tiranalia (Tirana).\n";
    let wanted = [
        ("Edi Rama", "PER"),
        ("Tirana", "LOC"),
        ("Rama", "PER"),
        ("Tiranalia", "LOC"),
        ("Tirana", "LOC"),
    ]
    .map(|(a, b)| (a.to_string(), b.to_string()));
    for kind in KINDS {
        let folder = folder(kind);
        let tagger = load(folder.path()).unwrap_or_else(|e| panic!("{kind}: {e}"));
        assert_eq!(found(&tagger, text), wanted, "{kind}");
        assert_eq!(tagger.left_out(), ["WEAPON"]);
        assert_eq!(tagger.finds(), ["LOC", "PER"].map(Label::from));
    }
}

#[test]
fn a_sentence_longer_than_the_network_is_read_whole() {
    let text = format!(
        "{}Edi Rama met{} Tirana.",
        "met ".repeat(150),
        " met".repeat(150)
    );
    let wanted = [("Edi Rama", "PER"), ("Tirana", "LOC")];
    for kind in KINDS {
        // Numbers of positions that are no multiple of the step in which rows are padded, too.
        for positions in [18, 64, 70] {
            let mut config = config(kind);
            config["max_position_embeddings"] = json!(positions);
            let folder = folder_of(&config);
            let tagger = load(folder.path()).unwrap();
            assert_eq!(
                found(&tagger, &text),
                wanted.map(|(a, b)| (a.to_string(), b.to_string())),
                "{kind}, {positions} positions"
            );
        }
    }
}

#[test]
fn sentences_do_not_influence_each_other() {
    let folder = folder("roberta");
    let tagger = load(folder.path()).unwrap();
    let lines: Vec<String> = (0..90)
        .map(|n| format!("{}Rama met Edi Rama in Tirana.\n", "met ".repeat(n % 40)))
        .collect();
    let text = lines.concat();
    let spans = sentences(&text);
    let together = tagger.mentions(&text, &spans, 0).unwrap();
    let alone: Vec<ForeignMention> = spans
        .iter()
        .flat_map(|&s| tagger.mentions(&text, &[s], 1).unwrap())
        .collect();
    let plain = |all: &[ForeignMention]| -> Vec<(Span, Label)> {
        all.iter().map(|m| (m.span, m.label.clone())).collect()
    };
    assert_eq!(plain(&together), plain(&alone));
    assert_eq!(together.len(), 3 * 90);
    assert!(together.iter().all(|m| (0.5..=1.0).contains(&m.confidence)));
}

#[test]
fn offsets_hold_on_real_text() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples/saltwind-trial.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let spans = crate::text::split_sentences(&text);
    for kind in ["bert", "distilbert", "roberta"] {
        // Weights without a meaning tag at random, and so nearly everything.
        let folder = folder(kind);
        let weights = Weights::new();
        Architecture::new(weights.root().path(), &config(kind)).unwrap();
        let mut tensors = weights.variables();
        for (name, tensor) in &mut tensors {
            let plain = name.ends_with("word_embeddings.weight") || name == "classifier.weight";
            if tensor.dim() > 1 {
                *tensor = scattered(tensor) * if plain { 3.0 } else { 0.1 };
            }
        }
        let path = folder.path().join("model.safetensors");
        write_tensors(&path, &tensors, Storage::Fp32).unwrap();
        let tagger = load(folder.path()).unwrap();
        let mentions = tagger.mentions(&text, &spans, 0).unwrap();
        assert!(!mentions.is_empty(), "{kind}");
        for pair in mentions.windows(2) {
            assert!(pair[0].span.end <= pair[1].span.start, "{kind}: {pair:?}");
        }
        for m in &mentions {
            let words = m.span.of(&text);
            assert!(!words.is_empty() && words == words.trim(), "{kind}: {m:?}");
            assert!(spans.iter().any(|s| s.contains(m.span)), "{kind}: {m:?}");
        }
    }
}

#[test]
fn what_is_missing_or_does_not_fit_is_said() {
    let said = |change: &dyn Fn(&Path)| {
        let folder = folder("bert");
        change(folder.path());
        load(folder.path()).unwrap_err().to_string()
    };
    let config_with = |key: &str, value: Value| {
        let mut config = config("bert");
        config[key] = value;
        move |folder: &Path| {
            std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
        }
    };
    let without =
        |name: &'static str| move |folder: &Path| std::fs::remove_file(folder.join(name)).unwrap();
    for (message, part) in [
        (said(&without("config.json")), "config.json"),
        (said(&without("vocab.txt")), "tokenizer"),
        (said(&without("model.safetensors")), "model.safetensors"),
        (
            said(&|folder: &Path| {
                let pickle = folder.join("pytorch_model.bin");
                std::fs::rename(folder.join("model.safetensors"), pickle).unwrap();
            }),
            "provide model.safetensors",
        ),
        (said(&config_with("model_type", json!("gpt2"))), "gpt2"),
        (said(&config_with("id2label", Value::Null)), "id2label"),
        (
            said(&config_with("id2label", json!({"0": "O", "1": "B-WEAPON"}))),
            "--ner-labels",
        ),
        (said(&config_with("hidden_size", json!(12))), "shape"),
        (
            said(&config_with("max_position_embeddings", json!(12))),
            "max_position_embeddings",
        ),
        (said(&config_with("num_hidden_layers", json!(3))), "lacks"),
        (
            said(&config_with("num_attention_heads", json!(3))),
            "configuration",
        ),
        (
            said(&config_with("vocab_size", json!(5))),
            "do not belong together",
        ),
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}
