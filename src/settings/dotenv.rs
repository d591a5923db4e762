//! The lines of `.env`: `NAME=value`, with or without quotes. Nothing is substituted, so that a `$` in a
//! password stays what it is, and an address with spaces needs no quotes.

use std::collections::BTreeMap;

use crate::model::source::Source;

/// One value, and the line its name stands on, from 1.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    pub value: String,
    pub line: usize,
}

/// Why a line is none of ours. It never quotes the line: there may be a secret on it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of {file} {what}")]
pub struct DotenvError {
    pub file: String,
    pub line: usize,
    pub what: &'static str,
}

/// Reads the whole file. Of a name that stands twice, the last value counts, as in a shell.
pub fn parse(source: &Source) -> Result<BTreeMap<String, Line>, DotenvError> {
    let mut values = BTreeMap::new();
    let mut lines = source.text().lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let fail = |what| DotenvError { file: source.path().display().to_string(), line: at + 1, what };
        let Some((name, rest)) = assignment(line).map_err(fail)? else { continue };
        let value = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let more = lines.by_ref().map(|(_, line)| line);
                quoted(quote, &rest[1..], more).ok_or(fail("opens a quote that is never closed"))?
            }
            _ => unquoted(rest),
        };
        values.insert(name.to_owned(), Line { value, line: at + 1 });
    }
    Ok(values)
}

/// The name and what follows the `=`; `None` for an empty line or a comment.
fn assignment(line: &str) -> Result<Option<(&str, &str)>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("is not of the form NAME=value")?;
    let name = name.trim();
    let fits = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.is_empty();
    if !fits {
        return Err("has a name that is not made of letters, digits and `_`");
    }
    Ok(Some((name, value.trim())))
}

/// Up to a comment, which begins with a space and `#`.
fn unquoted(rest: &str) -> String {
    if rest.starts_with('#') {
        return String::new();
    }
    let end = [" #", "\t#"].iter().filter_map(|mark| rest.find(mark)).min().unwrap_or(rest.len());
    rest[..end].trim_end().to_owned()
}

/// Up to the closing quote, over several lines if need be. Between `"` the escapes `\n`, `\t`, `\"`, `\\` and
/// `\$` are read. `None` if the quote is not closed.
fn quoted<'a>(quote: char, first: &'a str, mut more: impl Iterator<Item = &'a str>) -> Option<String> {
    let (mut value, mut line) = (String::new(), first);
    loop {
        let mut chars = line.chars();
        while let Some(char) = chars.next() {
            match char {
                c if c == quote => return Some(value),
                '\\' if quote == '"' => value.push_str(&escaped(chars.next())),
                c => value.push(c),
            }
        }
        value.push('\n');
        line = more.next()?;
    }
}

fn escaped(char: Option<char>) -> String {
    match char {
        Some('n') => "\n".to_owned(),
        Some('t') => "\t".to_owned(),
        Some(char @ ('"' | '\\' | '$' | '\'')) => char.to_string(),
        Some(other) => format!("\\{other}"),
        None => "\\".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str) -> String {
        parse(&Source::new(".env", text)).unwrap().remove("A").unwrap().value
    }

    #[test]
    fn values_are_taken_as_an_author_writes_them() {
        assert_eq!(value("A=Ada Example <ada@example.org>"), "Ada Example <ada@example.org>");
        assert_eq!(value("export A = x # a comment"), "x");
        assert_eq!(value("A=smtps://u:p#a$$b@mail.example:465"), "smtps://u:p#a$$b@mail.example:465");
        assert_eq!(value("A='a \\n $B'"), "a \\n $B");
        assert_eq!(value("A=\"1 Road\\nTown \\\"X\\\"\" # here"), "1 Road\nTown \"X\"");
        assert_eq!(value("A=\"1 Road\nTown\"\nB=2"), "1 Road\nTown");
        assert_eq!(value("A=1\nA=2"), "2");
        assert_eq!(value("A="), "");
    }

    #[test]
    fn a_broken_line_is_named_and_never_quoted() {
        let error = parse(&Source::new(".env", "# x\n\nsecret stuff\n")).err().unwrap();
        assert_eq!(error.to_string(), "line 3 of .env is not of the form NAME=value");
        let error = parse(&Source::new(".env", "A=\"open\nB=1\n")).err().unwrap();
        assert_eq!(error.line, 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|(A=[\"'\\\\\n#x]*\n)*") {
            let _ = parse(&Source::new(".env", text));
        }
    }
}
