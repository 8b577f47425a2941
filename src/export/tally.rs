use std::collections::HashMap;

use jiff::civil::Date;

use crate::annotation::{Label, Status};

/// A document among those of a run: its number in input order and its date.
#[derive(Debug, Clone, Copy)]
pub struct Issue {
    pub number: u64,
    pub date: Option<Date>,
}

/// How often, in how many documents and in which time something occurred. Documents are counted
/// without being remembered, since all that is seen in one document is seen in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Occurrences {
    pub times: u64,
    pub documents: u64,
    pub first_date: Option<Date>,
    pub last_date: Option<Date>,
    last_document: Option<u64>,
}

impl Occurrences {
    /// Counts one more, in that document.
    pub fn add(&mut self, document: Issue) {
        self.times += 1;
        if self.last_document == Some(document.number) {
            return;
        }
        self.last_document = Some(document.number);
        self.documents += 1;
        if let Some(date) = document.date {
            self.first_date = Some(self.first_date.map_or(date, |first| first.min(date)));
            self.last_date = Some(self.last_date.map_or(date, |last| last.max(date)));
        }
    }
}

/// What the triples of an edge share. Entities are positions in the run's list of entities.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EdgeKey {
    pub subject: usize,
    pub relation: Label,
    pub object: usize,
    pub status: Status,
}

/// The most confident triple of an edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    pub confidence: f32,
    pub sentence: String,
    pub doc_id: String,
    /// The triple's number in its document, from 1.
    pub number: usize,
}

/// All triples with one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    pub key: EdgeKey,
    pub occurrences: Occurrences,
    pub best: Best,
}

/// The edges of a run, in the order in which they were first seen. Memory grows with them, not with
/// triples.
#[derive(Debug, Default)]
pub struct Edges {
    places: HashMap<EdgeKey, usize>,
    edges: Vec<Edge>,
}

impl Edges {
    /// Counts a triple of that confidence; `best` is asked only when it is the best one so far.
    pub fn add(
        &mut self,
        key: EdgeKey,
        document: Issue,
        confidence: f32,
        best: impl FnOnce() -> Best,
    ) {
        let place = self.places.get(&key).copied();
        if let Some(edge) = place.and_then(|place| self.edges.get_mut(place)) {
            edge.occurrences.add(document);
            if confidence > edge.best.confidence {
                edge.best = best();
            }
            return;
        }
        let mut occurrences = Occurrences::default();
        occurrences.add(document);
        self.places.insert(key.clone(), self.edges.len());
        self.edges.push(Edge {
            key,
            occurrences,
            best: best(),
        });
    }

    /// The edges, in the order in which they were first seen.
    pub fn all(&self) -> &[Edge] {
        &self.edges
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn issue(number: u64, day: i8) -> Issue {
        Issue {
            number,
            date: (day > 0).then(|| date(2022, 9, day)),
        }
    }

    #[test]
    fn a_document_counts_once() {
        let mut seen = Occurrences::default();
        for document in [issue(1, 8), issue(1, 8), issue(2, 0), issue(7, 6)] {
            seen.add(document);
        }
        assert_eq!((seen.times, seen.documents), (4, 3));
        assert_eq!(seen.first_date, Some(date(2022, 9, 6)));
        assert_eq!(seen.last_date, Some(date(2022, 9, 8)));
    }

    #[test]
    fn the_first_of_the_most_confident_triples_is_kept() {
        let key = EdgeKey {
            subject: 0,
            relation: "accuses".into(),
            object: 1,
            status: Status::Asserted,
        };
        let mut edges = Edges::default();
        for (number, confidence) in [(1, 0.5), (2, 0.9), (3, 0.9), (4, 0.7)] {
            edges.add(key.clone(), issue(1, 1), confidence, || Best {
                confidence,
                sentence: String::new(),
                doc_id: "a".into(),
                number,
            });
        }
        let edges = edges.all();
        assert_eq!(edges.len(), 1);
        assert_eq!(edges[0].best.number, 2);
        assert_eq!(edges[0].occurrences.times, 4);
    }
}
