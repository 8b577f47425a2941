//! Which triples a person should look at first, and the table in which they are judged.
//!
//! A verdict teaches most where the model is unsure, where it has seen little, and where much hangs
//! on it; and ten verdicts on the same pair teach hardly more than one. So each triple has a worth,
//! and triples are chosen one by one, each choice lowering the worth of those that resemble it (the
//! greedy way to maximise a submodular sum: Nemhauser, Wolsey and Fisher 1978; for active learning:
//! Wei, Iyer and Bilmes 2015).

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::marks::in_brackets;
use super::output::OutFile;
use super::rows::Triple;
use super::run_dir::RunDir;
use super::table::Table;
use crate::config::Schema;
use crate::error::{Error, Result};
use crate::files::guarded;

/// Columns that stand beside the sentence, where they are seen without scrolling.
const SEEN_FIRST: [&str; 3] = ["relation", "confidence", "status"];

/// How much is left of a triple's worth for each chosen one that it resembles.
const SAME_PAIR: f64 = 0.3;
const SAME_DOCUMENT: f64 = 0.85;
const SAME_RELATION: f64 = 0.93;

/// What is known of a triple while choosing.
struct Candidate {
    worth: f64,
    pair: usize,
    relation: usize,
    document: usize,
}

/// What a person has confirmed is certain, and nothing else is.
const CERTAIN: f64 = 1.0;

/// The positions in `triples` of the `most` that are most worth a person's eye, best first. Those
/// that a person has confirmed are not asked for again.
pub fn choose(triples: &[Triple], most: usize) -> Vec<usize> {
    let candidates = candidates(triples);
    let mut chosen = Vec::new();
    let mut pairs: HashMap<usize, i32> = HashMap::new();
    let mut relations: HashMap<usize, i32> = HashMap::new();
    let mut documents: HashMap<usize, i32> = HashMap::new();
    let mut heap: BinaryHeap<Ranked> = (0..)
        .zip(&candidates)
        .zip(triples)
        .filter(|(_, triple)| triple.confidence < CERTAIN)
        .map(|((at, c), _)| Ranked(c.worth, at))
        .collect();
    while chosen.len() < most
        && let Some(Ranked(known, at)) = heap.pop()
    {
        let Some(c) = candidates.get(at) else {
            continue;
        };
        let times = |seen: &HashMap<usize, i32>, key| seen.get(&key).copied().unwrap_or(0);
        let now = c.worth
            * SAME_PAIR.powi(times(&pairs, c.pair))
            * SAME_RELATION.powi(times(&relations, c.relation))
            * SAME_DOCUMENT.powi(times(&documents, c.document));
        // Worths only fall, so what is still on top with its present worth is the best.
        if now < known && heap.peek().is_some_and(|next| Ranked(now, at) < *next) {
            heap.push(Ranked(now, at));
            continue;
        }
        chosen.push(at);
        *pairs.entry(c.pair).or_default() += 1;
        *relations.entry(c.relation).or_default() += 1;
        *documents.entry(c.document).or_default() += 1;
    }
    chosen
}

fn candidates(triples: &[Triple]) -> Vec<Candidate> {
    let mut numbers = Numbers::default();
    let keys: Vec<[usize; 4]> = triples
        .iter()
        .map(|t| {
            [
                numbers.of(&["pair", &t.subject_id, &t.object_id]),
                numbers.of(&["relation", &t.relation]),
                numbers.of(&["document", &t.doc_id]),
                numbers.of(&["edge", &t.subject_id, &t.relation, &t.object_id, &t.status]),
            ]
        })
        .collect();
    let mut count: HashMap<usize, u32> = HashMap::new();
    for key in keys.iter().flatten() {
        *count.entry(*key).or_default() += 1;
    }
    let counted = |key: &usize| f64::from(count.get(key).copied().unwrap_or(1));
    let heaviest = keys
        .iter()
        .map(|[_, _, _, edge]| counted(edge))
        .fold(1.0, f64::max);
    let commonest = keys
        .iter()
        .map(|[_, relation, ..]| counted(relation))
        .fold(1.0, f64::max);
    triples
        .iter()
        .zip(&keys)
        .map(|(t, [pair, relation, document, edge])| Candidate {
            worth: uncertainty(t.confidence)
                + 0.5 * (1.0 - counted(relation).ln_1p() / commonest.ln_1p())
                + 0.5 * (counted(edge).ln_1p() / heaviest.ln_1p()),
            pair: *pair,
            relation: *relation,
            document: *document,
        })
        .collect()
}

/// The entropy of right or wrong, in bits: 1 for a confidence of one half, 0 for certainty.
fn uncertainty(confidence: f64) -> f64 {
    let p = confidence.clamp(1e-6, 1.0 - 1e-6);
    -(p * p.log2() + (1.0 - p) * (1.0 - p).log2())
}

/// Worth and position; of equals, the first is the greatest.
#[derive(PartialEq)]
struct Ranked(f64, usize);

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Numbers for names.
#[derive(Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    fn of(&mut self, parts: &[&str]) -> usize {
        let next = self.0.len();
        *self.0.entry(parts.join("\n")).or_insert(next)
    }
}

