//! From a run directory to other programs: spreadsheets, data frames, graph tools, databases.
//!
//! Everything here reads the CSV files that `extract` wrote, and nothing else: no model is loaded,
//! and a run of last year, or one whose rows a person has thrown out, can be shared as well. Each
//! format is a file of `formats` and a line of [`FORMATS`].
//!
//! What is written appears under its name when it is whole. The spreadsheet guard is taken off:
//! the cells of the other formats are never formulas.

mod choose;
mod column;
pub mod diff;
mod formats;
mod made;
mod marks;
mod output;
pub mod review;
mod rows;
mod run_dir;
mod table;

pub use formats::{FORMATS, Format, find_format};
pub use made::made_from;
pub use marks::{Marks, in_brackets, place};
pub use output::OutFile;
pub use rows::{Document, Edge, Entity, Triple};
pub use run_dir::{REPORT, REVIEW, RUN_FILES, RunDir, UNFINISHED, is_run, table_file};
pub use table::Table;
