//! A filter's text → words with their places.

use std::fmt;

use super::{SegmentError, SegmentFault};
use crate::model::source::Span;

/// One word of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A field, or a keyword.
    Name(String),
    /// In quotation marks.
    Text(String),
    /// A number or a date: begins with a digit, or with a sign and a digit.
    Number(String),
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`, `(`, `)` or `,`.
    Mark(&'static str),
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word::Name(text) | Word::Number(text) => f.write_str(text),
            Word::Text(text) => write!(f, "\"{text}\""),
            Word::Mark(mark) => f.write_str(mark),
        }
    }
}

/// Longer ones first.
const MARKS: [&str; 9] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

pub(super) fn words(text: &str) -> Result<Vec<(Word, Span)>, SegmentError> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let first = rest.chars().next().expect("text is left");
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (word, length) =
            word(rest).map_err(|(fault, length)| SegmentError::new(fault, at..at + length))?;
        words.push((word, at..at + length));
        at += length;
    }
    Ok(words)
}

fn word(rest: &str) -> Result<(Word, usize), (SegmentFault, usize)> {
    let first = rest.chars().next().expect("text is left");
    match first {
        '"' | '\'' => quoted(rest, first),
        '=' if rest.starts_with("==") => Err((SegmentFault::Operator { found: "==", meant: "=" }, 2)),
        '<' if rest.starts_with("<>") => Err((SegmentFault::Operator { found: "<>", meant: "!=" }, 2)),
        '&' => Err((SegmentFault::Operator { found: "&", meant: "and" }, 1)),
        '|' => Err((SegmentFault::Operator { found: "|", meant: "or" }, 1)),
        '!' if !rest.starts_with("!=") => Err((SegmentFault::Operator { found: "!", meant: "not" }, 1)),
        _ if first.is_ascii_digit() || signed(rest) => Ok(run(rest, "+-.:_", Word::Number)),
        _ if first.is_alphabetic() || first == '_' => Ok(run(rest, "_", Word::Name)),
        _ => {
            let mark = MARKS.into_iter().find(|mark| rest.starts_with(mark));
            let mark = mark.ok_or((SegmentFault::Stray(first), first.len_utf8()))?;
            Ok((Word::Mark(mark), mark.len()))
        }
    }
}

fn signed(rest: &str) -> bool {
    rest.strip_prefix(['+', '-'])
        .is_some_and(|digits| digits.starts_with(|digit: char| digit.is_ascii_digit()))
}

fn run(rest: &str, marks: &str, word: impl Fn(String) -> Word) -> (Word, usize) {
    let end = rest.find(|character: char| !character.is_alphanumeric() && !marks.contains(character));
    let end = end.unwrap_or(rest.len());
    (word(rest[..end].to_owned()), end)
}

/// A text in single or double quotation marks; `\` takes the next character as it is.
fn quoted(rest: &str, mark: char) -> Result<(Word, usize), (SegmentFault, usize)> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
            _ if character == mark => return Ok((Word::Text(text), at + 1)),
            _ => text.push(character),
        }
    }
    Err((SegmentFault::OpenQuote, 1))
}
