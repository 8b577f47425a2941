use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tch::{Kind, Tensor};

use super::LabelMap;
use super::folder::{check_sizes, check_vocabulary, output_names, read_config, read_weights};
use super::labels::{Place, Tag, mentions, tag};
use super::network::{Network, load_networks};
use super::units::{Unit, units};
use crate::annotation::Label;
use crate::error::{Error, Result};
use crate::model::{Batch, SubwordTokenizer, overlapping, tried, without_gradients};
use crate::text::{Span, did_you_mean};

/// A mention that a foreign model found.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignMention {
    /// Where, in bytes of the text.
    pub span: Span,
    /// Its type, by our name.
    pub label: Label,
    /// Probability that all its words are of this type, taken independently.
    pub confidence: f32,
}

/// A token-classification model of others, ready to find mentions on several threads.
#[derive(Debug)]
pub struct Tagger {
    folder: PathBuf,
    tokenizer: SubwordTokenizer,
    /// By output: place and our type; `None`: outside.
    tags: Vec<Option<(Place, Label)>>,
    left_out: Vec<String>,
    kind: String,
    longest: usize,
    networks: Vec<Mutex<Network>>,
}

/// Longest row, in subwords with the two special tokens: longer ones take far more time.
const LONGEST: usize = 256;
/// Overlap of the rows of a sentence that is longer.
const OVERLAP: usize = 64;
/// Padded subwords in a batch.
const BUDGET: usize = 2048;

impl Tagger {
    /// Loads a token-classification folder (`config.json` with `id2label`, tokenizer files,
    /// `model.safetensors`) for `threads` threads. Its types become those of `known` by `map`; types
    /// with no match there are left out.
    ///
    /// # Errors
    /// A file is missing, damaged or does not fit the others, rust-bert cannot run it, or none of
    /// its types is one of ours.
    pub fn load(folder: &Path, map: &LabelMap, known: &[Label], threads: usize) -> Result<Self> {
        let refused = |message: String| Error::model(folder, message);
        let config = read_config(folder)?;
        let names = output_names(&config).map_err(refused)?;
        let at_least = check_sizes(&config).map_err(refused)?;
        let positions = config["max_position_embeddings"].as_u64().unwrap_or(512) as usize;
        let longest = longest_row(positions).map_err(refused)?;
        if let Some(name) = map.unknown(known).first() {
            return Err(Error::Usage(format!(
                "{name:?} is no entity type of the model that finds relations{}; it has {}",
                did_you_mean(name, known.iter().map(Label::as_str)),
                list(known)
            )));
        }
        let tokenizer = SubwordTokenizer::load(folder)?;
        check_vocabulary(&tokenizer, &config).map_err(refused)?;
        let (mut tags, mut left_out) = (Vec::new(), Vec::new());
        for name in &names {
            let read: Tag = tag(name);
            let ours = read.as_ref().and_then(|(place, theirs)| {
                let ours = map.ours(theirs, known);
                if ours.is_none() && !map.leaves_out(theirs) && !left_out.contains(theirs) {
                    left_out.push(theirs.clone());
                }
                ours.map(|label| (*place, label))
            });
            tags.push(ours);
        }
        if tags.iter().all(Option::is_none) {
            return Err(refused(format!(
                "none of its types ({}) is one of {}; name what they are here with --ner-labels, \
                 such as --ner-labels PERSON=PER,GPE=LOC",
                left_out.join(", "),
                list(known)
            )));
        }
        let (path, tensors) = read_weights(folder, at_least)?;
        // What these networks do with a configuration that they did not foresee is to panic.
        let (about, special) = (config.clone(), tokenizer.special());
        let networks = tried(move || load_networks(&about, tensors, &path, special, threads))
            .unwrap_or_else(|message| {
                Err(refused(format!(
                    "the configuration does not suit the network: {message}"
                )))
            })?;
        Ok(Self {
            folder: folder.to_path_buf(),
            tokenizer,
            tags,
            left_out,
            kind: config["model_type"].as_str().unwrap_or_default().into(),
            longest,
            networks,
        })
    }

    /// Where it came from.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its architecture, by the name Hugging Face has for it.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its types that have no match among ours and were not left out on purpose.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Our types that it finds.
    pub fn finds(&self) -> Vec<Label> {
        let mut found: Vec<Label> = self
            .tags
            .iter()
            .flatten()
            .map(|(_, label)| label.clone())
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// The mentions in the sentences of a text, in text order, by the network of that `thread`.
    ///
    /// # Errors
    /// The tensor library refuses a computation.
    pub fn mentions(
        &self,
        text: &str,
        sentences: &[Span],
        thread: usize,
    ) -> Result<Vec<ForeignMention>> {
        let Some(network) = self.networks.get(thread % self.networks.len().max(1)) else {
            return Ok(Vec::new());
        };
        let network = network.lock().unwrap_or_else(PoisonError::into_inner);
        let pieces: Vec<Vec<(u32, Span)>> = sentences
            .iter()
            .map(|&sentence| self.tokenizer.pieces(text, sentence))
            .collect::<Result<_>>()?;
        let scores = self.scores(&pieces, &network)?;
        let mut found = Vec::new();
        for ((&sentence, pieces), scores) in sentences.iter().zip(&pieces).zip(&scores) {
            let spans: Vec<Span> = pieces.iter().map(|p| p.1).collect();
            let units = units(text, sentence, &spans);
            found.extend(self.read(text, &units, scores));
        }
        Ok(found)
    }

    /// Probabilities of the outputs, subword by subword, for each sentence.
    fn scores(
        &self,
        pieces: &[Vec<(u32, Span)>],
        network: &MutexGuard<Network>,
    ) -> Result<Vec<Vec<f32>>> {
        let outputs = self.tags.len();
        let mut rows: Vec<Row> = Vec::new();
        for (sentence, pieces) in pieces.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
            for (subwords, owned) in overlapping(pieces.len(), self.longest - 2, OVERLAP) {
                rows.push(Row {
                    sentence,
                    subwords,
                    owned,
                });
            }
        }
        // Rows of one padded length together, so that none is influenced by a longer neighbour.
        rows.sort_by_key(Row::padded);
        let mut scores: Vec<Vec<f32>> = pieces
            .iter()
            .map(|p| vec![0.0; p.len() * outputs])
            .collect();
        for batch in rows.chunk_by(|a, b| a.padded() == b.padded()) {
            let width = batch.first().map_or(1, Row::padded);
            for batch in batch.chunks((BUDGET / width).max(1)) {
                let values = self.run(batch, pieces, network, width)?;
                for (n, row) in batch.iter().enumerate() {
                    for k in row.owned.clone() {
                        let at = (n * width + 1 + k - row.subwords.start) * outputs;
                        let target = &mut scores[row.sentence][k * outputs..(k + 1) * outputs];
                        target.copy_from_slice(&values[at..at + outputs]);
                    }
                }
            }
        }
        Ok(scores)
    }

