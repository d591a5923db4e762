//! Finished HTML with tokens → pieces: where each token stands decides how its value is escaped.

use std::borrow::Cow;

use super::{Building, Mark, MarkKind, Marks};
use crate::compose::ComposeError;
use crate::model::letter::{Context, Piece, Pieces};
use crate::model::source::{Source, Span};

/// See [`Marks::html_pieces`].
pub(super) fn html_pieces(marks: &Marks, html: &str, source: &Source) -> Result<Pieces, ComposeError> {
    let html = plain_tokens(marks, html);
    let mut reading = Reading { marks, html: &html, at: 0, from: 0, out: Building::new(true) };
    let pieces = reading.document().map_err(|misplaced| misplaced.error(source))?;
    check_pairs(&pieces, source)?;
    Ok(pieces)
}

/// A token where no value can be put.
struct Misplaced<'a> {
    mark: &'a Mark,
    place: &'static str,
}

impl Misplaced<'_> {
    fn error(&self, source: &Source) -> ComposeError {
        let span = self.mark.span.clone();
        ComposeError::Broken {
            message: format!("`{}` stands in {}", self.mark.source, self.place),
            place: (!span.is_empty()).then(|| source.at(span)),
            help: Some("put it into text, or into a quoted attribute such as `href` or `alt`".to_owned()),
        }
    }
}

struct Reading<'m, 'h> {
    marks: &'m Marks,
    html: &'h str,
    at: usize,
    /// What stands before it is already in `out`.
    from: usize,
    out: Building,
}

