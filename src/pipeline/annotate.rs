use std::panic::AssertUnwindSafe;

use super::ExtractOptions;
use super::blocks::Entry;
use crate::annotation::Annotations;
use crate::corpus::Item;
use crate::entities::{link, propose};
use crate::error::Result;
use crate::export::{DocumentStatus, Record};
use crate::network::{Task, Workers};
use crate::text::{Document, count_words, split_sentences};

/// Annotates the items of a block. What cannot be annotated, be it for an error or a panic, has failed,
/// and the run goes on.
pub(super) fn annotate_or_fail(
    items: &[Entry],
    workers: &Workers,
    options: &ExtractOptions,
) -> Vec<Record> {
    all_records(items, &|documents| {
        let texts: Vec<&str> = documents.iter().map(|d| d.text.as_str()).collect();
        annotate_texts(&texts, workers, options.batch_tokens)
    })
}

/// The layers of a text, with the number of words that the model was given.
type Annotated = (Annotations, usize);
/// What annotates documents, in their order.
type Annotate<'a> = dyn Fn(&[&Document]) -> Result<Vec<Annotated>> + 'a;

fn all_records(items: &[Entry], annotate: &Annotate) -> Vec<Record> {
    let documents: Vec<&Document> = items.iter().filter_map(to_annotate).collect();
    let mut annotated = together(&documents, annotate).into_iter();
    items
        .iter()
        .map(|entry| match to_annotate(entry) {
            Some(document) => annotated
                .next()
                .unwrap_or_else(|| failed(document, NOT_ANNOTATED)),
            None => without_annotation(entry),
        })
        .collect()
}

/// The document of an item, if it has a text that is no repetition.
fn to_annotate(entry: &Entry) -> Option<&Document> {
    match &entry.item {
        Item::Document(document) if entry.repeats.is_none() && !document.text.trim().is_empty() => {
            Some(document)
        }
        _ => None,
    }
}

/// The record of an item that has nothing to annotate.
fn without_annotation(entry: &Entry) -> Record {
    match (&entry.item, &entry.repeats) {
        (Item::Document(document), Some(repeat)) => Record {
            title: document.title.clone(),
            date: document.date,
            duplicate_of: Some(repeat.of.clone()),
            words: repeat.words,
            ..bare(
                &document.id,
                &document.source_file,
                DocumentStatus::Duplicate,
            )
        },
        (Item::Document(document), None) => Record {
            title: document.title.clone(),
            date: document.date,
            message: "holds no text".into(),
            ..bare(&document.id, &document.source_file, DocumentStatus::Empty)
        },
        (Item::Failed(failure), _) => Record {
            message: failure.message.clone(),
            ..bare(&failure.id, &failure.source_file, DocumentStatus::Failed)
        },
    }
}

const NOT_ANNOTATED: &str = "was not annotated";
const AT_FAULT: &str = "could not be annotated, which is a fault of this program";

/// The records of documents that are annotated in one go; if that fails, of each alone, so that one
/// cannot spoil the others.
fn together(documents: &[&Document], annotate: &Annotate) -> Vec<Record> {
    match records(documents, annotate) {
        Some(Ok(records)) if records.len() == documents.len() => records,
        _ => documents
            .iter()
            .map(|document| alone(document, annotate))
            .collect(),
    }
}

fn alone(document: &Document, annotate: &Annotate) -> Record {
    match records(&[document], annotate) {
        Some(Ok(mut records)) => records
            .pop()
            .unwrap_or_else(|| failed(document, NOT_ANNOTATED)),
        Some(Err(error)) => failed(document, &error.to_string()),
        None => failed(document, AT_FAULT),
    }
}

/// The records of documents that are annotated in one go; `None` after a panic.
fn records(documents: &[&Document], annotate: &Annotate) -> Option<Result<Vec<Record>>> {
    let made = || -> Result<Vec<Record>> {
        let annotated = annotate(documents)?.into_iter();
        let records = documents.iter().zip(annotated);
        Ok(records
            .map(|(document, annotated)| read(document, annotated))
            .collect())
    };
    std::panic::catch_unwind(AssertUnwindSafe(made)).ok()
}

/// Annotates whole texts: sentences, mentions, relations, and the names that pronouns and noun
/// phrases refer to; with the number of words that the model was given. Batches have about
/// `batch_tokens` padded subwords.
///
/// # Errors
/// The tokenizer refuses a text, or the tensor library a computation.
pub fn annotate_texts(
    texts: &[&str],
    workers: &Workers,
    batch_tokens: usize,
) -> Result<Vec<(Annotations, usize)>> {
    let tasks = workers.each(texts, |&text| {
        let sentences = split_sentences(text);
        let references = propose(text, &sentences);
        let mut prepared = workers.prepare(text, sentences)?;
        prepared.references = references;
        Ok(Task { text, prepared })
    })?;
    let annotations = workers.annotate(&tasks, batch_tokens)?;
    workers.each(annotations.into_iter().zip(&tasks), |(mut layers, task)| {
        link(task.text, &mut layers);
        Ok((layers, task.prepared.words_read(task.text)))
    })
}

