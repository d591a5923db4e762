//! A table of a report, whoever writes it down.

use std::time::Duration;

use jiff::Timestamp;

use crate::report::words::{count, duration, percent};

/// A title, and rows that have a cell for each column.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Stable: the name of the table in CSV, and of the part of the page.
    pub id: &'static str,
    pub title: &'static str,
    /// What the numbers mean, where the title does not say it.
    pub note: Option<String>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// The column that a small bar shows, in text.
    pub bar: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Stable: the name in CSV.
    pub key: &'static str,
    pub title: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Count(u64),
    /// From 0 to 1; `None` of nothing.
    Share(Option<f64>),
    Span(Duration),
    /// A time, and how people read it here.
    Time(Timestamp, String),
}

/// With milliseconds, where it is shorter than a second.
pub fn shown(span: Duration) -> String {
    if span < Duration::from_secs(1) { format!("{} ms", span.as_millis()) } else { duration(span) }
}

impl Sheet {
    pub fn new(id: &'static str, title: &'static str, columns: &[(&'static str, &'static str)]) -> Sheet {
        let columns = columns.iter().map(|(key, title)| Column { key, title }).collect();
        Sheet { id, title, note: None, columns, rows: Vec::new(), bar: None }
    }

    pub fn note(self, note: impl Into<String>) -> Sheet {
        Sheet { note: Some(note.into()), ..self }
    }

    pub fn bar(self, column: usize) -> Sheet {
        Sheet { bar: Some(column), ..self }
    }

    pub fn rows(self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Sheet {
        Sheet { rows: rows.into_iter().collect(), ..self }
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// For people.
    pub fn shown(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Time(_, text) => text.clone(),
            Cell::Count(number) => count(*number),
            Cell::Share(share) => share.map_or_else(|| "–".to_owned(), percent),
            Cell::Span(span) => shown(*span),
        }
    }

    /// For programs: plain numbers, seconds, times in UTC.
    pub fn raw(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Count(number) => number.to_string(),
            Cell::Share(share) => share.map(|share| share.to_string()).unwrap_or_default(),
            Cell::Span(span) => span.as_secs_f64().to_string(),
            Cell::Time(at, _) => at.to_string(),
        }
    }

    /// Whether it is written on the right of its column.
    pub fn is_number(&self) -> bool {
        match self {
            Cell::Count(_) | Cell::Share(_) | Cell::Span(_) => true,
            Cell::Text(_) | Cell::Time(..) => false,
        }
    }

    /// Whether it says that there is nothing.
    pub fn is_nothing(&self) -> bool {
        match self {
            Cell::Text(text) => text.is_empty(),
            Cell::Count(number) => *number == 0,
            Cell::Share(share) => share.is_none_or(|share| share == 0.0),
            Cell::Span(_) | Cell::Time(..) => false,
        }
    }
}
