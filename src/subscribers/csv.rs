//! Any CSV → rows that know their line number.
//!
//! A byte order mark, CRLF, quoted line breaks, `;` or tab as separator and a `sep=` line are understood. A bad
//! row is a finding and is left out; the rows after it are read all the same. Files are never written.

mod cells;
mod fault;
mod header;
mod opening;
mod reading;
mod tape;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use csv::ByteRecord;

use crate::model::finding::Finding;
use crate::model::source::Source;
use crate::model::subscriber::Subscriber;
use cells::{Cells, is_line_end};
pub use fault::CsvError;
use fault::RowFault;
use header::Header;
use opening::Opening;
use reading::Blamed;
use tape::{RowTooLong, Tape};

/// The rule under which bad rows are reported.
pub const RULE: &str = "subscriber-row";

/// So much of a bad row is shown, in bytes.
const EXCERPT: usize = 2000;

/// One good row.
#[derive(Debug, Clone)]
pub struct Row {
    /// From 1; of the row's first line.
    pub line: u64,
    pub subscriber: Subscriber,
}

/// Reads rows one by one: memory does not grow with the file.
pub struct Rows<R: Read> {
    path: PathBuf,
    header: Header,
    reader: csv::Reader<Tape<R>>,
    /// The row that was read last.
    record: ByteRecord,
    /// Where it begins and the next one begins, as offsets in the file.
    extent: Range<u64>,
    /// The line in which it begins, from 1.
    line: u64,
    failure: Option<std::io::Error>,
}

impl<R: Read> Rows<R> {
    /// Reads the header: fails if there is no `email` column, or if a column has a name that no field can have.
    /// `path` is what a person is shown. Column names are used in lower case, with `_` between words.
    pub fn new(path: &Path, reader: R) -> Result<Rows<R>, CsvError> {
        let mut tape = Tape::new(reader);
        let Opening { header, header_start, rows, line } = opening::read(path, &mut tape)?;
        let reader = opening::reader_at(rows, tape, header.separator);
        let (record, extent) = (ByteRecord::new(), header_start..rows);
        Ok(Rows { path: path.to_owned(), header, reader, record, extent, line, failure: None })
    }

    /// The names of the columns besides `email` and `name`.
    pub fn fields(&self) -> &[String] {
        &self.header.fields
    }

    /// To be asked when no row comes any more: whether the file ended, or could not be read further. A file
    /// that was not read to its end says nothing about who is not in it.
    pub fn finish(&mut self) -> Result<(), CsvError> {
        match self.failure.take() {
            Some(cause) => Err(CsvError::Unreadable { path: self.path.clone(), cause }),
            None => Ok(()),
        }
    }

    /// Reads the next record and finds out where it stands; false at the end, and where reading fails.
    fn advance(&mut self) -> Result<bool, Finding> {
        let begin = self.extent.end;
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                let end = self.reader.position().byte();
                self.locate(begin..end);
                if self.has_stray_quote() { Err(self.reread_after_first_line()) } else { Ok(true) }
            }
            Ok(false) => Ok(false),
            Err(error) => self.stumble(begin, error),
        }
    }

    /// Empty lines before a row do not belong to it.
    fn locate(&mut self, extent: Range<u64>) {
        let tape = self.reader.get_mut();
        let empty = cells::find(tape.kept(extent.clone()), 0, |byte| !is_line_end(byte)) as u64;
        let start = extent.start + empty;
        self.line += line_ends(tape.kept(self.extent.start..start));
        tape.forget(start);
        self.extent = start..extent.end;
    }

    fn stumble(&mut self, begin: u64, error: csv::Error) -> Result<bool, Finding> {
        let csv::ErrorKind::Io(cause) = error.into_kind() else {
            unreachable!("byte records of any length are always read, unless reading fails");
        };
        if cause.get_ref().is_some_and(|inner| inner.is::<RowTooLong>()) {
            let kept = self.reader.get_ref().since(begin).len() as u64;
            self.locate(begin..begin + kept);
            return Err(self.reread_after_first_line());
        }
        self.failure = Some(cause);
        Ok(false)
    }

    /// Whether the row has more than one line because a quotation mark is amiss.
    fn has_stray_quote(&self) -> bool {
        let raw = self.raw();
        if cells::first_line(raw) == raw.len() {
            return false;
        }
        let email = self.record.get(self.header.email).unwrap_or_default();
        self.record.len() != self.header.columns.len()
            || email.iter().any(|byte| is_line_end(*byte))
            || Cells::of(raw, self.header.separator).open_quote.is_some()
    }

    /// Blames the first line of a row that runs on over others, which are read again: they are left out only if
    /// something is wrong with them too.
    fn reread_after_first_line(&mut self) -> Finding {
        let finding = self.finding(&Blamed { fault: RowFault::OpenQuote, column: None });
        let next = self.extent.start + cells::first_line(self.raw()) as u64;
        self.extent.end = next;
        opening::seek(&mut self.reader, next);
        finding
    }

    /// The row as it is written.
    fn raw(&self) -> &[u8] {
        self.reader.get_ref().kept(self.extent.clone())
    }

    fn finding(&self, blamed: &Blamed) -> Finding {
        let raw = self.raw();
        let shown = match blamed.fault {
            RowFault::OpenQuote => &raw[..cells::first_line(raw)],
            _ => raw,
        };
        let span = blamed.span(shown, self.header.separator);
        let text = String::from_utf8_lossy(&shown[..shown.len().min(EXCERPT)]);
        let text = text.trim_end_matches(['\r', '\n']);
        let clamp = |at: usize| text.floor_char_boundary(at.min(text.len()));
        let line = usize::try_from(self.line).unwrap_or(usize::MAX);
        let place = Source::excerpt(&self.path, line, text).at(clamp(span.start)..clamp(span.end));
        let finding = Finding::warning(RULE, blamed.fault.to_string()).at(place);
        match blamed.fault.help() {
            Some(help) => finding.help(help),
            None => finding,
        }
    }
}

impl<R: Read> Iterator for Rows<R> {
    /// A bad row is a finding with file and line; the rows after it are read all the same.
    type Item = Result<Row, Finding>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.failure.is_none() {
            match self.advance() {
                Ok(false) => return None,
                Err(finding) => return Some(Err(finding)),
                Ok(true) => {}
            }
            match reading::subscriber(&self.record, &self.header) {
                Ok(Some(subscriber)) => return Some(Ok(Row { line: self.line, subscriber })),
                Ok(None) => {}
                Err(blamed) => return Some(Err(self.finding(&blamed))),
            }
        }
        None
    }
}

/// Line ends in `text`: `\n`, `\r\n` and `\r` are one each.
fn line_ends(text: &[u8]) -> u64 {
    let ends = memchr::memchr2_iter(b'\n', b'\r', text);
    ends.filter(|at| text[*at] == b'\n' || text.get(at + 1) != Some(&b'\n')).count() as u64
}