    fn run(
        &self,
        rows: &[Row],
        pieces: &[Vec<(u32, Span)>],
        network: &Network,
        width: usize,
    ) -> Result<Vec<f32>> {
        let (opening, closing, padding) = self.tokenizer.special();
        let mut ids = vec![i64::from(padding); rows.len() * width];
        let mut mask = vec![0i64; rows.len() * width];
        for (n, row) in rows.iter().enumerate() {
            let inside = pieces[row.sentence][row.subwords.clone()]
                .iter()
                .map(|p| p.0);
            let all = std::iter::once(opening).chain(inside).chain([closing]);
            for (k, id) in all.enumerate() {
                ids[n * width + k] = i64::from(id);
                mask[n * width + k] = 1;
            }
        }
        let shape = [rows.len() as i64, width as i64];
        let shaped = |values: &[i64]| Tensor::from_slice(values).view(shape);
        without_gradients(|| {
            let logits = network
                .architecture
                .logits(&shaped(&ids), &shaped(&mask))
                .map_err(|e| Error::tensor("tagging mentions", e))?;
            let soft = logits.softmax(-1, Kind::Float).view([-1]);
            Vec::<f32>::try_from(soft).map_err(|e| Error::tensor("tagging mentions", e))
        })
    }

    /// The mentions of one sentence.
    fn read(&self, text: &str, units: &[Unit], scores: &[f32]) -> Vec<ForeignMention> {
        let outputs = self.tags.len();
        let of = |unit: &Unit| &scores[unit.subword * outputs..(unit.subword + 1) * outputs];
        let best = |unit: &Unit| {
            let top = of(unit)
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(b.1));
            let (place, label) = self.tags.get(top?.0)?.as_ref()?;
            Some((*place, label))
        };
        let tags: Vec<Option<(Place, &Label)>> = units.iter().map(best).collect();
        let all = mentions(&tags)
            .into_iter()
            .filter_map(|(first, last, label)| {
                let (first, last) = without_marks(text, units, first, last)?;
                let of_type = |unit: &Unit| -> f32 {
                    let tags = self.tags.iter().zip(of(unit));
                    tags.filter(|(tag, _)| tag.as_ref().is_some_and(|t| t.1 == *label))
                        .map(|(_, p)| p)
                        .sum()
                };
                Some(ForeignMention {
                    span: Span::new(units[first].span.start, units[last].span.end),
                    label: label.clone(),
                    confidence: units[first..=last]
                        .iter()
                        .map(of_type)
                        .product::<f32>()
                        .min(1.0),
                })
            });
        all.collect()
    }
}

/// Length of the longest row, padded, for a network of so many `positions`.
fn longest_row(positions: usize) -> Result<usize, String> {
    // RoBERTa's begin at 2.
    const FIRST: usize = 2;
    match Batch::longest_within(positions.saturating_sub(FIRST)) {
        0 => Err(format!(
            "config.json has max_position_embeddings {positions}: too few for a sentence"
        )),
        longest => Ok(longest.min(LONGEST)),
    }
}

/// A part of a sentence that makes a row of a batch.
#[derive(Debug)]
struct Row {
    sentence: usize,
    subwords: std::ops::Range<usize>,
    owned: std::ops::Range<usize>,
}

impl Row {
    fn padded(&self) -> usize {
        Batch::padded_len(self.subwords.len() + 2)
    }
}

/// The mention without marks at its ends, which such models tag at random: they never learnt them
/// apart from their words. A full stop may belong to an abbreviation and stays.
fn without_marks(
    text: &str,
    units: &[Unit],
    mut first: usize,
    mut last: usize,
) -> Option<(usize, usize)> {
    let is_mark = |n: usize, kept: char| {
        let mut chars = units[n].span.of(text).chars();
        chars.all(|c| !c.is_alphanumeric() && c != kept)
    };
    while first < last && is_mark(first, '\0') {
        first += 1;
    }
    while first < last && is_mark(last, '.') {
        last -= 1;
    }
    (!is_mark(first, '\0')).then_some((first, last))
}

fn list(labels: &[Label]) -> String {
    let names: Vec<&str> = labels.iter().map(Label::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_at_the_ends_fall_off() {
        let text = "(U.S.-";
        let spans = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)];
        let units: Vec<Unit> = spans
            .iter()
            .enumerate()
            .map(|(subword, &(a, b))| Unit {
                span: Span::new(a, b),
                subword,
            })
            .collect();
        assert_eq!(without_marks(text, &units, 0, 5), Some((1, 4)));
        assert_eq!(without_marks(text, &units, 5, 5), None);
    }
}
