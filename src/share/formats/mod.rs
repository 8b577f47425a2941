//! The formats, one file each; to add one, write its file and add its line to [`FORMATS`].

mod ftm;
mod gexf;
mod graph;
mod graphml;
mod jsonl;
mod neo4j;
mod ntriples;
mod parquet;
mod xlsx;
mod xml;

use std::path::{Path, PathBuf};

use super::run_dir::RunDir;
use crate::error::Result;

/// A format that a run can be exported to.
pub struct Format {
    /// What the user types.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// The file, or for formats of several files the folder (it ends in `/`), that is written in the
    /// run directory when the user names none.
    pub default_output: &'static str,
    /// Writes the run to that file or folder, and says which files there are now.
    pub write: fn(&RunDir, &Path) -> Result<Vec<PathBuf>>,
}

impl Format {
    /// Whether it is a folder that is written, and no single file.
    pub fn is_folder(&self) -> bool {
        self.default_output.ends_with('/')
    }
}

/// All formats.
#[rustfmt::skip]
pub const FORMATS: &[Format] = &[
    Format { name: "xlsx", about: "workbook for Excel and LibreOffice", default_output: "run.xlsx", write: xlsx::write },
    Format { name: "jsonl", about: "JSON lines, a file for each table", default_output: "jsonl/", write: jsonl::write },
    Format { name: "parquet", about: "for pandas, polars, DuckDB, Spark", default_output: "parquet/", write: parquet::write },
    Format { name: "ntriples", about: "RDF", default_output: "run.nt", write: ntriples::write },
    Format { name: "graphml", about: "for networkx, igraph, yEd, Cytoscape", default_output: "run.graphml", write: graphml::write },
    Format { name: "gexf", about: "for Gephi, with its timeline", default_output: "run.gexf", write: gexf::write },
    Format { name: "neo4j", about: "CSV for neo4j-admin import", default_output: "neo4j/", write: neo4j::write },
    Format { name: "ftm", about: "FollowTheMoney entities, for Aleph and OpenSanctions tools", default_output: "run.ftm.json", write: ftm::write },
];

/// The format of that name.
pub fn find_format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}
