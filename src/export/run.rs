use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::judgement::Judged;
use super::partial::{FinishedFile, PartialFile};
use super::record::{DocumentStatus, Record};
use crate::annotation::Relation;
use crate::config::Schema;
use crate::error::{Error, Result};

/// How many failures a summary names.
const FAILURES_SHOWN: usize = 5;

/// What a run was made with; all of it goes into `run.json`, and what depends on the clock goes
/// nowhere else.
#[derive(Debug, Clone)]
pub struct RunInfo {
    /// Version of this program.
    pub version: String,
    /// The command and its arguments, as typed.
    pub command: Vec<String>,
    /// The model.
    pub model: ModelInfo,
    /// The settings in force.
    pub settings: serde_json::Value,
    /// When the run began.
    pub started: Timestamp,
    /// Seconds since then, writing left out.
    pub seconds: f64,
    /// Seconds by stage, in the order of the stages; stages may run at the same time.
    pub stages: Vec<(String, f64)>,
}

/// Which model annotated the documents.
#[derive(Debug, Clone, Serialize)]
pub struct ModelInfo {
    /// Name of its folder.
    pub name: String,
    /// SHA-256 of its files, hexadecimal.
    pub sha256: String,
    /// Its entity types and relations.
    pub schema: Schema,
}

/// Sums over all inputs of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Inputs by status.
    pub documents: DocumentTotals,
    /// Words of the texts.
    pub words: u64,
    /// Words that the model was given.
    pub words_read: u64,
    /// Of these, the words that the last part of the run read: all, unless it was resumed.
    #[serde(skip)]
    pub words_now: u64,
    /// Sentences.
    pub sentences: u64,
    /// Mentions.
    pub mentions: u64,
    /// Entities.
    pub entities: u64,
    /// Triples.
    pub triples: u64,
    /// Edges.
    pub edges: u64,
    /// Triples by relation; relations without a triple are left out.
    pub triples_by_relation: BTreeMap<String, u64>,
    /// What a person's verdicts did to the triples, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<Judged>,
    /// The first ways in which inputs failed: source of the first, message, and how many inputs have
    /// that message. All are in `documents.csv`.
    #[serde(skip)]
    pub first_failures: Vec<(String, String, u64)>,
}

/// Inputs by status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DocumentTotals {
    /// All inputs.
    pub all: u64,
    /// Those that were read.
    pub ok: u64,
    /// Those without text.
    pub empty: u64,
    /// Those that repeat another.
    pub duplicate: u64,
    /// Those that could not be read.
    pub failed: u64,
}

impl Totals {
    /// Counts an input and those of its relations that become triples.
    pub fn add(&mut self, record: &Record, relations: &[&Relation]) {
        let documents = &mut self.documents;
        documents.all += 1;
        match record.status {
            DocumentStatus::Ok => documents.ok += 1,
            DocumentStatus::Empty => documents.empty += 1,
            DocumentStatus::Duplicate => documents.duplicate += 1,
            DocumentStatus::Failed => {
                documents.failed += 1;
                let told = |failure: &&mut (String, String, u64)| failure.1 == record.message;
                if let Some((_, _, inputs)) = self.first_failures.iter_mut().find(told) {
                    *inputs += 1;
                } else if self.first_failures.len() < FAILURES_SHOWN {
                    let (source, message) = (record.source_file.clone(), record.message.clone());
                    self.first_failures.push((source, message, 1));
                }
            }
        }
        self.words += record.words as u64;
        self.words_read += record.words_read as u64;
        self.sentences += record.annotations.sentences.len() as u64;
        self.mentions += record.annotations.mentions.len() as u64;
        self.triples += relations.len() as u64;
        for relation in relations {
            let name = relation.label.as_str();
            match self.triples_by_relation.get_mut(name) {
                Some(count) => *count += 1,
                None => {
                    self.triples_by_relation.insert(name.to_owned(), 1);
                }
            }
        }
    }
}

#[derive(Serialize)]
struct RunFile<'r> {
    version: &'r str,
    command: &'r [String],
    model: &'r ModelInfo,
    settings: &'r serde_json::Value,
    totals: &'r Totals,
    started: Timestamp,
    seconds: f64,
    seconds_by_stage: Stages<'r>,
}

struct Stages<'r> {
    before: &'r [(String, f64)],
    writing: f64,
}

impl Serialize for Stages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.before.len() + 1))?;
        for (stage, seconds) in self.before {
            map.serialize_entry(stage, &to_milliseconds(*seconds))?;
        }
        map.serialize_entry("write", &to_milliseconds(self.writing))?;
        map.end()
    }
}

fn to_milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// Writes `run.json` of the folder `dir`; `writing` is the time in seconds that the other files
/// took.
///
/// # Errors
/// The folder cannot be written to.
pub fn write_run_file(
    dir: &Path,
    info: &RunInfo,
    totals: &Totals,
    writing: f64,
) -> Result<FinishedFile> {
    let mut file = PartialFile::create(dir, "run.json")?;
    let run = RunFile {
        version: &info.version,
        command: &info.command,
        model: &info.model,
        settings: &info.settings,
        totals,
        started: info.started,
        seconds: to_milliseconds(info.seconds + writing),
        seconds_by_stage: Stages {
            before: &info.stages,
            writing,
        },
    };
    let mut text =
        serde_json::to_vec_pretty(&run).map_err(|e| Error::format(file.path(), e.to_string()))?;
    text.push(b'\n');
    file.write_all(&text)
        .map_err(|e| Error::io(file.path(), e))?;
    file.finish()
}
