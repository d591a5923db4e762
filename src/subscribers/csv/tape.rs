//! A reader that remembers what it read lately.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// No row is longer: what is, is a quotation mark that nobody closed.
pub(super) const LONGEST_ROW: usize = 1 << 20;

/// Passes bytes on and keeps those since the last [`Tape::forget`], so that a row can be shown as it was
/// written, or read again in another way. Offsets count from the beginning of the file.
pub(super) struct Tape<R> {
    inner: R,
    kept: Vec<u8>,
    /// The offset of the first byte kept.
    start: u64,
    /// The offset of the first byte still wanted.
    wanted: u64,
    /// The offset of the byte that is read next.
    next: u64,
}

/// Why reading stopped in the middle of a row.
#[derive(Debug, thiserror::Error)]
#[error("the row is too long")]
pub(super) struct RowTooLong;

impl<R: Read> Tape<R> {
    pub(super) fn new(inner: R) -> Tape<R> {
        Tape { inner, kept: Vec::new(), start: 0, wanted: 0, next: 0 }
    }

    /// Takes one more block in; 0 at the end of the file.
    pub(super) fn fill(&mut self) -> io::Result<usize> {
        const BLOCK: usize = 1 << 16;
        self.kept.drain(..self.index(self.wanted));
        self.start = self.wanted;
        if self.kept.len() > LONGEST_ROW {
            return Err(io::Error::other(RowTooLong));
        }
        let before = self.kept.len();
        self.kept.resize(before + BLOCK, 0);
        let read = loop {
            match self.inner.read(&mut self.kept[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.kept.truncate(before + read.as_ref().map_or(0, |read| *read));
        read
    }

    /// What is kept, from `from` on.
    pub(super) fn since(&self, from: u64) -> &[u8] {
        &self.kept[self.index(from)..]
    }

    pub(super) fn kept(&self, range: Range<u64>) -> &[u8] {
        &self.kept[self.index(range.start)..self.index(range.end)]
    }

    /// Bytes before `offset` are not asked for again.
    pub(super) fn forget(&mut self, offset: u64) {
        self.wanted = offset;
    }

    fn index(&self, offset: u64) -> usize {
        usize::try_from(offset - self.start).expect("what is kept fits into memory")
    }
}

impl<R: Read> Read for Tape<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since(self.next).is_empty() && self.fill()? == 0 {
            return Ok(0);
        }
        let ready = self.since(self.next);
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.next += count as u64;
        Ok(count)
    }
}

/// Back to any byte that is still kept.
impl<R: Read> Seek for Tape<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match position {
            SeekFrom::Start(offset)
                if offset >= self.start && offset <= self.start + self.kept.len() as u64 =>
            {
                self.next = offset;
                Ok(offset)
            }
            _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
        }
    }
}
