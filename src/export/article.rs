use std::collections::HashSet;

use super::Wanted;
use super::cell::{Cell, Confidence, Guard, without_line_breaks};
use super::judgement::CERTAIN;
use super::record::Record;
use super::rows::{DocumentRow, MentionRow, TextLine, TripleRow};
use super::tally::Best;
use crate::annotation::{Label, Mention, Relation};
use crate::config::Schema;
use crate::entities::{Entities, Entity, Via};
use crate::error::{Error, Result};
use crate::files::in_one_line;
use crate::text::{CharOffsets, Span};

/// A record whose mentions have entities: what the rows of one document are made from.
pub struct Article<'r> {
    record: &'r Record,
    offsets: CharOffsets<'r>,
    named: Vec<Named<'r>>,
    relations: Vec<&'r Relation>,
    guard: Guard,
}

/// A mention with its entity.
#[derive(Debug, Clone, Copy)]
pub struct Named<'r> {
    /// The mention.
    pub mention: &'r Mention,
    /// The entity's position in the run's list.
    pub index: usize,
    /// The entity.
    pub entity: &'r Entity,
    /// How the mention leads to it.
    pub via: Via,
}

impl<'r> Article<'r> {
    /// Joins a [checked](Record::check) record with the entities of its run; `schema` tells which
    /// relations are symmetric. `denied` are relations that a person took out of it.
    ///
    /// # Errors
    /// A mention has no entity: the records differ from those that the entities were made of.
    pub fn new(
        record: &'r Record,
        entities: &'r Entities,
        schema: &Schema,
        guard: Guard,
        wanted: &Wanted,
        denied: &'r [Relation],
    ) -> Result<Self> {
        let mentions = &record.annotations.mentions;
        let found = entities.of(&record.text, &record.annotations);
        let named: Option<Vec<Named>> = found.and_then(|found| {
            let all = entities.all();
            mentions
                .iter()
                .zip(found)
                .map(|(mention, found)| {
                    Some(Named {
                        mention,
                        index: found.entity,
                        entity: all.get(found.entity)?,
                        via: found.via,
                    })
                })
                .collect()
        });
        let named = named.ok_or_else(|| changed(record))?;
        let entity = |mention: usize| named.get(mention).map(|n| n.index);
        let joins_two =
            |r: &&Relation| entity(r.subject).is_none() || entity(r.subject) != entity(r.object);
        let all = record.annotations.relations.iter();
        let mut relations: Vec<&Relation> = all
            .filter(|r| wanted.accepts(r))
            .filter(joins_two)
            .collect();
        let told = |r: &'r Relation| told(r, &named, schema);
        let by_name = relations.iter().copied().filter(|r| is_by_name(r, &named));
        let by_name: HashSet<Told> = by_name.filter_map(told).collect();
        let denied: HashSet<Told> = denied.iter().filter_map(told).collect();
        // `Rama said that his country ...` tells the same of `Rama` and of `his`, which is one
        // triple, not two; and none if it was denied.
        relations.retain(|r| {
            is_by_name(r, &named)
                || told(r).is_none_or(|told| {
                    let out = denied.contains(&told) && r.confidence < CERTAIN;
                    !out && !by_name.contains(&told)
                })
        });
        Ok(Self {
            record,
            offsets: CharOffsets::new(&record.text),
            named,
            relations,
            guard,
        })
    }

