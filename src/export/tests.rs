//! Whole run directories: their bytes, and what can be relied on.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::annotation::{Annotations, Mention, Reference, ReferenceKind, Relation, Status};
use crate::text::Span;

const FILES: [&str; 8] = [
    "documents.csv",
    "edges.csv",
    "entities.csv",
    "entities_review.csv",
    "mentions.csv",
    "run.json",
    "texts.jsonl",
    "triples.csv",
];

fn write(dir: &Path, records: &dyn Records, options: RunOptions) -> Result<Totals> {
    let aliases = Aliases::default();
    write_run(
        dir,
        records,
        &example::schema(),
        &aliases,
        &options,
        &example::info(),
    )
}

fn written(records: Vec<Record>, options: RunOptions) -> BTreeMap<String, String> {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &records, options).unwrap();
    contents(dir.path())
}

fn contents(dir: &Path) -> BTreeMap<String, String> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// The rows of a table by column name, read by a strict parser: every row has as many cells as the
/// header.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(table.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn the_files_of_the_example() {
    let files = written(example::records(), RunOptions::default());
    assert_eq!(files.keys().collect::<Vec<_>>(), FILES);
    for (name, text) in files {
        if name == "run.json" {
            let mut run: serde_json::Value = serde_json::from_str(&text).unwrap();
            run["seconds"] = "1.235 and the time of writing".into();
            run["seconds_by_stage"]["write"] = "the time of writing".into();
            insta::assert_snapshot!(name, serde_json::to_string_pretty(&run).unwrap());
        } else {
            insta::assert_snapshot!(name, text);
        }
    }
}

#[test]
fn every_line_ends_alike() {
    for (name, text) in written(example::records(), RunOptions::default()) {
        assert!(text.ends_with('\n') && !text.contains('\r'), "{name}");
    }
}

#[test]
fn a_run_without_documents_has_all_files_and_columns() {
    let files = written(Vec::new(), RunOptions::default());
    assert_eq!(files.keys().collect::<Vec<_>>(), FILES);
    let header = files["triples.csv"].trim_end();
    assert_eq!(
        header,
        "triple_id,doc_id,source_file,title,date,sentence_id,subject,subject_type,subject_id,\
         relation,object,object_type,object_id,trigger,status,attributed_to,confidence,\
         subject_mention,object_mention,sentence,subject_start,subject_end,object_start,object_end,\
         trigger_start,trigger_end,plover,cameo,subject_via,object_via"
    );
    assert_eq!(files["texts.jsonl"], "");
}

#[test]
fn identical_records_give_identical_bytes() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for (dir, seconds) in dirs.iter().zip([1.0, 2.0]) {
        let info = RunInfo {
            seconds,
            ..example::info()
        };
        let records = example::records();
        let schema = example::schema();
        let (aliases, options) = (Aliases::default(), RunOptions::default());
        write_run(dir.path(), &records, &schema, &aliases, &options, &info).unwrap();
    }
    let [mut first, mut second] = dirs.map(|dir| contents(dir.path()));
    assert_ne!(first.remove("run.json"), second.remove("run.json"));
    assert_eq!(first, second);
}

#[test]
fn both_directions_of_a_symmetric_relation_are_one_edge() {
    let files = written(example::records(), RunOptions::default());
    let edges = rows(&files["edges.csv"]);
    let met: Vec<_> = edges
        .iter()
        .filter(|e| e["subject"] == "Albania" && e["relation"] == "meets")
        .collect();
    assert_eq!(met.len(), 1);
    assert_eq!((&*met[0]["triples"], &*met[0]["documents"]), ("2", "2"));
    assert_eq!(met[0]["first_date"], "2022-09-06");
    assert_eq!(met[0]["last_date"], "2022-09-08");
    assert_eq!(met[0]["max_confidence"], "0.950");
    assert_eq!(met[0]["best_triple_id"], "'-b.txt#t1");
    assert!(
        !edges
            .iter()
            .any(|e| e["object"] == "Albania" && e["relation"] == "meets")
    );
}

#[test]
fn entities_and_edges_are_sorted() {
    let files = written(example::records(), RunOptions::default());
    for (table, count, ids) in [
        ("entities.csv", "mentions", ["entity_id", "entity_id"]),
        ("edges.csv", "triples", ["subject_id", "object_id"]),
    ] {
        let keys: Vec<_> = rows(&files[table])
            .into_iter()
            .map(|row| {
                let count: i64 = row[count].parse().unwrap();
                (-count, ids.map(|id| row[id].clone()))
            })
            .collect();
        assert!(keys.len() > 3 && keys.is_sorted(), "{table}: {keys:?}");
    }
}

#[test]
fn a_raw_run_has_no_guard() {
    let guarded = written(example::records(), RunOptions::default());
    let options = RunOptions {
        raw: true,
        ..RunOptions::default()
    };
    let raw = written(example::records(), options);
    assert!(guarded["mentions.csv"].contains(",'+Albania+,"));
    assert!(raw["mentions.csv"].contains(",+Albania+,"));
    assert!(guarded["documents.csv"].contains(",'=SUM(A1),"));
    assert!(raw["documents.csv"].contains(",=SUM(A1),"));
    assert_eq!(guarded["texts.jsonl"], raw["texts.jsonl"]);
}

