//! Tables in columns, or as records where they are too wide for a line.

use super::Writer;
use super::wrap::{width, wrap};
use crate::compose::markdown::tree::{Align, Row, Table};

const GAP: usize = 2;

impl Writer<'_> {
    pub fn table(&mut self, table: &Table, columns: usize) -> Vec<String> {
        let head = self.row(&table.head);
        let rows: Vec<Vec<String>> = table.rows.iter().map(|row| self.row(row)).collect();
        match fit(&head, &rows, columns) {
            Some(widths) => drawn(&head, &rows, &widths, &table.columns),
            None => records(&head, &rows, columns),
        }
    }

    fn row(&mut self, row: &Row) -> Vec<String> {
        row.iter().map(|cell| self.inlines(cell)).collect()
    }
}

/// Widths at which all columns stand side by side: as wide as their cells, else narrowed as far as their
/// longest words allow.
fn fit(head: &[String], rows: &[Vec<String>], columns: usize) -> Option<Vec<usize>> {
    let count = head.len();
    let gaps = GAP * count.saturating_sub(1);
    let cells = |column: usize| {
        rows.iter()
            .chain([&head.to_vec()])
            .filter_map(move |row| row.get(column).cloned())
            .collect::<Vec<_>>()
    };
    let mut widths: Vec<usize> = (0..count)
        .map(|column| cells(column).iter().map(|cell| line_width(cell)).max().unwrap_or(0).max(1))
        .collect();
    let least: Vec<usize> = (0..count)
        .map(|column| cells(column).iter().map(|cell| word_width(cell)).max().unwrap_or(0).max(1))
        .collect();
    if least.iter().sum::<usize>() + gaps > columns {
        return None;
    }
    while widths.iter().sum::<usize>() + gaps > columns {
        let widest = (0..count)
            .filter(|column| widths[*column] > least[*column])
            .max_by_key(|column| widths[*column])?;
        widths[widest] -= 1;
    }
    Some(widths)
}

fn line_width(cell: &str) -> usize {
    cell.split('\n').map(width).max().unwrap_or(0)
}

fn word_width(cell: &str) -> usize {
    cell.split_whitespace().map(width).max().unwrap_or(0).max(line_width(cell).min(8))
}

fn drawn(head: &[String], rows: &[Vec<String>], widths: &[usize], aligns: &[Align]) -> Vec<String> {
    let mut lines = Vec::new();
    if head.iter().any(|cell| !cell.is_empty()) {
        lines.extend(drawn_row(head, widths, aligns));
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        lines.push(rules.join(&" ".repeat(GAP)));
    }
    let tall =
        rows.iter().any(|row| row.iter().zip(widths).any(|(cell, width)| wrap(cell, *width).len() > 1));
    for (index, row) in rows.iter().enumerate() {
        if tall && index > 0 {
            lines.push(String::new());
        }
        lines.extend(drawn_row(row, widths, aligns));
    }
    lines
}

fn drawn_row(row: &[String], widths: &[usize], aligns: &[Align]) -> Vec<String> {
    let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let line = |line: usize| {
        let parts: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(column, room)| {
                let text = cells.get(column).and_then(|cell| cell.get(line)).map_or("", String::as_str);
                padded(text, *room, aligns.get(column).copied().unwrap_or(Align::None))
            })
            .collect();
        parts.join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

fn padded(text: &str, room: usize, align: Align) -> String {
    let free = room.saturating_sub(width(text));
    let before = match align {
        Align::Right => free,
        Align::Center => free / 2,
        Align::None | Align::Left => 0,
    };
    format!("{}{text}{}", " ".repeat(before), " ".repeat(free - before))
}

/// `Head: value` lines, an empty line between rows.
fn records(head: &[String], rows: &[Vec<String>], columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if rows.is_empty() {
        return wrap(&head.join(", "), columns);
    }
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        for (column, cell) in row.iter().enumerate() {
            let label = head.get(column).map_or("", String::as_str);
            let line = if label.is_empty() { cell.clone() } else { format!("{label}: {cell}") };
            lines.extend(wrap(&line, columns));
        }
    }
    lines
}
