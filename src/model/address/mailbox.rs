//! A name and an address, as people write them for a sender (RFC 5322 3.4, without comments and groups).

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::Address;
use super::character::{is_atext, unsafe_kind};
use super::fault::{AddressError, AddressFault, Side};

/// A name and an address, as in `Ana Example <ana@example.org>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// One line without control characters, composed (NFC), if it came from [`Mailbox::parse`].
    pub name: Option<String>,
    pub address: Address,
}

impl Mailbox {
    /// Takes `name <address>`, `"name" <address>`, `<address>` or a bare address, spaces around it left out.
    /// In an unquoted name only letters, digits, spaces, dots and the marks of RFC 5322 `atext` may stand.
    pub fn parse(text: &str) -> Result<Mailbox, AddressError> {
        let start = text.len() - text.trim_start_matches(' ').len();
        parse_trimmed(text.trim_matches(' ')).map_err(|error| error.moved(start))
    }
}

fn parse_trimmed(text: &str) -> Result<Mailbox, AddressError> {
    if text.is_empty() {
        return Err(AddressError::new(AddressFault::Empty, 0..0));
    }
    let Some(open) = unquoted(text, b'<') else {
        return parse_bare(text);
    };
    let name = parse_name(&text[..open])?;
    let address = inside_brackets(text, open)?;
    let address = Address::parse(address).map_err(|error| error.moved(open + 1))?;
    Ok(Mailbox { name, address })
}

/// Where the first `mark` outside quotation marks stands.
fn unquoted(text: &str, mark: u8) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.bytes().position(|byte| {
        let found = byte == mark && !quoted;
        quoted ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && quoted && !escaped;
        found
    })
}

fn parse_bare(text: &str) -> Result<Mailbox, AddressError> {
    Address::parse(text).map(|address| Mailbox { name: None, address }).map_err(|error| {
        let named = matches!(error.fault, AddressFault::Unsafe { side: Side::Local, character: ' ', .. });
        if named { AddressError::new(AddressFault::NoBrackets, 0..text.len()) } else { error }
    })
}

fn inside_brackets(text: &str, open: usize) -> Result<&str, AddressError> {
    let rest = &text[open + 1..];
    let Some(close) = unquoted(rest, b'>') else {
        return Err(AddressError::new(AddressFault::OpenBracket, open..text.len()));
    };
    let after = rest[close + 1..].trim_start_matches(' ');
    if after.is_empty() {
        return Ok(&rest[..close]);
    }
    let fault =
        if after.starts_with([',', ';']) { AddressFault::Several } else { AddressFault::AfterBracket };
    Err(AddressError::new(fault, text.len() - after.len()..text.len()))
}

/// Words and quoted strings, joined by single spaces.
fn parse_name(text: &str) -> Result<Option<String>, AddressError> {
    let mut words: Vec<String> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let (word, length) = match rest.as_bytes()[0] {
            b' ' => (None, 1),
            b'"' => quoted_word(rest)
                .map(|(word, length)| (Some(word), length))
                .map_err(|error| error.moved(at))?,
            _ => plain_word(rest)
                .map(|(word, length)| (Some(word), length))
                .map_err(|error| error.moved(at))?,
        };
        words.extend(word.filter(|word| !word.is_empty()));
        at += length;
    }
    let name: String = words.join(" ").nfc().collect();
    Ok((!name.is_empty()).then_some(name))
}

fn plain_word(text: &str) -> Result<(String, usize), AddressError> {
    let end = text.find([' ', '"']).unwrap_or(text.len());
    for (at, character) in text[..end].char_indices() {
        if let Some(fault) = bad_in_name(character) {
            return Err(AddressError::new(fault, at..at + character.len_utf8()));
        }
    }
    Ok((text[..end].to_owned(), end))
}

fn bad_in_name(character: char) -> Option<AddressFault> {
    match character {
        '(' | ')' => Some(AddressFault::Comment),
        '.' => None,
        '!'..='~' if !is_atext(character as u8) => Some(AddressFault::Character(Side::Name, character)),
        _ => breaks_line(character),
    }
}

/// Control characters and line separators, which could end a header line; joiners and the like are a part of
/// names in many scripts.
fn breaks_line(character: char) -> Option<AddressFault> {
    let breaks = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    let kind = unsafe_kind(character).filter(|_| breaks)?;
    Some(AddressFault::Unsafe { side: Side::Name, kind, character })
}

/// The content of the quoted string at the start of `text`, and how many bytes it takes there.
fn quoted_word(text: &str) -> Result<(String, usize), AddressError> {
    let mut word = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        let character = match character {
            '"' => return Ok((word.trim_matches(' ').to_owned(), at + 1)),
            '\\' => characters.next().map_or('\\', |(_, escaped)| escaped),
            other => other,
        };
        if let Some(fault) = breaks_line(character) {
            return Err(AddressError::new(fault, at..text.ceil_char_boundary(at + 1)));
        }
        word.push(character);
    }
    Err(AddressError::new(AddressFault::OpenQuote, 0..1))
}

impl fmt::Display for Mailbox {
    /// A form that [`Mailbox::parse`] reads again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) if is_phrase(name) => write!(f, "{name} <{}>", self.address),
            Some(name) => {
                write!(f, "\"{}\" <{}>", name.replace('\\', "\\\\").replace('"', "\\\""), self.address)
            }
            None => self.address.fmt(f),
        }
    }
}

fn is_phrase(name: &str) -> bool {
    let tidy = !name.starts_with(' ') && !name.ends_with(' ') && !name.contains("  ");
    tidy && name.chars().all(|character| character == ' ' || bad_in_name(character).is_none())
        && !name.contains('"')
}
