//! Training as a user runs it, on an encoder of a few thousand random weights made here.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dossier::model::{Encoder, Storage, Weights, read_tensors, write_tensors};
use tempfile::TempDir;

/// Writes a BERT-type Hugging Face folder: a word list, a configuration, random weights.
fn encoder(folder: &Path, positions: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let mut words: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
        .map(String::from)
        .to_vec();
    words.extend((b'a'..=b'z').map(|c| (c as char).to_string()));
    words.extend((b'a'..=b'z').map(|c| format!("##{}", c as char)));
    words.extend(["met", "praised", "founded", "in", "of", "the", "."].map(String::from));
    words.extend(NAMES.map(str::to_lowercase));
    let config = serde_json::json!({
        "model_type": "bert", "vocab_size": words.len(), "hidden_size": 16,
        "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
        "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": positions, "type_vocab_size": 2, "initializer_range": 0.02
    });
    std::fs::write(folder.join("vocab.txt"), words.join("\n")).unwrap();
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let weights = Weights::new();
    Encoder::new(&weights.root(), &config).unwrap();
    let mut tensors = weights.variables();
    let mut state = 1u32;
    for (name, tensor) in &mut tensors {
        // The same numbers in every run, whatever other tests draw at the same time.
        if tensor.dim() == 2 && !name.starts_with("shapes") {
            let values: Vec<f32> = (0..tensor.numel())
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    ((state >> 8) as f32 / (1 << 24) as f32 - 0.5) * 0.2
                })
                .collect();
            *tensor = tch::Tensor::from_slice(&values).view(tensor.size().as_slice());
        }
    }
    let path = folder.join("model.safetensors");
    write_tensors(&path, &tensors, Storage::Fp32).unwrap();
}

const NAMES: [&str; 8] = [
    "Ana", "Boris", "Carla", "Dmitri", "Elena", "Farid", "Greta", "Hugo",
];

/// Verbs and the relations that they express.
const OLD: [(&str, &str); 2] = [("met", "meets"), ("praised", "supports")];

/// A folder with an encoder in `tiny`, and about `count` samples of the old relations in `old.jsonl`.
fn place(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    encoder(&folder.path().join("tiny"), 256);
    samples(&folder.path().join("old.jsonl"), &OLD, count);
    folder
}

/// Rates at which so small an encoder learns.
const RATES: &str = "--learning-rate 3e-3 --head-learning-rate 1e-2 --threads 1 --batch-tokens 128";

/// Such a folder, and in `base` a model that knows the old relations.
fn place_with_base() -> TempDir {
    let folder = place(120);
    let train = format!("train all --data old.jsonl --base tiny --epochs 30 {RATES} -o base");
    trained(folder.path(), &train);
    folder
}

/// Sentences of two names and a verb, labelled in the native form; a verb without a relation's name
/// expresses none.
fn samples(path: &Path, relations: &[(&str, &str)], count: usize) {
    let mut lines = String::new();
    for n in 0..count {
        let (verb, relation) = relations[n % relations.len()];
        let (a, b) = (NAMES[n % 8], NAMES[(n * 3 + 1 + n / 8) % 8]);
        if a == b {
            continue;
        }
        let text = format!("{a} {verb} {b} .");
        let at = a.len() + verb.len() + 2;
        let trigger = [a.len() + 1, a.len() + 1 + verb.len()];
        let line = serde_json::json!({
            "id": format!("{verb}{n}"), "text": text,
            "entities": [
                {"id": "e1", "start": 0, "end": a.len(), "type": "PER"},
                {"id": "e2", "start": at, "end": at + b.len(), "type": "PER"},
            ],
            "relations": if relation.is_empty() { vec![] } else { vec![serde_json::json!({
                "subject": "e1", "relation": relation, "object": "e2",
                "trigger": trigger, "status": "asserted",
            })] },
        });
        lines += &format!("{line}\n");
    }
    std::fs::write(path, lines).unwrap();
}

