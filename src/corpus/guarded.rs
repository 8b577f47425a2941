use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Threads of this name may panic without a word on the terminal: the parsers of third parties do
/// on damaged files, and the failure is reported in its own row.
pub const QUIET: &str = "parser";

/// What a file may take its parser. Articles take milliseconds; what takes this long never ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stack of a parser, in bytes: trees are walked recursively, and some pages are nested deeply.
const STACK: usize = 256 << 20;

/// Runs a third party's parser on a thread of its own, so that neither a panic nor an endless loop
/// is the end of the run.
///
/// # Errors
/// It panicked, or was not done in a minute: says so, for people.
pub(super) fn guarded<T: Send + 'static>(
    parse: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    within(PATIENCE, parse)
}

fn within<T: Send + 'static>(
    patience: Duration,
    parse: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (done, result) = channel();
    std::thread::Builder::new()
        .name(QUIET.into())
        .stack_size(STACK)
        .spawn(move || {
            let _ = done.send(parse());
        })
        .map_err(|e| format!("no thread for its parser: {e}"))?;
    result.recv_timeout(patience).map_err(|e| match e {
        RecvTimeoutError::Timeout => format!(
            "its parser was not done after {} s: save it as text and read that",
            patience.as_secs()
        ),
        RecvTimeoutError::Disconnected => "damaged: its parser gave up on it".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_may_panic_or_never_end() {
        assert_eq!(guarded(|| 7), Ok(7));
        let gave_up = guarded(|| -> u8 { std::panic::resume_unwind(Box::new("no")) });
        assert!(gave_up.unwrap_err().contains("gave up"));
        let endless = within(Duration::from_millis(20), || {
            std::thread::sleep(Duration::from_secs(5));
        });
        assert!(endless.unwrap_err().contains("not done"));
    }
}
