use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::io::Read;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::folder::{CARD, CONFIG, SCHEMA, TOKENIZER, WEIGHTS, folder_hash};
use crate::annotation::Label;
use crate::config::{Correction, EntityType, ModelConfig, RelationType, Schema};
use crate::error::Result;
use crate::model::Encoder;
use crate::text::column_width;

/// What a model is, what it knows, how big it is, how good: a page for people, an object for programs.
#[derive(Debug, Serialize)]
pub struct About {
    /// Name of its folder.
    pub name: String,
    /// Where it is.
    pub folder: String,
    /// What its card says first; empty without a card.
    pub about: String,
    /// What reads the text.
    pub encoder: AboutEncoder,
    /// Sizes of its files in bytes; `None` for one that is missing.
    pub files: BTreeMap<&'static str, Option<u64>>,
    /// Number format of most of its weights, when they can be read.
    pub weights: Option<String>,
    /// SHA-256 over the files that decide its results, when all are there.
    pub sha256: Option<String>,
    /// Its entity types.
    pub entity_types: Vec<EntityType>,
    /// Its relations.
    pub relations: Vec<RelationType>,
    /// Confidence of a relation, its names being given, from which it is reported.
    pub threshold: f32,
    /// The same for single relations, where it is another.
    pub thresholds: BTreeMap<Label, f32>,
    /// What the scores of relations are divided by before they become confidences.
    pub temperature: f64,
    /// What reviewers meant by relations, where its weights mean something else.
    pub corrections: Vec<Correction>,
    /// The settings and scores of its last training.
    pub training: Value,
    /// The tables of its card.
    #[serde(skip)]
    figures: Vec<String>,
}

/// An encoder, by its configuration.
#[derive(Debug, Serialize)]
pub struct AboutEncoder {
    /// Its kind, such as `bert`.
    pub kind: String,
    /// What it was made from, where that is told.
    pub made_from: Option<String>,
    /// Number of layers.
    pub layers: u64,
    /// Numbers in a vector.
    pub width: u64,
    /// Number of subwords that it knows.
    pub subwords: u64,
}

impl About {
    /// Looks at a model folder.
    ///
    /// # Errors
    /// Its configuration or its schema cannot be read.
    pub fn of(folder: &Path) -> Result<Self> {
        let config = ModelConfig::load(folder)?;
        let schema = Schema::load(&folder.join(SCHEMA))?;
        let card = std::fs::read_to_string(folder.join(CARD)).unwrap_or_default();
        let size = |name: &str| Some(std::fs::metadata(folder.join(name)).ok()?.len());
        Ok(Self {
            name: name_of(folder),
            folder: folder.display().to_string(),
            about: first_paragraph(&card),
            encoder: AboutEncoder::of(&config)?,
            files: [CONFIG, TOKENIZER, SCHEMA, WEIGHTS, CARD]
                .map(|name| (name, size(name)))
                .into(),
            weights: weight_format(&folder.join(WEIGHTS)),
            sha256: folder_hash(folder).ok(),
            entity_types: schema.entities,
            relations: schema.relations,
            threshold: config.relation_threshold,
            thresholds: config.relation_thresholds,
            temperature: config.relation_temperature,
            corrections: config.relation_corrections,
            training: config.training,
            figures: tables(&card),
        })
    }
}

impl AboutEncoder {
    fn of(config: &ModelConfig) -> Result<Self> {
        let sizes = Encoder::sizes(&config.encoder)?;
        let text = |key: &str| config.encoder.get(key)?.as_str().map(str::to_owned);
        Ok(Self {
            kind: text("model_type").unwrap_or_else(|| "bert".into()),
            made_from: text("_name_or_path").filter(|name| !name.is_empty()),
            layers: sizes.layers,
            width: sizes.width,
            subwords: sizes.vocabulary,
        })
    }
}

impl Display for AboutEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(name) = &self.made_from {
            write!(f, " (from {name})")?;
        }
        write!(
            f,
            ", {} layers of width {}, {} subwords",
            self.layers, self.width, self.subwords
        )
    }
}