/// The program; in fp32 if nothing else is said, so that all processors learn the same.
fn dossier(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command.args(arguments.split(' '));
    if !arguments.contains("--precision") && !arguments.starts_with("model") {
        command.args(["--precision", "fp32"]);
    }
    command
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program to its end: exit code, and what it said.
fn run(folder: &Path, arguments: &str) -> (Option<i32>, String) {
    let output = dossier(folder, arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// Runs a training that must come to a good end: what it said.
fn trained(folder: &Path, arguments: &str) -> String {
    let (code, said) = run(folder, arguments);
    assert_eq!(code, Some(0), "{arguments}: {said}");
    said
}

/// Runs a command that must be refused as wrong usage: what it said.
fn refused(folder: &Path, arguments: &str) -> String {
    let (code, said) = run(folder, arguments);
    assert_eq!(code, Some(2), "{arguments}: {said}");
    said
}

/// F1 of a model's relations between given mentions.
fn f1(folder: &Path, model: &str, data: &str) -> f64 {
    let command = format!("eval --data {data} --model {model} --gold-mentions --json");
    let output = dossier(folder, &command).output().unwrap();
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    figures["relations"]["boundaries"]["f1"].as_f64().unwrap()
}

fn weights(folder: &Path, model: &str) -> Vec<u8> {
    std::fs::read(folder.join(model).join("model.safetensors")).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_weights() {
    let folder = place(60);
    let folder = folder.path();
    let train = "train all --data old.jsonl --base tiny --epochs 2 --threads 1 --batch-tokens 64";
    for precision in ["fp32", "bf16"] {
        let model = |n: usize| format!("{precision}-{n}");
        for (n, seed) in [1, 1, 2].into_iter().enumerate() {
            let output = model(n);
            let settings = format!("--precision {precision} --seed {seed} -o {output}");
            trained(folder, &format!("{train} {settings}"));
        }
        assert_eq!(weights(folder, &model(0)), weights(folder, &model(1)));
        assert_ne!(weights(folder, &model(0)), weights(folder, &model(2)));
    }
}

#[test]
fn a_run_that_was_stopped_goes_on_to_the_same_weights() {
    let folder = place(80);
    let folder = folder.path();
    samples(&folder.join("dev.jsonl"), &OLD, 20);
    let train = "train all --data old.jsonl --dev dev.jsonl --base tiny --epochs 40 --threads 1 \
                 --batch-tokens 64";
    trained(folder, &format!("{train} -o whole"));
    let stopped = dossier(folder, &format!("{train} -o parts"))
        .spawn()
        .unwrap();
    let position = folder.join("parts/.checkpoint/position.json");
    let begun = Instant::now();
    while !position.is_file() && begun.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = stopped.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(sent.success());
    let output = stopped.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("--resume"), "{said}");
    let said = refused(folder, &format!("{train} -o parts"));
    let named = ["--resume", "--replace"].map(|flag| said.contains(flag));
    assert_eq!(named, [true, true], "{said}");
    let (_, said) = run(folder, "model show parts");
    let told = "parts: the training in this folder is not finished";
    assert!(said.contains(told), "{said}");
    // The name of the base is the same, its weights are others; then the samples to judge by.
    let base = weights(folder, "tiny");
    let read = read_tensors(&folder.join("tiny/model.safetensors")).unwrap();
    let other = read.into_iter().map(|(name, t)| (name, t * 0.5)).collect();
    let path = folder.join("tiny/model.safetensors");
    write_tensors(&path, &other, Storage::Fp32).unwrap();
    let (code, said) = run(folder, &format!("{train} -o parts --resume"));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another base model"), "{said}");
    std::fs::write(&path, base).unwrap();
    samples(&folder.join("judge.jsonl"), &OLD[..1], 20);
    let other_judge = train.replace("--dev dev.jsonl", "--dev judge.jsonl");
    let (code, said) = run(folder, &format!("{other_judge} -o parts --resume"));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("other samples to judge by"), "{said}");
    trained(folder, &format!("{train} -o parts --resume"));
    assert_eq!(weights(folder, "whole"), weights(folder, "parts"));
    assert!(!folder.join("parts/.checkpoint").exists());
    // It is finished: there is nothing left to take up.
    let said = refused(folder, &format!("{train} -o parts --resume"));
    assert!(said.contains("parts holds no stopped run"), "{said}");
}

#[test]
fn a_new_relation_is_learnt_beside_the_old_ones() {
    let folder = place_with_base();
    let folder = folder.path();
    // Somebody looked for one new relation only: where an old one holds, there is no label.
    let (founded, old) = (("founded", "founds"), OLD.map(|(verb, _)| (verb, "")));
    samples(&folder.join("more.jsonl"), &[founded, old[0], old[1]], 180);
    samples(&folder.join("new.jsonl"), &[founded], 60);
    let said = trained(
        folder,
        "train all --data more.jsonl --dev old.jsonl new.jsonl --base base --epochs 40 \
         --learning-rate 1e-3 --head-learning-rate 1e-2 --threads 1 --batch-tokens 128 -o more",
    );
    assert!(said.contains("what the base model knew"), "{said}");
    let f1 = |model: &str, data: &str| f1(folder, model, data);
    let [before, after, learnt] = [
        f1("base", "old.jsonl"),
        f1("more", "old.jsonl"),
        f1("more", "new.jsonl"),
    ];
    assert!(before > 60.0, "{before} {after} {learnt}");
    assert!(after > before - 4.0, "{before} {after} {learnt}");
    assert!(learnt > 50.0, "{before} {after} {learnt}");
    assert_eq!(f1("base", "new.jsonl"), 0.0);
}

#[test]
fn a_model_that_forgot_too_much_is_not_written() {
    let folder = place_with_base();
    let folder = folder.path();
    let swapped = [("met", "supports"), ("praised", "meets")];
    samples(&folder.join("swapped.jsonl"), &swapped, 2400);
    let train = format!(
        "train all --data swapped.jsonl --dev old.jsonl --base base --epochs 1 --no-replay \
         --closeness 0 {RATES} -o worse"
    );
    let (code, said) = run(folder, &train);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("--force"), "{said}");
    assert!(!folder.join("worse").exists());
    trained(folder, &format!("{train} --force"));
}

/// Writes `review.csv`: all rows of `meets` with the same verdict.
fn review(folder: &Path, verdict: &str) {
    let mut table = "sentence,subject,relation,object,verdict\n".to_string();
    for n in 0..30 {
        let (a, b) = (NAMES[n % 8], NAMES[(n * 3 + 1 + n / 8) % 8]);
        if a != b {
            table += &format!("{a} met {b} .,{a},meets,{b},{verdict}\n");
        }
    }
    std::fs::write(folder.join("review.csv"), table).unwrap();
}

#[test]
fn a_review_teaches_its_verdicts_and_leaves_all_else_as_it_was() {
    let folder = place_with_base();
    let folder = folder.path();
    review(folder, "supports");
    samples(&folder.join("met.jsonl"), &[("met", "supports")], 60);
    samples(
        &folder.join("praised.jsonl"),
        &[("praised", "supports")],
        60,
    );
    let said = trained(
        folder,
        "train relations --reviewed review.csv --base base -o mine",
    );
    assert!(
        said.contains("supports: more often where the model thinks of meets"),
        "{said}"
    );
    assert!(said.contains("meets: less often"), "{said}");
    let of = |data| [f1(folder, "base", data), f1(folder, "mine", data)];
    let [before, after] = of("met.jsonl");
    assert!(before < 20.0 && after > 80.0, "{before} {after}");
    let [before, after] = of("praised.jsonl");
    assert!(after > before - 4.0, "{before} {after}");
    // The weights are the same; a second review of the same opinion changes nothing.
    assert_eq!(weights(folder, "base"), weights(folder, "mine"));
    let said = trained(
        folder,
        "train relations --reviewed review.csv --base mine -o again",
    );
    assert!(said.contains("it stays as it is"), "{said}");
    assert_eq!(
        f1(folder, "mine", "met.jsonl"),
        f1(folder, "again", "met.jsonl")
    );
    let (code, said) = run(folder, "model check again");
    assert_eq!(code, Some(0), "{said}");
    let shown = std::process::Command::new(env!("CARGO_BIN_EXE_dossier"))
        .args(["model", "show", "again"])
        .current_dir(folder)
        .output();
    let shown = String::from_utf8(shown.unwrap().stdout).unwrap();
    assert!(shown.contains("corrected      "), "{shown}");
    // Of an old review on new weights nothing is left.
    let said = trained(
        folder,
        "train all --data old.jsonl --dev old.jsonl --base mine --epochs 1 --threads 1 -o anew",
    );
    assert!(said.contains("is left out"), "{said}");
    let config = std::fs::read_to_string(folder.join("anew/config.json")).unwrap();
    assert!(!config.contains("relation_corrections"), "{config}");
}

#[test]
fn verdicts_that_agree_change_nothing_and_move_weights_only_if_asked() {
    let folder = place_with_base();
    let folder = folder.path();
    review(folder, "ok");
    let train = "train relations --reviewed review.csv --base base -o mine";
    let said = trained(folder, train);
    assert!(said.contains("it stays as it is"), "{said}");
    for (flags, told) in [
        ("--epochs 2", "--epochs is for training weights"),
        (
            "--learn corrections --data old.jsonl",
            "from verdicts alone",
        ),
    ] {
        let (code, said) = run(folder, &format!("{train} --replace {flags}"));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(told), "{said}");
    }
    trained(
        folder,
        &format!("{train} --replace --learn weights --epochs 1 --threads 1"),
    );
    assert!(weights(folder, "base") != weights(folder, "mine"));
}

