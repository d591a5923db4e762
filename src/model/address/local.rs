//! The part before the `@`: a dot-atom or a quoted string (RFC 5321 4.1.2), also beyond ASCII (RFC 6531 3.3).

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::character::{begins_with_mark, is_atext, unsafe_kind};
use super::fault::{AddressError, AddressFault, Side};

/// RFC 5321 4.5.3.1.1, in octets.
pub(super) const LONGEST: usize = 64;

/// The end of the local part of `text`, which is where its `@` stands.
pub(super) fn end(text: &str) -> Result<usize, AddressError> {
    if text.starts_with('"') {
        return quoted_end(text);
    }
    text.find('@').ok_or_else(|| no_at(text))
}

fn quoted_end(text: &str) -> Result<usize, AddressError> {
    let mut escaped = false;
    let close = text.bytes().enumerate().skip(1).find(|(_, byte)| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    });
    let end = match close {
        Some((close, _)) => close + 1,
        None => return Err(AddressError::new(AddressFault::OpenQuote, 0..1)),
    };
    match text.as_bytes().get(end) {
        Some(b'@') => Ok(end),
        Some(_) => Err(AddressError::new(AddressFault::AfterQuote, end..text.ceil_char_boundary(end + 1))),
        None => Err(AddressError::new(AddressFault::NoAt, 0..text.len())),
    }
}

fn no_at(text: &str) -> AddressError {
    let other = text.char_indices().find(|(_, character)| matches!(character, '＠' | '﹫'));
    match other {
        Some((at, character)) => {
            AddressError::new(AddressFault::OtherAt(character), at..at + character.len_utf8())
        }
        None => AddressError::new(AddressFault::NoAt, 0..text.len()),
    }
}

/// Whether `local` is a dot-atom of ASCII within its length: the common case, decided without allocation.
pub(super) fn is_plain(local: &[u8]) -> bool {
    let mut after_dot = true;
    for &byte in local {
        let dot = byte == b'.';
        if (dot && after_dot) || (!dot && !is_atext(byte)) {
            return false;
        }
        after_dot = dot;
    }
    !after_dot && local.len() <= LONGEST
}

/// The shortest form of a typed local part: composed characters (NFC), no quotes and escapes but needed ones.
pub(super) fn canonical(typed: &str) -> Result<String, AddressError> {
    check_length(typed, typed.len())?;
    let content = match typed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => unquote(inside).map_err(|error| error.moved(1))?,
        None => {
            check_dot_atom(typed)?;
            typed.nfc().collect()
        }
    };
    let unquoted = check_dot_atom(&content);
    let local = match unquoted {
        Ok(()) => content,
        Err(_) if typed.starts_with('"') => quote(&content),
        Err(error) => return Err(AddressError::new(error.fault, 0..typed.len())),
    };
    check_length(&local, typed.len())?;
    Ok(local)
}

fn check_length(local: &str, blamed: usize) -> Result<(), AddressError> {
    match local.len() {
        0 => Err(AddressError::new(AddressFault::NoLocal, 0..blamed)),
        1..=LONGEST => Ok(()),
        octets => Err(AddressError::new(AddressFault::LocalTooLong { octets }, 0..blamed)),
    }
}

fn check_dot_atom(text: &str) -> Result<(), AddressError> {
    check_visible(text)?;
    let bad = text.char_indices().find(|(_, character)| {
        *character != '.' && u8::try_from(*character).is_ok_and(|byte| byte.is_ascii() && !is_atext(byte))
    });
    if let Some((at, character)) = bad {
        return Err(AddressError::new(misplaced(character), at..at + character.len_utf8()));
    }
    match stray_dot(text) {
        Some(span) => Err(AddressError::new(AddressFault::Dot(Side::Local), span)),
        None => Ok(()),
    }
}

fn misplaced(character: char) -> AddressFault {
    match character {
        '(' | ')' => AddressFault::Comment,
        ',' => AddressFault::Several,
        _ => AddressFault::Character(Side::Local, character),
    }
}

fn check_visible(text: &str) -> Result<(), AddressError> {
    if begins_with_mark(text) {
        let first = text.chars().next().expect("a text that begins with a mark has a character");
        let fault =
            AddressFault::Unsafe { side: Side::Local, kind: "a mark without a letter", character: first };
        return Err(AddressError::new(fault, 0..first.len_utf8()));
    }
    for (at, character) in text.char_indices() {
        if let Some(kind) = unsafe_kind(character) {
            let fault = AddressFault::Unsafe { side: Side::Local, kind, character };
            return Err(AddressError::new(fault, at..at + character.len_utf8()));
        }
    }
    Ok(())
}

/// A dot that is first, last, or follows a dot.
fn stray_dot(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let stray = |at: usize| at == 0 || at + 1 == bytes.len() || bytes[at - 1] == b'.';
    (0..bytes.len()).find(|at| bytes[*at] == b'.' && stray(*at)).map(|at| at..at + 1)
}

/// What a quoted string says, composed. Only visible ASCII and the space may be escaped.
fn unquote(inside: &str) -> Result<String, AddressError> {
    if inside.is_empty() {
        return Err(AddressError::new(AddressFault::NoLocal, 0..0));
    }
    let mut content = String::with_capacity(inside.len());
    let mut characters = inside.char_indices();
    while let Some((at, character)) = characters.next() {
        let (at, character, escaped) = match character {
            '\\' => match characters.next() {
                Some((at, escaped)) => (at, escaped, true),
                None => return Err(AddressError::new(AddressFault::OpenQuote, at..at + 1)),
            },
            character => (at, character, false),
        };
        check_quotable(at, character, escaped)?;
        content.push(character);
    }
    Ok(content.nfc().collect())
}

fn check_quotable(at: usize, character: char, escaped: bool) -> Result<(), AddressError> {
    let fault = match unsafe_kind(character).filter(|_| character != ' ') {
        Some(kind) => AddressFault::Unsafe { side: Side::Local, kind, character },
        None if escaped && !character.is_ascii() => AddressFault::Character(Side::Local, '\\'),
        None if !escaped && character == '"' => AddressFault::AfterQuote,
        None => return Ok(()),
    };
    Err(AddressError::new(fault, at..at + character.len_utf8()))
}

fn quote(content: &str) -> String {
    let mut quoted = String::with_capacity(content.len() + 2);
    quoted.push('"');
    for character in content.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}
