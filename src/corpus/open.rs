use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::Source;

/// Opens an input and undoes its compression, which its first bytes tell. Reading more than
/// `max_bytes` is an error.
pub(super) fn open(source: &Source, max_bytes: u64) -> io::Result<Box<dyn BufRead + Send>> {
    let raw: Box<dyn Read + Send> = match &source.path {
        Some(path) => Box::new(regular(path)?),
        None => Box::new(io::stdin()),
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

/// Reads everything.
pub(super) fn read_all(mut reader: Box<dyn BufRead + Send>, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.by_ref().take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!(
            "is more than {} MB in one piece: save its articles apart or as .jsonl, or raise \
             --max-article-mb",
            limit >> 20
        )));
    }
    Ok(bytes)
}
