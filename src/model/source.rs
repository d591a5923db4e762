//! A file that a person wrote, and places in it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Bytes `start..end` of a [`Source`]; always on character boundaries of its text.
pub type Span = Range<usize>;

/// The text of one file with the name a person would recognise it by. Cloning is cheap.
#[derive(Clone)]
pub struct Source {
    inner: Arc<SourceText>,
}

struct SourceText {
    path: PathBuf,
    text: String,
    /// The line of the file in which `text` begins.
    first_line: usize,
    /// Where the second line begins, the third and so on; found when somebody asks for the first position.
    line_starts: OnceLock<Vec<usize>>,
}

impl Source {
    /// Keeps `text` under the name `path`, which is shown as given and never opened.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Source {
        Source::excerpt(path, 1, text)
    }

    /// Keeps some whole lines of a file that is too large to be kept: `text` begins in line `first_line` (from 1).
    /// Spans count from its beginning, positions are those in the file.
    pub fn excerpt(path: impl Into<PathBuf>, first_line: usize, text: impl Into<String>) -> Source {
        let (path, text) = (path.into(), text.into());
        Source { inner: Arc::new(SourceText { path, text, first_line, line_starts: OnceLock::new() }) }
    }

    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The line of the file in which the text begins: 1, unless it is an excerpt.
    pub fn first_line(&self) -> usize {
        self.inner.first_line
    }

    /// The place of `span` in this file.
    pub fn at(&self, span: Span) -> Place {
        Place { source: self.clone(), span }
    }

    /// Line and column of the byte `offset`, both from 1; columns count characters.
    /// An offset past the end gives the end of the text.
    pub fn position(&self, offset: usize) -> Position {
        let text = self.text();
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let starts = self.line_starts();
        let lines_before = starts.partition_point(|start| *start <= offset);
        let line_start = if lines_before == 0 { 0 } else { starts[lines_before - 1] };
        Position {
            line: lines_before + self.inner.first_line,
            column: text[line_start..offset].chars().count() + 1,
        }
    }

    fn line_starts(&self) -> &[usize] {
        let find = || self.text().match_indices('\n').map(|(newline, _)| newline + 1).collect();
        self.inner.line_starts.get_or_init(find)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.path().display())
    }
}

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Where in which file something stands.
#[derive(Debug, Clone)]
pub struct Place {
    pub source: Source,
    pub span: Span,
}

impl Place {
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Of the first character that is no longer part of it.
    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }

    /// The whole line in which it begins, without its end.
    pub fn line(&self) -> &str {
        let text = self.source.text();
        let start = text.floor_char_boundary(self.span.start.min(text.len()));
        let first = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let last = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        &text[first..last]
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position();
        write!(f, "{}:{line}:{column}", self.source.path().display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("a.md", "é x\nsecond");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(3), Position { line: 1, column: 3 });
        assert_eq!(source.at(5..6).to_string(), "a.md:2:1");
        assert_eq!(source.at(3..7).end(), Position { line: 2, column: 3 });
        assert_eq!((source.at(3..7).line(), source.at(6..7).line()), ("é x", "second"));
        let excerpt = Source::excerpt("a.csv", 70, "one\ntwo");
        assert_eq!(excerpt.at(4..7).to_string(), "a.csv:71:1");
        assert_eq!(source.position(999), Position { line: 2, column: 7 });
    }
}
