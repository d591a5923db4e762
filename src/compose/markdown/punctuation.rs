//! Quotation marks, dashes and dots as the language of the issue wants them.

use super::run::RunItem;

/// Outer and inner quotation marks of a language, with the space that belongs to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotes {
    outer: (&'static str, &'static str),
    inner: (&'static str, &'static str),
}

impl Quotes {
    /// The marks of a BCP 47 language; `None` for those we do not know, whose text stays as it is.
    pub fn of(lang: &str) -> Option<Quotes> {
        let lang = lang.to_ascii_lowercase();
        let primary = lang.split(['-', '_']).next().unwrap_or_default();
        let (outer, inner) = match (primary, lang.as_str()) {
            ("de", "de-ch" | "de-li") => (("«", "»"), ("‹", "›")),
            ("de" | "cs" | "sk" | "sl" | "et" | "lt" | "is", _) => (("„", "“"), ("‚", "‘")),
            ("fr", "fr-ch") => (("«", "»"), ("‹", "›")),
            ("fr", _) => (("«\u{a0}", "\u{a0}»"), ("“", "”")),
            ("es" | "it" | "ca" | "gl", _) | ("pt", "pt-pt") => (("«", "»"), ("“", "”")),
            ("en" | "nl" | "pt" | "ga" | "cy" | "tr", _) => (("“", "”"), ("‘", "’")),
            ("pl" | "ro" | "hu" | "hr", _) => (("„", "”"), ("«", "»")),
            ("ru" | "uk" | "be" | "bg", _) => (("«", "»"), ("„", "“")),
            ("sv" | "fi", _) => (("”", "”"), ("’", "’")),
            ("nb" | "nn" | "no", _) => (("«", "»"), ("‘", "’")),
            ("da", _) => (("»", "«"), ("›", "‹")),
            _ => return None,
        };
        Some(Quotes { outer, inner })
    }
}

/// Replaces straight quotation marks, runs of hyphens and three dots in a run, but never what the author
/// escaped, code, or addresses.
pub fn educate(run: &mut [RunItem], quotes: Quotes) {
    let mut pen = Pen { quotes, open_inner: 0, last_closer: last_closer(run), before: ' ' };
    let following = first_characters(run);
    for (index, item) in run.iter_mut().enumerate() {
        match item {
            RunItem::Text(words) if words.verbatim => pen.before = 'x',
            RunItem::Text(words) => {
                let text = pen.rewrite(&words.text, &words.literal, following[index + 1], index);
                words.text = text;
                words.literal.clear();
            }
            RunItem::Code(..) | RunItem::Note(..) => pen.before = 'x',
            RunItem::SoftBreak(_) | RunItem::HardBreak(_) => pen.before = ' ',
            RunItem::Html(..) | RunItem::Open(..) | RunItem::Close => {}
        }
    }
}

/// For each item and for the end: the first character that a reader sees from there on.
fn first_characters(run: &[RunItem]) -> Vec<char> {
    let mut first = vec![' '; run.len() + 1];
    for (index, item) in run.iter().enumerate().rev() {
        first[index] = match item {
            RunItem::Text(words) => words.text.chars().next().unwrap_or(first[index + 1]),
            RunItem::Code(..) | RunItem::Note(..) => 'x',
            RunItem::SoftBreak(_) | RunItem::HardBreak(_) => ' ',
            RunItem::Html(..) | RunItem::Open(..) | RunItem::Close => first[index + 1],
        };
    }
    first
}

/// The last place (item, byte) where a single mark could close a quotation.
fn last_closer(run: &[RunItem]) -> Option<(usize, usize)> {
    run.iter().enumerate().rev().find_map(|(index, item)| match item {
        RunItem::Text(words) => words
            .text
            .rmatch_indices('\'')
            .map(|(at, _)| at)
            .find(|at| {
                let after = words.text[at + 1..].chars().next();
                !after.is_some_and(char::is_alphanumeric)
            })
            .map(|at| (index, at)),
        _ => None,
    })
}

struct Pen {
    quotes: Quotes,
    open_inner: usize,
    last_closer: Option<(usize, usize)>,
    /// The character before the one that is looked at.
    before: char,
}

impl Pen {
    fn rewrite(&mut self, text: &str, literal: &[usize], following: char, item: usize) -> String {
        let mut out = String::with_capacity(text.len() + 8);
        let mut at = 0;
        let mut literal = literal.iter().peekable();
        while let Some(c) = text[at..].chars().next() {
            while literal.next_if(|place| **place < at).is_some() {}
            let is_literal = literal.peek().is_some_and(|place| **place == at);
            let used = match is_literal {
                true => self.keep(c, &mut out),
                false => self.replace(text, at, following, item, &mut out),
            };
            self.before = text[at..at + used].chars().next_back().unwrap_or(c);
            at += used;
        }
        out
    }

    fn keep(&self, c: char, out: &mut String) -> usize {
        out.push(c);
        c.len_utf8()
    }

    /// Writes what belongs at `at`; gives the bytes of `text` it stands for.
    fn replace(&mut self, text: &str, at: usize, following: char, item: usize, out: &mut String) -> usize {
        let rest = &text[at..];
        let c = rest.chars().next().expect("the caller saw a character here");
        match c {
            '"' => {
                let after = rest[1..].chars().next().unwrap_or(following);
                out.push_str(if self.opens(after) { self.quotes.outer.0 } else { self.quotes.outer.1 });
                1
            }
            '\'' => {
                let after = rest[1..].chars().next().unwrap_or(following);
                out.push_str(self.single(after, self.last_closer > Some((item, at))));
                1
            }
            '-' => self.dash(rest, following, out),
            '.' if rest.starts_with("...") && !rest.starts_with("....") && self.before != '.' => {
                out.push('…');
                3
            }
            other => self.keep(other, out),
        }
    }

    fn opens(&self, after: char) -> bool {
        let free = self.before.is_whitespace() || "([{<«„“‘‚‹—–-/=\"'".contains(self.before);
        free && !after.is_whitespace()
    }

    fn single(&mut self, after: char, closes_later: bool) -> &'static str {
        if self.opens(after) && closes_later && !after.is_ascii_digit() {
            self.open_inner += 1;
            return self.quotes.inner.0;
        }
        if self.open_inner > 0 && !after.is_alphanumeric() {
            self.open_inner -= 1;
            return self.quotes.inner.1;
        }
        "’"
    }

    /// Two hyphens are an en dash, three an em dash; more are a drawing, and `--option` is an option.
    fn dash(&self, rest: &str, following: char, out: &mut String) -> usize {
        let length = rest.bytes().take_while(|byte| *byte == b'-').count();
        let after = rest[length..].chars().next().unwrap_or(following);
        let is_option = self.before.is_whitespace() && after.is_alphanumeric();
        match length {
            2 if !is_option => out.push('–'),
            3 => out.push('—'),
            _ => out.push_str(&rest[..length]),
        }
        length
    }
}
