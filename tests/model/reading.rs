//! What a model reads does not depend on how the work is shared out.

use std::path::Path;

use dossier::annotation::Annotations;
use dossier::model::Precision;
use dossier::network::{Model, Workers};
use dossier::pipeline::annotate_texts;
use dossier::text::split_sentences;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::model;

/// A text of any of these parts, in any order.
fn any_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "(ana|bo|met|in|rome|x) ",
        "[.!?] ",
        Just("\n\n".to_string()),
        "(ana ){9}",
        "\\PC"
    ];
    proptest::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

fn workers(folder: &Path, threads: usize) -> Workers {
    let mut model = Model::load(folder, Precision::Fp32).unwrap();
    model.set_threshold(0.0);
    Workers::start(model, threads).unwrap()
}

/// A model whose random weights find names and relations; of a model that finds none, nothing would be
/// tested.
fn make_one_that_finds(folder: &Path) {
    let article = "ana met bo. ".repeat(20);
    for _ in 0..200 {
        model(folder);
        let found = annotate_texts(&[article.as_str()], &workers(folder, 1), 256).unwrap();
        if !found[0].0.relations.is_empty() {
            return;
        }
    }
    panic!("200 models of random weights find nothing");
}

/// What was found without its confidences, and those.
fn apart(found: &[(Annotations, usize)]) -> (Vec<(Annotations, usize)>, Vec<f32>) {
    let mut bare = found.to_vec();
    let mut confidences = Vec::new();
    for (annotations, _) in &mut bare {
        let of_mentions = annotations.mentions.iter_mut().map(|m| &mut m.confidence);
        let of_relations = annotations.relations.iter_mut().map(|r| &mut r.confidence);
        for confidence in of_mentions.chain(of_relations) {
            confidences.push(std::mem::take(confidence));
        }
    }
    (bare, confidences)
}

/// Texts are read alike and in their order, in batches of any size, on any number of threads, and
/// whatever stands beside them.
#[test]
fn batches_and_threads_make_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    make_one_that_finds(folder.path());
    let workers = [1, 2, 3].map(|threads| workers(folder.path(), threads));
    let texts = proptest::collection::vec(any_text(), 1..5);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(24));
    let given = (texts, 1usize..3000, 0usize..3);
    let outcome = runner.run(&given, |(texts, budget, n)| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let together = annotate_texts(&texts, &workers[n], budget).unwrap();
        let alone: Vec<(Annotations, usize)> = texts
            .iter()
            .flat_map(|&text| annotate_texts(&[text], &workers[0], 1).unwrap())
            .collect();
        for (text, (annotations, _)) in texts.iter().zip(&together) {
            prop_assert_eq!(&annotations.sentences, &split_sentences(text));
            for mention in &annotations.mentions {
                prop_assert!(!mention.span.of(text).trim().is_empty());
            }
        }
        let ((together, sure), (alone, sure_alone)) = (apart(&together), apart(&alone));
        prop_assert_eq!(together, alone);
        for (a, b) in sure.iter().zip(&sure_alone) {
            prop_assert!((a - b).abs() < 1e-5, "{} and {}", a, b);
        }
        Ok(())
    });
    outcome.unwrap();
}
