//! A small run made by hand: what the tests of this folder write.

use jiff::civil::date;

use super::{DocumentStatus, ModelInfo, Record, RunInfo};
use crate::annotation::{Annotations, Mention, Relation, Status};
use crate::config::{RelationType, Schema};
use crate::text::Span;

/// A schema with a symmetric relation, one with codes that need quotes, and one without codes.
pub fn schema() -> Schema {
    let relation = |name: &str, symmetric, plover: &str, cameo: &str| RelationType {
        name: name.into(),
        definition: String::new(),
        subject: Vec::new(),
        object: Vec::new(),
        symmetric,
        plover: plover.into(),
        cameo: cameo.into(),
    };
    Schema {
        entities: Vec::new(),
        relations: vec![
            relation("accuses", false, "ACCUSE", "112"),
            relation("criticizes", false, "ACCUSE", "111, 113"),
            relation("meets", true, "CONSULT", "04 (not 042)"),
            relation("leads", false, "", ""),
        ],
        ..Schema::default()
    }
}

/// What a run of the example is told to have been made with.
pub fn info() -> RunInfo {
    RunInfo {
        version: "1.2.3".into(),
        command: ["dossier", "extract", "news", "-o", "out"]
            .map(String::from)
            .into(),
        model: ModelInfo {
            name: "news-en-test".into(),
            sha256: "00ff".into(),
            schema: crate::config::Schema::default(),
        },
        settings: serde_json::json!({"threads": 2, "min_confidence": 0.5}),
        started: "2024-01-02T03:04:05Z".parse().unwrap(),
        seconds: 1.23456,
        stages: vec![("read".into(), 0.25), ("annotate".into(), 0.75)],
    }
}

/// Two articles that share names, a duplicate, an empty file and a damaged one.
pub fn records() -> Vec<Record> {
    let first = article(
        "a.txt",
        "Albania \"cuts\" ties,\nand more",
        "Albania cuts ties\n\n\u{1f1e6}\u{1f1f1} Edi Rama, who leads\nAlbania, accused\u{a0}Iran.\n\
         The Iran’s Foreign\nMinistry met Kana\u{301}ani; IRAN met Albania, he said.",
        Some(date(2022, 9, 8)),
    )
    .mention("Albania", "LOC", 1.0)
    .mention("Edi Rama", "PER", 0.98765)
    .mention("Albania", "LOC", 0.5)
    .mention("Iran", "LOC", 0.9)
    .mention("The Iran’s", "LOC", 0.8)
    .mention("Foreign\nMinistry", "ORG", 0.8)
    .mention("Kana\u{301}ani", "PER", 0.7)
    .mention("IRAN", "LOC", 0.6)
    .mention("Albania", "LOC", 0.6)
    .relation(1, "leads", 2, "leads", Status::Asserted, None, 0.91)
    .relation(1, "accuses", 3, "accused", Status::Asserted, None, 0.8)
    .relation(5, "meets", 6, "met", Status::Claimed, Some(5), 0.7)
    .relation(7, "meets", 8, "met", Status::Asserted, None, 0.55)
    .record;
    let second = article(
        "-b.txt",
        "=SUM(A1)",
        "Albania met Iran.\t+Albania+ criticized Kanaani.",
        Some(date(2022, 9, 6)),
    )
    .mention("Albania", "LOC", 1.0)
    .mention("Iran", "LOC", 1.0)
    .mention("+Albania+", "MISC", 0.3)
    .mention("Kanaani", "PER", 0.4)
    .relation(0, "meets", 1, "met", Status::Asserted, None, 0.95)
    .relation(2, "criticizes", 3, "", Status::Possible, None, 0.4)
    .record;
    let mut duplicate = article("c.txt", "", "", None).record;
    duplicate.status = DocumentStatus::Duplicate;
    duplicate.duplicate_of = Some("a.txt".into());
    duplicate.words = 24;
    let mut empty = article("d.html", "", "", None).record;
    empty.status = DocumentStatus::Empty;
    empty.message = "holds no text".into();
    let mut failed = article("e.pdf", "", "", None).record;
    failed.status = DocumentStatus::Failed;
    failed.message = "the file is damaged:\nno trailer".into();
    vec![first, second, duplicate, empty, failed]
}

struct Article {
    record: Record,
    at: usize,
}

fn article(name: &str, title: &str, text: &str, date: Option<jiff::civil::Date>) -> Article {
    let words = text.split_whitespace().count();
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(['.', '\t']).chain([(text.len(), "")]) {
        let span = Span::new(start, (at + 1).min(text.len())).trimmed(text);
        start = at + 1;
        if !span.is_empty() {
            sentences.push(span);
        }
    }
    Article {
        record: Record {
            doc_id: name.into(),
            source_file: format!("news/{name}"),
            title: (!title.is_empty()).then(|| title.into()),
            date,
            status: DocumentStatus::Ok,
            duplicate_of: None,
            message: String::new(),
            words,
            words_read: words,
            text: text.into(),
            annotations: Annotations {
                sentences,
                ..Annotations::default()
            },
        },
        at: 0,
    }
}

impl Article {
    /// The next occurrence of `words` is a mention.
    fn mention(mut self, words: &str, label: &str, confidence: f32) -> Self {
        let span = self.find(self.at, words);
        self.at = span.end;
        let layers = &mut self.record.annotations;
        let sentence = layers.sentences.iter().position(|s| s.contains(span));
        layers.mentions.push(Mention {
            span,
            label: label.into(),
            sentence: sentence.unwrap(),
            confidence,
            reference: None,
        });
        self
    }

    #[allow(clippy::too_many_arguments)]
    fn relation(
        mut self,
        subject: usize,
        label: &str,
        object: usize,
        trigger: &str,
        status: Status,
        attributed_to: Option<usize>,
        confidence: f32,
    ) -> Self {
        let from = self.record.annotations.mentions[subject].span.end;
        let trigger = (!trigger.is_empty()).then(|| self.find(from, trigger));
        self.record.annotations.relations.push(Relation {
            subject,
            object,
            label: label.into(),
            trigger,
            status,
            attributed_to,
            confidence,
        });
        self
    }

    fn find(&self, from: usize, words: &str) -> Span {
        let start = from + self.record.text[from..].find(words).unwrap();
        Span::new(start, start + words.len())
    }
}
