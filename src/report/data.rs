use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::share::{Document, Edge, Entity, Marks, RunDir, Triple, place};

/// What the page's program gets. Names, sentences and sources are listed once and referred to by
/// position, so that a page of 20,000 triples stays small.
#[derive(Debug, Serialize)]
pub struct Data {
    /// Name of the run directory.
    run: String,
    /// Name of the model.
    model: String,
    /// When the run was made.
    made: String,
    totals: Totals,
    /// Name, type, mentions, documents.
    entities: Vec<(String, String, u64, u64)>,
    relations: Vec<String>,
    statuses: Vec<String>,
    /// Source file, title, date.
    documents: Vec<(String, String, String)>,
    sentences: Vec<String>,
    /// The strongest first.
    triples: Vec<Row>,
}

#[derive(Debug, Default, Serialize)]
struct Totals {
    documents: usize,
    failed: usize,
    words: u64,
    entities: usize,
    triples: usize,
    edges: usize,
}

/// Subject, relation, object, status, confidence in thousandths, document, sentence, attributed to,
/// where subject, object and trigger stand in the sentence, in UTF-16 units, and whether the edge of
/// the triple goes from its object to its subject.
type Row = (
    usize,
    usize,
    usize,
    usize,
    u32,
    usize,
    usize,
    String,
    Vec<usize>,
    u8,
);

/// Subject, relation, object, status.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// The edges of a run. Of a relation that goes both ways they have one direction, whichever the
/// sentence had.
struct Edges<'a>(HashSet<Key<'a>>);

impl<'a> Edges<'a> {
    fn new(edges: &'a [Edge]) -> Self {
        let key =
            |e: &'a Edge| -> Key<'a> { (&e.subject_id, &e.relation, &e.object_id, &e.status) };
        Self(edges.iter().map(key).collect())
    }

    /// The edge of a triple, and whether it goes from the object to the subject.
    fn of<'t>(&self, t: &'t Triple) -> (Key<'t>, bool) {
        self.either_way((&t.subject_id, &t.relation, &t.object_id, &t.status))
    }

    fn either_way<'t>(&self, forth: Key<'t>) -> (Key<'t>, bool) {
        let (subject, relation, object, status) = forth;
        let back = (object, relation, subject, status);
        let turned = !self.0.contains(&forth) && self.0.contains(&back);
        (if turned { back } else { forth }, turned)
    }
}

impl Data {
    /// Reads a run; of more than `most` triples those of the edges with the most triples, and of
    /// these the most confident.
    ///
    /// # Errors
    /// The run cannot be read.
    pub fn read(run: &RunDir, most: usize) -> Result<Self> {
        let mut triples = run.triples()?;
        let edges = run.edges()?;
        let mut totals = Totals {
            triples: triples.len(),
            edges: edges.len(),
            ..Totals::default()
        };
        let edges = Edges::new(&edges);
        strongest_first(&mut triples, &edges);
        triples.truncate(most);
        let documents = run.documents()?;
        for document in &documents {
            totals.documents += 1;
            totals.failed += usize::from(document.status == "failed");
            totals.words = totals.words.saturating_add(document.words);
        }
        let entities = run.entities()?;
        totals.entities = entities.len();
        let made_with = made_with(run)?;
        let mut data = Self {
            run: run.path().file_name().map_or_else(
                || run.path().display().to_string(),
                |n| n.to_string_lossy().into_owned(),
            ),
            model: made_with.0,
            made: made_with.1,
            totals,
            entities: Vec::new(),
            relations: Vec::new(),
            statuses: Vec::new(),
            documents: Vec::new(),
            sentences: Vec::new(),
            triples: Vec::new(),
        };
        data.add(&triples, &edges, &entities, &documents);
        Ok(data)
    }

