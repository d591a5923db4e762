//! Colours for code: which part of it is a comment, a string, a name.
//!
//! One pass over the bytes and no patterns, so that no code, finished or not, can keep a letter waiting. (Syntax
//! definitions for editors were tried: with the JavaScript of `syntect`, `x /*` never ends.)

use std::ops::Range;

mod grammar;
mod languages;
mod lines;
mod markup;
mod words;

/// Longer code stays in one colour: every coloured word costs bytes, and long letters are cut off.
const MOST_BYTES: usize = 16 * 1024;

/// A stretch of code and its colour.
type Piece = (Option<Role>, Range<usize>);

/// What a piece of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Comment,
    String,
    /// Numbers, `true`, and other values.
    Constant,
    Keyword,
    Function,
    /// Types, tags, attributes and keys.
    Type,
}

impl Role {
    pub const ALL: [Role; 6] =
        [Role::Comment, Role::String, Role::Constant, Role::Keyword, Role::Function, Role::Type];

    /// Its colour in light and in dark mode; each reaches WCAG AA on a panel and on the card.
    pub fn colours(self) -> (&'static str, &'static str) {
        match self {
            Role::Comment => ("#5b6670", "#9aa6b2"),
            Role::String => ("#0a6640", "#7ee2a8"),
            Role::Constant => ("#0550ae", "#79c0ff"),
            Role::Keyword => ("#b3123a", "#ff8fa3"),
            Role::Function => ("#6639ba", "#d2a8ff"),
            Role::Type => ("#8a4600", "#ffb86b"),
        }
    }

    /// Its class, for dark mode.
    pub fn class(self) -> &'static str {
        match self {
            Role::Comment => "k1",
            Role::String => "k2",
            Role::Constant => "k3",
            Role::Keyword => "k4",
            Role::Function => "k5",
            Role::Type => "k6",
        }
    }
}

/// `code` in pieces, in order and without gaps; `None` is the colour of the text. Nothing is coloured where the
/// language is not known.
pub fn pieces<'c>(language: &str, code: &'c str) -> Vec<(Option<Role>, &'c str)> {
    let found = match languages::named(language) {
        Some(kind) if code.len() <= MOST_BYTES => kind.pieces(code),
        _ => Vec::new(),
    };
    merged(found, code).into_iter().map(|(role, span)| (role, &code[span])).collect()
}

/// The gaps filled, and neighbours of one colour together; white space has no colour of its own.
fn merged(found: Vec<Piece>, code: &str) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::new();
    for (role, span) in filled(found, code.len()) {
        let is_blank = code[span.clone()].trim().is_empty();
        match merged.last_mut() {
            Some((before, whole)) if is_blank || *before == role => whole.end = span.end,
            _ => merged.push((role, span)),
        }
    }
    merged
}

fn filled(found: Vec<Piece>, len: usize) -> Vec<Piece> {
    let mut filled = Vec::new();
    let mut at = 0;
    for (role, span) in found {
        filled.push((None, at..span.start));
        at = span.end;
        filled.push((role, span));
    }
    filled.push((None, at..len));
    filled.retain(|(_, span)| !span.is_empty());
    filled
}

#[cfg(test)]
mod tests;
