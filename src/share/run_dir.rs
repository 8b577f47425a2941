use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::rows::{Document, Edge, Entity, Triple};
use super::table::Table;
use crate::config::Schema;
use crate::error::{Error, Result};

/// What `extract` writes last: where it is, the tables are whole and of one run.
const RUN: &str = "run.json";

/// The names of all files that `extract` writes.
pub const RUN_FILES: [&str; 8] = [
    "triples.csv",
    "edges.csv",
    "entities.csv",
    "entities_review.csv",
    "mentions.csv",
    "documents.csv",
    "texts.jsonl",
    RUN,
];

/// The page that `report` makes of a run, in its folder.
pub const REPORT: &str = "report.html";
/// The table that `review` makes of a run, by its name without the ending.
pub const REVIEW: &str = "review";

/// The hidden folder in a run's folder that holds what is done of it, until it ends.
pub const UNFINISHED: &str = ".dossier";

/// Whether a folder holds a run, whole or not.
pub fn is_run(folder: &Path) -> bool {
    folder.join(UNFINISHED).is_dir()
        || [RUN, "triples.csv"]
            .iter()
            .all(|name| folder.join(name).is_file())
}

/// The name of a table's file, in the folder of a run.
pub fn table_file(table: &str) -> String {
    format!("{table}.csv")
}

/// A folder that `extract` wrote.
#[derive(Debug, Clone)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Opens a run directory.
    ///
    /// # Errors
    /// The folder does not hold the files of a whole run.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            return Err(Error::Usage(format!(
                "{}: no such folder; name one that dossier extract wrote",
                path.display()
            )));
        }
        for file in ["triples", "edges", "entities", "documents"].map(table_file) {
            if !path.join(&file).is_file() {
                return Err(Error::Usage(format!(
                    "{}: has no {file}, so it is not the folder of a finished run; \
                     name one that dossier extract wrote",
                    path.display()
                )));
            }
        }
        if !path.join(RUN).is_file() {
            return Err(Error::Usage(format!(
                "{}: has tables but no {RUN}, which is written last: the run did not end, and its \
                 tables may be of two runs. The command that it was started with finishes it with \
                 --resume (dossier extract ... -o {} --resume)",
                path.display(),
                path.display()
            )));
        }
        Ok(Self {
            path: path.to_path_buf(),
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A table by name, such as `triples`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn table(&self, name: &str) -> Result<Table> {
        Table::open(&self.file(name))
    }

    /// The tables that there are, of those that `extract` writes of triples, names and articles.
    pub fn tables(&self) -> impl Iterator<Item = &'static str> {
        let names = ["triples", "edges", "entities", "mentions", "documents"];
        names.into_iter().filter(|name| self.file(name).is_file())
    }

    /// All triples.
    ///
    /// # Errors
    /// `triples.csv` cannot be read.
    pub fn triples(&self) -> Result<Vec<Triple>> {
        self.table("triples")?.all()
    }

    /// All edges.
    ///
    /// # Errors
    /// `edges.csv` cannot be read.
    pub fn edges(&self) -> Result<Vec<Edge>> {
        self.table("edges")?.all()
    }

    /// All entities.
    ///
    /// # Errors
    /// `entities.csv` cannot be read.
    pub fn entities(&self) -> Result<Vec<Entity>> {
        self.table("entities")?.all()
    }

    /// All documents.
    ///
    /// # Errors
    /// `documents.csv` cannot be read.
    pub fn documents(&self) -> Result<Vec<Document>> {
        self.table("documents")?.all()
    }

    /// The entity types and relations of the model that the run was made with; those of the bundled
    /// models for a run that does not tell.
    ///
    /// # Errors
    /// `run.json` cannot be read.
    pub fn schema(&self) -> Result<Schema> {
        #[derive(Deserialize)]
        struct Run {
            model: Model,
        }
        #[derive(Deserialize)]
        struct Model {
            schema: Option<Schema>,
        }
        let path = self.path.join(RUN);
        let text = std::fs::read(&path).map_err(|e| Error::io(&path, e))?;
        let run: Run =
            serde_json::from_slice(&text).map_err(|e| Error::format(&path, e.to_string()))?;
        run.model.schema.map_or_else(Schema::bundled, Ok)
    }

    /// The file of a table, which need not be there.
    pub fn file(&self, table: &str) -> PathBuf {
        self.path.join(table_file(table))
    }
}
