//! Annotations as short JSON: arrays of numbers and names, since a journal holds one line for each
//! document and most of it are spans.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::annotation::{Annotations, Label, Mention, Reference, Relation, Status};
use crate::text::Span;

type Ends = (usize, usize);

#[derive(Serialize, Deserialize)]
struct Layers {
    sentences: Vec<Ends>,
    /// Start, end, type, sentence, confidence, and what it refers to if it is no name.
    mentions: Vec<(usize, usize, Label, usize, f32, Option<Reference>)>,
    relations: Vec<Link>,
}

/// Subject, object, name, trigger, status, attributed to, confidence.
type Link = (
    usize,
    usize,
    Label,
    Option<Ends>,
    Status,
    Option<usize>,
    f32,
);

/// Writes annotations; spans are bytes.
pub fn serialize<S: Serializer>(layers: &Annotations, serializer: S) -> Result<S::Ok, S::Error> {
    let ends = |span: Span| (span.start, span.end);
    Layers {
        sentences: layers.sentences.iter().copied().map(ends).collect(),
        mentions: layers
            .mentions
            .iter()
            .map(|m| {
                let (start, end) = ends(m.span);
                (
                    start,
                    end,
                    m.label.clone(),
                    m.sentence,
                    m.confidence,
                    m.reference,
                )
            })
            .collect(),
        relations: layers
            .relations
            .iter()
            .map(|r| {
                (
                    r.subject,
                    r.object,
                    r.label.clone(),
                    r.trigger.map(ends),
                    r.status,
                    r.attributed_to,
                    r.confidence,
                )
            })
            .collect(),
    }
    .serialize(serializer)
}

/// Reads what [`serialize`] wrote.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Annotations, D::Error> {
    let layers = Layers::deserialize(deserializer)?;
    let span = |(start, end): Ends| Span::new(start, end);
    Ok(Annotations {
        sentences: layers.sentences.into_iter().map(span).collect(),
        mentions: layers
            .mentions
            .into_iter()
            .map(
                |(start, end, label, sentence, confidence, reference)| Mention {
                    span: Span::new(start, end),
                    label,
                    sentence,
                    confidence,
                    reference,
                },
            )
            .collect(),
        relations: layers
            .relations
            .into_iter()
            .map(
                |(subject, object, label, trigger, status, attributed_to, confidence)| Relation {
                    subject,
                    object,
                    label,
                    trigger: trigger.map(span),
                    status,
                    attributed_to,
                    confidence,
                },
            )
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::ReferenceKind;
    use proptest::prelude::*;

    #[derive(Serialize, Deserialize)]
    struct Line(#[serde(with = "super")] Annotations);

    fn label() -> impl Strategy<Value = Label> {
        "\\PC{1,8}".prop_map(Label::from)
    }

    fn span() -> impl Strategy<Value = Span> {
        (0usize..1000, 0usize..100).prop_map(|(start, length)| Span::new(start, start + length))
    }

    prop_compose! {
        fn reference()(
            kind in prop_oneof![Just(ReferenceKind::Pronoun), Just(ReferenceKind::Nominal)],
            antecedent in proptest::option::of(0usize..9),
        ) -> Reference {
            Reference { kind, antecedent }
        }
    }

    prop_compose! {
        fn mention()(
            span in span(),
            label in label(),
            sentence in 0usize..9,
            confidence in 0f32..=1.0,
            reference in proptest::option::of(reference()),
        ) -> Mention {
            Mention { span, label, sentence, confidence, reference }
        }
    }

    prop_compose! {
        fn relation()(
            (subject, object) in (0usize..9, 0usize..9),
            label in label(),
            trigger in proptest::option::of(span()),
            status in 0usize..4,
            attributed_to in proptest::option::of(0usize..9),
            confidence in 0f32..=1.0,
        ) -> Relation {
            let status = Status::ALL[status];
            Relation { subject, object, label, trigger, status, attributed_to, confidence }
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_not_even_a_bit_of_a_confidence(
            sentences in proptest::collection::vec(span(), 0..4),
            mentions in proptest::collection::vec(mention(), 0..4),
            relations in proptest::collection::vec(relation(), 0..4),
        ) {
            let layers = Annotations { sentences, mentions, relations };
            let line = serde_json::to_string(&Line(layers.clone())).unwrap();
            let Line(back) = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(back, layers);
        }
    }
}
