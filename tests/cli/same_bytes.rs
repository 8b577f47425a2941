//! The same input, model and settings give the same bytes, however the work is shared out.

use std::collections::BTreeMap;

use crate::support::{Workplace, files, repository};

fn run(threads: &str, batch_tokens: &str) -> BTreeMap<String, Vec<u8>> {
    let place = Workplace::new();
    let samples = repository().join("data/samples");
    crate::support::dossier()
        .args(["extract", samples.to_str().unwrap(), "--model"])
        .arg(crate::support::model())
        .arg("-o")
        .arg(place.out())
        .args(["--threads", threads, "--batch-tokens", batch_tokens])
        .assert()
        .success();
    files(&place.out())
}

#[test]
fn for_any_number_of_threads_and_any_batch_size() {
    let one = run("1", "256");
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        [
            "documents.csv",
            "edges.csv",
            "entities.csv",
            "entities_review.csv",
            "mentions.csv",
            "texts.jsonl",
            "triples.csv"
        ]
    );
    for (threads, batch_tokens) in [("1", "4096"), ("2", "256"), ("2", "4096")] {
        let other = run(threads, batch_tokens);
        for (name, bytes) in &one {
            assert!(
                other.get(name) == Some(bytes),
                "{name} differs with --threads {threads} --batch-tokens {batch_tokens}"
            );
        }
    }
}
