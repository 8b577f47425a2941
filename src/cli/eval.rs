use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::named;
use super::place::may_write;
use super::shared::{ModelArgs, parse_sample_format, read_samples};
use crate::annotation::{Annotations, Coreferences, Coverage, Label, Link, Sample, Wording};
use crate::config::Schema;
use crate::entities::{Aliases, Names};
use crate::eval::{Scope, score, score_coreference};
use crate::pipeline::annotate_texts;
use crate::samples::{Format, read_coreferences, write_native};
use crate::share::OutFile;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dossier eval --data data/samples.jsonl --gold-mentions")]
pub struct EvalArgs {
    /// Labelled samples: dossier JSON lines, CoNLL columns, CSV and others
    #[arg(long, required_unless_present = "coref", num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Form of the samples, where their content does not tell: native, conll, reviewed, csv,
    /// doccano, label-studio, brat, spacy or spert
    #[arg(long, value_name = "FORMAT", value_parser = parse_sample_format)]
    format: Option<Format>,
    /// Take the mentions as given and score the relations alone
    #[arg(long)]
    gold_mentions: bool,
    /// Leave aside what is found of entity types and relations that no sample is labelled with
    #[arg(long)]
    labelled_only: bool,
    /// Write what was predicted, in the native form
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Write over the file of --predictions if it is there
    #[arg(long, requires = "predictions")]
    replace: bool,
    /// Instead of mentions and relations, score which mentions of whole documents mean the same:
    /// JSON lines of documents whose mentions are put into chains
    #[arg(long, num_args = 1.., value_name = "FILE", conflicts_with_all = ["data", "format", "gold_mentions", "labelled_only", "predictions"])]
    coref: Vec<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    model: ModelArgs,
}

pub fn run(args: &EvalArgs) -> Result<Exit> {
    if !args.coref.is_empty() {
        return score_chains(args);
    }
    if let Some(path) = &args.predictions {
        may_write(path, &args.data, None, args.replace)?;
    }
    let known = args.model.look()?;
    let samples = read_samples(&args.data, args.format)?;
    tell_unknown(&samples, &known);
    let workers = args.model.workers()?;
    let schema = &workers.model().schema;
    let scope = args.labelled_only.then(|| Scope::of(&samples));
    let (predicted, confidences): (Vec<Sample>, Vec<Vec<f32>>) = workers
        .predict_scored(&samples, args.gold_mentions, args.model.batch_tokens)?
        .into_iter()
        .map(|p| match &scope {
            Some(scope) => scope.narrow_scored(&p.sample, &p.confidences),
            None => (p.sample, p.confidences),
        })
        .unzip();
    if let Some(path) = &args.predictions {
        write_predictions(path, &predicted)?;
    }
    let mut report = score(&samples, &predicted, schema, args.gold_mentions);
    report.calibrate(&samples, &predicted, &confidences, schema);
    show(&report, args.json)?;
    if !args.labelled_only {
        tell_unlabelled(&samples, &predicted);
    }
    Ok(Exit::Ok)
}

/// What is found of a relation that no sample is labelled with counts as wrong, which it need not be.
fn tell_unlabelled(samples: &[Sample], predicted: &[Sample]) {
    let looked_for = Scope::of(samples).relations;
    let judged = samples
        .iter()
        .zip(predicted)
        .filter(|(gold, _)| gold.relation_coverage == Coverage::Full);
    let found = judged.flat_map(|(_, p)| &p.relations).map(|r| &r.label);
    let unlabelled: BTreeSet<&Label> = found.filter(|l| !looked_for.contains(*l)).collect();
    if !looked_for.is_empty() && !unlabelled.is_empty() {
        tracing::info!(
            "found, but labelled in no sample, and so counted as wrong: {}; --labelled-only leaves them aside",
            unlabelled
                .iter()
                .map(|l| l.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
}

fn show(report: &(impl Serialize + Display), json: bool) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(Exit::Ok)
}

fn score_chains(args: &EvalArgs) -> Result<Exit> {
    for path in &args.coref {
        named::file(path)?;
    }
    args.model.look()?;
    let mut gold = Vec::new();
    for path in &args.coref {
        gold.extend(read_coreferences(path)?);
    }
    let workers = args.model.workers()?;
    let texts: Vec<&str> = gold.iter().map(|document| document.text.as_str()).collect();
    let annotated = annotate_texts(&texts, &workers, args.model.batch_tokens)?;
    let found: Vec<Coreferences> = gold
        .iter()
        .zip(&annotated)
        .map(|(document, (layers, _))| chains(document, layers))
        .collect();
    let report = score_coreference(&gold, &found);
    show(&report, args.json)
}

/// The mentions of a document by their entities, as a run over it alone would have them.
fn chains(document: &Coreferences, layers: &Annotations) -> Coreferences {
    let mut names = Names::new(Aliases::default());
    names.add(&document.text, layers);
    let entities = names
        .resolve()
        .of(&document.text, layers)
        .unwrap_or_default();
    let links = layers.mentions.iter().zip(&entities);
    Coreferences {
        id: document.id.clone(),
        text: document.text.clone(),
        links: links
            .map(|(mention, entity)| Link {
                span: mention.span,
                wording: mention.reference.map_or(Wording::Name, |reference| {
                    Wording::Reference(reference.kind)
                }),
                chain: Some(entity.entity),
            })
            .collect(),
    }
}

fn write_predictions(path: &Path, predicted: &[Sample]) -> Result<()> {
    let mut file = OutFile::create(path)?;
    write_native(&mut file, predicted).map_err(|e| crate::Error::io(path, e))?;
    file.finish()?;
    Ok(())
}

/// Names that the model does not know count as not found; the user should know why.
fn tell_unknown(samples: &[Sample], schema: &Schema) {
    let relations = samples.iter().flat_map(|s| &s.relations).map(|r| &r.label);
    let types = samples
        .iter()
        .flat_map(|s| &s.mentions)
        .filter_map(|m| m.label.as_ref());
    let unknown = |names: BTreeSet<&Label>, known: &dyn Fn(&str) -> bool| -> Vec<String> {
        let unknown = names.into_iter().filter(|name| !known(name.as_str()));
        unknown.map(ToString::to_string).collect()
    };
    for (what, names) in [
        (
            "relations",
            unknown(relations.collect(), &|n| schema.relation_index(n).is_some()),
        ),
        (
            "entity types",
            unknown(types.collect(), &|n| schema.entity_index(n).is_some()),
        ),
    ] {
        if !names.is_empty() {
            tracing::info!(
                "the model does not know the {what} {}: they count as not found",
                names.join(", ")
            );
        }
    }
}
