//! The sentences that `dossier extract` reads of some inputs, one a line as JSON strings: what
//! `scripts/bench` gives to the programs it compares with.
//!
//!     cargo run --release --example sentences -- data/samples

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use dossier::corpus::{Item, ReadOptions, discover, read};
use dossier::text::split_sentences;

fn main() -> anyhow::Result<()> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for source in discover(&paths, None).into_iter().flatten() {
        for item in read(&source, &ReadOptions::default()) {
            let Item::Document(document) = item else {
                continue;
            };
            for sentence in split_sentences(&document.text) {
                serde_json::to_writer(&mut out, sentence.of(&document.text))?;
                out.write_all(b"\n")?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
