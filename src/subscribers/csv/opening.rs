//! The first bytes of a file: what it is encoded in, where its header stands, where its rows begin.

use std::io::Read;
use std::path::Path;

use csv::{ByteRecord, Position, Reader, ReaderBuilder};

use super::cells::{Cells, first_line};
use super::fault::CsvError;
use super::header::Header;
use super::tape::Tape;
use crate::model::source::Source;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The header, and where the rows begin.
pub(super) struct Opening {
    pub(super) header: Header,
    /// Where it begins, as an offset in the file.
    pub(super) header_start: u64,
    /// Where the rows begin, as an offset in the file.
    pub(super) rows: u64,
    /// The line of the header, from 1.
    pub(super) line: u64,
}

/// Reads as far as the header goes. The tape keeps everything from the header on.
pub(super) fn read<R: Read>(path: &Path, tape: &mut Tape<R>) -> Result<Opening, CsvError> {
    let unreadable = |cause| CsvError::Unreadable { path: path.to_owned(), cause };
    while !holds_header(tape.since(0)) && tape.fill().map_err(unreadable)? > 0 {}
    let text = tape.since(0);
    if text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF") {
        return Err(CsvError::NotUtf8 { path: path.to_owned(), place: None });
    }
    let (start, line, separator) = find_header(text);
    let end = start + Cells::of(&text[start..], separator.unwrap_or(b',')).end;
    let row = utf8(path, line, &text[start..end])?;
    if row.trim().is_empty() {
        return Err(CsvError::Empty { path: path.to_owned() });
    }
    let header = Header::read(path, line, row, separator)?;
    let rows = (start + header.length) as u64;
    Ok(Opening { header, header_start: start as u64, rows, line: line as u64 })
}

/// Whether everything that comes before the rows has been read: a block beyond it is, since a line end inside
/// quotation marks does not end the header.
fn holds_header(text: &[u8]) -> bool {
    let (start, ..) = find_header(text);
    let cells = Cells::of(&text[start..], b',');
    cells.open_quote.is_none() && start + cells.end < text.len() || text.len() > 1 << 18
}

/// Where the header begins, its line, and the separator, if a line `sep=;` names it.
fn find_header(text: &[u8]) -> (usize, usize, Option<u8>) {
    let mut start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let (mut line, mut separator) = (1, None);
    while start < text.len() {
        let length = first_line(&text[start..]);
        match text[start..start + length].trim_ascii() {
            b"" => {}
            [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', mark] => separator = Some(*mark),
            _ => break,
        }
        start += length;
        line += 1;
    }
    (start, line, separator)
}

fn utf8<'a>(path: &Path, line: usize, row: &'a [u8]) -> Result<&'a str, CsvError> {
    std::str::from_utf8(row).map_err(|error| {
        let at = error.valid_up_to();
        let place = Source::excerpt(path, line, String::from_utf8_lossy(row).trim_end()).at(at..at + 3);
        CsvError::NotUtf8 { path: path.to_owned(), place: Some(place) }
    })
}

/// A reader of the rows, which begin at `start`.
pub(super) fn reader_at<R: Read>(start: u64, tape: Tape<R>, separator: u8) -> Reader<Tape<R>> {
    let mut reader = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(tape);
    reader.set_byte_headers(ByteRecord::new());
    seek(&mut reader, start);
    reader
}

/// The next record is the one at `offset`, which the tape still keeps.
pub(super) fn seek<R: Read>(reader: &mut Reader<Tape<R>>, offset: u64) {
    let mut position = Position::new();
    position.set_byte(offset);
    reader.seek(position).expect("the tape keeps all bytes from the beginning of the row on");
}
