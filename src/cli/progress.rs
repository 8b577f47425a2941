use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing::{info, warn};

use super::interrupt::Interrupt;
use super::messages::MessageArgs;
use crate::export::{DocumentStatus, Record};
use crate::pipeline::Observer;

/// Shows how an extraction goes: a bar on a terminal, a line now and then elsewhere.
pub struct Bar {
    bar: ProgressBar,
    messages: MessageArgs,
    /// Whether there is no bar.
    lines: bool,
    interrupt: Interrupt,
    state: Mutex<State>,
    words: AtomicU64,
    documents: AtomicU64,
    failed: AtomicU64,
}

struct State {
    begun: Instant,
    last_line: Instant,
    /// Documents there will be, where that is known beforehand.
    expected: Option<u64>,
}

const BETWEEN_LINES: Duration = Duration::from_secs(10);

impl Bar {
    pub fn new(messages: MessageArgs, interrupt: Interrupt) -> Self {
        let lines = messages.is_json() || !std::io::stderr().is_terminal();
        let target = if messages.quiet || lines {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let now = Instant::now();
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            messages,
            lines,
            interrupt,
            state: Mutex::new(State {
                begun: now,
                last_line: now,
                expected: None,
            }),
            words: AtomicU64::new(0),
            documents: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, state: &State) {
        let (documents, failed) = (
            self.documents.load(Ordering::Relaxed),
            self.failed.load(Ordering::Relaxed),
        );
        let seconds = state.begun.elapsed().as_secs_f64();
        let words_per_second = rate(self.words.load(Ordering::Relaxed), seconds);
        match state.expected {
            Some(expected) => {
                let seconds_left = seconds_left(documents, expected, seconds);
                info!(
                    documents,
                    expected,
                    words_per_second,
                    failed,
                    seconds_left,
                    "{documents} of {expected} documents, {words_per_second} words/s, {failed} failed, {} left",
                    in_words(seconds_left)
                );
            }
            None => info!(
                documents,
                words_per_second,
                failed,
                "{}, {words_per_second} words/s, {failed} failed",
                counted(documents, "document")
            ),
        }
    }
}

fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

fn rate(count: u64, seconds: f64) -> u64 {
    (count as f64 / seconds.max(1e-3)).round() as u64
}

fn seconds_left(done: u64, expected: u64, seconds: f64) -> u64 {
    let each = seconds / done.max(1) as f64;
    (each * expected.saturating_sub(done) as f64).round() as u64
}

/// A time to wait, as one would say it.
fn in_words(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{:.1} h", seconds as f64 / 3600.0),
    }
}

impl Observer for Bar {
    fn found(&self, inputs: usize, documents: Option<usize>) {
        let expected = documents.map(|n| n as u64);
        if let Ok(mut state) = self.state.lock() {
            state.expected = expected;
            state.begun = Instant::now();
        }
        let style = match expected {
            Some(expected) => {
                self.bar.set_length(expected);
                "{bar:25} {human_pos}/{human_len} documents  {msg}  {eta} left"
            }
            None => "{spinner} {human_pos} documents  {msg}  {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.bar.set_style(style);
        }
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
        if self.lines {
            info!(inputs, "reading {}", counted(inputs as u64, "input"));
        }
    }

    fn document(&self, record: &Record) {
        let words = record.words as u64;
        let words = self.words.fetch_add(words, Ordering::Relaxed) + words;
        self.documents.fetch_add(1, Ordering::Relaxed);
        let newly_failed = u64::from(record.status == DocumentStatus::Failed);
        let failed = self.failed.fetch_add(newly_failed, Ordering::Relaxed) + newly_failed;
        if newly_failed > 0 && self.messages.is_json() {
            warn!(
                source_file = record.source_file,
                reason = record.message,
                "input failed"
            );
        }
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        if self.lines && state.last_line.elapsed() >= BETWEEN_LINES {
            state.last_line = Instant::now();
            self.line(&state);
        }
        if !self.bar.is_hidden() {
            let rate = rate(words, state.begun.elapsed().as_secs_f64());
            self.bar
                .set_message(format!("{rate} words/s  {failed} failed"));
            self.bar.inc(1);
        }
    }

    fn writing(&self) {
        self.bar.set_message("writing the files");
    }

    fn stop(&self) -> bool {
        self.interrupt.is_set()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_what_is_done() {
        assert_eq!(seconds_left(100, 400, 50.0), 150);
        assert_eq!(seconds_left(0, 10, 2.0), 20);
        assert_eq!(seconds_left(10, 10, 2.0), 0);
        assert_eq!(rate(300, 2.0), 150);
    }

    #[test]
    fn times_are_told_in_fitting_units() {
        assert_eq!(
            [5, 89, 90, 600, 9000].map(in_words),
            ["5 s", "89 s", "2 min", "10 min", "2.5 h"]
        );
    }
}
