//! The stages of `dossier extract`, each by itself, over texts of growing size: `cargo bench`.
//!
//! One thread; the text is `data/samples`' articles, repeated until it is long enough.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dossier::annotation::Annotations;
use dossier::config::Schema;
use dossier::corpus::{Inputs, Item, ReadOptions, clean, read};
use dossier::entities::Aliases;
use dossier::export::{DocumentStatus, ModelInfo, Record, RunInfo, RunOptions, write_run};
use dossier::model::{Batch, Phase, Precision, Window, tune_process};
use dossier::network::{GivenMention, Model, Prepared, Task, Workers, batches, find_model};
use dossier::text::{count_words, split_sentences};

/// Words of text in each size.
const SIZES: [usize; 3] = [200, 1_000, 5_000];
const BATCH_TOKENS: usize = 1536;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn articles() -> Vec<String> {
    Inputs::below(&[root().join("data/samples")], None)
        .sources
        .into_iter()
        .flatten()
        .flat_map(|source| read(&source, &ReadOptions::default()))
        .filter_map(|item| match item {
            Item::Document(document) => Some(document.text),
            Item::Failed(_) => None,
        })
        .collect()
}

/// Articles of at least so many words together.
fn text_of(words: usize) -> String {
    let articles = articles();
    let mut text = String::new();
    for article in articles.iter().cycle() {
        text.push_str(article);
        text.push_str("\n\n");
        if count_words(&text) >= words {
            break;
        }
    }
    text
}

fn texts() -> impl Iterator<Item = (usize, String)> {
    SIZES.into_iter().map(|words| (words, text_of(words)))
}

fn workers() -> Workers {
    tune_process();
    let folder = find_model(None).expect("a bundled model");
    let model = Model::load(&folder, Precision::Fp32).expect("the bundled model loads");
    Workers::start(model, 1).expect("a thread")
}

fn splitting(c: &mut Criterion) {
    let mut group = c.benchmark_group("split");
    for (words, text) in texts() {
        group.throughput(Throughput::Elements(words as u64));
        group.bench_with_input(BenchmarkId::new("clean", words), &text, |b, text| {
            b.iter(|| clean(black_box(text)));
        });
        group.bench_with_input(BenchmarkId::new("sentences", words), &text, |b, text| {
            b.iter(|| split_sentences(black_box(text)));
        });
    }
}

fn prepared(workers: &Workers, text: &str) -> Prepared {
    workers
        .prepare(text, split_sentences(text))
        .expect("a text that can be tokenized")
}

fn reading(c: &mut Criterion) {
    let workers = workers();
    let mut group = c.benchmark_group("read");
    group.sample_size(10);
    for (words, text) in texts() {
        group.throughput(Throughput::Elements(words as u64));
        group.bench_with_input(BenchmarkId::new("tokenize", words), &text, |b, text| {
            b.iter(|| prepared(&workers, black_box(text)));
        });

        let ready = prepared(&workers, &text);
        let lengths: Vec<usize> = ready.windows.iter().map(|w| w.ids.len()).collect();
        let network = workers.model().network().expect("a network");
        let padding = workers.model().tokenizer().special().2;
        group.bench_function(BenchmarkId::new("encode", words), |b| {
            dossier::model::single_threaded_kernels();
            b.iter(|| {
                dossier::model::without_gradients(|| {
                    for batch in batches(&lengths, BATCH_TOKENS) {
                        let rows: Vec<&Window> = batch.iter().map(|&n| &ready.windows[n]).collect();
                        let hidden = network
                            .encoder
                            .encode(&Batch::new(&rows, padding), Phase::Predict);
                        black_box(hidden.expect("an encoding"));
                    }
                });
            });
        });

        // With the mentions given, what comes on top of the encoding is the scoring of pairs.
        let found = annotations(&workers, &text);
        let given = || {
            let mentions = found.mentions.iter().map(|m| GivenMention {
                span: m.span,
                label: Some(m.label.clone()),
                confidence: m.confidence,
            });
            Prepared {
                given: Some(mentions.collect()),
                ..prepared(&workers, &text)
            }
        };
        group.bench_function(BenchmarkId::new("encode and score pairs", words), |b| {
            b.iter_batched(
                given,
                |prepared| annotate(&workers, &text, prepared),
                BatchSize::LargeInput,
            );
        });
        group.bench_function(BenchmarkId::new("all", words), |b| {
            b.iter(|| annotations(&workers, black_box(&text)));
        });
    }
}

fn annotations(workers: &Workers, text: &str) -> Annotations {
    annotate(workers, text, prepared(workers, text))
}

fn annotate(workers: &Workers, text: &str, prepared: Prepared) -> Annotations {
    let mut found = workers
        .annotate(&[Task { text, prepared }], BATCH_TOKENS)
        .expect("a reading");
    found.pop().expect("one text was given")
}

fn writing(c: &mut Criterion) {
    let workers = workers();
    let schema = workers.model().schema.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = c.benchmark_group("write");
    group.sample_size(10);
    for (words, text) in texts() {
        let records = vec![Record {
            doc_id: "bench".into(),
            source_file: "bench.txt".into(),
            title: None,
            date: None,
            status: DocumentStatus::Ok,
            duplicate_of: None,
            message: String::new(),
            words,
            words_read: words,
            annotations: annotations(&workers, &text),
            text,
        }];
        group.throughput(Throughput::Elements(words as u64));
        group.bench_with_input(BenchmarkId::new("run", words), &records, |b, records| {
            b.iter(|| write(folder.path(), records, &schema));
        });
    }
}

fn write(folder: &Path, records: &Vec<Record>, schema: &dossier::config::Schema) {
    let info = RunInfo {
        version: String::new(),
        command: Vec::new(),
        model: ModelInfo {
            name: String::new(),
            sha256: String::new(),
            schema: Schema::default(),
        },
        settings: serde_json::Value::Null,
        started: jiff::Timestamp::UNIX_EPOCH,
        seconds: 0.0,
        stages: Vec::new(),
    };
    write_run(
        folder,
        records,
        schema,
        &Aliases::default(),
        &RunOptions::default(),
        &info,
    )
    .expect("a folder that can be written to");
}

criterion_group!(stages, splitting, reading, writing);
criterion_main!(stages);