#[test]
fn a_reviewed_table_is_trained_on() {
    let folder = place(0);
    let folder = folder.path();
    let mut table = "sentence,subject,relation,object,verdict\n".to_string();
    for n in 0..30 {
        let (a, b) = (NAMES[n % 8], NAMES[(n + 3) % 8]);
        let verdict = ["ok", "wrong", "Supports", "suports"][n % 4];
        table += &format!("{a} met {b} .,{a},meets,{b},{verdict}\n");
    }
    std::fs::write(folder.join("triples.csv"), table).unwrap();
    let said = trained(
        folder,
        "train relations --reviewed triples.csv --base tiny --epochs 1 --threads 1 -o m",
    );
    // Every fourth of the thirty rows is mistyped, the first in line 5.
    assert!(said.contains("triples.csv:5: \"suports\""), "{said}");
    assert!(said.contains("did you mean supports?"), "{said}");
    assert!(said.contains("verdicts, do not trust the result"), "{said}");
    let schema = std::fs::read_to_string(folder.join("m/schema.toml")).unwrap();
    for name in ["meets", "supports"] {
        assert!(schema.contains(&format!("{name:?}")), "{schema}");
    }
    assert_eq!(schema.matches("[[relation]]").count(), 2, "{schema}");
}

#[test]
fn what_cannot_be_trained_on_is_named_piece_by_piece() {
    let folder = place(60);
    let folder = folder.path();
    let overlapping: String = (0..23)
        .map(|n| {
            format!(
                "{{\"id\": \"over{n}\", \"text\": \"Ana met Boris .\", \"entities\": [\
                 {{\"id\": 1, \"start\": 0, \"end\": 3, \"type\": \"PER\"}}, \
                 {{\"id\": 2, \"start\": 0, \"end\": 13, \"type\": \"PER\"}}]}}\n"
            )
        })
        .collect();
    let unusable = "{\"text\": 1}\n".repeat(15);
    std::fs::write(folder.join("bad.jsonl"), overlapping + &unusable).unwrap();
    let said = trained(
        folder,
        "train all --data old.jsonl bad.jsonl --dev old.jsonl --base tiny --epochs 1 --threads 1 -o m",
    );
    for line in 24..39 {
        assert!(
            said.contains(&format!("bad.jsonl:{line}: ")),
            "{line}: {said}"
        );
    }
    for n in 0..20 {
        let label = format!("over{n}: the mention \"Ana met Boris\"");
        assert!(said.contains(&label), "{label}: {said}");
    }
    assert!(said.contains("and 3 more labels"), "{said}");
}

