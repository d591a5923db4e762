//! Merge syntax: taken out of the Markdown as opaque tokens, put back into the finished parts as holes with
//! their contexts.
//!
//! A token is exactly as many bytes long as what it stands for, so that every span still points into the
//! author's file. It begins with a character of the supplementary private use area B that the source does
//! not contain, which Markdown, MJML and HTML all treat as a letter; the rest of it are `x`.
//!
//! There are values (`{{ name | default("reader") }}`), comments (`{# … #}`), and the statements `if`, `elif`,
//! `else`, `for`, `set` and `raw`. What stands in code is literal, and so are braces after a backslash.

mod place;
mod scan;
mod syntax;
mod take;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::compose::{ComposeError, escape};
use crate::model::letter::{Context, Hole, Piece, Pieces};
use crate::model::source::{Source, Span};
use scan::Reading;

/// One piece of merge syntax that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What stands in its place; see the module's words.
    pub token: String,
    /// As written: `{{ name }}`.
    pub source: String,
    pub kind: MarkKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkKind {
    /// Names only the roots `issue`, `theme`, `site`, `vars`: already resolved to this text.
    Constant(String),
    /// Per subscriber: the expression.
    Value(String),
    /// Per subscriber: the statement without its braces.
    Logic(String),
    /// `{# … #}`: nothing is left of it.
    Comment,
}

/// All marks of one issue.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// In the order of their tokens' first characters.
    marks: Vec<Mark>,
    /// Characters that stand in the source, and are no tokens.
    taken: BTreeSet<char>,
}

/// A stretch of a text that may hold tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a str),
    Mark(&'a Mark),
}

/// Supplementary private use area B.
pub(in crate::compose) const TOKENS: Range<char> = '\u{100000}'..'\u{10FFFE}';

/// So many marks can one issue have.
const MOST_MARKS: usize = 65_000;

impl Marks {
    /// Takes the merge syntax out of the Markdown `source.text()[span]`; the result has the same length.
    /// Constants are resolved against `roots`. Broken syntax is an error with its place.
    pub fn take(
        source: &Source,
        span: Span,
        roots: &serde_json::Value,
    ) -> Result<(String, Marks), ComposeError> {
        let mut marks = Marks::default();
        marks.reserve(source.text());
        let text = &source.text()[span.clone()];
        let left = take::take(&mut marks, source, span, text, Reading::Markdown, roots)?;
        Ok((left, marks))
    }

    /// Marks of a short text such as the subject, whose tokens go with these marks' tokens: takes syntax
    /// out and adds the marks. The text is no Markdown. `span` is where it stands in `source`, or is empty
    /// where no place of it can be named.
    pub fn take_more(
        &mut self,
        source: &Source,
        span: Span,
        text: &str,
        roots: &serde_json::Value,
    ) -> Result<String, ComposeError> {
        self.reserve(source.text());
        self.reserve(text);
        take::take(self, source, span, text, Reading::Plain, roots)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Mark> {
        self.marks.iter()
    }

    /// Splits `text` at the tokens in it.
    pub fn split<'a>(&'a self, text: &'a str) -> Vec<Part<'a>> {
        let (mut parts, mut from) = (Vec::new(), 0);
        while let Some((span, mark)) = self.find(text, from) {
            if from < span.start {
                parts.push(Part::Text(&text[from..span.start]));
            }
            parts.push(Part::Mark(mark));
            from = span.end;
        }
        if from < text.len() {
            parts.push(Part::Text(&text[from..]));
        }
        parts
    }

    /// `text` with every token turned back into what the author wrote: for code, which is literal.
    pub fn restore(&self, text: &str) -> String {
        self.replace(text, |mark| &mark.source)
    }

    /// `text` with constants filled in, comments left out, and everything else left as tokens. Nothing is
    /// escaped.
    pub fn fill_constants(&self, text: &str) -> String {
        self.replace(text, |mark| match &mark.kind {
            MarkKind::Constant(value) => value,
            MarkKind::Comment => "",
            MarkKind::Value(_) | MarkKind::Logic(_) => &mark.token,
        })
    }

    fn replace<'a>(&'a self, text: &'a str, with: impl Fn(&'a Mark) -> &'a str) -> String {
        let parts = self.split(text).into_iter().map(|part| match part {
            Part::Text(text) => text,
            Part::Mark(mark) => with(mark),
        });
        parts.collect()
    }

    /// Finished HTML with tokens → pieces; the context of each is read from where it stands (text,
    /// attribute, `href` and other URL attributes). Also understands `<!--TOKEN-->`, in which a logic
    /// token travels through tables. A token in a style sheet, a script or a tag name is an error.
    pub fn html_pieces(&self, html: &str, source: &Source) -> Result<Pieces, ComposeError> {
        place::html_pieces(self, html, source)
    }

    /// Text with tokens → pieces that all have this context. In plain text, a token inside a web address
    /// is in [`Context::Url`].
    pub fn pieces(&self, text: &str, context: Context) -> Pieces {
        let mut pieces = Building::new(false);
        let mut from = 0;
        while let Some((span, mark)) = self.find(text, from) {
            pieces.text(&text[from..span.start]);
            let before = match context {
                Context::Plain => address_before(&text[..span.start]),
                Context::Url => Some(&text[..span.start]),
                Context::Html | Context::Attribute | Context::Header => None,
            };
            pieces.mark(mark, before.map_or(context, |_| Context::Url), before.unwrap_or_default());
            from = span.end;
        }
        pieces.text(&text[from..]);
        pieces.finish()
    }

    /// The first token at or after `from`, with all its bytes.
    fn find(&self, text: &str, from: usize) -> Option<(Span, &Mark)> {
        let mut at = from;
        // Every character from U+100000 on begins with this byte, and no other does.
        while let Some(found) = memchr::memchr(0xF4, &text.as_bytes()[at..]) {
            let start = at + found;
            let mark = text[start..].chars().next().and_then(|first| self.by_token(first));
            if let Some(mark) = mark.filter(|mark| text[start..].starts_with(&mark.token)) {
                return Some((start..start + mark.token.len(), mark));
            }
            at = start + 4;
        }
        None
    }

    fn by_token(&self, first: char) -> Option<&Mark> {
        let key = |mark: &Mark| mark.token.chars().next().unwrap_or_default();
        self.marks.binary_search_by_key(&first, key).ok().map(|index| &self.marks[index])
    }

    fn reserve(&mut self, text: &str) {
        self.taken.extend(text.chars().filter(|letter| TOKENS.contains(letter)));
    }

    /// A token of `length` bytes, at least 4, that stands nowhere yet; `None` if there are too many.
    fn next_token(&self, length: usize) -> Option<String> {
        if self.marks.len() >= MOST_MARKS {
            return None;
        }
        let last = self.marks.last().and_then(|mark| mark.token.chars().next());
        let from = last.map_or(u32::from(TOKENS.start), |last| u32::from(last) + 1);
        let mut free = (from..u32::from(TOKENS.end)).filter_map(char::from_u32);
        let first = free.find(|letter| !self.taken.contains(letter))?;
        let mut token = String::with_capacity(length);
        token.push(first);
        token.extend(std::iter::repeat_n('x', length - first.len_utf8()));
        Some(token)
    }
}

