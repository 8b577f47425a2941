use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

static GIVEN_UP: AtomicBool = AtomicBool::new(false);

/// How often it is looked whether to wait on.
const PATIENCE: Duration = Duration::from_millis(100);
const CHUNK: usize = 1 << 16;

/// Ends all waiting for standard input in this process: reading it fails from now on.
pub fn stop_waiting() {
    GIVEN_UP.store(true, Ordering::Relaxed);
}

/// Standard input, read by a thread of its own, since nothing else can be left while the system
/// waits for whoever writes into it.
pub(super) struct Stdin {
    chunks: Receiver<io::Result<Vec<u8>>>,
    left: io::Cursor<Vec<u8>>,
}

impl Stdin {
    pub fn new() -> Self {
        Self::from(io::stdin())
    }

    fn from(mut source: impl Read + Send + 'static) -> Self {
        let (give, chunks) = sync_channel(2);
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = source.read(&mut chunk);
                let last = !matches!(read, Ok(n) if n > 0);
                let read = read.map(|n| {
                    chunk.truncate(n);
                    chunk
                });
                if give.send(read).is_err() || last {
                    return;
                }
            }
        });
        Self {
            chunks,
            left: io::Cursor::default(),
        }
    }

    fn next(&self, given_up: &AtomicBool) -> io::Result<Vec<u8>> {
        loop {
            if given_up.load(Ordering::Relaxed) {
                return Err(io::Error::other("was left before its end"));
            }
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => return chunk,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
            }
        }
    }
}

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.position() == self.left.get_ref().len() as u64 {
            self.left = io::Cursor::new(self.next(&GIVEN_UP)?);
        }
        self.left.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_comes_is_read() {
        let text = "Ana met Bo.\n".repeat(20_000);
        let mut read = String::new();
        Stdin::from(io::Cursor::new(text.clone()))
            .read_to_string(&mut read)
            .unwrap();
        assert!(read == text);
    }

    #[test]
    fn waiting_can_be_given_up() {
        struct Silent;
        impl Read for Silent {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                std::thread::sleep(Duration::from_secs(600));
                Ok(0)
            }
        }
        let given_up = AtomicBool::new(true);
        assert!(Stdin::from(Silent).next(&given_up).is_err());
    }
}
