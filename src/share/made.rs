use std::path::Path;

use super::formats::FORMATS;
use super::run_dir::{REPORT, REVIEW, table_file};

/// The names of what is in the folder of a run and was made from its tables. A run that is written
/// into the folder anew leaves it as it is, the table for review if it is not `reviewed` anew.
pub fn made_from(folder: &Path, reviewed: bool) -> Vec<String> {
    let review = (!reviewed).then(|| table_file(REVIEW));
    let exports = FORMATS.iter().map(|format| format.default_output);
    std::iter::once(String::from(REPORT))
        .chain(review)
        .chain(exports.map(String::from))
        .filter(|name| folder.join(name).exists())
        .collect()
}