/// Width of the column of names.
const NAME_WIDTH: usize = 15;

impl Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        if !self.about.is_empty() {
            writeln!(f, "{}", self.about)?;
        }
        writeln!(f)?;
        let mut row = |name: &str, value: &str| writeln!(f, "{name:<NAME_WIDTH$}{value}");
        row("folder", &self.folder)?;
        row("encoder", &self.encoder.to_string())?;
        row("size", &self.size())?;
        row("trained", &trained(&self.training))?;
        if let Some(scores) = scores(&self.training) {
            row("held out", &scores)?;
        }
        row("reported from", &self.reported_from())?;
        for (n, correction) in self.corrections.iter().enumerate() {
            row(
                if n == 0 { "corrected" } else { "" },
                &correction.to_string(),
            )?;
        }
        row(
            "sha256",
            self.sha256.as_deref().unwrap_or("none: a file is missing"),
        )?;
        let types = self.entity_types.iter();
        list(
            f,
            "entity types",
            types.map(|t| (&t.name, &t.definition)).collect(),
        )?;
        let relations = self.relations.iter();
        list(
            f,
            "relations",
            relations.map(|r| (&r.name, &r.definition)).collect(),
        )?;
        if !self.figures.is_empty() {
            writeln!(f, "\n{}", self.figures.join("\n"))?;
        }
        Ok(())
    }
}

impl About {
    fn size(&self) -> String {
        let bytes: u64 = self.files.values().flatten().sum();
        let mut told = format!("{:.1} MB", bytes as f64 / 1e6);
        if let Some(format) = &self.weights {
            told += &format!(", weights in {format}");
        }
        let gone = self.files.iter().filter(|(_, size)| size.is_none());
        let gone: Vec<&str> = gone.map(|(name, _)| *name).collect();
        if !gone.is_empty() {
            told += &format!("; missing: {}", gone.join(", "));
        }
        told
    }

    fn reported_from(&self) -> String {
        let mut told = format!(
            "confidence {} of the relation alone (temperature {})",
            self.threshold, self.temperature
        );
        for (relation, threshold) in &self.thresholds {
            let _ = write!(told, ", {relation} {threshold}");
        }
        told
    }
}

fn name_of(folder: &Path) -> String {
    let real = folder.canonicalize();
    let folder = real.as_deref().unwrap_or(folder);
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The names of a list with their definitions, each in a line.
fn list(f: &mut fmt::Formatter<'_>, what: &str, items: Vec<(&Label, &String)>) -> fmt::Result {
    let names: Vec<&str> = items.iter().map(|(name, _)| name.as_str()).collect();
    writeln!(f, "\n{what}, {}: {}", names.len(), names.join(", "))?;
    let width = column_width(names.iter().copied()) + 2;
    for (name, definition) in items.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(f, "  {:<width$}{}", name.as_str(), shortened(definition))?;
    }
    Ok(())
}

