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

/// Annotates the items of a block. Should that end in a panic, all that were to be annotated have
/// failed, and the run goes on.
pub(super) fn annotate_or_fail(
    items: &[Entry],
    workers: &Workers,
    options: &ExtractOptions,
) -> Vec<Record> {
    or_fail(items, || annotate(items, workers, options))
}

/// What `annotate` makes of the items; what they come to without it should it panic.
fn or_fail(items: &[Entry], annotate: impl FnOnce() -> Vec<Record>) -> Vec<Record> {
    std::panic::catch_unwind(AssertUnwindSafe(annotate))
        .unwrap_or_else(|_| items.iter().map(not_annotated).collect())
}

/// The record of an item whose annotation did not come to an end. It has the text: by that a run
/// that is taken up again recognises the item.
fn not_annotated(entry: &Entry) -> Record {
    match to_annotate(entry) {
        Some(document) => Record {
            status: DocumentStatus::Failed,
            message: "could not be annotated, which is a fault of this program".into(),
            ..record(document, None)
        },
        None => without_annotation(entry),
    }
}

/// Annotates the items of a block.
fn annotate(items: &[Entry], workers: &Workers, options: &ExtractOptions) -> Vec<Record> {
    let documents: Vec<&Document> = items.iter().filter_map(to_annotate).collect();
    let mut found = together(&documents, workers, options).into_iter();
    items
        .iter()
        .map(|entry| match to_annotate(entry) {
            Some(document) => record(document, found.next()),
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

type Found = Result<(Annotations, usize)>;

/// All documents in one go; if that fails, each alone, so that one cannot spoil the others.
fn together(documents: &[&Document], workers: &Workers, options: &ExtractOptions) -> Vec<Found> {
    match all(documents, workers, options) {
        Ok(found) => found.into_iter().map(Ok).collect(),
        Err(_) => documents
            .iter()
            .map(|document| {
                let mut one = all(&[document], workers, options)?;
                Ok(one.pop().unwrap_or_default())
            })
            .collect(),
    }
}

fn all(
    documents: &[&Document],
    workers: &Workers,
    options: &ExtractOptions,
) -> Result<Vec<(Annotations, usize)>> {
    let texts: Vec<&str> = documents.iter().map(|d| d.text.as_str()).collect();
    annotate_texts(&texts, workers, options.batch_tokens)
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

fn record(document: &Document, found: Option<Found>) -> Record {
    let base = Record {
        title: document.title.clone(),
        date: document.date,
        words: count_words(&document.text),
        text: document.text.clone(),
        message: document.notes.join("; "),
        ..bare(&document.id, &document.source_file, DocumentStatus::Ok)
    };
    match found {
        Some(Ok((annotations, words_read))) => {
            // Counted as the model's are: "It ended.They left" has a sentence end within a word.
            let words = annotations
                .sentences
                .iter()
                .map(|sentence| count_words(sentence.of(&document.text)))
                .sum();
            Record {
                annotations,
                words,
                words_read,
                ..base
            }
        }
        Some(Err(error)) => Record {
            status: DocumentStatus::Failed,
            message: error.to_string(),
            ..base
        },
        None => Record {
            status: DocumentStatus::Failed,
            message: "was not annotated".into(),
            ..base
        },
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

    #[test]
    fn after_a_panic_a_run_is_still_recognised_by_its_journal() {
        let folder = tempfile::tempdir().unwrap();
        let items = entries();
        let records = or_fail(&items, || panic!("a fault of this program"));
        let mut journal = JournalFile::open(folder.path(), "{}", Begin::New, None).unwrap();
        let mut inputs = Fingerprint::default();
        for (entry, record) in items.iter().zip(&records) {
            journal.append(record).unwrap();
            inputs.add(entry);
        }
        assert!(inputs.same(journal.fingerprint()));
        let told: Vec<(DocumentStatus, &str)> = records
            .iter()
            .map(|record| (record.status, record.message.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    DocumentStatus::Failed,
                    "could not be annotated, which is a fault of this program"
                ),
                (DocumentStatus::Empty, "holds no text"),
                (DocumentStatus::Duplicate, ""),
                (DocumentStatus::Failed, "is damaged"),
            ]
        );
    }
}
