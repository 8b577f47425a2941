//! What two runs say differently: two models on the same articles, or yesterday's articles and
//! today's.
//!
//! Triples meet within their document: first those of the same words and relation, then those of
//! the same words and another relation, then those whose words overlap. What meets nothing was
//! gained or lost. Confidences differ between any two models and are shown, but are no difference.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::path::Path;

use super::rows::{Document, Triple};
use super::run_dir::RunDir;
use crate::config::Schema;
use crate::error::{Error, Result};
use crate::files::guarded;

/// How a triple differs between run A and run B.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Only B has it.
    Gained(Triple),
    /// Only A has it.
    Lost(Triple),
    /// Both have it, and these columns differ.
    Changed {
        before: Box<Triple>,
        after: Triple,
        columns: Vec<&'static str>,
    },
}

/// The differences of two runs, and counts of them.
#[derive(Debug, Default)]
pub struct Diff {
    /// In the order of the documents of A, then those only in B.
    pub changes: Vec<Change>,
    /// Triples that are the same in both.
    pub same: usize,
    /// Documents in both.
    pub shared_documents: usize,
    /// Documents only in A, and only in B.
    pub only: [HashSet<String>; 2],
}

/// Compares two runs.
///
/// # Errors
/// A run cannot be read.
pub fn diff(a: &RunDir, b: &RunDir) -> Result<Diff> {
    let schema = b.schema()?;
    let (before, after) = (a.documents()?, b.documents()?);
    let ids =
        |all: &[Document]| -> HashSet<String> { all.iter().map(|d| d.doc_id.clone()).collect() };
    let (in_a, in_b) = (ids(&before), ids(&after));
    let mut result = Diff {
        shared_documents: in_a.intersection(&in_b).count(),
        only: [
            in_a.difference(&in_b).cloned().collect(),
            in_b.difference(&in_a).cloned().collect(),
        ],
        ..Diff::default()
    };
    let (mut old, mut new) = (by_document(a)?, by_document(b)?);
    let mut seen = HashSet::new();
    for document in before.iter().chain(&after) {
        let id = document.doc_id.as_str();
        if seen.insert(id) {
            let old = old.remove(id).unwrap_or_default();
            let new = new.remove(id).unwrap_or_default();
            result.add(old, new, &schema);
        }
    }
    Ok(result)
}

fn by_document(run: &RunDir) -> Result<HashMap<String, Vec<Triple>>> {
    let mut all: HashMap<String, Vec<Triple>> = HashMap::new();
    run.table("triples")?.each(&mut |t: Triple| {
        all.entry(t.doc_id.clone()).or_default().push(t);
        Ok(())
    })?;
    Ok(all)
}

type Test = fn(&Triple, &Triple) -> bool;

impl Diff {
    /// Adds the triples of one document.
    fn add(&mut self, old: Vec<Triple>, new: Vec<Triple>, schema: &Schema) {
        let turned: Vec<Triple> = new.iter().map(|t| in_order_of_words(t, schema)).collect();
        let mut partner: Vec<Option<usize>> = vec![None; new.len()];
        let mut left: Vec<usize> = (0..old.len()).collect();
        let levels: [Test; 4] = [
            |a, b| a.relation == b.relation && spans(a) == spans(b),
            |a, b| a.relation == b.relation && words(a) == words(b),
            |a, b| spans(a) == spans(b),
            |a, b| a.relation == b.relation && overlap(a, b),
        ];
        for level in levels {
            left.retain(|&at| {
                let Some(t) = old.get(at).map(|t| in_order_of_words(t, schema)) else {
                    return false;
                };
                let free = turned
                    .iter()
                    .zip(partner.iter_mut())
                    .find(|(n, p)| p.is_none() && level(&t, n));
                match free {
                    Some((_, place)) => {
                        *place = Some(at);
                        false
                    }
                    None => true,
                }
            });
        }
        let lost: HashSet<usize> = left.into_iter().collect();
        for (at, triple) in old.iter().enumerate() {
            if lost.contains(&at) {
                self.changes.push(Change::Lost(triple.clone()));
            }
        }
        for (after, place) in new.into_iter().zip(partner) {
            match place.and_then(|at| old.get(at)) {
                None => self.changes.push(Change::Gained(after)),
                Some(before) => {
                    let columns = differences(
                        &in_order_of_words(before, schema),
                        &in_order_of_words(&after, schema),
                    );
                    if columns.is_empty() {
                        self.same += 1;
                    } else {
                        self.changes.push(Change::Changed {
                            before: Box::new(before.clone()),
                            after,
                            columns,
                        });
                    }
                }
            }
        }
    }

