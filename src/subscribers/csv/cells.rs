//! Where the cells of one row stand in its text: for pointing at them. The `csv` crate reads them.

use std::ops::Range;

/// The cells of a row as they are written, quotation marks included.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) spans: Vec<Range<usize>>,
    /// Where a quotation mark was opened that is not closed at the end of its cell.
    pub(super) open_quote: Option<usize>,
    /// The first byte after the row and its line end.
    pub(super) end: usize,
}

impl Cells {
    /// Reads the row at the beginning of `text`, with the rules of the `csv` crate: a quotation mark counts
    /// only as the first byte of a cell, and is doubled inside.
    pub(super) fn of(text: &[u8], separator: u8) -> Cells {
        let mut spans = Vec::new();
        let (mut start, mut open_quote) = (0, None);
        loop {
            let quoted = text.get(start) == Some(&b'"');
            let closed = if quoted { closing_quote(text, start) } else { Some(start) };
            let end = find(text, closed.unwrap_or(text.len()), |byte| byte == separator || is_line_end(byte));
            if quoted && closed != Some(end) {
                open_quote = open_quote.or(Some(start));
            }
            spans.push(start..end);
            match text.get(end) {
                Some(byte) if *byte == separator => start = end + 1,
                _ => return Cells { spans, open_quote, end: after_line_end(text, end) },
            }
        }
    }
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The byte after the quotation mark that closes the one at `open`.
fn closing_quote(text: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let quote = find(text, at, |byte| byte == b'"');
        match (text.get(quote), text.get(quote + 1)) {
            (None, _) => return None,
            (Some(_), Some(b'"')) => at = quote + 2,
            (Some(_), _) => return Some(quote + 1),
        }
    }
}

/// After the line end at `at`, which may be `\n`, `\r\n` or `\r`.
fn after_line_end(text: &[u8], at: usize) -> usize {
    match (text.get(at), text.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => at + 2,
        (Some(_), _) => at + 1,
        (None, _) => at,
    }
}

/// Bytes of the first line of `text`, with its end.
pub(super) fn first_line(text: &[u8]) -> usize {
    after_line_end(text, find(text, 0, is_line_end))
}

pub(super) fn find(text: &[u8], from: usize, what: impl Fn(u8) -> bool) -> usize {
    text[from.min(text.len())..].iter().position(|byte| what(*byte)).map_or(text.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_end_at_separators_outside_quotes() {
        let cells = Cells::of(b"a,\"b,\"\"\nc\",5\" disk\r\nnext", b',');
        assert_eq!(cells, Cells { spans: vec![0..1, 2..10, 11..18], open_quote: None, end: 20 });
        assert_eq!(Cells::of(b"a,\"b\nc", b',').open_quote, Some(2));
        assert_eq!(Cells::of(b"a,\"b\"c,\"d\"", b',').open_quote, Some(2));
    }

    proptest! {
        #[test]
        fn they_are_as_many_as_the_csv_crate_reads(text in "[a,\"\r\n]{1,24}") {
            let text = text.trim_start_matches(['\r', '\n']);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let mut record = csv::ByteRecord::new();
            if reader.read_byte_record(&mut record).unwrap() {
                prop_assert_eq!(Cells::of(text.as_bytes(), b',').spans.len(), record.len());
            }
        }
    }
}
