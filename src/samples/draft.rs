use std::collections::BTreeMap;

use crate::annotation::{
    Coverage, Label, Probability, Sample, SampleMention, SampleRelation, Status,
};
use crate::text::{CharOffsets, Span};

/// A sample while it is read: mentions in any order and under the file's own names.
pub(super) struct Draft {
    pub id: String,
    /// The id when unknown.
    pub doc: Option<String>,
    pub text: String,
    pub tokens: Vec<Span>,
    pub mentions: Vec<SampleMention>,
    pub mention_coverage: Coverage,
    pub links: Vec<Link>,
    pub relation_coverage: Coverage,
    pub unrelated: Vec<(String, String)>,
}

/// A relation between mentions given by their names.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub subject: String,
    pub object: String,
    pub label: Label,
    pub trigger: Option<Span>,
    pub status: Option<Status>,
    pub attributed_to: Option<String>,
    pub unattributed: bool,
    pub holds: bool,
    pub probability: Option<Probability>,
}

impl Link {
    pub fn new(
        subject: impl Into<String>,
        label: impl Into<Label>,
        object: impl Into<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            object: object.into(),
            label: label.into(),
            trigger: None,
            status: None,
            attributed_to: None,
            unattributed: false,
            holds: true,
            probability: None,
        }
    }
}

impl Draft {
    /// A text whose mentions are all labelled and whose relations are not annotated.
    pub fn new(id: String, text: String) -> Self {
        Self {
            id,
            doc: None,
            text,
            tokens: Vec::new(),
            mentions: Vec::new(),
            mention_coverage: Coverage::Full,
            links: Vec::new(),
            relation_coverage: Coverage::Nothing,
            unrelated: Vec::new(),
        }
    }

    pub fn mention(&mut self, id: impl Into<String>, span: Span, label: Option<Label>) {
        self.mentions.push(SampleMention {
            id: id.into(),
            span,
            label,
        });
    }

    /// Puts mentions into text order, merges those that are the same, and resolves names.
    pub fn finish(self) -> Result<Sample, String> {
        if self.text.trim().is_empty() {
            return Err("its text is empty".into());
        }
        let mut sorted = self.mentions;
        sorted.sort_by(|a, b| (a.span, &a.label).cmp(&(b.span, &b.label)));
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut mentions: Vec<SampleMention> = Vec::with_capacity(sorted.len());
        for mention in sorted {
            if mention.label.as_ref().is_some_and(is_blank) {
                return Err(format!("entity {:?} has an empty type", mention.id));
            }
            let same = mentions
                .last()
                .is_some_and(|m| m.span == mention.span && m.label == mention.label);
            let at = mentions.len() - usize::from(same);
            if places.insert(mention.id.clone(), at).is_some() {
                return Err(format!("two entities are called {:?}", mention.id));
            }
            if !same {
                mentions.push(mention);
            }
        }
        let find = |id: &str| {
            places
                .get(id)
                .copied()
                .ok_or_else(|| format!("a relation names the entity {id:?}, which is not listed"))
        };
        let mut relations: Vec<SampleRelation> = Vec::with_capacity(self.links.len());
        for link in &self.links {
            let relation = SampleRelation {
                subject: find(&link.subject)?,
                object: find(&link.object)?,
                label: link.label.clone(),
                trigger: link.trigger,
                status: link.status,
                attributed_to: link.attributed_to.as_deref().map(find).transpose()?,
                unattributed: link.unattributed,
                holds: link.holds,
                probability: link.probability,
            };
            if is_blank(&relation.label) {
                return Err(format!(
                    "the relation of {:?} and {:?} has no name",
                    link.subject, link.object
                ));
            }
            if relation.subject == relation.object {
                return Err(format!(
                    "{} joins {:?} with itself",
                    link.label, link.subject
                ));
            }
            let key =
                |r: &SampleRelation| (r.subject, r.object, r.label.clone(), r.status, r.holds);
            if !relations.iter().any(|r| key(r) == key(&relation)) {
                relations.push(relation);
            }
        }
        let mut unrelated = Vec::with_capacity(self.unrelated.len());
        for (subject, object) in &self.unrelated {
            unrelated.push((find(subject)?, find(object)?));
        }
        unrelated.sort_unstable();
        unrelated.dedup();
        Ok(Sample {
            doc: self.doc.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            text: self.text,
            tokens: self.tokens,
            mentions,
            mention_coverage: self.mention_coverage,
            relations,
            relation_coverage: self.relation_coverage,
            unrelated,
        })
    }
}