/// A definition in one line of at most so many characters, cut between words.
fn shortened(text: &str) -> String {
    const MOST: usize = 72;
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.chars().count() + word.chars().count() > MOST {
            return format!("{} ...", short.trim_end_matches([',', ':', ';']));
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

/// The settings that people ask for first; all of them are in the model's configuration.
fn trained(training: &Value) -> String {
    let number = |key: &str| training.get(key).and_then(Value::as_f64);
    let mut parts = Vec::new();
    if let Some(task) = training.get("task").and_then(Value::as_str) {
        parts.push(format!("on {task}"));
    }
    for (key, what) in [
        ("epochs", "epochs"),
        ("learning_rate", "learning rate"),
        ("head_learning_rate", "of the heads"),
        ("freeze_layers", "layers frozen"),
    ] {
        if let Some(value) = number(key) {
            parts.push(format!("{what} {value}"));
        }
    }
    if parts.is_empty() {
        return "it is not told how".into();
    }
    parts.join(", ")
}

/// The scores on the samples that its last training was judged by.
fn scores(training: &Value) -> Option<String> {
    let score = |what: &str| Some((what.to_owned(), training["score"][what].as_f64()?));
    let told: Vec<String> = [score("mentions"), score("relations")]
        .into_iter()
        .flatten()
        .map(|(what, f1)| format!("{what} F1 {f1:.2}"))
        .collect();
    (!told.is_empty()).then(|| {
        format!(
            "{} (samples that judged its last training)",
            told.join(", ")
        )
    })
}

/// The first paragraph of a card that is neither a heading nor a table, in one line.
fn first_paragraph(card: &str) -> String {
    let body = card
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty() || line.starts_with(['#', '|', '-']));
    let lines: Vec<&str> = body.take_while(|line| !line.is_empty()).collect();
    lines.join(" ")
}

fn tables(card: &str) -> Vec<String> {
    let rows = card
        .lines()
        .filter(|line| line.trim_start().starts_with('|'));
    rows.map(str::to_owned).collect()
}

/// The number format that most weights of a `.safetensors` file are in, by its header.
fn weight_format(path: &Path) -> Option<String> {
    const LONGEST: u64 = 100 << 20;
    let mut file = std::fs::File::open(path).ok()?;
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let length = u64::from_le_bytes(length);
    let mut header = Vec::new();
    file.take(length.min(LONGEST))
        .read_to_end(&mut header)
        .ok()?;
    let header: BTreeMap<String, Value> = serde_json::from_slice(&header).ok()?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for tensor in header.values() {
        let (Some(kind), Some(shape)) = (tensor["dtype"].as_str(), tensor["shape"].as_array())
        else {
            continue;
        };
        let numbers = shape.iter().filter_map(Value::as_u64);
        let count = numbers.fold(1, u64::saturating_mul);
        let sum = counts.entry(kind.to_owned()).or_default();
        *sum = sum.saturating_add(count);
    }
    let (kind, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Some(match kind.as_str() {
        "BF16" => "bf16".into(),
        "I8" => "int8".into(),
        "F32" => "fp32".into(),
        _ => kind.to_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_begins_with_what_the_model_is() {
        let card = "# mine\n\nReads news:\nnames.\n\n| | F1 |\n|---|---|\n| a | 1 |\n\nMore.\n";
        assert_eq!(first_paragraph(card), "Reads news: names.");
        assert_eq!(tables(card).len(), 3);
        assert_eq!(first_paragraph(""), "");
    }

    #[test]
    fn long_definitions_are_cut_between_words() {
        assert_eq!(shortened("two\nwords"), "two words");
        let short = shortened(&"word, ".repeat(30));
        assert!(
            short.ends_with("word ...") && short.chars().count() < 80,
            "{short}"
        );
    }

    #[test]
    fn a_name_longer_than_any_column_is_listed() {
        struct Page(Label, String);
        impl Display for Page {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                list(f, "relations", vec![(&self.0, &self.1)])
            }
        }
        let page = Page("x".repeat(70_000).into(), "long".into());
        assert!(page.to_string().ends_with("xlong\n"));
    }

    #[test]
    fn the_format_of_the_weights_stands_in_their_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(WEIGHTS);
        let header = r#"{"a":{"dtype":"I8","shape":[4,8]},"b":{"dtype":"F32","shape":[4]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(weight_format(&path), Some("int8".into()));
        std::fs::write(&path, u64::MAX.to_le_bytes()).unwrap();
        assert_eq!(weight_format(&path), None);
        assert_eq!(weight_format(folder.path()), None);
    }

    #[test]
    fn what_a_training_was_is_told_as_far_as_known() {
        let training = serde_json::json!({
            "task": "all", "epochs": 4, "learning_rate": 0.0001,
            "score": {"mentions": 94.067, "relations": null}
        });
        assert_eq!(trained(&training), "on all, epochs 4, learning rate 0.0001");
        assert!(
            scores(&training)
                .unwrap()
                .starts_with("mentions F1 94.07 (")
        );
        assert_eq!(trained(&Value::Null), "it is not told how");
        assert_eq!(scores(&Value::Null), None);
    }
}
