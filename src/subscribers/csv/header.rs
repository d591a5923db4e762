//! The first row: what the columns are called.

use std::ops::Range;
use std::path::Path;

use super::CsvError;
use super::cells::Cells;
use crate::model::finding::suggest;
use crate::model::source::{Place, Source};

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Columns that hold the address, whatever they are called.
const EMAIL: [&str; 5] = ["email", "e_mail", "email_address", "e_mail_address", "emailaddress"];

/// What an attribute cannot be called: the roots of the merge language and what it makes for each letter, and words of it
/// and of filters. `compose::expression`, which reads them, holds its names to this list.
const RESERVED: [&str; 18] = [
    "issue",
    "site",
    "theme",
    "vars",
    "unsubscribe_url",
    "reader_token",
    "loop",
    "self",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "true",
    "false",
    "none",
];

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Email,
    Name,
    /// Index into [`Header::fields`].
    Field(usize),
}

#[derive(Debug)]
pub(super) struct Header {
    pub(super) separator: u8,
    pub(super) columns: Vec<Column>,
    pub(super) email: usize,
    pub(super) fields: Vec<String>,
    /// Bytes of it and its line end.
    pub(super) length: usize,
}

/// A column's name as written and as it is used, with its place.
struct Title {
    written: String,
    name: String,
    span: Range<usize>,
}

impl Header {
    /// Reads the row at the beginning of `text`, which is line `line` of the file. `separator` is taken as
    /// given or found out.
    pub(super) fn read(
        path: &Path,
        line: usize,
        text: &str,
        separator: Option<u8>,
    ) -> Result<Header, CsvError> {
        let separator = separator.unwrap_or_else(|| find_separator(text));
        let cells = Cells::of(text.as_bytes(), separator);
        let source = Source::excerpt(path, line, text[..cells.end].trim_end());
        if let Some(at) = cells.open_quote {
            return Err(CsvError::OpenQuote { place: source.at(at..at + 1) });
        }
        let titles: Vec<Title> = cells.spans.into_iter().map(|span| title(text, span)).collect();
        let email = titles
            .iter()
            .position(|title| title.name == "email")
            .ok_or_else(|| no_email(&titles, &source))?;
        check_titles(&titles, &source)?;
        let mut fields = Vec::new();
        let columns = titles.into_iter().map(|title| column(title.name, &mut fields)).collect();
        Ok(Header { separator, columns, email, fields, length: cells.end })
    }
}

/// The separator that makes a cell the email column; if none does, the one that is seen most often.
fn find_separator(text: &str) -> u8 {
    let cells = |separator: u8| Cells::of(text.as_bytes(), separator).spans;
    let has_email =
        |separator: &u8| cells(*separator).into_iter().any(|span| title(text, span).name == "email");
    let by_email = SEPARATORS.into_iter().filter(has_email).max_by_key(|separator| cells(*separator).len());
    let by_count = || SEPARATORS.into_iter().rev().max_by_key(|separator| cells(*separator).len());
    by_email.or_else(by_count).expect("there are separators to choose from")
}

fn title(text: &str, span: Range<usize>) -> Title {
    let written = unquoted(text[span.clone()].trim());
    Title { name: field_name(&written), written, span }
}

fn unquoted(cell: &str) -> String {
    match cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => inside.replace("\"\"", "\"").trim().to_owned(),
        None => cell.to_owned(),
    }
}

/// The name by which a column is used: lower case, and `_` for what separates words: `First Name` is
/// `first_name`. The columns that hold the address are all called `email`.
fn field_name(written: &str) -> String {
    let words = written.split(|character: char| character.is_ascii() && !character.is_ascii_alphanumeric());
    let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let name = words.join("_");
    if EMAIL.contains(&name.as_str()) { "email".to_owned() } else { name }
}

fn check_titles(titles: &[Title], source: &Source) -> Result<(), CsvError> {
    for (index, title) in titles.iter().enumerate() {
        let place = || source.at(title.span.clone());
        let written = || title.written.clone();
        if title.written.is_empty() {
            return Err(CsvError::Nameless { column: index + 1, place: place() });
        }
        if titles[..index].iter().any(|earlier| earlier.name == title.name) {
            return Err(CsvError::Twice { name: title.name.clone(), written: written(), place: place() });
        }
        if RESERVED.contains(&title.name.as_str()) {
            return Err(CsvError::Reserved { name: written(), place: place() });
        }
        if !is_identifier(&title.name) {
            return Err(CsvError::NoName { written: written(), place: place() });
        }
    }
    Ok(())
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.is_ascii()
}

fn no_email(titles: &[Title], source: &Source) -> CsvError {
    let place: Place = source.at(0..source.text().len());
    if titles.iter().any(|title| title.written.contains('@')) {
        return CsvError::Headless { place };
    }
    let columns: Vec<String> = titles.iter().map(|title| title.written.clone()).collect();
    let meant = suggest("email", columns.iter().map(String::as_str)).map(str::to_owned);
    CsvError::NoEmail { columns, meant, place }
}

fn column(name: String, fields: &mut Vec<String>) -> Column {
    match name.as_str() {
        "email" => Column::Email,
        "name" => Column::Name,
        _ => {
            fields.push(name);
            Column::Field(fields.len() - 1)
        }
    }
}