fn is_blank(label: &Label) -> bool {
    label.as_str().trim().is_empty()
}

/// Bytes of a span given in code points, without white space at its ends.
pub(super) fn span_of(
    text: &str,
    offsets: &CharOffsets<'_>,
    what: &str,
    start: usize,
    end: usize,
) -> Result<Span, String> {
    let span = offsets
        .bytes_of(start, end)
        .ok_or_else(|| format!("{what} at {start}..{end} is empty or lies outside the text"))?
        .trimmed(text);
    if span.is_empty() {
        return Err(format!("{what} at {start}..{end} covers only white space"));
    }
    Ok(span)
}

/// Words joined by one space, with their spans.
pub(super) fn joined<'t>(words: impl IntoIterator<Item = &'t str>) -> (String, Vec<Span>) {
    let mut text = String::new();
    let mut tokens = Vec::new();
    for word in words {
        if !tokens.is_empty() {
            text.push(' ');
        }
        tokens.push(Span::new(text.len(), text.len() + word.len()));
        text.push_str(word);
    }
    (text, tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let mut draft = Draft::new("a".into(), "Ana met Bo and Cy.".into());
        draft.mention("third", Span::new(15, 17), Some("PER".into()));
        draft.mention("again", Span::new(0, 3), Some("PER".into()));
        draft.mention("first", Span::new(0, 3), Some("PER".into()));
        draft.mention("second", Span::new(8, 10), None);
        draft
    }

    #[test]
    fn mentions_are_ordered_and_merged_and_links_follow() {
        let mut draft = draft();
        draft.links = vec![
            Link::new("third", "meets", "again"),
            Link::new("third", "meets", "first"),
            Link::new("first", "meets", "second"),
        ];
        draft.unrelated = vec![("second".into(), "third".into())];
        let sample = draft.finish().unwrap();
        let words: Vec<&str> = sample
            .mentions
            .iter()
            .map(|m| m.span.of(&sample.text))
            .collect();
        assert_eq!(words, ["Ana", "Bo", "Cy"]);
        let ends: Vec<_> = sample
            .relations
            .iter()
            .map(|r| (r.subject, r.object))
            .collect();
        assert_eq!(ends, [(2, 0), (0, 1)]);
        assert_eq!(sample.unrelated, [(1, 2)]);
        assert_eq!(sample.doc, "a");
    }

    #[test]
    fn what_does_not_fit_together_is_told() {
        let with = |change: fn(&mut Draft)| {
            let mut draft = draft();
            change(&mut draft);
            draft.finish().unwrap_err()
        };
        let self_link = with(|d| d.links = vec![Link::new("first", "meets", "again")]);
        assert!(self_link.contains("itself"), "{self_link}");
        let unknown = with(|d| d.links = vec![Link::new("first", "meets", "x")]);
        assert!(unknown.contains("\"x\""), "{unknown}");
        let nameless = with(|d| d.links = vec![Link::new("first", " ", "second")]);
        assert!(nameless.contains("no name"), "{nameless}");
        let twice = with(|d| d.mention("first", Span::new(4, 7), None));
        assert!(twice.contains("two entities"), "{twice}");
        assert!(with(|d| d.text = "\n".into()).contains("empty"));
    }
}
