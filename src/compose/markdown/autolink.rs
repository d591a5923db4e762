//! Bare addresses as links, by the rules of GFM's extended autolinks: `https://…`, `www.…`, `a@b.example`.

use super::run::{Opened, RunItem, Words};
use crate::compose::merge::TOKENS;

/// RFC 1035 allows 253; tokens may make it look longer.
const LONGEST_DOMAIN: usize = 400;

/// An address found in a text: bytes `start..end`, and where it leads.
struct Address {
    start: usize,
    end: usize,
    target: String,
}

/// Turns bare addresses outside links into links.
pub fn link_addresses(run: Vec<RunItem>) -> Vec<RunItem> {
    let mut linked = Vec::with_capacity(run.len());
    let mut depth: usize = 0;
    let mut links: Vec<bool> = Vec::new();
    for item in run {
        match &item {
            RunItem::Open(opened, _) => {
                let is_link = matches!(opened, Opened::Link { .. } | Opened::Image { .. });
                links.push(is_link);
                depth += usize::from(is_link);
            }
            RunItem::Close => depth -= usize::from(links.pop().unwrap_or(false)),
            _ => {}
        }
        match item {
            RunItem::Text(words) if depth == 0 => split(words, &mut linked),
            other => linked.push(other),
        }
    }
    linked
}

fn split(words: Words, out: &mut Vec<RunItem>) {
    let mut done = 0;
    let mut from = 0;
    while let Some(found) = find(&words.text, from, done) {
        if found.start > done {
            out.push(RunItem::Text(words.part(done, found.start, false)));
        }
        let text = words.part(found.start, found.end, true);
        let span = text.span.clone();
        out.push(RunItem::Open(Opened::Link { target: found.target, title: String::new() }, span));
        out.push(RunItem::Text(text));
        out.push(RunItem::Close);
        done = found.end;
        from = found.end;
    }
    match done {
        0 => out.push(RunItem::Text(words)),
        _ if done < words.text.len() => out.push(RunItem::Text(words.part(done, words.text.len(), false))),
        _ => {}
    }
}

/// The next address at or after `from`; its local part may not begin before `floor`.
fn find(text: &str, from: usize, floor: usize) -> Option<Address> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(step) = memchr::memchr3(b':', b'@', b'w', &bytes[at..]) {
        let here = at + step;
        let found = match bytes[here] {
            b':' => web_address(text, here, floor),
            b'@' => mail_address(text, here, floor),
            _ => www_address(text, here, floor),
        };
        if found.is_some() {
            return found;
        }
        at = here + 1;
    }
    None
}

fn web_address(text: &str, colon: usize, floor: usize) -> Option<Address> {
    let rest = text[colon..].strip_prefix("://")?;
    let before = &text[floor..colon];
    let scheme = ["https", "http", "ftp"].into_iter().find(|scheme| {
        before.len() >= scheme.len()
            && before.is_char_boundary(before.len() - scheme.len())
            && before[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme)
    })?;
    let start = colon - scheme.len();
    let stands_free = !text[floor..start].ends_with(|c: char| c.is_alphanumeric());
    let end = colon + 3 + address_length(rest)?;
    stands_free.then(|| Address { start, end, target: text[start..end].to_owned() })
}

fn www_address(text: &str, start: usize, floor: usize) -> Option<Address> {
    let rest = &text[start..];
    let stands_free =
        text[floor..start].chars().next_back().is_none_or(|c| c.is_whitespace() || "*_~(".contains(c));
    if !stands_free || !rest.strip_prefix("www.")?.starts_with(char::is_alphanumeric) {
        return None;
    }
    let end = start + address_length(rest)?;
    Some(Address { start, end, target: format!("http://{}", &text[start..end]) })
}

fn mail_address(text: &str, at: usize, floor: usize) -> Option<Address> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    let local = text[floor..at].chars().rev().take(LONGEST_DOMAIN).take_while(|c| is_local(*c)).count();
    let domain = domain(&text[at + 1..], |c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let domain = domain.trim_end_matches('.');
    let fits = local > 0
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
        && !domain.ends_with(['-', '_']);
    let (start, end) = (at - local, at + 1 + domain.len());
    // What a field ends in may be the beginning of the address: then it is not known here.
    let is_whole = !text[floor..start].ends_with(|c: char| TOKENS.contains(&c));
    (fits && is_whole).then(|| Address { start, end, target: format!("mailto:{}", &text[start..end]) })
}

/// How much of `rest`, which begins with a domain, belongs to an address.
fn address_length(rest: &str) -> Option<usize> {
    let domain = domain(rest, |c| c.is_alphanumeric() || ".-_".contains(c));
    let labels: Vec<&str> = domain.trim_end_matches('.').split('.').collect();
    let clean = labels.iter().rev().take(2).all(|label| !label.contains('_') && !label.is_empty());
    if domain.is_empty() || !clean {
        return None;
    }
    let whole = rest.split(|c: char| c.is_whitespace() || c == '<').next()?;
    Some(trim_end(whole).len())
}

/// The characters of a domain at the beginning of `rest`; more than [`LONGEST_DOMAIN`] are not read.
fn domain(rest: &str, fits: impl Fn(char) -> bool) -> &str {
    let end = rest.char_indices().take(LONGEST_DOMAIN).find(|(_, c)| !fits(*c)).map(|(at, _)| at);
    &rest[..end.unwrap_or_else(|| rest.char_indices().nth(LONGEST_DOMAIN).map_or(rest.len(), |(at, _)| at))]
}

/// Punctuation at the end belongs to the sentence, a closing parenthesis only if none was opened.
fn trim_end(mut address: &str) -> &str {
    let opened = address.matches('(').count();
    let mut closed = address.matches(')').count();
    loop {
        let trimmed = address.trim_end_matches(|c| "?!.,:;*_~'\"“”‘’«»。，、！？；：）」』】》".contains(c));
        address = match trimmed.strip_suffix(')') {
            Some(shorter) if closed > opened => shorter,
            _ => return trimmed,
        };
        closed -= 1;
    }
}