impl<'m> Reading<'m, '_> {
    fn document(&mut self) -> Result<Pieces, Misplaced<'m>> {
        while let Some(found) = memchr::memchr(b'<', &self.html.as_bytes()[self.at..]) {
            let open = self.at + found;
            self.tokens(open, Context::Html);
            self.markup(open)?;
        }
        self.tokens(self.html.len(), Context::Html);
        self.out.text(&self.html[self.from..]);
        Ok(std::mem::replace(&mut self.out, Building::new(true)).finish())
    }

    /// Puts the tokens before `end` as text.
    fn tokens(&mut self, end: usize, context: Context) {
        while let Some((span, mark)) = self.next_before(end) {
            self.put(span, mark, context, "");
        }
        self.at = end;
    }

    fn next_before(&self, end: usize) -> Option<(Span, &'m Mark)> {
        self.marks.find(&self.html[..end], self.at)
    }

    fn put(&mut self, span: Span, mark: &Mark, context: Context, before: &str) {
        self.out.text(&self.html[self.from..span.start]);
        self.out.mark(mark, context, before);
        self.from = span.end;
        self.at = span.end;
    }

    fn nothing_before(&mut self, end: usize, place: &'static str) -> Result<(), Misplaced<'m>> {
        match self.next_before(end) {
            Some((_, mark)) => Err(Misplaced { mark, place }),
            None => {
                self.at = end;
                Ok(())
            }
        }
    }

    fn markup(&mut self, open: usize) -> Result<(), Misplaced<'m>> {
        let rest = &self.html[open..];
        match rest.as_bytes().get(1) {
            Some(b'!') if rest.starts_with("<!--[if") => {
                self.nothing_before(after(rest, "]>", open), COMMENT)
            }
            // A comment that ends at once (HTML 13.2.5.43): it shows a conditional part to all others.
            Some(b'!') if rest.starts_with("<!-->") => {
                self.at = open + 5;
                Ok(())
            }
            Some(b'!') if rest.starts_with("<!--") => {
                self.comment(open);
                Ok(())
            }
            Some(b'!' | b'?' | b'/') => self.nothing_before(after(rest, ">", open), TAG),
            Some(letter) if letter.is_ascii_alphabetic() => self.tag(open),
            _ => {
                self.at = open + 1;
                Ok(())
            }
        }
    }

    /// A token alone in a comment is a statement that could stand nowhere else.
    fn comment(&mut self, open: usize) {
        let end = after(&self.html[open + 4..], "-->", open + 4);
        let inside = self.html[open + 4..end].trim_end_matches("-->").trim();
        let alone = self.marks.find(inside, 0).filter(|(span, mark)| {
            *span == (0..inside.len()) && matches!(mark.kind, MarkKind::Logic(_) | MarkKind::Comment)
        });
        match alone {
            Some((_, mark)) => self.put(open..end, mark, Context::Html, ""),
            None => self.tokens(end, Context::Html),
        }
    }

    fn tag(&mut self, open: usize) -> Result<(), Misplaced<'m>> {
        let name = &self.html[open + 1..self.until(open + 1, is_name_end)];
        self.nothing_before(open + 1 + name.len(), TAG)?;
        while self.attribute()? {}
        let close = match name.to_ascii_lowercase().as_str() {
            "style" => "</style",
            "script" => "</script",
            _ => return Ok(()),
        };
        let end = self.html[self.at..].to_ascii_lowercase().find(close);
        self.nothing_before(end.map_or(self.html.len(), |end| self.at + end), STYLE)
    }

    /// Reads one attribute; `false` at the end of the tag.
    fn attribute(&mut self) -> Result<bool, Misplaced<'m>> {
        self.at = self.until(self.at, |byte| !byte.is_ascii_whitespace() && byte != b'/');
        match self.html.as_bytes().get(self.at) {
            None => return Ok(false),
            Some(b'>') => {
                self.at += 1;
                return Ok(false);
            }
            Some(_) => {}
        }
        let start = self.at;
        let end = self.until(start + 1, |byte| is_name_end(byte) || byte == b'=');
        let end = self.html.ceil_char_boundary(end);
        let name = self.html[start..end].to_ascii_lowercase();
        self.nothing_before(end, TAG)?;
        let equals = self.until(end, |byte| !byte.is_ascii_whitespace());
        if self.html.as_bytes().get(equals) == Some(&b'=') {
            self.at = self.until(equals + 1, |byte| !byte.is_ascii_whitespace());
            self.value(&name)?;
        }
        Ok(true)
    }

    fn value(&mut self, name: &str) -> Result<(), Misplaced<'m>> {
        let quote = match self.html.as_bytes().get(self.at) {
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => {
                let end = self.until(self.at, |byte| byte.is_ascii_whitespace() || byte == b'>');
                return self.nothing_before(end, UNQUOTED);
            }
        };
        let start = self.at + 1;
        let end = self.until(start, |byte| byte == quote);
        self.at = start;
        if quote == b'\'' && self.next_before(end).is_some() {
            self.requote(name, start, end)?;
        } else {
            self.quoted(name, start, end)?;
        }
        self.at = (end + 1).min(self.html.len());
        Ok(())
    }

    /// Values are escaped for any quotes, but a press looks for the beginning of a URL at double ones.
    fn requote(&mut self, name: &str, start: usize, end: usize) -> Result<(), Misplaced<'m>> {
        self.out.text(&self.html[self.from..start - 1]);
        let value = format!("\"{}\"", self.html[start..end].replace('"', "&quot;"));
        let mut inner = Reading { marks: self.marks, html: &value, at: 1, from: 0, out: Building::new(true) };
        let result = inner.quoted(name, 1, value.len() - 1);
        inner.out.text(&value[inner.from..]);
        self.out.pieces.append(&mut inner.out.pieces);
        self.from = end + 1;
        result
    }

    fn quoted(&mut self, name: &str, start: usize, end: usize) -> Result<(), Misplaced<'m>> {
        while let Some((span, mark)) = self.next_before(end) {
            let context = match place_in(name, mark) {
                Ok(context) => context,
                Err(place) => return Err(Misplaced { mark, place }),
            };
            self.put(span.clone(), mark, context, &self.html[start..span.start]);
        }
        Ok(())
    }

    fn until(&self, from: usize, is_end: impl Fn(u8) -> bool) -> usize {
        let bytes = self.html.as_bytes();
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().position(|byte| is_end(*byte)).map_or(bytes.len(), |found| from + found)
    }
}

const COMMENT: &str = "a conditional comment";
const TAG: &str = "the name of a tag or of an attribute";
const STYLE: &str = "a style sheet or a script";
const UNQUOTED: &str = "an attribute without quotes";

