//! Tables of data → HTML rows with column heads for screen readers.

use super::inlines::Writer;
use crate::compose::markdown::tree::{Align, Inline, Table};

impl Writer<'_> {
    /// Head and rows, without the table around them.
    pub fn table_rows(&mut self, table: &Table) {
        let start = self.styles.start;
        let has_head = table.head.iter().any(|cell| !cell.is_empty());
        if has_head {
            self.push("<tr>");
            for (column, cell) in table.head.iter().enumerate() {
                self.cell("th", cell, align(table, column, start));
            }
            self.push("</tr>");
        }
        for row in &table.rows {
            self.push("<tr>");
            for (column, cell) in row.iter().enumerate() {
                self.cell("td", cell, align(table, column, start));
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

    fn cell(&mut self, tag: &str, cell: &[Inline], align: &str) {
        let (scope, style) = match tag {
            "th" => (" scope=\"col\"", &self.styles.head_cell),
            _ => ("", &self.styles.table_cell),
        };
        let open = format!("<{tag}{scope} align=\"{align}\" style=\"{style};text-align:{align}\">");
        self.push(&open);
        self.inlines(cell);
        self.push(&format!("</{tag}>"));
    }
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
