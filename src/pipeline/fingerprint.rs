use sha2::{Digest, Sha256};

use super::blocks::Entry;
use crate::corpus::Item;
use crate::export::Record;

/// A hash over ids, sources and texts of documents, in order: the inputs of a run are compared with
/// what is journalled by it.
#[derive(Debug, Clone, Default)]
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    /// Adds an input.
    pub fn add(&mut self, entry: &Entry) {
        match &entry.item {
            Item::Document(document)
                if document.text.trim().is_empty() || entry.repeats.is_some() =>
            {
                self.mark([&document.id, &document.source_file, ""]);
            }
            Item::Document(document) => {
                self.mark([&document.id, &document.source_file, &document.text]);
            }
            Item::Failed(failure) => self.mark([&failure.id, &failure.source_file, ""]),
        }
    }

    /// Adds what became of an input.
    pub fn add_record(&mut self, record: &Record) {
        self.mark([&record.doc_id, &record.source_file, &record.text]);
    }

    /// Whether both are of the same documents.
    pub fn same(self, other: Self) -> bool {
        self.0.finalize() == other.0.finalize()
    }

    fn mark(&mut self, parts: [&str; 3]) {
        for part in parts {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part.as_bytes());
        }
    }
}
