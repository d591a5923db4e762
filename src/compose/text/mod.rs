//! Blocks → plain text: 72 columns, links numbered and listed at the end, nothing left out.

mod blocks;
mod inlines;
mod table;
mod wrap;
#[cfg(test)]
mod tests;

use crate::compose::markdown::tree::{Document, Inline};
use crate::compose::merge::{Mark, MarkKind, Marks, Part};
use crate::compose::words::Words;
use crate::model::image::Images;
use inlines::References;

pub use wrap::width as columns;

/// Columns that a line may fill; wide characters fill two.
pub const WIDTH: usize = 72;

/// What stands around the body in the text part.
pub struct Frame<'a> {
    pub title: &'a [Inline],
    /// Series, number, author, date.
    pub meta: &'a [String],
    /// Lines below the text; a line is never wrapped within an address.
    pub footer: &'a [String],
    pub words: Words,
}

/// The whole text part, tokens left in it; ends with a line end.
pub fn text(document: &Document, frame: &Frame<'_>, marks: &Marks, images: &Images) -> String {
    let references = References::new(document, marks, images);
    let mut writer = Writer { marks, words: frame.words, references };
    // The links are listed when all others have been met.
    let parts = [
        writer.title(frame),
        writer.blocks(&document.blocks, WIDTH),
        writer.notes(document),
        writer.links(),
        footer(frame),
    ];
    let mut text = String::new();
    for part in parts.into_iter().filter(|lines| !lines.is_empty()) {
        // A statement that ends a part has its space before it.
        let gap = if text.is_empty() || ends_with_statement(&text, marks) { "" } else { "\n\n" };
        text.push_str(gap);
        text.push_str(&part.join("\n"));
    }
    text + "\n"
}

/// Whether the last line is nothing but merge statements.
fn ends_with_statement(text: &str, marks: &Marks) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let is_statement = |part| matches!(part, Part::Mark(Mark { kind: MarkKind::Logic(_), .. }));
    !last.is_empty() && marks.split(last).into_iter().all(is_statement)
}

/// Writes blocks as lines, and remembers the links it met.
struct Writer<'a> {
    marks: &'a Marks,
    words: Words,
    references: References<'a>,
}

impl Writer<'_> {
    fn title(&mut self, frame: &Frame<'_>) -> Vec<String> {
        let title = self.inlines(frame.title);
        let mut lines = underlined(wrap::wrap(&title, WIDTH), '=');
        if !frame.meta.is_empty() {
            lines.extend(wrap::wrap(&frame.meta.join(" · "), WIDTH));
        }
        lines
    }

    fn notes(&mut self, document: &Document) -> Vec<String> {
        if document.notes.is_empty() {
            return Vec::new();
        }
        let mut lines = underlined(vec![self.words.notes.to_owned()], '-');
        for (index, note) in document.notes.iter().enumerate() {
            let marker = format!("[^{}] ", index + 1);
            lines.push(String::new());
            let inner = self.blocks(&note.blocks, WIDTH - marker.len());
            lines.extend(hang(inner, &marker));
        }
        lines
    }

    fn links(&mut self) -> Vec<String> {
        let listed = self.references.list();
        if listed.is_empty() {
            return Vec::new();
        }
        let mut lines = underlined(vec![self.words.links.to_owned()], '-');
        lines.push(String::new());
        lines.extend(listed);
        lines
    }
}

fn footer(frame: &Frame<'_>) -> Vec<String> {
    let mut lines = vec!["-".repeat(WIDTH)];
    for line in frame.footer {
        lines.extend(wrap::wrap(line, WIDTH));
    }
    lines
}

/// Lines with a rule below them as long as the longest.
fn underlined(mut lines: Vec<String>, rule: char) -> Vec<String> {
    let longest = lines.iter().map(|line| wrap::width(line)).max().unwrap_or_default().min(WIDTH);
    if longest > 0 {
        lines.push(rule.to_string().repeat(longest));
    }
    lines
}

/// The first line behind `marker`, the others indented as far.
fn hang(lines: Vec<String>, marker: &str) -> Vec<String> {
    let indent = " ".repeat(wrap::width(marker));
    let lines = if lines.is_empty() { vec![String::new()] } else { lines };
    let hung = lines.into_iter().enumerate().map(|(index, line)| match index {
        0 => format!("{marker}{line}").trim_end().to_owned(),
        _ if line.is_empty() => line,
        _ => format!("{indent}{line}"),
    });
    hung.collect()
}
