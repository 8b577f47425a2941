use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::share::output::OutFile;
use crate::share::rows::{Document, Edge, Entity, Triple};
use crate::share::run_dir::RunDir;

/// Writes what `neo4j-admin database import` reads: entities and documents as nodes, edges as
/// relationships named after the relation, and which documents speak of which entities.
pub fn write(run: &RunDir, folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(vec![
        entities(run, &folder.join("entities.csv"))?,
        documents(run, &folder.join("documents.csv"))?,
        relations(run, &folder.join("relations.csv"))?,
        evidence(run, &folder.join("evidence.csv"))?,
    ])
}

fn entities(run: &RunDir, path: &Path) -> Result<PathBuf> {
    let mut out = Csv::create(
        path,
        &[
            "entity_id:ID(Entity)",
            "name",
            "type",
            "country",
            "aliases:string[]",
            "mentions:long",
            "documents:long",
            "first_date:date",
            "last_date:date",
            ":LABEL",
        ],
    )?;
    run.table("entities")?.each(&mut |e: Entity| {
        let label = match e.label.as_str() {
            "PER" => "Entity;Person",
            "ORG" => "Entity;Organization",
            "LOC" => "Entity;Location",
            _ => "Entity",
        };
        let aliases: Vec<&str> = e.aliases().collect();
        out.row(&[
            &e.entity_id,
            &e.name,
            &e.label,
            &e.country,
            &aliases.join(";"),
            &e.mentions.to_string(),
            &e.documents.to_string(),
            &day(e.first_date),
            &day(e.last_date),
            label,
        ])
    })?;
    out.finish()
}

fn documents(run: &RunDir, path: &Path) -> Result<PathBuf> {
    let mut out = Csv::create(
        path,
        &[
            "doc_id:ID(Document)",
            "source_file",
            "title",
            "date:date",
            "words:long",
            "status",
            ":LABEL",
        ],
    )?;
    run.table("documents")?.each(&mut |d: Document| {
        let words = d.words.to_string();
        let date = day(d.date);
        out.row(&[
            &d.doc_id,
            &d.source_file,
            &d.title,
            &date,
            &words,
            &d.status,
            "Document",
        ])
    })?;
    out.finish()
}

fn relations(run: &RunDir, path: &Path) -> Result<PathBuf> {
    let mut out = Csv::create(
        path,
        &[
            ":START_ID(Entity)",
            ":END_ID(Entity)",
            ":TYPE",
            "status",
            "triples:long",
            "documents:long",
            "first_date:date",
            "last_date:date",
            "max_confidence:double",
            "best_sentence",
        ],
    )?;
    run.table("edges")?.each(&mut |e: Edge| {
        out.row(&[
            &e.subject_id,
            &e.object_id,
            &e.relation.to_uppercase(),
            &e.status,
            &e.triples.to_string(),
            &e.documents.to_string(),
            &day(e.first_date),
            &day(e.last_date),
            &e.max_confidence.to_string(),
            &e.best_sentence,
        ])
    })?;
    out.finish()
}

/// From a document to the subject and the object of each of its triples.
fn evidence(run: &RunDir, path: &Path) -> Result<PathBuf> {
    let header = [
        ":START_ID(Document)",
        ":END_ID(Entity)",
        ":TYPE",
        "triple_id",
        "relation",
        "role",
        "status",
        "confidence:double",
        "sentence",
    ];
    let mut out = Csv::create(path, &header)?;
    run.table("triples")?.each(&mut |t: Triple| {
        let confidence = t.confidence.to_string();
        for (id, role) in [(&t.subject_id, "subject"), (&t.object_id, "object")] {
            out.row(&[
                &t.doc_id,
                id,
                "SPEAKS_OF",
                &t.triple_id,
                &t.relation,
                role,
                &t.status,
                &confidence,
                &t.sentence,
            ])?;
        }
        Ok(())
    })?;
    out.finish()
}

fn day(date: Option<Date>) -> String {
    date.map_or_else(String::new, |d| d.to_string())
}

struct Csv {
    rows: csv::Writer<OutFile>,
    path: PathBuf,
}

impl Csv {
    fn create(path: &Path, header: &[&str]) -> Result<Self> {
        let mut csv = Self {
            rows: csv::Writer::from_writer(OutFile::create(path)?),
            path: path.to_path_buf(),
        };
        csv.row(header)?;
        Ok(csv)
    }

    fn row(&mut self, cells: &[&str]) -> Result<()> {
        self.rows
            .write_record(cells)
            .map_err(|e| Error::format(&self.path, format!("cannot be written: {e}")))
    }

    fn finish(self) -> Result<PathBuf> {
        let Self { rows, path } = self;
        rows.into_inner()
            .map_err(|e| Error::io(path, e.into_error()))?
            .finish()
    }
}
