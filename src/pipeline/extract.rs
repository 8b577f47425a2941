use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::annotate::annotate_or_fail;
use super::blocks::{Block, Entry, IN_FLIGHT, produce};
use super::duplicates::Duplicates;
use super::fingerprint::Fingerprint;
use super::journal::{Begin, JournalFile};
use super::place::check_place;
use crate::annotation::Label;
use crate::corpus::{Format, Inputs, ReadOptions};
use crate::entities::Aliases;
use crate::error::{Error, Result};
use crate::export::{DocumentStatus, Record, RunInfo, RunOptions, Totals, write_run};
use crate::network::Workers;

/// What to extract, from what, to where.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractOptions {
    /// Files and folders; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// The run directory.
    pub output: PathBuf,
    /// How inputs are read.
    pub read: ReadOptions,
    /// What is written.
    pub run: RunOptions,
    /// What the user knows of names.
    pub aliases: Aliases,
    /// Padded subwords in a batch.
    pub batch_tokens: usize,
    /// Pass over documents that repeat an earlier one, word for word or nearly so.
    pub dedup: bool,
    /// End the run at the first input that fails.
    pub fail_fast: bool,
    /// What to do where a run was stopped.
    pub begin: Begin,
}

/// Is told how a run goes, and asked whether to stop.
pub trait Observer: Sync {
    /// The inputs were found: so many files; and so many documents are still to be read, which is
    /// known beforehand where no file may hold several.
    fn found(&self, inputs: usize, documents: Option<usize>);
    /// A document is journalled.
    fn document(&self, record: &Record);
    /// All documents are journalled; the files are being written.
    fn writing(&self);
    /// Whether to stop at the next document.
    fn stop(&self) -> bool;
}

/// What came of an extraction.
#[derive(Debug)]
pub struct Extracted {
    /// Sums over the whole run.
    pub totals: Totals,
    /// Folders of earlier runs among the inputs, which were passed over.
    pub earlier_runs: Vec<PathBuf>,
    /// How often a file was met again, by another path or through a link, and passed over.
    pub repeats: usize,
}

/// Runs an extraction.
///
/// # Errors
/// The run directory cannot be written, a run cannot be resumed, an input failed with
/// [`ExtractOptions::fail_fast`], or the observer stopped the run ([`Error::Interrupted`]; the
/// journal then stays for a resume). Inputs that fail otherwise are rows of `documents.csv`.
pub fn extract(
    workers: &Workers,
    options: &ExtractOptions,
    mut info: RunInfo,
    observer: &dyn Observer,
) -> Result<Extracted> {
    if let Some(missing) = options
        .paths
        .iter()
        .find(|p| p.as_os_str() != "-" && std::fs::symlink_metadata(p).is_err())
    {
        return Err(Error::Usage(format!(
            "{}: no such file or folder",
            missing.display()
        )));
    }
    let wanted = options.run.wanted.relations.iter().map(Label::as_str);
    workers.model().schema.check_relations(wanted)?;
    check_place(&options.paths, &options.output)?;
    // A folder that is yet to be made is not among what is read.
    let output = options.output.canonicalize().ok();
    let Inputs {
        sources,
        earlier_runs,
        repeats,
    } = Inputs::below(&options.paths, output.as_deref());
    if !sources.iter().any(std::result::Result::is_ok) {
        return Err(nothing_to_read(options, &sources, &earlier_runs));
    }
    let settings = settings(options, &info);
    let one_each = sources
        .iter()
        .flatten()
        .all(|source| source.is_single(&options.read));
    let all = one_each.then_some(sources.len());
    let mut journal = JournalFile::open(&options.output, &settings, options.begin, all)?;
    let left = sources.len().saturating_sub(journal.done);
    observer.found(sources.len(), one_each.then_some(left));
    let begun = Instant::now();
    let words_now = annotate_all(workers, options, sources, &mut journal, observer)?;
    let seconds = begun.elapsed().as_secs_f64();
    info.seconds += seconds;
    info.stages.push(("annotate".into(), seconds));
    observer.writing();
    let mut totals = write_run(
        &options.output,
        &journal,
        &workers.model().schema,
        &options.aliases,
        &options.run,
        &info,
    )?;
    journal.remove()?;
    totals.words_now = words_now;
    Ok(Extracted {
        totals,
        earlier_runs,
        repeats,
    })
}

/// That there is no article at all: what was looked for, and what there is instead.
fn nothing_to_read(
    options: &ExtractOptions,
    sources: &[Result<crate::corpus::Source, crate::corpus::Failure>],
    earlier_runs: &[PathBuf],
) -> Error {
    let paths: Vec<String> = options
        .paths
        .iter()
        .map(|p| p.display().to_string())
        .collect();
    let mut told = format!(
        "no articles found in {}: looked for {}",
        paths.join(", "),
        Format::endings()
    );
    if let Some(first) = sources.iter().find_map(|source| source.as_ref().err()) {
        told += &match sources.len() {
            1 => "; there is one file that cannot be read".to_string(),
            number => format!("; there are {number} files that cannot be read, the first"),
        };
        told += &format!(": {}: {}", first.source_file, first.message);
    }
    if let Some(run) = earlier_runs.first() {
        told += &format!(
            "; what an earlier run wrote is passed over unless it is named ({})",
            run.display()
        );
    }
    Error::Usage(told)
}

