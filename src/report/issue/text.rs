//! A report on a terminal: plain characters, no wider than asked for.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::bars::bar;
use super::sheet::{Cell, Sheet, shown};
use super::{Report, sheets};
use crate::model::delivery::State;
use crate::report::words::{counted, moment};

/// The longest bar.
const BAR: usize = 24;

/// The narrowest column of words, and the shortest bar.
const NARROW: usize = 8;

/// How it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// In columns of the terminal.
    pub width: usize,
    /// Whether headings are bold.
    pub is_bold: bool,
}

/// The whole report.
pub fn text(report: &Report, look: Look) -> String {
    let mut parts =
        vec![head(report).iter().map(|line| cut(line, look.width)).collect::<Vec<_>>().join("\n")];
    parts.extend(sheets::all(report).iter().map(|sheet| section(sheet, look)));
    parts.extend(next(report).map(|text| {
        let lines: Vec<String> = text.lines().flat_map(|line| wrapped(line, look.width)).collect();
        lines.join("\n")
    }));
    parts.join("\n\n")
}

/// What it is about, when it was sent, and how long it took.
pub fn head(report: &Report) -> Vec<String> {
    let row = &report.row;
    let mut lines = vec![
        format!("{}: {}", row.issue, row.subject),
        format!("{}, by {}, {}", row.realm.name(), row.transport, report.state),
        format!("frozen {}", moment(row.frozen_at, &report.zone)),
    ];
    lines.extend(report.span.map(|(first, last)| {
        let took = report.took().map(shown).unwrap_or_default();
        let (first, last) = (moment(first, &report.zone), moment(last, &report.zone));
        format!("sent from {first} to {last}, {took}")
    }));
    lines
}

/// What is left for a person to do.
pub fn next(report: &Report) -> Option<String> {
    let uncertain = counted(report.counts.get(State::Uncertain), "letter is", "letters are");
    let doubt = report.doubt().map(|command| format!("{uncertain} uncertain: `{command}`"));
    let open = counted(report.counts.open(), "letter is", "letters are");
    let rest = report.rest().map(|command| format!("{open} still to be sent: `{command}`"));
    let lines: Vec<String> = doubt.into_iter().chain(rest).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn section(sheet: &Sheet, look: Look) -> String {
    let heading = cut(&sheet.title.to_uppercase(), look.width);
    let heading = if look.is_bold { format!("\x1b[1m{heading}\x1b[0m") } else { heading };
    let note = sheet.note.iter().flat_map(|note| wrapped(note, look.width));
    let lines = std::iter::once(heading).chain(note).chain(table(sheet, look.width));
    lines.collect::<Vec<_>>().join("\n")
}

/// The rows below the titles of their columns; columns in which there is nothing are left out.
fn table(sheet: &Sheet, width: usize) -> Vec<String> {
    let kept: Vec<usize> = (0..sheet.columns.len()).filter(|column| is_kept(sheet, *column)).collect();
    let mut rows: Vec<Vec<String>> =
        vec![kept.iter().map(|column| sheet.columns[*column].title.to_lowercase()).collect()];
    rows.extend(sheet.rows.iter().map(|row| kept.iter().map(|column| row[*column].shown()).collect()));
    let right: Vec<bool> =
        kept.iter().map(|column| sheet.rows.iter().any(|row| row[*column].is_number())).collect();
    let widths = widths(&rows, &right, width);
    let used = widths.iter().map(|width| width + 2).sum::<usize>();
    let bars = bars(sheet, width.saturating_sub(used));
    let line = |(row, bar): (&Vec<String>, String)| {
        let cells = row.iter().zip(&widths).zip(&right);
        let cells: Vec<String> = cells.map(|((cell, width), right)| padded(cell, *width, *right)).collect();
        cut(format!("{}  {bar}", cells.join("  ")).trim_end(), width)
    };
    let lines: Vec<String> = rows.iter().zip(bars).map(line).collect();
    let is_quiet: Vec<bool> =
        std::iter::once(false).chain(sheet.rows.iter().map(|row| is_quiet(row))).collect();
    without_quiet(lines, &is_quiet)
}

/// Whether nothing happened in a stretch of time.
fn is_quiet(row: &[Cell]) -> bool {
    matches!(row.first(), Some(Cell::Time(..))) && row[1..].iter().all(Cell::is_nothing)
}

/// One line in place of many in which nothing happened.
fn without_quiet(lines: Vec<String>, is_quiet: &[bool]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut quiet: Vec<String> = Vec::new();
    for (line, is_quiet) in lines.into_iter().zip(is_quiet) {
        if *is_quiet {
            quiet.push(line);
            continue;
        }
        kept.extend(shortened(std::mem::take(&mut quiet)));
        kept.push(line);
    }
    kept.into_iter().chain(shortened(quiet)).collect()
}

fn shortened(quiet: Vec<String>) -> Vec<String> {
    if quiet.len() > 2 { vec!["...".to_owned()] } else { quiet }
}

fn is_kept(sheet: &Sheet, column: usize) -> bool {
    column < 2 || sheet.rows.iter().any(|row| !row[column].is_nothing())
}

/// The columns of words share what the others leave, the widest gives first.
fn widths(rows: &[Vec<String>], right: &[bool], width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = (0..right.len())
        .map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or_default())
        .collect();
    let over = |widths: &[usize]| widths.iter().sum::<usize>() + 2 * (right.len().max(1) - 1) > width;
    while over(&widths) {
        let words = (0..right.len()).filter(|column| !right[*column] && widths[*column] > NARROW);
        let Some(widest) = words.max_by_key(|column| widths[*column]) else { break };
        widths[widest] -= 1;
    }
    widths
}

/// One for the titles, and one for each row: how much it is of the greatest.
fn bars(sheet: &Sheet, room: usize) -> Vec<String> {
    let number = |row: &Vec<Cell>| match sheet.bar.map(|column| &row[column]) {
        Some(Cell::Count(number)) => *number,
        _ => 0,
    };
    let most = sheet.rows.iter().map(number).max().unwrap_or_default();
    let room = if room < NARROW { 0 } else { room.min(BAR) };
    let bars =
        sheet.rows.iter().map(|row| if room > 0 { bar(number(row), most, room) } else { String::new() });
    std::iter::once(String::new()).chain(bars).collect()
}

fn padded(text: &str, width: usize, right: bool) -> String {
    let text = cut(text, width);
    let space = " ".repeat(width.saturating_sub(text.width()));
    if right { space + &text } else { text + &space }
}

/// As much of a line as fits, with an ellipsis where something is missing.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let fits = |letter: &char| {
        let wide = letter.width().unwrap_or_default();
        let fits = wide <= room;
        room = if fits { room - wide } else { 0 };
        fits
    };
    text.chars().take_while(fits).chain(Some('…').filter(|_| width > 0)).collect()
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut().filter(|line| line.width() + 1 + word.width() <= width) {
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(cut(word, width)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_ends_with_an_ellipsis_within_the_width() {
        let lines = [cut("short", 5), cut("longer", 5), cut("日本語", 5), cut("日本語", 4), cut("x", 0)];
        assert_eq!(lines, ["short", "long…", "日本…", "日…", ""]);
    }

    #[test]
    fn words_are_wrapped_and_never_wider_than_asked_for() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("unbreakable", 4), ["unb…"]);
    }
}
