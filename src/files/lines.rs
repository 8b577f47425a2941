use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// Passes bytes through and counts their lines.
#[derive(Debug)]
pub struct Numbered<R> {
    inner: R,
    lines: LineNumbers,
}

/// The lines of what a [`Numbered`] passed through.
///
/// The CSV parser places a row before the line ends that part it from the row above: before the `\n`
/// of `\r\n`, and before blank lines. Here its place leads to the line where its first cell stands.
#[derive(Debug, Clone, Default)]
pub struct LineNumbers(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    /// First byte and number (from 0) of each line that is not blank.
    filled: VecDeque<(u64, usize)>,
    bytes: u64,
    breaks: usize,
    last: Option<u8>,
}

/// A reader of the same bytes, and what knows their lines.
pub fn numbered<R: Read>(inner: R) -> (Numbered<R>, LineNumbers) {
    let lines = LineNumbers::default();
    let numbered = Numbered {
        inner,
        lines: lines.clone(),
    };
    (numbered, lines)
}

impl<R: Read> Read for Numbered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.lines
            .with(|lines| lines.pass(buffer.get(..n).unwrap_or_default()));
        Ok(n)
    }
}

impl LineNumbers {
    /// The 1-based line of the row whose place is `byte`. Places are asked for in order: lines above
    /// are forgotten.
    pub fn line_of(&self, byte: u64) -> usize {
        self.with(|lines| 1 + lines.find(byte))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Lines) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match (self.last, byte) {
                (Some(b'\r'), b'\n') => {}
                (_, b'\r' | b'\n') => self.breaks += 1,
                (None | Some(b'\r' | b'\n'), _) => self.filled.push_back((self.bytes, self.breaks)),
                _ => {}
            }
            self.last = Some(byte);
            self.bytes += 1;
        }
    }

    fn find(&mut self, byte: u64) -> usize {
        while self.filled.front().is_some_and(|(first, _)| *first < byte) {
            self.filled.pop_front();
        }
        self.filled.front().map_or(self.breaks, |(_, line)| *line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of_rows(text: &str) -> Vec<usize> {
        let (source, lines) = numbered(text.as_bytes());
        let mut table = csv::Reader::from_reader(source);
        let rows = table.byte_records();
        rows.map(|row| lines.line_of(row.unwrap().position().unwrap().byte()))
            .collect()
    }

    #[test]
    fn rows_are_where_their_first_cells_stand() {
        let text = "a,b\n1,2\n\n\"3\n\n3\",4\n5,6";
        for ends in ["\n", "\r\n", "\r"] {
            assert_eq!(
                lines_of_rows(&text.replace('\n', ends)),
                [2, 4, 7],
                "{ends:?}"
            );
        }
        assert_eq!(lines_of_rows("\u{feff}a,b\r\n1,2\n3,4\r\n5,6\n"), [2, 3, 4]);
    }

    #[test]
    fn rows_are_found_beyond_a_buffer() {
        let rows: Vec<usize> = lines_of_rows(&"some cell,another cell\r\n".repeat(5000));
        assert_eq!(rows, (2..=5000).collect::<Vec<_>>());
    }
}
