use std::cmp::Reverse;

use super::article::{Article, part_id};
use super::cell::{Confidence, Guard};
use super::rows::{EdgeRow, EntityRow, ReviewRow};
use super::run::Totals;
use super::tally::{Edge, EdgeKey, Edges, Issue, Occurrences};
use crate::config::Schema;
use crate::entities::{Candidate, Entities, Entity};
use crate::error::Result;

/// What is added up over the documents of a run, for the tables that are not by document.
pub struct Sums<'r> {
    schema: &'r Schema,
    entities: &'r Entities,
    totals: Totals,
    /// By position in the list of entities.
    seen: Vec<Occurrences>,
    edges: Edges,
}

impl<'r> Sums<'r> {
    /// Nothing yet.
    pub fn new(schema: &'r Schema, entities: &'r Entities) -> Self {
        Self {
            schema,
            entities,
            totals: Totals::default(),
            seen: vec![Occurrences::default(); entities.all().len()],
            edges: Edges::default(),
        }
    }

    /// Adds a document; documents come in input order.
    ///
    /// # Errors
    /// A relation joins mentions that are not there.
    pub fn add(&mut self, article: &Article) -> Result<()> {
        let record = article.record();
        self.totals.add(record, article.relations());
        let document = Issue {
            number: self.totals.documents.all,
            date: record.date,
        };
        for named in article.named() {
            if let Some(seen) = self.seen.get_mut(named.index) {
                seen.add(document);
            }
        }
        for (n, relation) in article.relations().iter().enumerate() {
            let (subject, object) = article.ends(relation)?;
            let turned = self.schema.is_symmetric(relation.label.as_str())
                && subject.entity.id > object.entity.id;
            let (from, to) = if turned {
                (object.index, subject.index)
            } else {
                (subject.index, object.index)
            };
            let key = EdgeKey {
                subject: from,
                relation: relation.label.clone(),
                object: to,
                status: relation.status,
            };
            self.edges.add(key, document, relation.confidence, || {
                article.best(n, relation, &subject)
            });
        }
        Ok(())
    }

    /// The run's totals.
    pub fn totals(&self) -> Totals {
        Totals {
            entities: self.seen.len() as u64,
            edges: self.edges.all().len() as u64,
            ..self.totals.clone()
        }
    }

    /// Hands over the rows of `entities.csv`: by mentions, most first, then by id.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn entity_rows(
        &self,
        guard: Guard,
        mut write: impl FnMut(&EntityRow) -> Result<()>,
    ) -> Result<()> {
        let mut rows: Vec<_> = self.entities.all().iter().zip(&self.seen).collect();
        rows.sort_by_key(|(entity, seen)| (Reverse(seen.times), entity.id.as_str()));
        rows.into_iter()
            .try_for_each(|(entity, seen)| write(&entity_row(entity, seen, guard)))
    }

    /// Hands over the rows of `entities_review.csv`, the most alike first.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn review_rows(
        &self,
        guard: Guard,
        mut write: impl FnMut(&ReviewRow) -> Result<()>,
    ) -> Result<()> {
        let candidates = self.entities.review();
        let rows = candidates
            .iter()
            .filter_map(|pair| self.review_row(pair, guard));
        rows.into_iter().try_for_each(|row| write(&row))
    }

    fn review_row(&self, pair: &Candidate, guard: Guard) -> Option<ReviewRow<'r>> {
        let end = |n: usize| {
            let times = self.seen.get(n)?.times;
            Some((times, self.entities.all().get(n)?))
        };
        let (mut more, mut less) = (end(pair.first)?, end(pair.second)?);
        if (less.0, &more.1.id) > (more.0, &less.1.id) {
            std::mem::swap(&mut more, &mut less);
        }
        Some(ReviewRow {
            entity_id: guard.cell(&more.1.id),
            name: guard.cell(&more.1.name),
            label: guard.cell(more.1.label.as_str()),
            mentions: more.0,
            other_id: guard.cell(&less.1.id),
            other_name: guard.cell(&less.1.name),
            other_mentions: less.0,
            similarity: Confidence(pair.similarity as f32),
            reason: guard.cell(pair.reason),
        })
    }

    /// Hands over the rows of `edges.csv`: by triples, most first, then by subject, object,
    /// relation and status.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn edge_rows(
        &self,
        guard: Guard,
        mut write: impl FnMut(&EdgeRow) -> Result<()>,
    ) -> Result<()> {
        let all = self.entities.all();
        let mut rows: Vec<(&Entity, &Entity, &Edge)> = self
            .edges
            .all()
            .iter()
            .filter_map(|edge| Some((all.get(edge.key.subject)?, all.get(edge.key.object)?, edge)))
            .collect();
        rows.sort_by_key(|(subject, object, edge)| {
            (
                Reverse(edge.occurrences.times),
                subject.id.as_str(),
                object.id.as_str(),
                edge.key.relation.as_str(),
                edge.key.status,
            )
        });
        rows.into_iter()
            .try_for_each(|(subject, object, edge)| write(&edge_row(subject, object, edge, guard)))
    }
}

fn entity_row<'t>(entity: &'t Entity, seen: &Occurrences, guard: Guard) -> EntityRow<'t> {
    EntityRow {
        entity_id: guard.cell(&entity.id),
        name: guard.cell(&entity.name),
        label: guard.cell(entity.label.as_str()),
        country: guard.cell(entity.country.as_deref().unwrap_or_default()),
        aliases: guard.cell(entity.aliases.join("; ")),
        mentions: seen.times,
        documents: seen.documents,
        first_date: seen.first_date,
        last_date: seen.last_date,
        wikidata: guard.cell(entity.wikidata.unwrap_or_default()),
    }
}

fn edge_row<'t>(
    subject: &'t Entity,
    object: &'t Entity,
    edge: &'t Edge,
    guard: Guard,
) -> EdgeRow<'t> {
    let Edge {
        key,
        occurrences,
        best,
    } = edge;
    EdgeRow {
        subject_id: guard.cell(&subject.id),
        subject: guard.cell(&subject.name),
        relation: guard.cell(key.relation.as_str()),
        object_id: guard.cell(&object.id),
        object: guard.cell(&object.name),
        status: guard.cell(key.status.as_str()),
        triples: occurrences.times,
        documents: occurrences.documents,
        first_date: occurrences.first_date,
        last_date: occurrences.last_date,
        max_confidence: Confidence(best.confidence),
        best_sentence: guard.cell(&best.sentence),
        best_triple_id: guard.cell(part_id(&best.doc_id, 't', best.number)),
        best_doc_id: guard.cell(&best.doc_id),
    }
}