    /// Gained, lost and changed triples.
    pub fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for change in &self.changes {
            let [gained, lost, changed] = &mut counts;
            match change {
                Change::Gained(_) => *gained += 1,
                Change::Lost(_) => *lost += 1,
                Change::Changed { .. } => *changed += 1,
            }
        }
        counts
    }

    /// The differences in a few lines, for people.
    pub fn summary(&self) -> String {
        let [gained, lost, changed] = self.counts();
        let [only_a, only_b] = self.only.each_ref().map(HashSet::len);
        let mut text = format!(
            "documents: {} in both, {only_a} only in A, {only_b} only in B\n\
             triples: {} the same, {gained} gained, {lost} lost, {changed} changed\n",
            self.shared_documents, self.same
        );
        let elsewhere = |t: &Triple| self.only.iter().any(|ids| ids.contains(&t.doc_id));
        let apart = self.changes.iter().filter(|c| match c {
            Change::Gained(t) | Change::Lost(t) => elsewhere(t),
            Change::Changed { .. } => false,
        });
        let apart = apart.count();
        if apart > 0 {
            text.push_str(&format!(
                "  {apart} of them in documents that only one run has\n"
            ));
        }
        let mut relations: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
        for change in &self.changes {
            let (relation, n) = match change {
                Change::Gained(t) => (&t.relation, 0),
                Change::Lost(t) => (&t.relation, 1),
                Change::Changed {
                    after,
                    columns: which,
                    ..
                } => {
                    for column in which {
                        *columns.entry(column).or_default() += 1;
                    }
                    (&after.relation, 2)
                }
            };
            if let Some(count) = relations.entry(relation).or_default().get_mut(n) {
                *count += 1;
            }
        }
        if !columns.is_empty() {
            let told: Vec<String> = columns.iter().map(|(c, n)| format!("{c} {n}")).collect();
            text.push_str(&format!("what changed: {}\n", told.join(", ")));
        }
        if !relations.is_empty() {
            text.push_str(&format!(
                "{:<20} {:>8} {:>8} {:>8}\n",
                "by relation", "gained", "lost", "changed"
            ));
        }
        for (relation, [gained, lost, changed]) in relations {
            text.push_str(&format!(
                "{relation:<20} {gained:>8} {lost:>8} {changed:>8}\n"
            ));
        }
        text
    }

    /// Writes the differences as CSV. The columns without `_before` are those of B, and of A for
    /// what was lost; those with it say what A had where that differs.
    ///
    /// # Errors
    /// The output refuses.
    pub fn write(&self, out: impl Write, path: &Path) -> Result<()> {
        let mut out = csv::Writer::from_writer(out);
        let failed = |e: csv::Error| match e.into_kind() {
            csv::ErrorKind::Io(source) => Error::io(path, source),
            other => Error::format(path, format!("cannot be written: {other:?}")),
        };
        let header = [
            "change",
            "what",
            "documents_of",
            "doc_id",
            "source_file",
            "date",
            "subject",
            "relation",
            "object",
            "status",
            "attributed_to",
            "confidence",
            "subject_before",
            "relation_before",
            "object_before",
            "status_before",
            "attributed_to_before",
            "confidence_before",
            "sentence",
            "triple_id",
            "triple_id_before",
        ];
        out.write_record(header).map_err(failed)?;
        for change in &self.changes {
            let (kind, t, before, what) = match change {
                Change::Gained(t) => ("gained", t, None, String::new()),
                Change::Lost(t) => ("lost", t, None, String::new()),
                Change::Changed {
                    before,
                    after,
                    columns,
                } => ("changed", after, Some(before.as_ref()), columns.join(", ")),
            };
            let [only_a, only_b] = self.only.each_ref().map(|ids| ids.contains(&t.doc_id));
            let runs = match (only_a, only_b) {
                (true, _) => "A",
                (_, true) => "B",
                _ => "both",
            };
            let date = t.date.map_or_else(String::new, |d| d.to_string());
            let was = |of: fn(&Triple) -> &String| {
                before.map_or("", |b| if of(b) == of(t) { "" } else { of(b) })
            };
            let confidence = format!("{:.3}", t.confidence);
            let confidence_before =
                before.map_or_else(String::new, |b| format!("{:.3}", b.confidence));
            let cells = [
                kind,
                &what,
                runs,
                &t.doc_id,
                &t.source_file,
                &date,
                &t.subject,
                &t.relation,
                &t.object,
                &t.status,
                &t.attributed_to,
                &confidence,
                was(|t| &t.subject),
                was(|t| &t.relation),
                was(|t| &t.object),
                was(|t| &t.status),
                was(|t| &t.attributed_to),
                &confidence_before,
                &t.sentence,
                &t.triple_id,
                before.map_or("", |b| &b.triple_id),
            ];
            out.write_record(cells.map(|cell| guarded(cell).into_owned()))
                .map_err(failed)?;
        }
        out.flush().map_err(|e| Error::io(path, e))
    }
}

