//! What is wrong with a file, and what is wrong with a row.

use std::path::PathBuf;

use crate::model::address::AddressError;
use crate::model::finding::Explain;
use crate::model::source::Place;

/// Why a whole file is not read. A bad row is no such reason.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    #[error("`{}` cannot be read: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("`{}` is empty", path.display())]
    Empty { path: PathBuf },
    #[error("`{}` is not UTF-8", path.display())]
    NotUtf8 { path: PathBuf, place: Option<Place> },
    #[error("the columns are not named: the first row holds an address")]
    Headless { place: Place },
    #[error("no column is called `email`; the columns are {}", listed(columns))]
    NoEmail { columns: Vec<String>, meant: Option<String>, place: Place },
    #[error("column {column} has no name")]
    Nameless { column: usize, place: Place },
    #[error("two columns are called `{name}`")]
    Twice { name: String, written: String, place: Place },
    #[error("no column can be called `{name}`: the word means something else in an issue")]
    Reserved { name: String, place: Place },
    #[error("`{written}` cannot be the name of a field")]
    NoName { written: String, place: Place },
    #[error("a quotation mark is opened in the first row and not closed")]
    OpenQuote { place: Place },
}

fn listed(columns: &[String]) -> String {
    columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}

const SAVE_AS_UTF8: &str = "save it as UTF-8: spreadsheets call this \"CSV UTF-8\"";

impl Explain for CsvError {
    fn place(&self) -> Option<Place> {
        match self {
            CsvError::Unreadable { .. } | CsvError::Empty { .. } => None,
            CsvError::NotUtf8 { place, .. } => place.clone(),
            CsvError::Headless { place }
            | CsvError::NoEmail { place, .. }
            | CsvError::Nameless { place, .. }
            | CsvError::Twice { place, .. }
            | CsvError::Reserved { place, .. }
            | CsvError::NoName { place, .. }
            | CsvError::OpenQuote { place } => Some(place.clone()),
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            CsvError::Unreadable { .. } => "see that the file is there and that you may read it".to_owned(),
            CsvError::Empty { .. } => "its first row names the columns: `email,name`".to_owned(),
            CsvError::NotUtf8 { .. } => SAVE_AS_UTF8.to_owned(),
            CsvError::Headless { .. } => {
                "put a first row above it that names the columns: `email,name`".to_owned()
            }
            CsvError::NoEmail { meant: Some(meant), .. } => format!("call the column `{meant}` `email`"),
            CsvError::NoEmail { meant: None, .. } => {
                "call the column that holds the addresses `email`".to_owned()
            }
            CsvError::Nameless { .. } => "give it a name, or delete the column".to_owned(),
            CsvError::Twice { name, written, .. } if name == written => {
                "rename or delete one of them".to_owned()
            }
            CsvError::Twice { name, written, .. } => {
                format!("`{written}` is read as `{name}`: rename or delete one of them")
            }
            CsvError::Reserved { name, .. } => {
                format!("rename the column, for example to `their_{}`", name.to_lowercase())
            }
            CsvError::NoName { .. } => {
                "begin it with a letter from a to z, and use only these, digits and `_`: `first_name`"
                    .to_owned()
            }
            CsvError::OpenQuote { .. } => "close it, or remove it".to_owned(),
        })
    }
}

/// Why one row is left out.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowFault {
    #[error("this row has {found} {}; the header has {wanted}", if *found == 1 { "cell" } else { "cells" })]
    Cells { found: usize, wanted: usize, separator: char },
    #[error("a quotation mark is opened in this row and not closed where it should be")]
    OpenQuote,
    #[error("this row is not UTF-8")]
    NotUtf8,
    #[error("the `email` cell is empty")]
    NoAddress,
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("the name has a line break, which could forge a header of the letter")]
    LineInName,
    #[error("`{field}` holds a control character (U+{:04X})", u32::from(*character))]
    Control { field: String, character: char },
}

impl RowFault {
    pub(super) fn help(&self) -> Option<String> {
        Some(match self {
            RowFault::Cells { found, wanted, separator } if found > wanted => {
                format!("put quotation marks around a cell that holds {}", spoken(*separator))
            }
            RowFault::Cells { .. } => "fill it up with empty cells".to_owned(),
            RowFault::OpenQuote => {
                "close it, or remove it; a quotation mark inside quotes is doubled".to_owned()
            }
            RowFault::NotUtf8 => SAVE_AS_UTF8.to_owned(),
            RowFault::NoAddress => "fill it in, or delete the row".to_owned(),
            RowFault::Address(error) => return error.help(),
            RowFault::LineInName => "write the name on one line".to_owned(),
            RowFault::Control { .. } => "delete the cell and type it again".to_owned(),
        })
    }
}

fn spoken(separator: char) -> String {
    if separator == '\t' { "a tab".to_owned() } else { format!("`{separator}`") }
}
