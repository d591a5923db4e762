//! Whether every element is closed by its own end tag: mrml takes any end tag for the right one.

use crate::compose::html::MjmlError;

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// The first tag without its partner.
pub fn check(mjml: &str) -> Result<(), MjmlError> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut at = 0;
    while let Some(step) = mjml[at..].find('<') {
        let start = at + step;
        let tag = tag(mjml, start);
        at = start + tag.len();
        match name(tag) {
            None => {}
            Some(name) if tag.starts_with("</") => close(&mut open, name, start)?,
            Some(name) if tag.ends_with("/>") || VOID.contains(&name) => {}
            Some(name) => open.push((name, start)),
        }
    }
    match open.pop() {
        Some((name, offset)) => Err(wrong(format!("`<{name}>` is never closed"), offset)),
        None => Ok(()),
    }
}

fn close<'m>(open: &mut Vec<(&'m str, usize)>, name: &'m str, offset: usize) -> Result<(), MjmlError> {
    match open.pop() {
        Some((opened, _)) if opened == name => Ok(()),
        Some((opened, _)) => Err(wrong(format!("`</{name}>` stands where `</{opened}>` is due"), offset)),
        None => Err(wrong(format!("`</{name}>` closes nothing"), offset)),
    }
}

fn wrong(message: String, offset: usize) -> MjmlError {
    MjmlError { message, offset: Some(offset) }
}

/// The tag or comment at `start`; quotes may hold a `>`.
fn tag(mjml: &str, start: usize) -> &str {
    let rest = &mjml[start..];
    if rest.starts_with("<!--") {
        return rest.find("-->").map_or(rest, |end| &rest[..end + 3]);
    }
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '>') => return &rest[..=at],
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    rest
}

fn name(tag: &str) -> Option<&str> {
    let rest = tag.strip_prefix("</").or_else(|| tag.strip_prefix('<'))?;
    let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(rest.len());
    Some(&rest[..end]).filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}
