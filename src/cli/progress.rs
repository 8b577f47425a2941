use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::interrupt::Interrupt;
use crate::export::{DocumentStatus, Record};
use crate::pipeline::Observer;

/// Shows how an extraction goes: a bar on a terminal, a plain line now and then elsewhere.
pub struct Bar {
    bar: ProgressBar,
    plain: bool,
    interrupt: Interrupt,
    begun: Instant,
    last_line: Mutex<Instant>,
    words: AtomicU64,
    documents: AtomicU64,
    failed: AtomicU64,
}

const SECONDS_BETWEEN_LINES: u64 = 10;

impl Bar {
    pub fn new(quiet: bool, interrupt: Interrupt) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if quiet || !terminal {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let now = Instant::now();
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            plain: !quiet && !terminal,
            interrupt,
            begun: now,
            last_line: Mutex::new(now),
            words: AtomicU64::new(0),
            documents: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn rate(&self) -> f64 {
        self.words.load(Ordering::Relaxed) as f64 / self.begun.elapsed().as_secs_f64().max(1e-9)
    }
}

impl Observer for Bar {
    fn found(&self, inputs: usize) {
        // A file may hold many articles: only a folder of files has a known end.
        let style = "{spinner} {pos} documents  {msg}  {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.bar.set_style(style);
        }
        self.bar.enable_steady_tick(Duration::from_millis(200));
        if self.plain {
            eprintln!(
                "reading {inputs} {}",
                if inputs == 1 { "input" } else { "inputs" }
            );
        }
    }

    fn document(&self, record: &Record) {
        self.words.fetch_add(record.words as u64, Ordering::Relaxed);
        let documents = self.documents.fetch_add(1, Ordering::Relaxed) + 1;
        if record.status == DocumentStatus::Failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        let failed = self.failed.load(Ordering::Relaxed);
        self.bar.inc(1);
        self.bar
            .set_message(format!("{:.0} words/s  {failed} failed", self.rate()));
        if self.plain
            && let Ok(mut last) = self.last_line.lock()
            && last.elapsed() >= Duration::from_secs(SECONDS_BETWEEN_LINES)
        {
            *last = Instant::now();
            eprintln!(
                "{documents} documents, {:.0} words/s, {failed} failed",
                self.rate()
            );
        }
    }

    fn writing(&self) {
        self.bar.set_message("writing the files");
    }

    fn stop(&self) -> bool {
        self.interrupt.is_set()
    }
}