#[test]
fn an_encoder_of_few_positions_is_trained_in_shorter_windows() {
    let folder = place(60);
    let folder = folder.path();
    let text = format!("{}Ana met Boris .", "the ".repeat(200));
    let line = serde_json::json!({
        "id": "long", "text": text,
        "entities": [{"id": "e1", "start": 800, "end": 803, "type": "PER"}],
    });
    std::fs::write(folder.join("long.jsonl"), format!("{line}\n")).unwrap();
    for positions in [64, 70] {
        let (encoded, model) = (format!("e{positions}"), format!("m{positions}"));
        encoder(&folder.join(&encoded), positions);
        trained(
            folder,
            &format!(
                "train all --data old.jsonl long.jsonl --dev long.jsonl --base {encoded} --epochs 1 \
                 --threads 1 -o {model}"
            ),
        );
        let config = std::fs::read_to_string(folder.join(&model).join("config.json")).unwrap();
        let config: serde_json::Value = serde_json::from_str(&config).unwrap();
        assert_eq!(config["windows"], serde_json::json!([64, 64, 16]));
        let (code, said) = run(folder, &format!("model check {model}"));
        assert_eq!(code, Some(0), "{said}");
    }
    encoder(&folder.join("e12"), 12);
    let (code, said) = run(folder, "train all --data old.jsonl --base e12 -o m12");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("reads 12 subwords"), "{said}");
}

