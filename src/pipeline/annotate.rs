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

/// Annotates the items of a block. Should that end in a panic, all of them have failed, and the run
/// goes on.
pub(super) fn annotate_or_fail(
    items: Vec<Entry>,
    workers: &Workers,
    options: &ExtractOptions,
) -> Vec<Record> {
    let failed: Vec<Record> = items
        .iter()
        .map(|entry| {
            let (id, source_file) = match &entry.item {
                Item::Document(document) => (&document.id, &document.source_file),
                Item::Failed(failure) => (&failure.id, &failure.source_file),
            };
            Record {
                message: "could not be annotated, which is a fault of this program".into(),
                ..bare(id, source_file, DocumentStatus::Failed)
            }
        })
        .collect();
    std::panic::catch_unwind(AssertUnwindSafe(|| annotate(items, workers, options)))
        .unwrap_or(failed)
}

/// Annotates the items of a block.
fn annotate(items: Vec<Entry>, workers: &Workers, options: &ExtractOptions) -> Vec<Record> {
    let documents: Vec<&Document> = items
        .iter()
        .filter(|entry| entry.repeats.is_none())
        .filter_map(|entry| match &entry.item {
            Item::Document(document) if !document.text.trim().is_empty() => Some(document),
            _ => None,
        })
        .collect();
    let mut found = together(&documents, workers, options).into_iter();
    items
        .iter()
        .map(|entry| match (&entry.item, &entry.repeats) {
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
            (Item::Failed(failure), _) => Record {
                message: failure.message.clone(),
                ..bare(&failure.id, &failure.source_file, DocumentStatus::Failed)
            },
            (Item::Document(document), None) if document.text.trim().is_empty() => Record {
                title: document.title.clone(),
                date: document.date,
                message: "holds no text".into(),
                ..bare(&document.id, &document.source_file, DocumentStatus::Empty)
            },
            (Item::Document(document), None) => record(document, found.next()),
        })
        .collect()
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
