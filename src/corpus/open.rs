use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Source;
use super::decode::{decode, encoding_of};
use super::stdin::Stdin;

/// Opens an input and undoes its compression, which its first bytes tell. Reading more than
/// `max_bytes` is an error.
pub(super) fn open(source: &Source, max_bytes: u64) -> io::Result<Box<dyn BufRead + Send>> {
    let raw: Box<dyn Read + Send> = match &source.path {
        Some(path) => Box::new(regular(path)?),
        None => Box::new(Stdin::new()),
    };
    let mut raw = BufReader::with_capacity(1 << 16, raw);
    let head = raw.fill_buf()?;
    let plain: Box<dyn Read + Send> = if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(raw))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(zstd::stream::read::Decoder::with_buffer(raw)?)
    } else {
        Box::new(raw)
    };
    Ok(Box::new(BufReader::with_capacity(
        1 << 16,
        Limited {
            inner: plain,
            left: max_bytes,
            limit: max_bytes,
        },
    )))
}

fn regular(path: &Path) -> io::Result<File> {
    // Asked again: what was a file when the folder was walked may be a pipe now, and hang.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("is no file any more"));
    }
    File::open(path)
}

struct Limited<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            io::Error::other(format!(
                "holds more than {} MB when unpacked: split it, or raise --max-file-mb",
                self.limit >> 20
            ))
        })?;
        Ok(n)
    }
}

/// Reads everything. What has more than `limit` bytes is an error, with what else to do about it
/// than to raise the limit.
pub(super) fn read_all(
    mut reader: Box<dyn BufRead + Send>,
    limit: u64,
    advice: &str,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!(
            "is more than {} MB in one piece: {advice}, or raise --max-article-mb",
            limit >> 20
        )));
    }
    Ok(bytes)
}

/// The same text in an encoding whose line ends are single bytes: UTF-16 is read as a whole, and
/// becomes UTF-8.
pub(super) fn in_single_bytes(
    mut reader: Box<dyn BufRead + Send>,
    limit: u64,
) -> io::Result<Box<dyn BufRead + Send>> {
    let encoding = encoding_of(reader.fill_buf()?, false);
    if encoding != encoding_rs::UTF_16LE && encoding != encoding_rs::UTF_16BE {
        return Ok(reader);
    }
    let bytes = read_all(reader, limit, "save it as UTF-8")?;
    Ok(Box::new(Cursor::new(
        decode(&bytes, encoding).0.into_bytes(),
    )))
}

/// The next line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// With its line end, if it has one.
    Whole(Vec<u8>),
    /// It has more than `limit` bytes, and was passed over.
    TooLong,
    /// The file is at its end.
    None,
}

/// Reads a line of at most `limit` bytes.
pub(super) fn read_line(reader: &mut (dyn BufRead + Send), limit: u64) -> io::Result<Line> {
    let mut line = Vec::new();
    let most = limit.saturating_add(1);
    reader.take(most).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(Line::None);
    }
    if line.len() as u64 == most && !line.ends_with(b"\n") {
        drop(line);
        reader.skip_until(b'\n')?;
        return Ok(Line::TooLong);
    }
    Ok(Line::Whole(line))
}

/// Ends the reading of a table in which a row takes more than `limit` bytes.
pub(super) struct RowLimit<R> {
    inner: R,
    taken: u64,
    row: RowStart,
    limit: u64,
}

/// The byte at which the row begins that is being read.
#[derive(Clone, Default)]
pub(super) struct RowStart(Arc<AtomicU64>);

impl RowStart {
    pub fn set(&self, byte: u64) {
        self.0.store(byte, Ordering::Relaxed);
    }
}

impl<R> RowLimit<R> {
    pub fn new(inner: R, limit: u64) -> (Self, RowStart) {
        let row = RowStart::default();
        let limited = Self {
            inner,
            taken: 0,
            row: row.clone(),
            limit,
        };
        (limited, row)
    }
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // More is asked for when all that was taken belongs to this row or those above it.
        let row = self
            .taken
            .saturating_sub(self.row.0.load(Ordering::Relaxed));
        if row > self.limit {
            return Err(io::Error::other(format!(
                "the row takes more than {} MB, and nothing below it was read: close the quotation \
                 mark that is open, or raise --max-article-mb",
                self.limit >> 20
            )));
        }
        let n = self.inner.read(buffer)?;
        self.taken += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_passed_over() {
        let mut reader = BufReader::with_capacity(2, &b"1234\n12345\n123456\n\n123456"[..]);
        let mut next = || read_line(&mut reader, 5).unwrap();
        assert_eq!(next(), Line::Whole(b"1234\n".to_vec()));
        assert_eq!(next(), Line::Whole(b"12345\n".to_vec()));
        assert_eq!(next(), Line::TooLong);
        assert_eq!(next(), Line::Whole(b"\n".to_vec()));
        assert_eq!(next(), Line::TooLong);
        assert_eq!(next(), Line::None);
    }

    #[test]
    fn no_limit_is_too_high() {
        let line = read_line(&mut &b"1234"[..], u64::MAX).unwrap();
        assert_eq!(line, Line::Whole(b"1234".to_vec()));
        assert_eq!(
            read_all(Box::new(&b"1234"[..]), u64::MAX, "").unwrap(),
            b"1234"
        );
    }
}
