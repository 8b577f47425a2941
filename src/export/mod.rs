//! From what was found to a run directory.
//!
//! Documents are annotated one by one, and each is a [`Record`] that a journal keeps. When the last
//! one is done, [`write_run`] goes through all records twice: once for the names, since an entity's
//! name is known only when all its mentions are, and once to write. Between the two it holds names
//! and edges, never documents.
//!
//! ## What can be relied on
//! - The files are the same bytes for the same records and options; all that depends on the clock
//!   is in `run.json`.
//! - They are whole when they appear, after the last one is written. A run that fails before that
//!   leaves the folder as it was; one that fails while they get their names leaves no `run.json`,
//!   since an older run's goes first and the new one comes last.
//! - Offsets are code points into the document's text in `texts.jsonl`. `text[start..end]` is the
//!   mention's cell (`text`, `subject_mention`, `object_mention`) or the `trigger`, except for the
//!   guard's leading `'` and for line breaks, which are spaces in the cell, one for one.
//! - Sentences, titles and messages are in one line, with every run of white space as one space.
//! - `texts.jsonl` has every document with a text and is never guarded, nor are numbers.

mod article;
mod cell;
mod compact;
#[cfg(test)]
mod example;
mod files;
mod judged_sentence;
mod judgement;
mod lines;
mod partial;
mod record;
mod rows;
mod run;
mod summary;
mod sums;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod verdicts;

use std::path::Path;
use std::time::Instant;

use article::Article;
use files::{RunFiles, keep_all};
use run::write_run_file;
use sums::Sums;

pub use judgement::Judged;
pub use record::{DocumentStatus, Record};
pub use run::{DocumentTotals, ModelInfo, RunInfo, Totals};
pub use summary::summary;
pub use verdicts::Verdicts;

use crate::annotation::{Label, Relation, Status};
use crate::config::Schema;
use crate::entities::{Aliases, Names};
use crate::error::{Error, Result};

/// Which relations become triples.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Only these relations; all when empty.
    pub relations: Vec<Label>,
    /// Only these statuses; all when empty.
    pub statuses: Vec<Status>,
}

impl Wanted {
    /// Whether a relation is asked for.
    pub fn accepts(&self, relation: &Relation) -> bool {
        (self.relations.is_empty() || self.relations.contains(&relation.label))
            && (self.statuses.is_empty() || self.statuses.contains(&relation.status))
    }
}

/// How a run directory is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOptions {
    /// Which relations become triples. What the others tell of names is made use of all the same.
    pub wanted: Wanted,
    /// What a person said of relations; it goes before what the model found.
    pub verdicts: Verdicts,
    /// Whether `texts.jsonl` is written.
    pub texts: bool,
    /// Whether cells are left as they are, without the spreadsheet guard.
    pub raw: bool,
    /// Whether CSV files begin with a byte order mark, by which Excel knows UTF-8.
    pub excel: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            wanted: Wanted::default(),
            verdicts: Verdicts::default(),
            texts: true,
            raw: false,
            excel: false,
        }
    }
}

/// The records of a run, in input order. They can be gone through again and are the same each time;
/// one at a time is held.
pub trait Records {
    /// Hands each record to `visit`, until it fails.
    ///
    /// # Errors
    /// Those of `visit`, or a record cannot be read.
    fn each(&self, visit: &mut dyn FnMut(Record) -> Result<()>) -> Result<()>;
}

impl Records for Vec<Record> {
    fn each(&self, visit: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        self.iter().cloned().try_for_each(visit)
    }
}

/// Writes all files of a run into the folder `dir`, which is made if need be, over those of an older
/// run. `schema` tells the codes of relations and which of them are symmetric, `aliases` what the
/// user knows of names.
///
/// # Errors
/// The folder cannot be written to, the records cannot be read, or one is damaged. The folder is as it
/// was then, or has no `run.json` if it failed when the files got their names: with a `run.json` it
/// holds the whole of one run.
pub fn write_run(
    dir: &Path,
    records: &dyn Records,
    schema: &Schema,
    aliases: &Aliases,
    options: &RunOptions,
    info: &RunInfo,
) -> Result<Totals> {
    let begun = Instant::now();
    let mut files = RunFiles::create(dir, options)?;

    let mut names = Names::new(aliases.clone());
    records.each(&mut |mut record| {
        record
            .check()
            .map_err(|e| Error::format(&record.source_file, damaged(&e)))?;
        options.verdicts.apply(&mut record, schema);
        names.add(&record.text, &record.annotations);
        Ok(())
    })?;
    let entities = names.resolve();

    let mut sums = Sums::new(schema, &entities);
    let mut judged = Judged::default();
    records.each(&mut |mut record| {
        let (done, denied) = options.verdicts.apply(&mut record, schema);
        judged += done;
        let article = Article::new(
            &record,
            &entities,
            schema,
            files.guard(),
            &options.wanted,
            &denied,
        )?;
        sums.add(&article)?;
        files.add(&article, schema)
    })?;

    let totals = Totals {
        verdicts: options.verdicts.told(judged),
        ..sums.totals()
    };
    let files = files.finish(&sums)?;
    let run = write_run_file(dir, info, &totals, begun.elapsed().as_secs_f64())?;
    keep_all(dir, files, run, options)?;
    Ok(totals)
}

fn damaged(what: &str) -> String {
    format!("its annotations are damaged ({what}): run the command again without --resume")
}
