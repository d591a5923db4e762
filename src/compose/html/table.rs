//! Tables of data → HTML rows with column heads for screen readers.

use super::inlines::Writer;
use crate::compose::markdown::tree::{Align, Inline, Table, words};
use crate::compose::merge::{Marks, Part};
use crate::compose::text::columns;

impl Writer<'_> {
    /// Head and rows, without the table around them.
    pub fn table_rows(&mut self, table: &Table) {
        let start = self.styles.start;
        // Around it, words break anywhere rather than to be cut off, and columns are as narrow as that allows.
        let whole = whole_columns(table, self.marks);
        let words = |column: usize| if whole.get(column) == Some(&true) { ";word-break:normal" } else { "" };
        let has_head = table.head.iter().any(|cell| !cell.is_empty());
        if has_head {
            self.push("<tr>");
            for (column, cell) in table.head.iter().enumerate() {
                self.cell("th", cell, align(table, column, start), words(column));
            }
            self.push("</tr>");
        }
        for row in &table.rows {
            self.push("<tr>");
            for (column, cell) in row.iter().enumerate() {
                self.cell("td", cell, align(table, column, start), words(column));
            }
            self.push("</tr>");
        }
    }

    /// A table within a quote, a list or a panel.
    pub fn nested_table(&mut self, table: &Table) {
        let cell = self.styles.cell.clone();
        self.push(&format!(
            "<table cellpadding=\"0\" cellspacing=\"0\" border=\"0\" width=\"100%\" \
             style=\"margin:0 0 20px;border-collapse:collapse;{cell}\">"
        ));
        self.table_rows(table);
        self.push("</table>");
    }

    fn cell(&mut self, tag: &str, cell: &[Inline], align: &str, words: &str) {
        let (scope, style) = match tag {
            "th" => (" scope=\"col\"", &self.styles.head_cell),
            _ => ("", &self.styles.table_cell),
        };
        let open = format!("<{tag}{scope} align=\"{align}\" style=\"{style};text-align:{align}{words}\">");
        self.push(&open);
        self.inlines(cell);
        self.push(&format!("</{tag}>"));
    }
}

/// For each column, whether its words are kept whole: the narrow ones first, while a phone has room for them
/// and for a piece of those that break.
fn whole_columns(table: &Table, marks: &Marks) -> Vec<bool> {
    /// What is left of 375 pixels; what a column that breaks is left with.
    const PHONE: usize = 335;
    const BROKEN: usize = 80;
    let widths = widths(table, marks);
    let mut narrow_first: Vec<usize> = (0..widths.len()).collect();
    narrow_first.sort_by_key(|column| widths[*column]);
    let mut whole = vec![false; widths.len()];
    let mut taken = 0;
    for (place, column) in narrow_first.into_iter().enumerate() {
        taken += widths[column];
        let others = widths.len() - place - 1;
        whole[column] = taken + others * BROKEN <= PHONE;
    }
    whole
}

/// In pixels, how wide each column has to be so that no word of it breaks.
fn widths(table: &Table, marks: &Marks) -> Vec<usize> {
    /// What a column's padding takes; a letter, rather too wide.
    const PADDING: usize = 16;
    const LETTER: usize = 9;
    let rows = || std::iter::once(&table.head).chain(&table.rows);
    let widest = |column: usize| {
        let cells = rows().filter_map(move |row| row.get(column));
        cells.map(|cell| longest_word(cell, marks)).max().unwrap_or_default() * LETTER + PADDING
    };
    (0..table.columns.len()).map(widest).collect()
}

/// In columns of text. Nobody knows how long a subscriber's value is, so that it may break.
fn longest_word(cell: &[Inline], marks: &Marks) -> usize {
    const ANY: usize = 100;
    let text = words(cell);
    let has_value = marks.split(&text).iter().any(|part| matches!(part, Part::Mark(_)));
    let longest = text.split_whitespace().map(columns).max().unwrap_or_default();
    if has_value { longest.max(ANY) } else { longest }
}

/// `start` is the side on which lines begin.
fn align(table: &Table, column: usize, start: &'static str) -> &'static str {
    match table.columns.get(column) {
        Some(Align::Center) => "center",
        Some(Align::Right) => "right",
        Some(Align::Left) => "left",
        Some(Align::None) | None => start,
    }
}
