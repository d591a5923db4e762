//! A run of words that a reader sees as one: a paragraph, a heading, a cell.

use crate::model::source::Span;

/// In the place of markup: nothing stands there for a reader.
pub(super) const NOTHING: char = '\u{2}';

/// In the place of code, an image or a value: something stands there that is no word of the author.
pub(super) const OTHER: char = '\u{1}';

/// Words of the author between two borders of blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    pub kind: PassageKind,
    /// Where it begins in the file.
    pub start: usize,
    /// Byte for byte as long as its source, whose places therefore hold: what is no word for a reader is
    /// blanked out with control characters.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassageKind {
    Heading,
    Cell,
    /// A paragraph, an item of a list, a term.
    Paragraph,
}

/// One word of a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// In the file.
    pub span: Span,
    pub text: &'a str,
}

impl Passage {
    /// In the file.
    pub fn span(&self) -> Span {
        self.start..self.start + self.text.len()
    }

    /// Letters and digits with the apostrophes and hyphens within them, in order.
    pub fn words(&self) -> impl Iterator<Item = Word<'_>> {
        let edge = |c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '_' | '\u{ad}'));
        self.text.split(edge).filter_map(|part| {
            let text = part.trim_matches(['\'', '’', '-', '\u{ad}']);
            let begin = self.start + (text.as_ptr() as usize - self.text.as_ptr() as usize);
            (!text.is_empty()).then(|| Word { span: begin..begin + text.len(), text })
        })
    }

    /// What a reader sees, with single spaces.
    pub fn seen(&self) -> String {
        let visible: String = self.text.chars().filter(|c| *c != NOTHING && *c != OTHER).collect();
        visible.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What stands between two bytes of the file.
    pub fn between(&self, start: usize, end: usize) -> &str {
        &self.text[start - self.start..end - self.start]
    }

    /// Whether nothing but spaces and marks of emphasis stands between two bytes of the file.
    pub fn is_gap(&self, start: usize, end: usize) -> bool {
        let gap = self.between(start, end);
        gap.contains(char::is_whitespace) && gap.chars().all(|c| c.is_whitespace() || c == NOTHING)
    }
}