/// Attributes whose value is a URL.
const URLS: [&str; 12] = [
    "href",
    "src",
    "action",
    "formaction",
    "background",
    "poster",
    "cite",
    "longdesc",
    "xlink:href",
    "data",
    "srcset",
    "ping",
];

fn place_in(name: &str, mark: &Mark) -> Result<Context, &'static str> {
    let is_constant = matches!(mark.kind, MarkKind::Constant(_) | MarkKind::Comment);
    match name {
        _ if URLS.contains(&name) => Ok(Context::Url),
        "style" if !is_constant => Err("a style sheet or a script"),
        _ if name.starts_with("on") => Err("a style sheet or a script"),
        _ => Ok(Context::Attribute),
    }
}

fn is_name_end(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/')
}

/// The place after the first `mark` in `rest`, which begins at `start`; its end if there is none.
fn after(rest: &str, mark: &str, start: usize) -> usize {
    start + rest.find(mark).map_or(rest.len(), |found| found + mark.len())
}

/// `html` with tokens that were written as percent-encoding or as a character reference written out again.
fn plain_tokens<'a>(marks: &Marks, html: &'a str) -> Cow<'a, str> {
    if !["%F4", "%f4", "&#", "\\u{10"].iter().any(|form| html.contains(form)) {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(found) = rest.find(['%', '&', '\\']) {
        let (before, form) = rest.split_at(found);
        out.push_str(before);
        match percent_encoded(form)
            .or_else(|| reference(form))
            .or_else(|| rust_escape(form))
            .filter(|(first, _)| marks.by_token(*first).is_some())
        {
            Some((first, length)) => {
                out.push(first);
                rest = &form[length..];
            }
            None => {
                out.push_str(&form[..1]);
                rest = &form[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A character of four bytes such as `%F4%80%80%80`, and the length of that.
fn percent_encoded(form: &str) -> Option<(char, usize)> {
    let mut bytes = [0; 4];
    for (index, byte) in bytes.iter_mut().enumerate() {
        let digits = form.get(index * 3..index * 3 + 3)?.strip_prefix('%')?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    let first = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    Some((first, 12))
}

/// `&#x100000;` or `&#1048576;`, and the length of it.
fn reference(form: &str) -> Option<(char, usize)> {
    let digits = form.strip_prefix("&#")?.split_once(';')?.0;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some((char::from_u32(code)?, digits.len() + 3))
}

/// `\u{100000}`, as mrml writes it into attributes, and the length of it.
fn rust_escape(form: &str) -> Option<(char, usize)> {
    let digits = form.strip_prefix("\\u{")?.split_once('}')?.0;
    let code = u32::from_str_radix(digits, 16).ok()?;
    Some((char::from_u32(code)?, digits.len() + 4))
}

/// Statements that belong together may have come apart, such as one of them in a footnote.
fn check_pairs(pieces: &Pieces, source: &Source) -> Result<(), ComposeError> {
    let mut open: Vec<(&str, &Span)> = Vec::new();
    for piece in pieces.iter() {
        let Piece::Logic { statement, span } = piece else { continue };
        let keyword = statement.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        let is_paired = match keyword {
            "if" | "for" => {
                open.push((keyword, span));
                true
            }
            "endif" => open.pop().is_some_and(|(opened, _)| opened == "if"),
            "endfor" => open.pop().is_some_and(|(opened, _)| opened == "for"),
            "elif" => open.last().is_some_and(|(opened, _)| *opened == "if"),
            "else" => !open.is_empty(),
            _ => true,
        };
        if !is_paired {
            return Err(apart(keyword, span, source));
        }
    }
    open.last().map_or(Ok(()), |(keyword, span)| Err(apart(keyword, span, source)))
}

fn apart(keyword: &str, span: &Span, source: &Source) -> ComposeError {
    ComposeError::Broken {
        message: format!("`{{% {keyword} %}}` and what belongs to it come apart in the letter"),
        place: (!span.is_empty()).then(|| source.at(span.clone())),
        help: Some("put both around whole blocks, or inside one paragraph".to_owned()),
    }
}