    /// The record.
    pub fn record(&self) -> &'r Record {
        self.record
    }

    /// All mentions, in their order.
    pub fn named(&self) -> &[Named<'r>] {
        &self.named
    }

    /// The record's relations that are wanted and join two entities. One that joins two names of the
    /// same ("Iran" and "Iranian") tells nothing, and one of a pronoun or noun phrase nothing new
    /// where the sentence tells it by name: both are left out.
    pub fn relations(&self) -> &[&'r Relation] {
        &self.relations
    }

    /// The subject and the object of one of the record's relations.
    ///
    /// # Errors
    /// There is no such mention.
    pub fn ends(&self, relation: &Relation) -> Result<(Named<'r>, Named<'r>)> {
        let named = |index: usize| self.named.get(index).copied();
        named(relation.subject)
            .zip(named(relation.object))
            .ok_or_else(|| changed(self.record))
    }

    /// The row of `documents.csv`.
    pub fn document_row(&self) -> DocumentRow<'r> {
        let record = self.record;
        let cell = |text: &'r str| self.guard.cell(text);
        DocumentRow {
            doc_id: cell(&record.doc_id),
            source_file: cell(&record.source_file),
            title: self.title(),
            date: record.date,
            words: record.words,
            words_read: record.words_read,
            sentences: record.annotations.sentences.len(),
            mentions: record.annotations.mentions.len(),
            triples: self.relations.len(),
            status: cell(record.status.as_str()),
            duplicate_of: cell(record.duplicate_of.as_deref().unwrap_or_default()),
            message: self.guard.cell(in_one_line(&record.message)),
        }
    }

    /// The line of `texts.jsonl`, if the document has a text.
    pub fn text_line(&self) -> Option<TextLine<'r>> {
        (!self.record.text.is_empty()).then_some(TextLine {
            doc_id: &self.record.doc_id,
            title: self.record.title.as_deref(),
            text: &self.record.text,
        })
    }

    /// The rows of `mentions.csv`.
    pub fn mention_rows(&self) -> impl Iterator<Item = MentionRow<'r>> {
        self.named.iter().enumerate().map(|(n, named)| {
            let at = self.offsets.chars_of(named.mention.span);
            MentionRow {
                mention_id: self.part_id('m', n + 1),
                doc_id: self.guard.cell(&self.record.doc_id),
                sentence_id: self.part_id('s', named.mention.sentence + 1),
                entity_id: self.guard.cell(&named.entity.id),
                text: self.words(named.mention.span),
                label: self.guard.cell(named.mention.label.as_str()),
                start: at.start,
                end: at.end,
                confidence: Confidence(named.mention.confidence),
                via: self.guard.cell(named.via.as_str()),
            }
        })
    }

    /// The row of `triples.csv` for the relation at position `n`.
    ///
    /// # Errors
    /// The relation joins mentions that are not there.
    pub fn triple_row(
        &self,
        n: usize,
        relation: &Relation,
        schema: &'r Schema,
    ) -> Result<TripleRow<'r>> {
        let cell = |text: &'r str| self.guard.cell(text);
        let (subject, object) = self.ends(relation)?;
        let source = relation.attributed_to.and_then(|m| self.named.get(m));
        let known = schema.relation(relation.label.as_str());
        let subject_at = self.offsets.chars_of(subject.mention.span);
        let object_at = self.offsets.chars_of(object.mention.span);
        let trigger_at = relation.trigger.map(|span| self.offsets.chars_of(span));
        Ok(TripleRow {
            triple_id: self.part_id('t', n + 1),
            doc_id: cell(&self.record.doc_id),
            source_file: cell(&self.record.source_file),
            title: self.title(),
            date: self.record.date,
            sentence_id: self.part_id('s', subject.mention.sentence + 1),
            subject: cell(&subject.entity.name),
            subject_type: self.label(&subject),
            subject_id: cell(&subject.entity.id),
            relation: self.guard.cell(relation.label.as_str().to_owned()),
            object: cell(&object.entity.name),
            object_type: self.label(&object),
            object_id: cell(&object.entity.id),
            trigger: relation
                .trigger
                .map_or_else(Cell::default, |s| self.words(s)),
            status: cell(relation.status.as_str()),
            attributed_to: source.map_or_else(Cell::default, |m| self.words(m.mention.span)),
            confidence: Confidence(relation.confidence),
            subject_mention: self.words(subject.mention.span),
            object_mention: self.words(object.mention.span),
            sentence: self.guard.cell(in_one_line(self.sentence(&subject))),
            subject_start: subject_at.start,
            subject_end: subject_at.end,
            object_start: object_at.start,
            object_end: object_at.end,
            trigger_start: trigger_at.map(|at| at.start),
            trigger_end: trigger_at.map(|at| at.end),
            plover: cell(known.map_or("", |relation| &relation.plover)),
            cameo: cell(known.map_or("", |relation| &relation.cameo)),
            subject_via: cell(subject.via.as_str()),
            object_via: cell(object.via.as_str()),
        })
    }

    /// What an edge keeps of the triple at position `n`, if it is the edge's best one.
    pub fn best(&self, n: usize, relation: &Relation, subject: &Named) -> Best {
        Best {
            confidence: relation.confidence,
            sentence: in_one_line(self.sentence(subject)).into_owned(),
            doc_id: self.record.doc_id.clone(),
            number: n + 1,
        }
    }

    fn sentence(&self, named: &Named) -> &'r str {
        let sentences = &self.record.annotations.sentences;
        sentences
            .get(named.mention.sentence)
            .map_or("", |span| span.of(&self.record.text))
    }

    fn title(&self) -> Cell<'r> {
        let title = self.record.title.as_deref().unwrap_or_default();
        self.guard.cell(in_one_line(title))
    }

    fn words(&self, span: Span) -> Cell<'r> {
        self.guard
            .cell(without_line_breaks(span.of(&self.record.text)))
    }

    fn label(&self, named: &Named<'r>) -> Cell<'r> {
        self.guard.cell(named.entity.label.as_str())
    }

    fn part_id(&self, kind: char, number: usize) -> Cell<'r> {
        self.guard.cell(part_id(&self.record.doc_id, kind, number))
    }
}

/// The id of a document's sentence (`s`), mention (`m`) or triple (`t`); numbers start at 1.
pub fn part_id(doc_id: &str, kind: char, number: usize) -> String {
    format!("{doc_id}#{kind}{number}")
}

/// What a relation tells: its sentence, its entities, its name. The ends of a symmetric one can
/// change places.
type Told<'r> = (usize, usize, &'r Label, usize);

fn told<'r>(relation: &'r Relation, named: &[Named], schema: &Schema) -> Option<Told<'r>> {
    let (subject, object) = (named.get(relation.subject)?, named.get(relation.object)?);
    let sentence = subject.mention.sentence;
    let label = &relation.label;
    let (mut first, mut second) = (subject.index, object.index);
    if schema.is_symmetric(label.as_str()) && first > second {
        (first, second) = (second, first);
    }
    Some((sentence, first, label, second))
}

/// Whether both ends are names, and not words that refer to one.
fn is_by_name(relation: &Relation, named: &[Named]) -> bool {
    [relation.subject, relation.object]
        .iter()
        .all(|&end| named.get(end).is_none_or(|n| n.mention.reference.is_none()))
}

fn changed(record: &Record) -> Error {
    Error::format(
        &record.source_file,
        "its annotations changed while the run was being written: run the command again",
    )
}