/// What must be the same for a run to be taken up again, by the names that the user knows. What the
/// run is told to have been made with already has the rest of the options.
fn settings(options: &ExtractOptions, info: &RunInfo) -> String {
    let read = &options.read;
    let inputs: Vec<_> = options.paths.iter().map(|p| p.to_string_lossy()).collect();
    let mut settings = BTreeMap::from([
        ("version", serde_json::json!(info.version)),
        ("model", serde_json::json!(info.model.sha256)),
        ("inputs", serde_json::json!(inputs)),
        (
            "format_hint",
            serde_json::json!(read.format_hint.map(|f| f.to_string())),
        ),
        ("text_field", serde_json::json!(read.text_field)),
        ("title_field", serde_json::json!(read.title_field)),
        ("date_field", serde_json::json!(read.date_field)),
        ("id_field", serde_json::json!(read.id_field)),
    ]);
    let own = info.settings.as_object().into_iter().flatten();
    settings.extend(own.map(|(name, value)| (name.as_str(), value.clone())));
    serde_json::to_string(&settings).unwrap_or_default()
}

/// Annotates and journals what is not journalled yet; gives the number of words that were read.
fn annotate_all(
    workers: &Workers,
    options: &ExtractOptions,
    sources: Vec<Result<crate::corpus::Source, crate::corpus::Failure>>,
    journal: &mut JournalFile,
    observer: &dyn Observer,
) -> Result<u64> {
    let (give, blocks) = crossbeam_channel::bounded::<Block>(1);
    let (done, finished) = crossbeam_channel::unbounded::<(usize, Vec<Record>)>();
    // A block takes a ticket when it is read and gives it back when it is journalled.
    let (ticket_back, tickets) = crossbeam_channel::bounded::<()>(IN_FLIGHT);
    for _ in 0..IN_FLIGHT {
        let _ = ticket_back.send(());
    }
    let over = AtomicBool::new(false);
    let stopped = || over.load(Ordering::Relaxed) || observer.stop();
    let skip = journal.done;
    let before = journal.fingerprint();
    let mut resumed = Ok(());
    let words = std::thread::scope(|scope| {
        let resumed = &mut resumed;
        let stopped = &stopped;
        scope.spawn(move || {
            let mut skipper = Skipper {
                left: skip,
                seen: Fingerprint::default(),
                before: Some(before),
            };
            let mut number = 0;
            produce(
                sources,
                &options.read,
                options.dedup.then(Duplicates::default),
                workers.pool(),
                |block| match skipper.take(block.items) {
                    Err(error) => {
                        *resumed = Err(error);
                        false
                    }
                    Ok(items) if items.is_empty() => !stopped(),
                    Ok(items) => {
                        number += 1;
                        let block = Block {
                            number: number - 1,
                            items,
                        };
                        !stopped() && tickets.recv().is_ok() && give.send(block).is_ok()
                    }
                },
            );
            if skipper.left > 0 && resumed.is_ok() && !stopped() {
                *resumed = Err(changed());
            }
        });
        // They wait outside the pool for what its threads do, block after block.
        for _ in 0..IN_FLIGHT {
            let (blocks, done) = (blocks.clone(), done.clone());
            scope.spawn(move || {
                for block in blocks {
                    let records = annotate_or_fail(&block.items, workers, options);
                    let _ = done.send((block.number, records));
                }
            });
        }
        drop((blocks, done));
        let written = write_in_order(finished, &ticket_back, journal, options, observer);
        if written.is_err() {
            over.store(true, Ordering::Relaxed);
        }
        // Nothing waits for a ticket after this.
        drop(ticket_back);
        written
    })?;
    resumed?;
    if observer.stop() {
        Err(Error::Interrupted)
    } else {
        Ok(words)
    }
}

fn write_in_order(
    finished: crossbeam_channel::Receiver<(usize, Vec<Record>)>,
    ticket_back: &crossbeam_channel::Sender<()>,
    journal: &mut JournalFile,
    options: &ExtractOptions,
    observer: &dyn Observer,
) -> Result<u64> {
    let mut waiting: BTreeMap<usize, Vec<Record>> = BTreeMap::new();
    let (mut next, mut words) = (0, 0);
    for (number, records) in finished {
        waiting.insert(number, records);
        while let Some(records) = waiting.remove(&next) {
            next += 1;
            for record in &records {
                // It is not journalled: whoever mends the input can go on with it.
                if options.fail_fast && record.status == DocumentStatus::Failed {
                    journal.flush()?;
                    return Err(Error::format(&record.source_file, &record.message));
                }
                journal.append(record)?;
                words += record.words_read as u64;
                observer.document(record);
            }
            journal.flush()?;
            let _ = ticket_back.send(());
        }
    }
    Ok(words)
}

/// Passes over the documents that a resumed run has already, making sure that they are the same.
struct Skipper {
    left: usize,
    seen: Fingerprint,
    before: Option<Fingerprint>,
}

impl Skipper {
    fn take(&mut self, mut items: Vec<Entry>) -> Result<Vec<Entry>> {
        let n = self.left.min(items.len());
        for entry in items.drain(..n) {
            self.seen.add(&entry);
        }
        self.left -= n;
        if self.left == 0
            && let Some(before) = self.before.take()
            && !std::mem::take(&mut self.seen).same(before)
        {
            return Err(changed());
        }
        Ok(items)
    }
}

fn changed() -> Error {
    Error::Usage("cannot resume: the inputs are not those that the run was begun with. Begin again with --restart in place of --resume".into())
}