#[test]
fn excel_is_told_that_tables_are_utf8() {
    let options = RunOptions {
        excel: true,
        ..RunOptions::default()
    };
    let plain = written(example::records(), RunOptions::default());
    for (name, text) in written(example::records(), options) {
        if name.ends_with(".csv") {
            assert_eq!(text, format!("\u{feff}{}", plain[&name]), "{name}");
        } else {
            assert!(!text.starts_with('\u{feff}'), "{name}");
        }
    }
}

#[test]
fn texts_are_left_out_if_asked_even_those_of_an_older_run() {
    let dir = tempfile::tempdir().unwrap();
    let records = example::records();
    write(dir.path(), &records, RunOptions::default()).unwrap();
    assert!(dir.path().join("texts.jsonl").exists());
    let options = RunOptions {
        texts: false,
        ..RunOptions::default()
    };
    write(dir.path(), &records, options).unwrap();
    assert!(!dir.path().join("texts.jsonl").exists());
    assert_eq!(contents(dir.path()).len(), FILES.len() - 1);
}

/// Records of which one cannot be read, the given time they are gone through.
struct Failing {
    time: usize,
    times: Cell<usize>,
}

impl Records for Failing {
    fn each(&self, visit: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        self.times.set(self.times.get() + 1);
        let mut records = example::records();
        if self.times.get() == self.time {
            records.truncate(1);
            records.each(visit)?;
            return Err(Error::Interrupted);
        }
        records.each(visit)
    }
}

#[test]
fn a_run_that_fails_leaves_the_folder_as_it_was() {
    for time in [1, 2] {
        let dir = tempfile::tempdir().unwrap();
        let failing = Failing {
            time,
            times: Cell::new(0),
        };
        let error = write(dir.path(), &failing, RunOptions::default()).unwrap_err();
        assert!(matches!(error, Error::Interrupted));
        assert!(contents(dir.path()).is_empty());

        write(dir.path(), &example::records(), RunOptions::default()).unwrap();
        let before = contents(dir.path());
        failing.times.set(0);
        write(dir.path(), &failing, RunOptions::default()).unwrap_err();
        assert_eq!(contents(dir.path()), before);
    }
}

#[test]
fn a_damaged_record_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = example::records();
    records[1].annotations.mentions[0].span.end = 5000;
    let message = write(dir.path(), &records, RunOptions::default())
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("news/-b.txt: "), "{message}");
    assert!(message.contains("mention 1"), "{message}");
    assert!(contents(dir.path()).is_empty());
}

/// The first going-through has other names than the second.
struct Changing(Cell<bool>);

impl Records for Changing {
    fn each(&self, visit: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        let mut records = example::records();
        if !self.0.replace(true) {
            records.truncate(1);
        }
        records.each(visit)
    }
}

#[test]
fn records_that_change_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let changing = Changing(Cell::new(false));
    let error = write(dir.path(), &changing, RunOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("news/-b.txt: "), "{error}");
    assert!(contents(dir.path()).is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out");
    fs::write(&file, "a file, not a folder").unwrap();
    for place in [file.clone(), file.join("deeper")] {
        let error = write(&place, &Vec::new(), RunOptions::default()).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with(&format!("{}: cannot be written (", place.display())),
            "{message}"
        );
        assert!(message.contains("-o"), "{message}");
    }
}

#[test]
fn totals_count_every_input() {
    let dir = tempfile::tempdir().unwrap();
    let totals = write(dir.path(), &example::records(), RunOptions::default()).unwrap();
    let documents = &totals.documents;
    assert_eq!(
        (documents.all, documents.ok, documents.empty),
        (5, 2, 1),
        "{totals:?}"
    );
    assert_eq!((documents.duplicate, documents.failed), (1, 1));
    let files = contents(dir.path());
    for (table, count) in [
        ("documents.csv", documents.all),
        ("mentions.csv", totals.mentions),
        ("entities.csv", totals.entities),
        ("triples.csv", totals.triples),
        ("edges.csv", totals.edges),
    ] {
        assert_eq!(rows(&files[table]).len() as u64, count, "{table}");
    }
    let by_relation: u64 = totals.triples_by_relation.values().sum();
    assert_eq!(by_relation, totals.triples);
}

#[test]
fn two_names_of_one_entity_are_no_triple() {
    let mut records = example::records();
    let before = write(
        tempfile::tempdir().unwrap().path(),
        &records,
        RunOptions::default(),
    );
    let (iran, iran_in_capitals) = (3, 7);
    let relations = &mut records[0].annotations.relations;
    let mut empty = relations[1].clone();
    (empty.subject, empty.object) = (iran, iran_in_capitals);
    relations.insert(0, empty);
    let dir = tempfile::tempdir().unwrap();
    let totals = write(dir.path(), &records, RunOptions::default()).unwrap();
    assert_eq!(totals.triples, before.unwrap().triples);
    let files = contents(dir.path());
    let triples = rows(&files["triples.csv"]);
    assert!(triples.iter().all(|r| r["subject_id"] != r["object_id"]));
    assert_eq!(triples[0]["triple_id"], "a.txt#t1");
    assert_eq!(rows(&files["documents.csv"])[0]["triples"], "4");
}

