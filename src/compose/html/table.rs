//! Tables of data → HTML rows with column heads for screen readers.

use super::inlines::Writer;
use crate::compose::markdown::tree::{Align, Inline, Table, words as words_of};
use crate::compose::merge::{Marks, Part};
use crate::compose::text::columns;

impl Writer<'_> {
    /// Head and rows, without the table around them. With `is_stacked` each cell says its column's name, which
    /// phones alone show.
    pub fn table_rows(&mut self, table: &Table, is_stacked: bool) {
        let start = self.styles.start;
        // Around it, words break anywhere rather than to be cut off, and columns are as narrow as that allows.
        let room = if is_stacked { DESK } else { PHONE };
        let print = Print::of(table, self.marks, is_stacked);
        let whole = whole_columns(table, self.marks, room, print);
        let words = |column: usize| {
            let breaks = if whole.get(column) == Some(&true) { ";word-break:normal" } else { "" };
            format!("{}{breaks}", print.style())
        };
        let has_head = table.head.iter().any(|cell| !cell.is_empty());
        if has_head {
            self.push("<tr>");
            for (column, cell) in table.head.iter().enumerate() {
                self.cell("th", "", cell, align(table, column, start), &words(column));
            }
            self.push("</tr>");
        }
        for row in &table.rows {
            self.push("<tr>");
            for (column, cell) in row.iter().enumerate() {
                let label = table
                    .head
                    .get(column)
                    .filter(|_| is_stacked)
                    .map_or(String::new(), |head| words_of(head));
                self.cell("td", &label, cell, align(table, column, start), &words(column));
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
        self.table_rows(table, false);
        self.push("</table>");
    }

    fn cell(&mut self, tag: &str, label: &str, cell: &[Inline], align: &str, words: &str) {
        let (scope, style) = match tag {
            "th" => (" scope=\"col\"", &self.styles.head_cell),
            _ => ("", &self.styles.table_cell),
        };
        let open = format!("<{tag}{scope} align=\"{align}\" style=\"{style};text-align:{align}{words}\">");
        self.push(&open);
        if !label.is_empty() && !cell.is_empty() {
            self.push("<span class=\"c-label\" style=\"display:none;mso-hide:all\">");
            self.push_escaped(label);
            self.push(": </span>");
        }
        self.inlines(cell);
        self.push(&format!("</{tag}>"));
    }
}

/// Whether a phone is too narrow for the columns, so that the rows become cards there.
pub(super) fn is_stacked(table: &Table, marks: &Marks) -> bool {
    let has_head = table.head.iter().any(|cell| !cell.is_empty());
    has_head && table.columns.len() > 2 && widths(table, marks, Print::Large).iter().sum::<usize>() > PHONE
}

/// How large the cells of a table are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Print {
    Large,
    /// For a table that is else too wide even for a large screen; on a phone its rows are cards.
    Small,
}

impl Print {
    fn of(table: &Table, marks: &Marks, is_stacked: bool) -> Print {
        let is_wide = widths(table, marks, Print::Large).iter().sum::<usize>() > DESK;
        if is_stacked && is_wide { Print::Small } else { Print::Large }
    }

    /// What differs from the style of any cell.
    fn style(self) -> &'static str {
        match self {
            Print::Large => "",
            Print::Small => ";padding:8px 4px;font-size:14px;line-height:20px",
        }
    }

    /// In pixels, a letter, rather too wide, and what a column's padding takes.
    fn letter_and_padding(self) -> (usize, usize) {
        match self {
            Print::Large => (9, 16),
            Print::Small => (8, 8),
        }
    }
}

/// What columns have of the 375 pixels of a phone, and of the 600 of a letter.
const PHONE: usize = 335;
const DESK: usize = 536;

/// For each column, whether its words are kept whole: the narrow ones first, while there is room for them and
/// for a piece of those that break.
fn whole_columns(table: &Table, marks: &Marks, room: usize, print: Print) -> Vec<bool> {
    /// What a column that breaks is left with.
    const BROKEN: usize = 80;
    let widths = widths(table, marks, print);
    let mut narrow_first: Vec<usize> = (0..widths.len()).collect();
    narrow_first.sort_by_key(|column| widths[*column]);
    let mut whole = vec![false; widths.len()];
    let mut others: usize = widths.iter().map(|width| BROKEN.min(*width)).sum();
    let mut taken = 0;
    for column in narrow_first {
        taken += widths[column];
        others -= BROKEN.min(widths[column]);
        whole[column] = taken + others <= room;
    }
    whole
}

/// In pixels, how wide each column has to be so that no word of it breaks.
fn widths(table: &Table, marks: &Marks, print: Print) -> Vec<usize> {
    let (letter, padding) = print.letter_and_padding();
    let rows = || std::iter::once(&table.head).chain(&table.rows);
    let widest = |column: usize| {
        let cells = rows().filter_map(move |row| row.get(column));
        cells.map(|cell| longest_word(cell, marks)).max().unwrap_or_default() * letter + padding
    };
    (0..table.columns.len()).map(widest).collect()
}

/// In columns of text. Nobody knows how long a subscriber's value is, so that it may break.
fn longest_word(cell: &[Inline], marks: &Marks) -> usize {
    const ANY: usize = 100;
    let text = words_of(cell);
    let has_value = marks.split(&text).iter().any(|part| matches!(part, Part::Mark(_)));
    // A line may end behind a hyphen, too.
    let longest = text
        .split(char::is_whitespace)
        .flat_map(|word| word.split_inclusive('-'))
        .map(columns)
        .max()
        .unwrap_or_default();
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