/// The web address in plain text that `before` ends in.
pub(in crate::compose) fn address_before(before: &str) -> Option<&str> {
    let breaks = |letter: char| letter.is_whitespace() || "<>\"".contains(letter);
    let word = before.rsplit(breaks).next()?;
    let start = ["https://", "http://", "mailto:"].iter().filter_map(|scheme| word.find(scheme)).min()?;
    Some(&word[start..])
}

/// Pieces as they come, with white-space control done.
struct Building {
    pieces: Vec<Piece>,
    /// The mark before took the white space after it.
    trims: bool,
    /// The text is HTML, so that a URL stands in an attribute.
    is_markup: bool,
}

impl Building {
    fn new(is_markup: bool) -> Building {
        Building { pieces: Vec::new(), trims: false, is_markup }
    }

    fn text(&mut self, text: &str) {
        let text = if self.trims { text.trim_start() } else { text };
        if !text.is_empty() {
            self.trims = false;
            self.pieces.push(Piece::Literal(text.to_owned()));
        }
    }

    /// `before` is what stands before the mark in the same URL.
    fn mark(&mut self, mark: &Mark, context: Context, before: &str) {
        if mark.source.as_bytes().get(2) == Some(&b'-') {
            self.trim_end();
        }
        let span = mark.span.clone();
        match &mark.kind {
            MarkKind::Constant(value) => {
                self.trims = false;
                self.pieces.push(Piece::Literal(self.constant(value, context, before)));
            }
            MarkKind::Value(expression) => {
                let expression = expression.clone();
                self.pieces.push(Piece::Hole(Hole { expression, context, span }));
            }
            MarkKind::Logic(statement) => {
                self.pieces.push(Piece::Logic { statement: statement.clone(), span })
            }
            MarkKind::Comment => {}
        }
        self.trims = mark.source.len() > 5 && mark.source.as_bytes()[mark.source.len() - 3] == b'-';
    }

    fn constant(&self, value: &str, context: Context, before: &str) -> String {
        let mut escaped = escape::for_place(value, context, before);
        if self.is_markup && context == Context::Url {
            let url = std::mem::take(&mut escaped);
            escape::html(&url, &mut escaped);
        }
        escaped
    }

    fn trim_end(&mut self) {
        if let Some(Piece::Literal(text)) = self.pieces.last_mut() {
            text.truncate(text.trim_end().len());
        }
    }

    fn finish(self) -> Pieces {
        Pieces::new(self.pieces)
    }
}

#[cfg(test)]
mod tests;