/// A text of up to six parts, each of which is a mention, between gaps that are none.
fn any_record() -> impl Strategy<Value = Record> {
    let part = "[a-zé=+@'\",;\u{1f600}\u{1f1e6}\u{301}\u{a0}\n\r\u{4e2d} -]{1,8}";
    let gap = "[ \n\u{1f680}\u{200d}x]{0,5}";
    proptest::collection::vec((gap, part), 2..6).prop_map(|parts| {
        let mut text = String::new();
        let mut mentions = Vec::new();
        for (gap, part) in parts {
            text.push_str(&gap);
            let start = text.len();
            text.push_str(&part);
            mentions.push(Mention {
                span: Span::new(start, text.len()),
                label: "PER".into(),
                sentence: 0,
                confidence: 0.5,
                reference: None,
            });
        }
        let relation = Relation {
            subject: 0,
            object: mentions.len() - 1,
            label: "accuses".into(),
            trigger: Some(mentions[1].span),
            status: Status::Claimed,
            attributed_to: Some(1),
            confidence: 0.5,
        };
        let mut record = example::records().swap_remove(0);
        record.annotations = Annotations {
            sentences: vec![Span::new(0, text.len())],
            mentions,
            relations: vec![relation],
        };
        record.text = text;
        record
    })
}

/// The code points `start..end` of `text`, as a cell has them.
fn slice(text: &str, row: &BTreeMap<String, String>, part: &str) -> String {
    let at = |end: &str| row[&format!("{part}{end}")].parse::<usize>().unwrap();
    let (start, end) = (at("start"), at("end"));
    let slice: String = text.chars().skip(start).take(end - start).collect();
    assert_eq!(slice.chars().count(), end - start);
    slice.replace(['\n', '\r'], " ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn offsets_give_the_mention_in_the_text_that_is_written(record in any_record()) {
        let options = RunOptions { raw: true, ..RunOptions::default() };
        let files = written(vec![record], options);
        let line: serde_json::Value = serde_json::from_str(&files["texts.jsonl"]).unwrap();
        let text = line["text"].as_str().unwrap();
        for row in rows(&files["mentions.csv"]) {
            prop_assert_eq!(&slice(text, &row, ""), &row["text"]);
        }
        for row in rows(&files["triples.csv"]) {
            prop_assert_eq!(&slice(text, &row, "subject_"), &row["subject_mention"]);
            prop_assert_eq!(&slice(text, &row, "object_"), &row["object_mention"]);
            prop_assert_eq!(&slice(text, &row, "trigger_"), &row["trigger"]);
        }
    }
}

/// The records of the example with a pronoun for the subject of the first one's last relation, and
/// that relation told by the pronoun.
fn with_pronoun() -> (Vec<Record>, Relation) {
    let mut records = example::records();
    let at = records[0].text.find("he said").unwrap();
    let layers = &mut records[0].annotations;
    let by_name = layers.relations.last().unwrap().clone();
    let mut pronoun = layers.mentions[by_name.subject].clone();
    pronoun.span = Span::new(at, at + 2);
    pronoun.reference = Some(Reference {
        kind: ReferenceKind::Pronoun,
        antecedent: Some(by_name.subject),
    });
    layers.mentions.push(pronoun);
    let by_pronoun = Relation {
        subject: layers.mentions.len() - 1,
        ..by_name
    };
    (records, by_pronoun)
}

/// How many triples the records have, and how many with this relation in the first one.
fn triples_without_and_with(mut records: Vec<Record>, relation: Relation) -> (usize, usize) {
    let triples = |records: &[Record]| {
        let files = written(records.to_vec(), RunOptions::default());
        rows(&files["triples.csv"]).len()
    };
    let before = triples(&records);
    records[0].annotations.relations.push(relation);
    (before, triples(&records))
}

#[test]
fn what_a_sentence_tells_by_name_is_not_told_again_by_a_pronoun() {
    let (records, mut by_pronoun) = with_pronoun();
    let (before, after) = triples_without_and_with(records.clone(), by_pronoun.clone());
    assert_eq!(after, before);
    // Another relation of the pronoun is one of its own.
    by_pronoun.label = "accuses".into();
    let (before, after) = triples_without_and_with(records, by_pronoun);
    assert_eq!(after, before + 1);
}

#[test]
fn nor_is_it_the_other_way_round_if_the_relation_is_symmetric() {
    let (mut records, by_pronoun) = with_pronoun();
    for (label, more) in [("meets", 0), ("accuses", 1)] {
        let by_name = records[0].annotations.relations.last_mut().unwrap();
        by_name.label = label.into();
        let turned = Relation {
            subject: by_pronoun.object,
            object: by_pronoun.subject,
            label: label.into(),
            ..by_pronoun.clone()
        };
        let (before, after) = triples_without_and_with(records.clone(), turned);
        assert_eq!(after, before + more, "{label}");
    }
}
