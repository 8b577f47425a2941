//! A small run directory with names that formats could stumble over.

use std::path::Path;

use dossier::annotation::{Annotations, Mention, Relation, Status};
use dossier::config::Schema;
use dossier::entities::Aliases;
use dossier::export::{DocumentStatus, ModelInfo, Record, RunInfo, RunOptions, write_run};
use dossier::text::Span;

/// Writes the run into `dir`: three triples of two documents, and an input that failed.
pub fn write(dir: &Path) {
    let first = document(
        "a.txt",
        "=Iran <b>&amp; Oman</b>",
        "Iran met Oman; Müller & Söhne “blamed” Iran.",
    )
    .mention("Iran", "LOC")
    .mention("Oman", "LOC")
    .mention("Müller & Söhne", "ORG")
    .mention("Iran.", "LOC")
    .relation(0, "meets", 1, Status::Asserted, 0.9)
    .relation(2, "accuses", 3, Status::Claimed, 0.55);
    let second = document("b;c.txt", "", "=Ana leads\nthe </script>Bank.")
        .mention("=Ana", "PER")
        .mention("</script>Bank", "ORG")
        .relation(0, "leads", 1, Status::Negated, 0.7);
    let mut failed = document("d.pdf", "", "");
    failed.0.status = DocumentStatus::Failed;
    failed.0.message = "the file is damaged".into();
    let records = vec![first.0, second.0, failed.0];
    let info = RunInfo {
        version: "1".into(),
        command: Vec::new(),
        model: ModelInfo {
            name: "test".into(),
            sha256: String::new(),
            schema: Schema::default(),
        },
        settings: serde_json::Value::Null,
        started: "2024-01-02T03:04:05Z".parse().unwrap(),
        seconds: 0.0,
        stages: Vec::new(),
    };
    let schema = Schema::bundled().unwrap();
    let aliases = Aliases::default();
    write_run(
        dir,
        &records,
        &schema,
        &aliases,
        &RunOptions::default(),
        &info,
    )
    .unwrap();
}

struct Document(Record);

fn document(name: &str, title: &str, text: &str) -> Document {
    let whole = Span::new(0, text.len());
    Document(Record {
        doc_id: name.into(),
        source_file: format!("news/{name}"),
        title: (!title.is_empty()).then(|| title.into()),
        date: Some(jiff::civil::date(2024, 2, 29)),
        status: DocumentStatus::Ok,
        duplicate_of: None,
        message: String::new(),
        words: text.split_whitespace().count(),
        words_read: text.split_whitespace().count(),
        text: text.into(),
        annotations: Annotations {
            sentences: if text.is_empty() {
                Vec::new()
            } else {
                vec![whole]
            },
            ..Annotations::default()
        },
    })
}

impl Document {
    /// The next occurrence of `words`, a full stop at its end left out.
    fn mention(mut self, words: &str, label: &str) -> Self {
        let mentions = &mut self.0.annotations.mentions;
        let from = mentions.last().map_or(0, |m: &Mention| m.span.end);
        let start = from + self.0.text[from..].find(words).unwrap();
        mentions.push(Mention {
            span: Span::new(start, start + words.trim_end_matches('.').len()),
            label: label.into(),
            sentence: 0,
            confidence: 0.9,
            reference: None,
        });
        self
    }

    fn relation(
        mut self,
        subject: usize,
        label: &str,
        object: usize,
        status: Status,
        confidence: f32,
    ) -> Self {
        self.0.annotations.relations.push(Relation {
            subject,
            object,
            label: label.into(),
            trigger: None,
            status,
            attributed_to: None,
            confidence,
        });
        self
    }
}