#[test]
fn the_form_that_is_given_is_that_of_the_development_samples_too() {
    let folder = place(0);
    let folder = folder.path();
    // By itself this is a run's table that nobody reviewed.
    let mut table = "sentence,subject,relation,object,verdict\n".to_string();
    for n in 0..12 {
        let (a, b) = (NAMES[n % 8], NAMES[(n + 3) % 8]);
        table += &format!("{a} met {b} .,{a},meets,{b},\n");
    }
    std::fs::write(folder.join("table.csv"), table).unwrap();
    trained(
        folder,
        "train relations --data table.csv --dev table.csv --format csv --base tiny --epochs 1 \
         --threads 1 -o m",
    );
}

#[test]
fn wrong_usage_is_refused_before_anything_is_written() {
    let folder = place(20);
    let folder = folder.path();
    let before = weights(folder, "tiny");
    let train = "train all --data old.jsonl --epochs 1 --threads 1";
    for output in ["tiny", "tiny/new", "new/../tiny"] {
        let said = refused(folder, &format!("{train} --base tiny -o {output}"));
        assert!(said.contains("trained into itself"), "{said}");
    }
    assert_eq!(weights(folder, "tiny"), before);
    let said = refused(folder, &format!("{train} --base tiny -o m --resume"));
    assert!(said.contains("m holds no stopped run"), "{said}");
    let said = refused(folder, &format!("{train} --base nosuch -o m"));
    assert!(
        said.contains("--base DIR") && !said.contains("--model"),
        "{said}"
    );
    for flags in [
        "--threads 0",
        "--threads 1025",
        "--epochs 0",
        "--batch-tokens 0",
        "--patience many",
        "--learning-rate 0",
        "--learning-rate inf",
        "--head-learning-rate NaN",
        "--closeness NaN",
        "--ner-share 1.5",
    ] {
        refused(
            folder,
            &format!("train all --data old.jsonl --base tiny -o m {flags}"),
        );
    }
    refused(
        folder,
        "eval --data old.jsonl --model tiny --batch-tokens 0",
    );
    assert!(!folder.join("m").exists());
}

#[test]
fn pickled_weights_are_not_loaded() {
    let folder = place(20);
    let folder = folder.path();
    let mut weights = folder.join("tiny/model.safetensors");
    for name in ["rust_model.ot", "pytorch_model.bin"] {
        let pickle = folder.join("tiny").join(name);
        std::fs::rename(&weights, &pickle).unwrap();
        let (code, said) = run(folder, "train all --data old.jsonl --base tiny -o m");
        assert_eq!(code, Some(1), "{said}");
        let told = format!("only as {name}");
        assert!(
            said.contains(&told) && said.contains("provide model.safetensors"),
            "{said}"
        );
        weights = pickle;
    }
    assert!(!folder.join("m").exists());
}

#[test]
fn a_model_is_replaced_only_when_asked_and_its_card_with_it() {
    let folder = place(60);
    let folder = folder.path();
    let train = "train all --data old.jsonl --base tiny --epochs 1 --threads 1 -o m";
    trained(folder, train);
    let card = folder.join("m/MODEL_CARD.md");
    std::fs::write(&card, "F1 99").unwrap();
    std::fs::write(folder.join("m/notes.txt"), "mine").unwrap();
    let before = weights(folder, "m");
    for output in ["m", "m/", "m/../m"] {
        let other = format!("{train} --seed 2").replace("-o m", &format!("-o {output}"));
        let said = refused(folder, &other);
        assert!(said.contains("holds a model already"), "{said}");
    }
    assert_eq!(weights(folder, "m"), before);
    trained(folder, &format!("{train} --seed 2 --replace"));
    assert_ne!(weights(folder, "m"), before);
    assert!(!card.exists() && folder.join("m/notes.txt").exists());
    std::fs::create_dir(folder.join("run")).unwrap();
    std::fs::write(folder.join("run/triples.csv"), "mine").unwrap();
    let into_run = train.replace("-o m", "-o run --replace");
    let said = refused(folder, &into_run);
    assert!(said.contains("holds triples.csv"), "{said}");
    assert_eq!(std::fs::read_dir(folder.join("run")).unwrap().count(), 1);
}
