use std::fs::{self, File};
use std::path::Path;

use super::RunOptions;
use super::article::Article;
use super::cell::Guard;
use super::lines::Lines;
use super::partial::{FinishedFile, cannot_write};
use super::rows::{DocumentRow, EdgeRow, EntityRow, MentionRow, ReviewRow, TripleRow};
use super::sums::Sums;
use super::table::Table;
use crate::config::Schema;
use crate::error::{Error, Result};
use crate::files::remove_if_there;

const TEXTS: &str = "texts.jsonl";
const RUN: &str = "run.json";

/// The files of a run, except `run.json`, while they are being written.
pub struct RunFiles {
    guard: Guard,
    triples: Table,
    edges: Table,
    entities: Table,
    review: Table,
    mentions: Table,
    documents: Table,
    texts: Option<Lines>,
}

impl RunFiles {
    /// Begins all files in the folder `dir`, which is made if need be.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn create(dir: &Path, options: &RunOptions) -> Result<Self> {
        fs::create_dir_all(dir).map_err(|e| cannot_write(dir, &e))?;
        let mark = options.excel;
        Ok(Self {
            guard: if options.raw { Guard::Off } else { Guard::On },
            triples: Table::create::<TripleRow>(dir, "triples.csv", mark)?,
            edges: Table::create::<EdgeRow>(dir, "edges.csv", mark)?,
            entities: Table::create::<EntityRow>(dir, "entities.csv", mark)?,
            review: Table::create::<ReviewRow>(dir, "entities_review.csv", mark)?,
            mentions: Table::create::<MentionRow>(dir, "mentions.csv", mark)?,
            documents: Table::create::<DocumentRow>(dir, "documents.csv", mark)?,
            texts: options
                .texts
                .then(|| Lines::create(dir, TEXTS))
                .transpose()?,
        })
    }

    /// Whether cells are guarded.
    pub fn guard(&self) -> Guard {
        self.guard
    }

    /// Writes the rows of one document.
    ///
    /// # Errors
    /// The disk refuses, or a relation joins mentions that are not there.
    pub fn add(&mut self, article: &Article, schema: &Schema) -> Result<()> {
        self.documents.write(&article.document_row())?;
        for row in article.mention_rows() {
            self.mentions.write(&row)?;
        }
        for (n, relation) in article.relations().iter().enumerate() {
            self.triples
                .write(&article.triple_row(n, relation, schema)?)?;
        }
        match (&mut self.texts, article.text_line()) {
            (Some(texts), Some(line)) => texts.write(&line),
            _ => Ok(()),
        }
    }

    /// Writes the tables of what was added up, and puts all files on disk.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(mut self, sums: &Sums) -> Result<Vec<FinishedFile>> {
        sums.entity_rows(self.guard, |row| self.entities.write(row))?;
        sums.review_rows(self.guard, |row| self.review.write(row))?;
        sums.edge_rows(self.guard, |row| self.edges.write(row))?;
        let tables = [
            self.triples,
            self.edges,
            self.entities,
            self.review,
            self.mentions,
            self.documents,
        ];
        tables
            .into_iter()
            .map(Table::finish)
            .chain(self.texts.map(Lines::finish))
            .collect()
    }
}

/// Gives all files of a run in `dir` their final names. An older run's `run.json` goes first and the
/// new one comes last, so that a folder with a `run.json` holds the whole of one run.
///
/// # Errors
/// A file cannot be replaced.
pub fn keep_all(
    dir: &Path,
    files: Vec<FinishedFile>,
    run: FinishedFile,
    options: &RunOptions,
) -> Result<()> {
    remove(&dir.join(RUN))?;
    for file in files {
        file.keep()?;
    }
    if !options.texts {
        remove(&dir.join(TEXTS))?;
    }
    run.keep()?;
    sync_folder(dir)
}

fn remove(path: &Path) -> Result<()> {
    remove_if_there(path).map_err(|e| cannot_write(path, &e))
}

/// Makes the new names as lasting as the files; only Unix can open a folder for that.
fn sync_folder(dir: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(dir)
            .and_then(|folder| folder.sync_all())
            .map_err(|e| Error::io(dir, e))?;
    }
    Ok(())
}