/// Writes the `most` triples of a run that are most worth a person's eye as a table that a
/// spreadsheet program opens and `train --reviewed` reads: `verdict` (empty), the sentence with its
/// marks, what may be written into `verdict`, and the columns of `triples.csv`. Returns how many
/// rows it has.
///
/// # Errors
/// The run cannot be read, a review that is there already has verdicts (unless `replace`), or the
/// file cannot be written.
pub fn write(run: &RunDir, most: usize, path: &Path, replace: bool) -> Result<(PathBuf, usize)> {
    if !replace && has_verdicts(path)? {
        return Err(Error::Usage(format!(
            "{}: has verdicts already; train with them first, name another file with -o, \
             or add --replace",
            path.display()
        )));
    }
    let triples = run.triples()?;
    let chosen = choose(&triples, most);
    let wanted: HashSet<usize> = chosen.iter().copied().collect();
    let mut table = run.table("triples")?;
    let columns = table.columns();
    let mut rows: HashMap<usize, csv::StringRecord> = HashMap::new();
    let mut at = 0;
    while let Some(row) = table.next_row()? {
        if wanted.contains(&at) {
            rows.insert(at, row.clone());
        }
        at += 1;
    }
    let schema = run.schema()?;
    let mut file = OutFile::create(path)?;
    // By the mark Excel knows that the file is UTF-8.
    file.text("\u{feff}")?;
    let mut out = csv::Writer::from_writer(file);
    let failed = |e: csv::Error| Error::format(path, format!("cannot be written: {e}"));
    let moved = |column: &str| column == "verdict" || SEEN_FIRST.contains(&column);
    let rest: Vec<usize> = (0..columns.len())
        .filter(|&c| !moved(&columns[c]))
        .collect();
    let [relation, confidence, status] =
        SEEN_FIRST.map(|name| columns.iter().position(|c| c == name));
    let head = [
        "verdict",
        "relation",
        "sentence_marked",
        "confidence",
        "status",
        "allowed",
    ];
    out.write_record(
        head.into_iter()
            .chain(rest.iter().map(|&c| columns[c].as_str())),
    )
    .map_err(failed)?;
    for at in &chosen {
        let (Some(triple), Some(row)) = (triples.get(*at), rows.get(at)) else {
            continue;
        };
        let cell = |at: Option<usize>| guarded(at.and_then(|at| row.get(at)).unwrap_or_default());
        let mut cells = vec![
            "".into(),
            cell(relation),
            guarded(in_brackets(triple)),
            cell(confidence),
            cell(status),
            allowed(triple, &schema).into(),
        ];
        cells.extend(rest.iter().map(|&c| cell(Some(c))));
        out.write_record(cells.iter().map(|cell| cell.as_bytes()))
            .map_err(failed)?;
    }
    let file = out
        .into_inner()
        .map_err(|e| Error::io(path, e.into_error()))?;
    Ok((file.finish()?, chosen.len()))
}

/// Whether a table is there in which somebody has filled the column `verdict`.
///
/// # Errors
/// It cannot be read.
pub fn has_verdicts(path: &Path) -> Result<bool> {
    if !path.is_file() {
        return Ok(false);
    }
    has_filled_verdicts(Table::open(path)?)
}

/// Whether somebody has filled the column `verdict` of a table.
///
/// # Errors
/// It cannot be read.
pub fn has_filled_verdicts(mut table: Table) -> Result<bool> {
    let Some(at) = table
        .columns()
        .iter()
        .position(|c| c.eq_ignore_ascii_case("verdict"))
    else {
        return Ok(false);
    };
    while let Some(row) = table.next_row()? {
        if row.get(at).is_some_and(|cell| !cell.trim().is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What may stand in the column `verdict` of a row: only relations that may join such ends.
fn allowed(triple: &Triple, schema: &Schema) -> String {
    let (subject, object) = (
        triple.subject_type.as_str().into(),
        triple.object_type.as_str().into(),
    );
    let mut text = String::from("ok, wrong, none, or the right one of:");
    for relation in &schema.relations {
        if relation.name != *triple.relation && relation.may_join(&subject, &object) {
            text.push(' ');
            text.push_str(relation.name.as_str());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::marks::tests::triple;

    fn of(subject: &str, relation: &str, object: &str, doc: &str, confidence: f64) -> Triple {
        Triple {
            subject_id: subject.into(),
            object_id: object.into(),
            relation: relation.into(),
            doc_id: doc.into(),
            confidence,
            ..triple("A met B", ("A", 0), ("B", 6), ("met", 2))
        }
    }

    #[test]
    fn the_unsure_come_before_the_sure() {
        let triples = [
            of("a", "meets", "b", "1", 0.99),
            of("c", "meets", "d", "2", 0.52),
            of("e", "meets", "f", "3", 0.8),
        ];
        assert_eq!(choose(&triples, 3), [1, 2, 0]);
        assert_eq!(choose(&triples, 1), [1]);
    }

    #[test]
    fn what_was_confirmed_is_not_asked_again() {
        let triples = [
            of("a", "meets", "b", "1", 1.0),
            of("c", "meets", "d", "2", 0.999),
        ];
        assert_eq!(choose(&triples, 2), [1]);
    }

    #[test]
    fn one_pair_does_not_fill_the_list() {
        let mut triples = vec![of("a", "meets", "b", "1", 0.5); 5];
        triples.push(of("c", "meets", "d", "2", 0.7));
        assert!(choose(&triples, 2).contains(&5));
        assert_eq!(choose(&triples, 10).len(), 6);
        assert!(choose(&[], 10).is_empty());
    }

    #[test]
    fn of_equally_sure_ones_the_rare_relation_comes_first() {
        let mut triples: Vec<Triple> = (0..9)
            .map(|n| {
                of(
                    &format!("s{n}"),
                    "meets",
                    &format!("o{n}"),
                    &format!("d{n}"),
                    0.8,
                )
            })
            .collect();
        triples.push(of("x", "acquires", "y", "z", 0.8));
        assert_eq!(choose(&triples, 1), [9]);
    }
}
