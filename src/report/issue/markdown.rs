//! A report as Markdown, each table as one of GitHub's.

use super::sheet::{Cell, Sheet};
use super::{Report, sheets, text};

pub fn markdown(report: &Report) -> String {
    let mut head = text::head(report).into_iter();
    let title = head.next().map(|title| format!("# {}", escaped(&title)));
    let about: Vec<String> = head.map(|line| escaped(&line)).collect();
    let next = text::next(report).map(|text| text.replace('\n', "  \n"));
    let sections = sheets::all(report).into_iter().map(|sheet| section(&sheet));
    let parts = title.into_iter().chain([about.join("  \n")]).chain(next).chain(sections);
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

fn section(sheet: &Sheet) -> String {
    let mut lines = vec![format!("## {}\n", sheet.title)];
    lines.extend(sheet.note.iter().map(|note| format!("{}\n", escaped(note))));
    lines.push(line(sheet.columns.iter().map(|column| column.title.to_owned())));
    lines.push(line((0..sheet.columns.len()).map(|column| rule(sheet, column).to_owned())));
    lines.extend(sheet.rows.iter().map(|row| line(row.iter().map(|cell| escaped(&cell.shown())))));
    lines.join("\n")
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
}

fn rule(sheet: &Sheet, column: usize) -> &'static str {
    let is_number = |row: &Vec<Cell>| row[column].is_number();
    if sheet.rows.iter().any(is_number) { "---:" } else { "---" }
}

/// What others wrote stays text.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '!' | '&' => {
                out.extend(['\\', letter])
            }
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_said_cannot_end_a_cell_or_become_a_link() {
        assert_eq!(escaped("a|b\n<c> [d](e) `f`"), "a\\|b \\<c\\> \\[d\\](e) \\`f\\`");
    }
}
