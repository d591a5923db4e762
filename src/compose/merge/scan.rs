//! Finds merge syntax in a text: where it opens, and where it closes. Knows nothing of what it means.

use std::ops::Range;

/// The three kinds of braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brace {
    Value,
    Logic,
    Comment,
}

impl Brace {
    pub(super) fn open(self) -> &'static str {
        match self {
            Brace::Value => "{{",
            Brace::Logic => "{%",
            Brace::Comment => "{#",
        }
    }

    pub(super) fn close(self) -> &'static str {
        match self {
            Brace::Value => "}}",
            Brace::Logic => "%}",
            Brace::Comment => "#}",
        }
    }
}

/// What the text is, which decides what is no merge syntax in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A backslash takes the meaning from a brace, and `{#id}` at the end of a heading is its id.
    Markdown,
    /// A subject, or a template.
    Plain,
}

/// The first opening brace at or after `from`.
pub(super) fn next_open(text: &str, from: usize, reading: Reading) -> Option<(usize, Brace)> {
    let mut at = from;
    while let Some(found) = memchr::memchr(b'{', &text.as_bytes()[at..]) {
        let open = at + found;
        match brace_at(text, open) {
            Some(brace) if reading == Reading::Plain || !is_markdown(text, open, brace) => {
                return Some((open, brace));
            }
            // An escaped `{{` is two braces, neither of which opens anything.
            Some(_) => at = open + 2,
            None => at = open + 1,
        }
    }
    None
}

fn brace_at(text: &str, open: usize) -> Option<Brace> {
    match text.as_bytes().get(open + 1)? {
        b'{' => Some(Brace::Value),
        b'%' => Some(Brace::Logic),
        b'#' => Some(Brace::Comment),
        _ => None,
    }
}

fn is_markdown(text: &str, open: usize, brace: Brace) -> bool {
    let backslashes = text[..open].bytes().rev().take_while(|byte| *byte == b'\\').count();
    backslashes % 2 == 1 || (brace == Brace::Comment && is_heading_id(&text[open..]))
}

/// `{#id .class}` with nothing after it on its line.
fn is_heading_id(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    let Some((inner, after)) = line[2..].split_once('}') else { return false };
    !inner.ends_with('#')
        && !inner.starts_with([' ', '\t'])
        && after.trim_matches([' ', '\t', '#']).is_empty()
}

/// Where the brace that opens at `open` is closed: the byte after it. A value or a statement ends with its
/// paragraph at the latest.
pub(super) fn end_of(text: &str, open: usize, brace: Brace) -> Option<usize> {
    let body = open + 2;
    let rest = &text[body..];
    let length = match brace {
        Brace::Comment => rest.find("#}").map(|found| found + 2),
        Brace::Value | Brace::Logic => {
            closing(rest, brace.close().as_bytes()).or_else(|| {
                // A quote or bracket that does not close: MiniJinja says what is wrong with it.
                let paragraph = &rest[..paragraph_end(rest)];
                paragraph.find(brace.close()).map(|found| found + 2)
            })
        }
    };
    length.map(|length| body + length)
}

fn paragraph_end(text: &str) -> usize {
    let newlines = memchr::memchr_iter(b'\n', text.as_bytes());
    let mut ends = newlines.filter(|newline| is_blank_line(text.as_bytes(), newline + 1));
    ends.next().unwrap_or(text.len())
}

fn is_blank_line(bytes: &[u8], start: usize) -> bool {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).is_none_or(|byte| *byte == b'\n')
}

/// Length up to and with `close`, outside of quotes and brackets as MiniJinja's lexer sees them, but not
/// past a blank line.
fn closing(text: &str, close: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            _ if depth == 0 && bytes[at..].starts_with(close) => return Some(at + 2),
            quote @ (b'"' | b'\'') => at = after_string(bytes, at, quote)? - 1,
            b'\n' if is_blank_line(bytes, at + 1) => return None,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

fn after_string(bytes: &[u8], open: usize, quote: u8) -> Option<usize> {
    let mut at = open + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if is_blank_line(bytes, at + 1) => return None,
            byte if *byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// What stands between the braces of `text[span]`, without white-space control and white space around it.
pub(super) fn inner(text: &str, span: &Range<usize>) -> Range<usize> {
    let is_control = |byte: Option<&u8>| matches!(byte, Some(b'-' | b'+'));
    let bytes = text.as_bytes();
    let mut start = span.start + 2;
    let mut end = span.end - 2;
    start += usize::from(start < end && is_control(bytes.get(start)));
    end -= usize::from(start < end && is_control(bytes.get(end - 1)));
    let body = &text[start..end];
    let lead = body.len() - body.trim_start().len();
    start + lead..start + lead + body.trim().len()
}

/// The `{% endraw %}` at or after `from`.
pub(super) fn end_of_raw(text: &str, from: usize) -> Option<Range<usize>> {
    text[from..].match_indices("{%").find_map(|(found, _)| {
        let open = from + found;
        let end = end_of(text, open, Brace::Logic)?;
        (&text[inner(text, &(open..end))] == "endraw").then_some(open..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, reading: Reading) -> Vec<&str> {
        let (mut all, mut from) = (Vec::new(), 0);
        while let Some((open, brace)) = next_open(text, from, reading) {
            let Some(end) = end_of(text, open, brace) else { return all };
            all.push(&text[open..end]);
            from = end;
        }
        all
    }

    #[test]
    fn braces_in_quotes_and_brackets_do_not_close() {
        let text = r#"{{ a | default("}}") }} {{ {"a": {"b": 1}} }} {% if x == '%}' %} {# }} #}"#;
        let parts =
            [r#"{{ a | default("}}") }}"#, r#"{{ {"a": {"b": 1}} }}"#, "{% if x == '%}' %}", "{# }} #}"];
        assert_eq!(found(text, Reading::Markdown), parts);
    }

    #[test]
    fn a_backslash_makes_braces_literal_and_a_heading_keeps_its_id() {
        assert_eq!(found(r"\{{ a }} \\{{ b }}", Reading::Markdown), ["{{ b }}"]);
        assert_eq!(found(r"\{{ a }}", Reading::Plain), ["{{ a }}"]);
        assert!(found("## Heading {#intro .wide} ##\n", Reading::Markdown).is_empty());
        assert_eq!(found("## Heading {#x#}\n", Reading::Markdown), ["{#x#}"]);
    }

    #[test]
    fn a_value_ends_with_its_paragraph_and_a_comment_does_not() {
        assert!(found("{{ a\n\n}}", Reading::Markdown).is_empty());
        assert_eq!(found("{{ a\n  }}", Reading::Markdown), ["{{ a\n  }}"]);
        assert_eq!(found("{# a\n\nb #}", Reading::Markdown), ["{# a\n\nb #}"]);
    }

    #[test]
    fn the_inside_is_found_without_white_space_control() {
        for (text, body) in [("{{- a -}}", "a"), ("{{}}", ""), ("{%-%}", ""), ("{{ -1 }}", "-1")] {
            assert_eq!(&text[inner(text, &(0..text.len()))], body);
        }
    }
}