    fn add(
        &mut self,
        triples: &[Triple],
        edges: &Edges<'_>,
        entities: &[Entity],
        documents: &[Document],
    ) {
        let entity_of: HashMap<&str, &Entity> =
            entities.iter().map(|e| (e.entity_id.as_str(), e)).collect();
        let document_of: HashMap<&str, &Document> =
            documents.iter().map(|d| (d.doc_id.as_str(), d)).collect();
        let mut numbers: [HashMap<String, usize>; 5] = Default::default();
        for t in triples {
            let [entity_at, relation_at, status_at, document_at, sentence_at] = &mut numbers;
            let ends = [
                (&t.subject_id, &t.subject, &t.subject_type),
                (&t.object_id, &t.object, &t.object_type),
            ]
            .map(|(id, name, label)| {
                number(entity_at, id, &mut self.entities, || {
                    let known = entity_of.get(id.as_str());
                    let counts = known.map_or((0, 0), |e| (e.mentions, e.documents));
                    (name.clone(), label.clone(), counts.0, counts.1)
                })
            });
            let relation = number(relation_at, &t.relation, &mut self.relations, || {
                t.relation.clone()
            });
            let status = number(status_at, &t.status, &mut self.statuses, || {
                t.status.clone()
            });
            let document = number(document_at, &t.doc_id, &mut self.documents, || {
                let date = document_of
                    .get(t.doc_id.as_str())
                    .map_or(t.date, |d| d.date);
                let date = date.map_or_else(String::new, |d| d.to_string());
                (t.source_file.clone(), t.title.clone(), date)
            });
            let sentence = number(sentence_at, &t.sentence, &mut self.sentences, || {
                t.sentence.clone()
            });
            let [subject, object] = ends;
            self.triples.push((
                subject,
                relation,
                object,
                status,
                (t.confidence * 1000.0).round() as u32,
                document,
                sentence,
                t.attributed_to.clone(),
                place(t).map_or_else(Vec::new, |m| in_utf16(&t.sentence, &m)),
                u8::from(edges.of(t).1),
            ));
        }
    }
}

/// The number of `key`; a new one's item is put at the end of `items`.
fn number<T>(
    numbers: &mut HashMap<String, usize>,
    key: &str,
    items: &mut Vec<T>,
    item: impl FnOnce() -> T,
) -> usize {
    if let Some(number) = numbers.get(key) {
        return *number;
    }
    numbers.insert(key.to_owned(), items.len());
    items.push(item());
    items.len() - 1
}

fn strongest_first(triples: &mut Vec<Triple>, edges: &Edges<'_>) {
    let mut weights: HashMap<Key<'_>, usize> = HashMap::new();
    for t in triples.iter() {
        *weights.entry(edges.of(t).0).or_default() += 1;
    }
    let ranks: Vec<_> = triples
        .iter()
        .map(|t| {
            let weight = weights.get(&edges.of(t).0).copied().unwrap_or(0);
            let confidence = (t.confidence * 1000.0).round() as i64;
            Reverse((weight, confidence))
        })
        .collect();
    let mut ranked: Vec<_> = ranks.into_iter().zip(std::mem::take(triples)).collect();
    ranked.sort_by(|a, b| (a.0, &a.1.triple_id).cmp(&(b.0, &b.1.triple_id)));
    triples.extend(ranked.into_iter().map(|(_, t)| t));
}

/// Starts and ends of subject, object and trigger, as a browser counts.
fn in_utf16(sentence: &str, marks: &Marks) -> Vec<usize> {
    let units = |at: usize| sentence.get(..at).map_or(0, |t| t.encode_utf16().count());
    let ends = |range: &Range<usize>| [units(range.start), units(range.end)];
    let mut all = Vec::with_capacity(6);
    all.extend(ends(&marks.subject));
    all.extend(ends(&marks.object));
    all.extend(marks.trigger.iter().flat_map(ends));
    all
}

/// The model's name and the day of the run; empty where `run.json` does not tell.
fn made_with(run: &RunDir) -> Result<(String, String)> {
    let path = run.path().join("run.json");
    let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
    let about: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| Error::format(&path, e.to_string()))?;
    let text = |at: &str| {
        about
            .pointer(at)
            .and_then(|v| v.as_str())
            .unwrap_or_default()
    };
    let day = text("/started").split('T').next().unwrap_or_default();
    Ok((text("/model/name").to_owned(), day.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_may_tell_of_an_edge_from_its_other_end() {
        let there = ("ann", "meets", "bo", "asserted");
        let edges = Edges(HashSet::from([there]));
        let not_there = ("bo", "meets", "cy", "asserted");
        assert_eq!(edges.either_way(there), (there, false));
        assert_eq!(
            edges.either_way(("bo", "meets", "ann", "asserted")),
            (there, true)
        );
        assert_eq!(edges.either_way(not_there), (not_there, false));
    }

    #[test]
    fn marks_are_counted_as_a_browser_does() {
        let marks = Marks {
            subject: 0..4,
            object: 5..7,
            trigger: None,
        };
        assert_eq!(in_utf16("\u{1f1e6} é", &marks), [0, 2, 3, 4]);
    }
}