/// A triple of a symmetric relation with the end first that stands first in the text.
fn in_order_of_words(t: &Triple, schema: &Schema) -> Triple {
    let mut turned = t.clone();
    if schema.is_symmetric(&t.relation) && t.object_start < t.subject_start {
        let turned = &mut turned;
        std::mem::swap(&mut turned.subject, &mut turned.object);
        std::mem::swap(&mut turned.subject_id, &mut turned.object_id);
        std::mem::swap(&mut turned.subject_type, &mut turned.object_type);
        std::mem::swap(&mut turned.subject_mention, &mut turned.object_mention);
        std::mem::swap(&mut turned.subject_start, &mut turned.object_start);
        std::mem::swap(&mut turned.subject_end, &mut turned.object_end);
    }
    turned
}

fn spans(t: &Triple) -> [usize; 4] {
    [t.subject_start, t.subject_end, t.object_start, t.object_end]
}

/// What stays the same when a document was edited elsewhere.
fn words(t: &Triple) -> [&str; 3] {
    [&t.sentence, &t.subject_mention, &t.object_mention]
}

fn overlap(a: &Triple, b: &Triple) -> bool {
    a.subject_start < b.subject_end
        && b.subject_start < a.subject_end
        && a.object_start < b.object_end
        && b.object_start < a.object_end
}

fn differences(a: &Triple, b: &Triple) -> Vec<&'static str> {
    let pairs = [
        ("relation", &a.relation, &b.relation),
        ("status", &a.status, &b.status),
        ("attributed_to", &a.attributed_to, &b.attributed_to),
        ("subject", &a.subject_id, &b.subject_id),
        ("object", &a.object_id, &b.object_id),
        ("subject_mention", &a.subject_mention, &b.subject_mention),
        ("object_mention", &a.object_mention, &b.object_mention),
    ];
    let differ = pairs.into_iter().filter(|(_, a, b)| a != b);
    differ.map(|(name, ..)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::marks::tests::triple;

    fn compare(old: &[Triple], new: &[Triple]) -> Diff {
        let mut diff = Diff::default();
        diff.add(old.to_vec(), new.to_vec(), &Schema::bundled().unwrap());
        diff
    }

    fn accuses() -> Triple {
        triple("Iran blamed Oman", ("Iran", 0), ("Oman", 12), ("blamed", 5))
    }

    #[test]
    fn a_run_does_not_differ_from_itself() {
        let diff = compare(&[accuses()], &[accuses()]);
        assert_eq!((diff.same, diff.counts()), (1, [0, 0, 0]));
    }

    #[test]
    fn gained_lost_and_changed_are_told_apart() {
        let other = triple("Ana met Bo", ("Ana", 50), ("Bo", 58), ("met", 54));
        let denied = Triple {
            status: "negated".into(),
            ..accuses()
        };
        let diff = compare(&[accuses(), other.clone()], std::slice::from_ref(&denied));
        assert_eq!(diff.counts(), [0, 1, 1]);
        let Change::Changed { columns, .. } = &diff.changes[1] else {
            panic!("{:?}", diff.changes)
        };
        assert_eq!(columns, &["status"]);
        assert_eq!(compare(&[denied], &[accuses(), other]).counts(), [1, 0, 1]);
    }

    #[test]
    fn another_relation_or_a_longer_name_is_a_change_and_an_edit_elsewhere_is_none() {
        let rejects = Triple {
            relation: "rejects".into(),
            ..accuses()
        };
        assert_eq!(compare(&[accuses()], &[rejects]).counts(), [0, 0, 1]);
        let longer = Triple {
            subject_mention: "Iran blamed".into(),
            subject_end: 111,
            ..accuses()
        };
        assert_eq!(compare(&[accuses()], &[longer]).counts(), [0, 0, 1]);
        let moved = Triple {
            subject_start: 300,
            subject_end: 304,
            object_start: 312,
            object_end: 316,
            ..accuses()
        };
        assert_eq!(compare(&[accuses()], &[moved]).same, 1);
    }

    #[test]
    fn the_ends_of_a_symmetric_relation_may_change_places() {
        let there = triple("Ana met Bo", ("Ana", 0), ("Bo", 8), ("met", 4));
        let back = triple("Ana met Bo", ("Bo", 8), ("Ana", 0), ("met", 4));
        let [there, back] = [there, back].map(|t| Triple {
            relation: "meets".into(),
            ..t
        });
        assert_eq!(
            compare(std::slice::from_ref(&there), std::slice::from_ref(&back)).same,
            1
        );
        let directed = [there, back].map(|t| Triple {
            relation: "accuses".into(),
            ..t
        });
        assert_eq!(compare(&directed[..1], &directed[1..]).counts(), [1, 1, 0]);
    }
}
