use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::compact;
use crate::annotation::Annotations;
use crate::text::Span;

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentStatus {
    /// Read.
    Ok,
    /// Holds no text.
    Empty,
    /// Has the text of an earlier document, and was not read again.
    Duplicate,
    /// Could not be read; the message says why.
    Failed,
}

impl DocumentStatus {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Empty => "empty",
            Self::Duplicate => "duplicate",
            Self::Failed => "failed",
        }
    }
}

/// Everything a run found out about one input. It can be written to a journal and read back
/// without loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Unique in the run.
    pub doc_id: String,
    /// The input as the user named it.
    pub source_file: String,
    /// Headline, when the source has one.
    pub title: Option<String>,
    /// Day of publication, when the source says.
    pub date: Option<Date>,
    /// What became of the input.
    pub status: DocumentStatus,
    /// The id of the document that this one repeats.
    pub duplicate_of: Option<String>,
    /// What the user should know about this input; mostly empty.
    pub message: String,
    /// Words of the text.
    pub words: usize,
    /// Words that the model was given.
    pub words_read: usize,
    /// The text that all spans point into; empty when there is none to show.
    pub text: String,
    /// What was found in the text.
    #[serde(with = "compact")]
    pub annotations: Annotations,
}

impl Record {
    /// Whether everything the annotations point to is there: spans lie on characters of the text,
    /// indices name sentences and mentions, confidences are numbers from 0 to 1.
    ///
    /// # Errors
    /// Says what is not there, for people.
    pub fn check(&self) -> Result<(), String> {
        let Annotations {
            sentences,
            mentions,
            relations,
        } = &self.annotations;
        for (n, sentence) in sentences.iter().enumerate() {
            self.check_span(*sentence)
                .map_err(|e| format!("sentence {}: {e}", n + 1))?;
        }
        for (n, mention) in mentions.iter().enumerate() {
            let place = |e: String| format!("mention {}: {e}", n + 1);
            self.check_span(mention.span).map_err(place)?;
            if mention.sentence >= sentences.len() {
                return Err(place(format!(
                    "lies in sentence {}, but the last one is {}",
                    mention.sentence + 1,
                    sentences.len()
                )));
            }
            check_confidence(mention.confidence).map_err(place)?;
        }
        for (n, relation) in relations.iter().enumerate() {
            let place = |e: String| format!("triple {}: {e}", n + 1);
            let named = [Some(relation.subject), Some(relation.object)]
                .into_iter()
                .chain([relation.attributed_to]);
            if let Some(index) = named.flatten().find(|&index| index >= mentions.len()) {
                return Err(place(format!(
                    "names mention {}, but the last one is {}",
                    index + 1,
                    mentions.len()
                )));
            }
            if let Some(trigger) = relation.trigger {
                self.check_span(trigger).map_err(place)?;
            }
            check_confidence(relation.confidence).map_err(place)?;
        }
        Ok(())
    }

    fn check_span(&self, span: Span) -> Result<(), String> {
        match self.text.get(span.start..span.end) {
            Some(inside) if !inside.is_empty() => Ok(()),
            _ => Err(format!(
                "bytes {} to {} are no part of the text",
                span.start, span.end
            )),
        }
    }
}

fn check_confidence(confidence: f32) -> Result<(), String> {
    if (0.0..=1.0).contains(&confidence) {
        Ok(())
    } else {
        Err(format!("a confidence of {confidence} is not from 0 to 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::example;

    #[test]
    fn a_record_comes_back_from_its_journal_line() {
        for record in example::records() {
            let line = serde_json::to_string(&record).unwrap();
            assert!(!line.contains('\n'));
            assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
        }
    }

    #[test]
    fn what_points_nowhere_is_told() {
        let good = example::records().swap_remove(0);
        assert_eq!(good.check(), Ok(()));
        type Spoil = fn(&mut Record);
        let spoilt: [(Spoil, &str); 6] = [
            (
                |r| r.annotations.sentences[0].end = 9999,
                "sentence 1: bytes",
            ),
            (
                |r| r.annotations.mentions[0].span = Span::new(3, 3),
                "mention 1: bytes 3 to 3",
            ),
            (|r| r.annotations.mentions[1].sentence = 70, "sentence 71"),
            (
                |r| r.annotations.mentions[1].confidence = f32::NAN,
                "confidence of NaN",
            ),
            (
                |r| r.annotations.relations[0].object = 40,
                "names mention 41",
            ),
            (
                |r| r.annotations.relations[0].attributed_to = Some(41),
                "names mention 42",
            ),
        ];
        for (spoil, told) in spoilt {
            let mut record = good.clone();
            spoil(&mut record);
            let message = record.check().unwrap_err();
            assert!(message.contains(told), "{message}");
        }
    }
}
