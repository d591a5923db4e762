//! HTML and its kin: comments, tags, attributes and their values.

use super::{Piece, Role};

/// The coloured pieces of `code`, in order.
pub fn pieces(code: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = code[at..].find('<') {
        at = match &code[at + open..] {
            rest if rest.starts_with("<!--") => comment(rest, at + open, &mut found),
            rest => tag(rest, at + open, &mut found),
        };
    }
    found
}

fn comment(rest: &str, start: usize, found: &mut Vec<Piece>) -> usize {
    let end = start + rest.find("-->").map_or(rest.len(), |end| end + 3);
    found.push((Some(Role::Comment), start..end));
    end
}

/// Reads `<name attribute="value">` from its `<`; a `<` that opens no tag is passed over.
fn tag(rest: &str, start: usize, found: &mut Vec<Piece>) -> usize {
    let head = rest.len() - rest.trim_start_matches(['<', '/', '!', '?']).len();
    let name = word(&rest[head..]);
    if name == 0 {
        return start + head.max(1);
    }
    found.push((Some(Role::Keyword), start + head..start + head + name));
    attributes(rest, start, head + name, found)
}

fn attributes(rest: &str, start: usize, mut at: usize, found: &mut Vec<Piece>) -> usize {
    while let Some(next) = rest[at..].chars().next() {
        let (role, len) = match next {
            '>' | '<' => return start + at,
            '"' | '\'' => (Some(Role::String), value(&rest[at..], next)),
            _ => match word(&rest[at..]) {
                0 => (None, next.len_utf8()),
                len => (Some(Role::Type), len),
            },
        };
        if role.is_some() {
            found.push((role, start + at..start + at + len));
        }
        at += len;
    }
    start + at
}

fn value(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

fn word(text: &str) -> usize {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '@');
    text.find(|c: char| !is_inside(c)).unwrap_or(text.len())
}