/// The record of a document that was annotated.
fn read(document: &Document, (annotations, words_read): Annotated) -> Record {
    // Counted as the model's are: "It ended.They left" has a sentence end within a word.
    let words = annotations
        .sentences
        .iter()
        .map(|sentence| count_words(sentence.of(&document.text)))
        .sum();
    Record {
        message: document.notes.join("; "),
        words,
        words_read,
        annotations,
        ..with_text(document, DocumentStatus::Ok)
    }
}

/// The record of a document that could not be annotated. It has the text: by that a run that is taken
/// up again recognises the item.
fn failed(document: &Document, message: &str) -> Record {
    Record {
        message: message.into(),
        words: count_words(&document.text),
        ..with_text(document, DocumentStatus::Failed)
    }
}

fn with_text(document: &Document, status: DocumentStatus) -> Record {
    Record {
        title: document.title.clone(),
        date: document.date,
        text: document.text.clone(),
        ..bare(&document.id, &document.source_file, status)
    }
}

fn bare(id: &str, source_file: &str, status: DocumentStatus) -> Record {
    Record {
        doc_id: id.to_string(),
        source_file: source_file.to_string(),
        title: None,
        date: None,
        status,
        duplicate_of: None,
        message: String::new(),
        words: 0,
        words_read: 0,
        text: String::new(),
        annotations: Annotations::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Repeat;
    use super::super::fingerprint::Fingerprint;
    use super::super::journal::{Begin, JournalFile};
    use super::*;
    use crate::corpus::Failure;
    use crate::error::Error;

    fn document(text: &str) -> Item {
        Item::Document(Document {
            id: "a".into(),
            source_file: "a.txt".into(),
            title: Some("Talks".into()),
            date: None,
            text: text.into(),
            notes: Vec::new(),
        })
    }

    fn entries() -> Vec<Entry> {
        let repeat = Repeat {
            of: "a".into(),
            words: 5,
        };
        let failure = Failure {
            id: "d".into(),
            source_file: "d.pdf".into(),
            message: "is damaged".into(),
        };
        [
            (document("Ana Lee met Bo Cho."), None),
            (document(" \n"), None),
            (document(""), Some(repeat)),
            (Item::Failed(failure), None),
        ]
        .map(|(item, repeats)| Entry { item, repeats })
        .into()
    }

    fn told(records: &[Record]) -> Vec<(DocumentStatus, &str)> {
        records
            .iter()
            .map(|record| (record.status, record.message.as_str()))
            .collect()
    }

    #[test]
    fn after_a_panic_a_run_is_still_recognised_by_its_journal() {
        let folder = tempfile::tempdir().unwrap();
        let items = entries();
        let records = all_records(&items, &|_| panic!("a fault of this program"));
        let mut journal = JournalFile::open(folder.path(), "{}", Begin::New, None).unwrap();
        let mut inputs = Fingerprint::default();
        for (entry, record) in items.iter().zip(&records) {
            journal.append(record).unwrap();
            inputs.add(entry);
        }
        assert!(inputs.same(journal.fingerprint()));
        assert_eq!(
            told(&records),
            [
                (DocumentStatus::Failed, AT_FAULT),
                (DocumentStatus::Empty, "holds no text"),
                (DocumentStatus::Duplicate, ""),
                (DocumentStatus::Failed, "is damaged"),
            ]
        );
    }

    /// Annotates texts but those that hold `panics` or `errs`.
    fn picky(documents: &[&Document]) -> Result<Vec<Annotated>> {
        let holds = |word: &str| documents.iter().any(|d| d.text.contains(word));
        assert!(!holds("panics"), "a fault of this program");
        if holds("errs") {
            return Err(Error::tensor("annotating", "shapes differ"));
        }
        let annotated = documents
            .iter()
            .map(|d| (Annotations::default(), d.text.len()));
        Ok(annotated.collect())
    }

    #[test]
    fn one_document_that_fails_or_panics_spoils_no_other() {
        let refused = "the tensor library failed while annotating: shapes differ";
        for (spoilt, message) in [("panics", AT_FAULT), ("errs", refused)] {
            let texts = ["Ana left.", spoilt, "", "Bo Cho stayed."];
            let items: Vec<Entry> = texts
                .into_iter()
                .map(|text| Entry {
                    item: document(text),
                    repeats: None,
                })
                .collect();
            let records = all_records(&items, &picky);
            assert_eq!(
                told(&records),
                [
                    (DocumentStatus::Ok, ""),
                    (DocumentStatus::Failed, message),
                    (DocumentStatus::Empty, "holds no text"),
                    (DocumentStatus::Ok, ""),
                ]
            );
            let read: Vec<usize> = records.iter().map(|record| record.words_read).collect();
            assert_eq!(read, [9, 0, 0, 14]);
            let texts_kept = records.iter().map(|record| record.text.as_str());
            assert!(texts_kept.eq(texts));
        }
    }

    #[test]
    fn a_document_of_which_nothing_comes_back_has_failed() {
        let items = entries();
        let records = all_records(&items, &|_| Ok(Vec::new()));
        assert_eq!(
            told(&records).first(),
            Some(&(DocumentStatus::Failed, NOT_ANNOTATED))
        );
    }
}
