//! Languages of words: keywords, names, numbers, strings and comments.

use super::grammar::Grammar;
use super::{Piece, Role};

/// The coloured pieces of `code`, in order.
pub fn pieces(grammar: &Grammar, code: &str) -> Vec<Piece> {
    let mut reader = Reader { grammar, code, at: 0, found: Vec::new() };
    while reader.at < code.len() {
        reader.step();
    }
    reader.found
}

struct Reader<'c> {
    grammar: &'c Grammar,
    code: &'c str,
    at: usize,
    found: Vec<Piece>,
}

impl Reader<'_> {
    /// Reads one thing, at least one character of it.
    fn step(&mut self) {
        let Some(next) = self.rest().chars().next() else { return };
        if let Some(len) = self.comment() {
            self.take(Some(Role::Comment), len);
        } else if self.grammar.quotes.contains(next) {
            self.string(next);
        } else if next.is_ascii_digit() {
            self.take(Some(Role::Constant), self.number());
        } else if self.is_in_word(next) {
            self.word();
        } else {
            self.take(None, next.len_utf8());
        }
    }

    fn rest(&self) -> &str {
        &self.code[self.at..]
    }

    fn take(&mut self, role: Option<Role>, len: usize) {
        let span = self.at..self.at + len;
        self.at = span.end;
        if role.is_some() {
            self.found.push((role, span));
        }
    }

    fn comment(&self) -> Option<usize> {
        let rest = self.rest();
        if let Some((open, close)) = self.grammar.block_comment
            && let Some(inside) = rest.strip_prefix(open)
        {
            return Some(inside.find(close).map_or(rest.len(), |end| open.len() + end + close.len()));
        }
        let begins = |mark: &&str| rest.starts_with(*mark) && self.may_comment(mark);
        self.grammar.line_comments.iter().any(begins).then(|| line_end(rest))
    }

    /// A `#` inside a word, as in `$#` or a colour, begins no comment.
    fn may_comment(&self, mark: &str) -> bool {
        mark.len() > 1 || self.code[..self.at].chars().next_back().is_none_or(char::is_whitespace)
    }

    fn string(&mut self, quote: char) {
        let triple = quote.to_string().repeat(3);
        let len = match self.rest().strip_prefix(&triple) {
            Some(inside) => inside.find(&triple).map_or(self.rest().len(), |end| end + 6),
            None => self.simple_string(quote),
        };
        let is_key = self.grammar.has_keys && self.rest()[len..].trim_start().starts_with(':');
        self.take(Some(if is_key { Role::Type } else { Role::String }), len);
    }

    /// Up to the closing quote, or to the end of the line where no string goes on beyond it.
    fn simple_string(&self, quote: char) -> usize {
        let (rest, mut is_escaped) = (self.rest(), false);
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                '\n' if !self.grammar.long_quotes.contains(quote) => return at,
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                _ if c == quote => return at + 1,
                _ => {}
            }
        }
        rest.len()
    }

    fn number(&self) -> usize {
        let is_more = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%');
        let len = self.rest().find(|c: char| !is_more(c)).unwrap_or(self.rest().len());
        self.rest()[..len].trim_end_matches('.').len()
    }

    fn word(&mut self) {
        let len = self.rest().find(|c: char| !self.is_in_word(c)).unwrap_or(self.rest().len());
        self.take(self.role(&self.rest()[..len], &self.rest()[len..]), len);
    }

    fn is_in_word(&self, c: char) -> bool {
        c.is_alphanumeric() || c == '_' || self.grammar.in_words.contains(c)
    }

    fn role(&self, word: &str, after: &str) -> Option<Role> {
        if self.grammar.is_keyword(word) {
            return Some(Role::Keyword);
        }
        if self.grammar.is_constant(word) || is_value(word) {
            return Some(Role::Constant);
        }
        if self.is_key(after) || !self.grammar.has_keys && looks_like_type(word) {
            return Some(Role::Type);
        }
        (after.starts_with('(') || after.starts_with("!(")).then_some(Role::Function)
    }

    /// Whether only blanks or a list's mark stand before the word, and `:` or `=` after it.
    fn is_key(&self, after: &str) -> bool {
        let line = self.code[..self.at].rsplit(['\n', '{', ';']).next().unwrap_or_default();
        let after = after.trim_start_matches([' ', '\t']);
        self.grammar.has_keys
            && line.trim_matches([' ', '\t', '-', '[']).is_empty()
            && (after.starts_with([':', '=', ']']))
    }
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// `$HOME`, `-x`, `--long`, `#fff`: values in the languages that have them.
fn is_value(word: &str) -> bool {
    let rest = word.trim_start_matches(['$', '#', '-']);
    rest.len() < word.len() && !rest.is_empty()
}

/// `Vec`, `HttpClient`: a capital and a small letter; `MAX` alone is a constant by habit, and stays plain.
fn looks_like_type(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains(|c: char| c.is_ascii_lowercase())
}
