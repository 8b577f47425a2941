use std::collections::BTreeSet;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::support::{Workplace, dossier, model, repository};

/// Forty own samples as somebody would have them who looked for `leads` only.
fn labelled_with_leads_only() -> String {
    let samples = std::fs::read_to_string(repository().join("data/samples.jsonl")).unwrap();
    let narrowed = samples.lines().take(40).map(|line| {
        let mut sample: serde_json::Value = serde_json::from_str(line).unwrap();
        let relations = sample["relations"].as_array_mut().unwrap();
        relations.retain(|r| r["relation"] == "leads");
        format!("{sample}\n")
    });
    narrowed.collect()
}

#[test]
fn what_the_samples_do_not_label_can_be_left_aside() {
    let place = Workplace::new();
    let path = place.path().join("leads.jsonl");
    std::fs::write(&path, labelled_with_leads_only()).unwrap();
    let scored = |flags: &[&str]| {
        let mut command = dossier();
        command
            .args(["eval", "--gold-mentions", "--json", "--model"])
            .arg(model())
            .arg("--data")
            .arg(&path)
            .args(flags);
        let done = command.assert().success();
        let report: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
        (done, report["relations"].clone())
    };
    let names = |report: &serde_json::Value| -> BTreeSet<String> {
        report["by_relation"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let precision =
        |report: &serde_json::Value| report["boundaries"]["precision"].as_f64().unwrap();

    let (all, counted) = scored(&[]);
    all.stderr(contains("labelled in no sample").and(contains("--labelled-only")));
    let (narrowed, left_aside) = scored(&["--labelled-only"]);
    narrowed.stderr("");
    assert!(names(&counted).len() > 1);
    assert_eq!(names(&left_aside), BTreeSet::from(["leads".to_string()]));
    assert!(precision(&left_aside) > precision(&counted));
    assert_eq!(
        left_aside["boundaries"]["recall"],
        counted["boundaries"]["recall"]
    );
}
