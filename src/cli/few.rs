//! Whether there is enough to learn from: a training runs through on two samples as well.

use std::collections::{BTreeMap, HashMap};

use crate::annotation::{Label, Sample};
use crate::config::Schema;
use crate::train::Task;

/// With fewer sentences that have it, a new relation or type is hardly learnt.
const EXAMPLES: usize = 20;
/// With fewer samples or verdicts in all, what comes out is chance.
const IN_ALL: usize = 50;
/// How many names are told.
const SHOWN: usize = 5;

/// What to say of samples that are too few, in a line; `known` is what the base model knows.
pub fn few_samples(samples: &[Sample], known: Option<&Schema>, task: Task) -> Option<String> {
    const ADVICE: &str = "some hundred, with near misses among them, teach it (data/succeeds.jsonl \
                          has 240)";
    let rare = rare_names(samples, known, task);
    if !rare.is_empty() {
        let names: Vec<String> = rare
            .iter()
            .take(SHOWN)
            .map(|(name, count)| format!("{name} ({count})"))
            .collect();
        let more = match rare.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        return Some(format!(
            "too few sentences to learn a new name from, do not trust the result: {}{more}. At least \
             {EXAMPLES} are needed; {ADVICE}",
            names.join(", ")
        ));
    }
    (samples.len() < IN_ALL).then(|| {
        format!(
            "only {} samples, do not trust the result: at least {IN_ALL} are needed, and some hundred \
             make a difference",
            samples.len()
        )
    })
}

/// What to say of verdicts that are too few, in a line.
pub fn few_verdicts(samples: &[Sample]) -> Option<String> {
    let verdicts: usize = samples.iter().map(verdicts).sum();
    (verdicts < IN_ALL).then(|| {
        format!(
            "only {verdicts} verdicts, do not trust the result: at least {IN_ALL} are needed, and about \
             200 make a difference (dossier review RUN_DIR -n 200 picks them)"
        )
    })
}

/// How many rows of a review a sample stands for: where another relation holds instead, one row has
/// given two.
fn verdicts(sample: &Sample) -> usize {
    let mut pairs: HashMap<(usize, usize), [usize; 2]> = HashMap::new();
    for relation in &sample.relations {
        let pair = pairs
            .entry((relation.subject, relation.object))
            .or_default();
        pair[usize::from(relation.holds)] += 1;
    }
    pairs.values().map(|[no, yes]| no.max(yes)).sum()
}

/// Relations and entity types that the model does not know yet and that few sentences have, with the
/// number of those.
fn rare_names<'s>(
    samples: &'s [Sample],
    known: Option<&Schema>,
    task: Task,
) -> Vec<(&'s Label, usize)> {
    let mut of_relations: BTreeMap<&Label, usize> = BTreeMap::new();
    let mut of_types: BTreeMap<&Label, usize> = BTreeMap::new();
    for sample in samples {
        let held = sample.relations.iter().filter(|r| r.holds);
        count(&mut of_relations, held.map(|r| &r.label));
        let types = sample.mentions.iter().filter_map(|m| m.label.as_ref());
        count(&mut of_types, types);
    }
    of_relations.retain(|name, _| {
        task != Task::Ner && known.is_none_or(|s| s.relation_index(name.as_str()).is_none())
    });
    of_types.retain(|name, _| {
        task != Task::Relations && known.is_none_or(|s| s.entity_index(name.as_str()).is_none())
    });
    of_relations
        .into_iter()
        .chain(of_types)
        .filter(|(_, count)| *count < EXAMPLES)
        .collect()
}

/// Counts a sentence for each of the names in it.
fn count<'s>(counts: &mut BTreeMap<&'s Label, usize>, names: impl Iterator<Item = &'s Label>) {
    let mut names: Vec<&Label> = names.collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::samples::{Format, read, read_native};

    fn samples(count: usize, relation: &str, kind: &str) -> Vec<Sample> {
        let line = format!(
            r#"{{"text":"Ana met Bo.","entities":[{{"id":"a","start":0,"end":3,"type":"PER"}},{{"id":"b","start":8,"end":10,"type":"{kind}"}}],"relations":[{{"subject":"a","relation":"{relation}","object":"b"}}]}}"#
        );
        let text = vec![line; count].join("\n");
        let read = read_native(Path::new("s.jsonl"), &text);
        assert_eq!(read.skipped, []);
        read.samples
    }

    #[test]
    fn few_samples_are_told_with_what_would_be_enough() {
        let schema = Schema::bundled().unwrap();
        let told = |count, relation, kind, task| {
            few_samples(&samples(count, relation, kind), Some(&schema), task)
        };
        let few = told(2, "meets", "PER", Task::All).unwrap();
        assert!(few.starts_with("only 2 samples"), "{few}");
        let few = told(19, "succeeds", "SHIP", Task::All).unwrap();
        assert!(few.contains("succeeds (19), SHIP (19)."), "{few}");
        let few = told(60, "meets", "PER", Task::All);
        assert_eq!(few, None);
        assert_eq!(told(60, "succeeds", "SHIP", Task::All), None);
        let few = told(19, "succeeds", "SHIP", Task::Ner).unwrap();
        assert!(
            !few.contains("succeeds (") && few.contains("SHIP (19)"),
            "{few}"
        );
        let bare = few_samples(&samples(5, "meets", "PER"), None, Task::Relations).unwrap();
        assert!(
            bare.contains("meets (5)") && !bare.contains("PER ("),
            "{bare}"
        );
    }

    #[test]
    fn verdicts_are_counted_by_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("review.csv");
        let table = |rows: usize| {
            let verdicts = ["ok", "wrong", "none", "accuses"];
            let rows =
                (0..rows).map(|n| format!("Ana met Bo {n}.,Ana,meets,Bo,{}\n", verdicts[n % 4]));
            format!(
                "sentence,subject,relation,object,verdict\n{}",
                rows.collect::<String>()
            )
        };
        for (rows, told) in [
            (4, Some("only 4 verdicts")),
            (49, Some("only 49")),
            (50, None),
        ] {
            std::fs::write(&path, table(rows)).unwrap();
            let samples = read(&path, Some(Format::Reviewed)).unwrap().samples;
            let few = few_verdicts(&samples);
            assert_eq!(few.is_some(), told.is_some(), "{few:?}");
            assert!(
                few.unwrap_or_default()
                    .starts_with(told.unwrap_or_default())
            );
        }
    }
}
