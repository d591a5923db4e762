//! One record → one subscriber, or what is wrong with it.

use std::ops::Range;

use csv::ByteRecord;

use super::cells::Cells;
use super::fault::RowFault;
use super::header::{Column, Header};
use crate::model::address::Address;
use crate::model::subscriber::{Fields, Subscriber};

/// What is wrong with a row, and with which cell.
pub(super) struct Blamed {
    pub(super) fault: RowFault,
    /// From 0; `None` blames the whole row.
    pub(super) column: Option<usize>,
}

/// `None` for a row of empty cells, as spreadsheets leave them at the end. Spaces around a value do not belong
/// to it. Empty attributes are kept, so that the ledger knows of every column.
pub(super) fn subscriber(record: &ByteRecord, header: &Header) -> Result<Option<Subscriber>, Blamed> {
    if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
        return Ok(None);
    }
    check_number(record, header)?;
    let mut name = None;
    let mut fields = Fields::new();
    for (index, column) in header.columns.iter().enumerate() {
        let value = text(record, index)?;
        match column {
            Column::Email => {}
            Column::Name => name = checked_name(value, index)?,
            Column::Field(field) => {
                let field = &header.fields[*field];
                check_field(field, value, index)?;
                fields.insert(field.clone(), value.to_owned());
            }
        }
    }
    Ok(Some(Subscriber { address: address(record, header.email)?, name, fields }))
}

fn check_number(record: &ByteRecord, header: &Header) -> Result<(), Blamed> {
    let (found, wanted) = (record.len(), header.columns.len());
    if found == wanted {
        return Ok(());
    }
    let column = (found > wanted).then_some(wanted);
    Err(Blamed { fault: RowFault::Cells { found, wanted, separator: char::from(header.separator) }, column })
}

fn text(record: &ByteRecord, index: usize) -> Result<&str, Blamed> {
    let cell = std::str::from_utf8(&record[index]);
    cell.map(str::trim).map_err(|_| Blamed { fault: RowFault::NotUtf8, column: Some(index) })
}

fn address(record: &ByteRecord, index: usize) -> Result<Address, Blamed> {
    let fault = match text(record, index)? {
        "" => RowFault::NoAddress,
        typed => match Address::parse(typed) {
            Ok(address) => return Ok(address),
            Err(error) => RowFault::Address(error),
        },
    };
    Err(Blamed { fault, column: Some(index) })
}

fn checked_name(value: &str, index: usize) -> Result<Option<String>, Blamed> {
    let breaks = |character: char| matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let fault = match value.chars().find(|character| character.is_control() || breaks(*character)) {
        None => return Ok((!value.is_empty()).then(|| value.to_owned())),
        Some(character) if breaks(character) => RowFault::LineInName,
        Some(character) => RowFault::Control { field: "name".to_owned(), character },
    };
    Err(Blamed { fault, column: Some(index) })
}

/// Line breaks and tabs are kept: an attribute may be a whole paragraph.
fn check_field(field: &str, value: &str, index: usize) -> Result<(), Blamed> {
    let control =
        value.chars().find(|character| character.is_control() && !matches!(character, '\r' | '\n' | '\t'));
    match control {
        None => Ok(()),
        Some(character) => Err(Blamed {
            fault: RowFault::Control { field: field.to_owned(), character },
            column: Some(index),
        }),
    }
}

impl Blamed {
    /// Bytes of the row as it is written.
    pub(super) fn span(&self, row: &[u8], separator: u8) -> Range<usize> {
        let cells = Cells::of(row, separator);
        if let RowFault::OpenQuote = self.fault {
            let quote = cells.open_quote.or_else(|| row.iter().rposition(|byte| *byte == b'"')).unwrap_or(0);
            return quote..quote + 1;
        }
        let Some(cell) = self.column.and_then(|column| cells.spans.get(column).cloned()) else {
            return 0..cells.end;
        };
        match &self.fault {
            RowFault::Address(error) => inside(row, cell, &error.span),
            RowFault::NotUtf8 => invalid(row, cell),
            RowFault::Cells { .. } => cell.start..row.len(),
            _ => cell,
        }
    }
}

/// The place of `span` of a cell's value; the whole cell where doubled quotation marks move it.
fn inside(row: &[u8], cell: Range<usize>, span: &Range<usize>) -> Range<usize> {
    let value = &row[cell.clone()];
    let doubled = value.starts_with(b"\"") && memchr::memmem::find(&value[1..], b"\"\"").is_some();
    let opening = value.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b'"').count();
    let start = cell.start + opening + span.start;
    let end = (cell.start + opening + span.end).min(cell.end);
    if doubled || start >= end { cell } else { start..end }
}

/// Where the cell stops being UTF-8; there the excerpt has a replacement character of three bytes.
fn invalid(row: &[u8], cell: Range<usize>) -> Range<usize> {
    let at = std::str::from_utf8(row).map_or_else(|error| error.valid_up_to(), |_| cell.start);
    at..at + 3
}
