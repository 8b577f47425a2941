//! Each way to damage a model folder: it is refused in a line, by whatever loads it.

use std::path::Path;
use std::process::Command;

use dossier::model::{Precision, Storage, read_tensors, write_tensors};
use dossier::network::{Model, check_folder};

use super::{check, model, tokenizer};

/// Has the model read an article, as a user would: the exit code, and what was said.
fn extract(folder: &Path) -> (Option<i32>, String) {
    let article = folder.join("article.txt");
    std::fs::write(&article, "Ana met Ana. Ana met Bo in Rome.").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dossier"))
        .arg("extract")
        .arg(&article)
        .args(["--quiet", "--model"])
        .arg(folder)
        .arg("-o")
        .arg(folder.join("out"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

/// Writes a `.safetensors` file of that header and so many bytes of zeros.
fn tensors_file(folder: &Path, header: &str, data: usize) {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend(vec![0; data]);
    std::fs::write(folder.join("model.safetensors"), bytes).unwrap();
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
            let header = r#"{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4]}}"#;
            tensors_file(f, header, 4);
        }),
        // Places that overlap, that leave a gap, that end before they begin or behind the file.
        ("damaged", |f| {
            let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
            tensors_file(f, header, 12);
        }),
        ("damaged", |f| {
            let header = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#;
            tensors_file(f, header, 8);
        }),
        ("damaged", |f| {
            let header = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}"#;
            tensors_file(f, header, 8);
        }),
        ("damaged", |f| {
            let header = r#"{"a":{"dtype":"F32","shape":[100],"data_offsets":[0,400]}}"#;
            tensors_file(f, header, 8);
        }),
        ("damaged", |f| {
            let header =
                r#"{"a":{"dtype":"F32","shape":[18446744073709551615,2],"data_offsets":[0,8]}}"#;
            tensors_file(f, header, 8);
        }),
        // No values, in a shape that the tensor library cannot hold.
        ("model.safetensors", |f| {
            let header =
                r#"{"a":{"dtype":"F32","shape":[0,9223372036854775808],"data_offsets":[0,0]}}"#;
            tensors_file(f, header, 0);
        }),
        ("model.safetensors", |f| {
            let header = r#"{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}"#;
            tensors_file(f, header, 0);
        }),
        ("8-bit a", |f| {
            let header = r#"{"a":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]}}"#;
            tensors_file(f, header, 4);
        }),
        ("8-bit a", |f| {
            let header = r#"{"a":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]},"a.scale":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}"#;
            tensors_file(f, header, 16);
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
        ("no usable \"hidden_size\"", |f| {
            config_with(f, "hidden_size", (-16).into())
        }),
        ("no usable \"hidden_size\"", |f| {
            config_with(f, "hidden_size", 1_000_000_000_000u64.into())
        }),
        ("no usable \"vocab_size\"", |f| {
            config_with(f, "vocab_size", 0.into())
        }),
        ("no usable \"intermediate_size\"", |f| {
            config_with(f, "intermediate_size", serde_json::Value::Null)
        }),
        ("asks for 5000 layers", |f| {
            config_with(f, "num_hidden_layers", 5000.into())
        }),
        // Of sizes that a network may have, but not one with so small a file.
        ("too few for the 33 million weights", |f| {
            config_with(f, "hidden_size", 2048.into())
        }),
        ("too few for the 16 million weights", |f| {
            config_with(f, "type_vocab_size", 1_000_000.into())
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
        ("rows of 18446744073709551615 subwords", |f| {
            edit(f, "config.json", |text| {
                let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
                config["windows"][0] = u64::MAX.into();
                config.to_string()
            });
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
        // As many subwords as the encoder knows, of which one has a number that it does not.
        ("do not belong together", |f| {
            edit(f, "tokenizer.json", |text| {
                text.replace("\"ana\":4", "\"ana\":4000")
            });
            edit(f, "config.json", |text| {
                let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
                config.as_object_mut().unwrap().remove("made_with");
                config.to_string()
            });
        }),
        ("relative_attention_num_buckets", |f| {
            config_with(f, "relative_attention_num_buckets", (1u64 << 50).into());
            config_with(f, "model_type", "mpnet".into());
        }),
        ("relation_temperature", |f| {
            edit(f, "config.json", |text| {
                text.replace(
                    "\"relation_temperature\": 1.0",
                    "\"relation_temperature\": 0.0",
                )
            });
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
        let (code, said) = extract(folder.path());
        // A folder without a configuration is no model's: it was named wrongly.
        let wrongly = part.starts_with("config.json: the file is missing");
        assert_eq!(code, Some(if wrongly { 2 } else { 1 }), "{part}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "{part}: {said}");
        assert!(!said.contains("panicked"), "{part}: {said}");
        assert!(!folder.path().join("out").exists(), "{part}");
    }
}

#[test]
fn a_model_of_huge_weights_finds_nothing_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    model(folder.path());
    let path = folder.path().join("model.safetensors");
    let mut tensors: std::collections::BTreeMap<_, _> =
        read_tensors(&path).unwrap().into_iter().collect();
    for tensor in tensors.values_mut() {
        *tensor = tensor.copy() * 1e36 + 1e36;
    }
    write_tensors(&path, &tensors, Storage::Fp32).unwrap();
    let (code, said) = extract(folder.path());
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let triples = std::fs::read_to_string(folder.path().join("out/triples.csv")).unwrap();
    assert!(
        !triples.contains("NaN") && !triples.contains("inf"),
        "{triples}"
    );
}

/// What a file of a model, damaged at random, does to whoever loads it: it is refused in one line, or
/// reads, and never ends the program. `DOSSIER_FUZZ_SECONDS=600` for longer.
#[test]
fn random_damage_is_refused() {
    type Damage = (u8, u16, u8, Vec<u8>);
    let whole = tempfile::tempdir().unwrap();
    model(whole.path());
    let names = [
        "config.json",
        "schema.toml",
        "tokenizer.json",
        "model.safetensors",
    ];
    let files = names.map(|name| std::fs::read(whole.path().join(name)).unwrap());
    let seconds = std::env::var("DOSSIER_FUZZ_SECONDS").map_or(1, |s| s.parse().unwrap());
    bolero::check!()
        .with_test_time(std::time::Duration::from_secs(seconds))
        .with_type::<Damage>()
        .for_each(|(which, place, cut, put)| {
            let folder = tempfile::tempdir().unwrap();
            for (n, (name, bytes)) in names.iter().zip(&files).enumerate() {
                let mut bytes = bytes.clone();
                if n == usize::from(*which) % names.len() {
                    // Of the weights, the header; any number may stand in the rest.
                    let length = if n == 3 {
                        4000.min(bytes.len())
                    } else {
                        bytes.len()
                    };
                    let at = usize::from(*place) * length / (usize::from(u16::MAX) + 1);
                    let to = (at + usize::from(*cut)).min(bytes.len());
                    bytes.splice(at..to, put.iter().copied());
                }
                std::fs::write(folder.path().join(name), bytes).unwrap();
            }
            if let Err(error) = Model::load(folder.path(), Precision::Fp32) {
                assert!(!error.to_string().trim().is_empty());
            }
            check_folder(folder.path());
        });
}
