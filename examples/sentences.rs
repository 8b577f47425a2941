//! The sentences that `dossier extract` reads of some inputs, one a line as JSON strings: what
//! `scripts/bench` gives to the programs it compares with. With `--samples`, as samples without labels:
//! what `scripts/models/distil` has a model label.
//!
//!     cargo run --release --example sentences -- data/samples

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use dossier::corpus::{Inputs, Item, ReadOptions, read};
use dossier::text::split_sentences;

fn main() -> anyhow::Result<()> {
    let mut paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let as_samples = paths.first().is_some_and(|p| p.as_os_str() == "--samples");
    if as_samples {
        paths.remove(0);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for source in Inputs::below(&paths, None).sources.into_iter().flatten() {
        for item in read(&source, &ReadOptions::default()) {
            let Item::Document(document) = item else {
                continue;
            };
            for (n, sentence) in split_sentences(&document.text).into_iter().enumerate() {
                let text = sentence.of(&document.text);
                if as_samples {
                    let sample = serde_json::json!({
                        "id": format!("{}#{n}", document.id),
                        "doc": document.id,
                        "text": text,
                        "entities": [],
                        "relations": [],
                    });
                    serde_json::to_writer(&mut out, &sample)?;
                } else {
                    serde_json::to_writer(&mut out, text)?;
                }
                out.write_all(b"\n")?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
