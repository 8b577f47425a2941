use super::data::Example;
use super::options::{Rng, TrainOptions};
use crate::model::{SubwordTokenizer, Window, WindowLimits, windows};

/// One window of training text: which examples stand in it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub window: Window,
    /// The examples, in the order of the sentence numbers of the window's pieces.
    pub examples: Vec<usize>,
}

/// The batches of one epoch, in order. Depends on the data, the options and the epoch only.
pub(super) fn plan(
    examples: &[Example],
    tokenizer: &SubwordTokenizer,
    limits: WindowLimits,
    options: &TrainOptions,
    epoch: usize,
) -> Vec<Vec<Row>> {
    let mut rng = Rng::new(&[options.seed, epoch as u64]);
    let mut rows = Vec::new();
    for run in runs(examples, options, epoch) {
        // Documents in random order, each a run of neighbours; then windows cut from the stream.
        let stream = shuffled(run, &mut rng);
        let mut open: Vec<usize> = Vec::new();
        let (mut filled, mut budget) = (0, 0);
        for n in stream {
            let len = examples[n].tokens.ids.len();
            if !open.is_empty() && filled + len + 2 > budget {
                rows.extend(lay(&std::mem::take(&mut open), examples, tokenizer, limits));
                filled = 0;
            }
            if open.is_empty() {
                budget = if rng.unit() < options.alone_share {
                    0
                } else {
                    limits.shared
                };
            }
            open.push(n);
            filled += len;
        }
        rows.extend(lay(&open, examples, tokenizer, limits));
    }
    into_batches(rows, options.batch_tokens, &mut rng)
}

/// Indices of examples of one document.
type Document = Vec<usize>;

/// The documents of an epoch: those with relations, and this epoch's share of the others.
fn runs(examples: &[Example], options: &TrainOptions, epoch: usize) -> [Vec<Document>; 2] {
    let mut documents: Vec<Document> = Vec::new();
    for (n, example) in examples.iter().enumerate() {
        match documents.last_mut() {
            Some(open) if examples[open[0]].doc == example.doc => open.push(n),
            _ => documents.push(vec![n]),
        }
    }
    let (related, mut plain): (Vec<_>, Vec<_>) = documents.into_iter().partition(|d| {
        d.iter()
            .any(|&n| examples[n].coverage != crate::annotation::Coverage::Nothing)
    });
    // The same order every epoch, so that successive shares are different documents.
    Rng::new(&[options.seed, u64::MAX]).shuffle(&mut plain);
    let count = ((plain.len() as f64 * options.ner_share).round() as usize).min(plain.len());
    let plain = if plain.is_empty() {
        plain
    } else {
        let from = epoch * count % plain.len();
        (0..count)
            .map(|k| plain[(from + k) % plain.len()].clone())
            .collect()
    };
    [related, plain]
}

fn shuffled(mut documents: Vec<Document>, rng: &mut Rng) -> Vec<usize> {
    rng.shuffle(&mut documents);
    documents.into_iter().flatten().collect()
}

fn lay(
    group: &[usize],
    examples: &[Example],
    tokenizer: &SubwordTokenizer,
    limits: WindowLimits,
) -> Vec<Row> {
    let tokens: Vec<_> = group.iter().map(|&n| examples[n].tokens.clone()).collect();
    let fits = WindowLimits {
        shared: limits.shared.max(limits.alone),
        ..limits
    };
    windows(&tokens, fits, tokenizer)
        .into_iter()
        .map(|window| Row {
            examples: window.pieces.iter().map(|p| group[p.sentence]).collect(),
            window,
        })
        .collect()
}

/// Sorts by length within blocks, so that little is padding, and shuffles the batches.
fn into_batches(mut rows: Vec<Row>, budget: usize, rng: &mut Rng) -> Vec<Vec<Row>> {
    const BLOCK: usize = 512;
    rng.shuffle(&mut rows);
    let mut batches: Vec<Vec<Row>> = Vec::new();
    let mut rest = rows.into_iter().peekable();
    while rest.peek().is_some() {
        let mut block: Vec<Row> = rest.by_ref().take(BLOCK).collect();
        block.sort_by_key(|r| std::cmp::Reverse(r.window.ids.len()));
        let mut open: Vec<Row> = Vec::new();
        for row in block {
            let longest = open
                .first()
                .map_or(row.window.ids.len(), |r| r.window.ids.len());
            if !open.is_empty() && (open.len() + 1) * longest > budget {
                batches.push(std::mem::take(&mut open));
            }
            open.push(row);
        }
        if !open.is_empty() {
            batches.push(open);
        }
    }
    rng.shuffle(&mut batches);
    batches
}
