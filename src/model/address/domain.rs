//! The part after the `@`: a name that DNS can hold, in A-label form (UTS 46, strict).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::character::unsafe_kind;
use super::fault::{AddressError, AddressFault, Side};

/// RFC 1035 2.3.4, in octets of the written form.
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;
/// No name of this many octets or more has an A-label form within [`LONGEST`]; it is not even tried.
const HOPELESS: usize = 1024;

/// The lower-case form of a domain that is plain ASCII without any `xn--`; `None` if it needs a closer look.
pub(super) fn plain(typed: &str) -> Option<String> {
    if typed.len() > LONGEST
        || !typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
    {
        return None;
    }
    let mut top = "";
    let mut labels = 0;
    for label in typed.split('.') {
        if !is_plain_label(label.as_bytes()) {
            return None;
        }
        labels += 1;
        top = label;
    }
    (labels > 1 && is_top_label(top)).then(|| typed.to_ascii_lowercase())
}

fn is_plain_label(label: &[u8]) -> bool {
    let hyphen_inside = label.len() >= 4 && &label[2..4] == b"--";
    matches!(label, [first, .., last] if *first != b'-' && *last != b'-')
        && label.len() <= LONGEST_LABEL
        && !hyphen_inside
        || matches!(label, [only] if *only != b'-')
}

/// Letters only (RFC 1123 2.1), at least two of them, or an A-label.
fn is_top_label(label: &str) -> bool {
    let letters = label.len() >= 2 && label.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters || label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

/// The A-label form of what was typed.
pub(super) fn ascii(typed: &str) -> Result<String, AddressError> {
    if let Some(ascii) = plain(typed) {
        return Ok(ascii);
    }
    let whole = 0..typed.len();
    match typed.len() {
        0 => return Err(AddressError::new(AddressFault::NoDomain, whole)),
        HOPELESS.. => return Err(AddressError::new(AddressFault::DomainTooLong, whole)),
        _ => {}
    }
    check_characters(typed)?;
    check_labels(typed)?;
    let ascii = to_ascii(typed, DnsLength::Ignore)
        .ok_or_else(|| AddressError::new(AddressFault::Idna { label: typed.to_owned() }, whole.clone()))?;
    if ascii.len() > LONGEST {
        return Err(AddressError::new(AddressFault::DomainTooLong, whole));
    }
    check_top(typed, &ascii)?;
    Ok(ascii)
}

fn to_ascii(name: &str, length: DnsLength) -> Option<String> {
    let ascii = Uts46::new().to_ascii(name.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, length);
    ascii.ok().map(|ascii| ascii.into_owned())
}

fn check_characters(typed: &str) -> Result<(), AddressError> {
    if typed.starts_with('[') {
        return Err(AddressError::new(AddressFault::Literal, 0..typed.len()));
    }
    for (at, character) in typed.char_indices() {
        if let Some(fault) = bad_character(character) {
            return Err(AddressError::new(fault, at..at + character.len_utf8()));
        }
    }
    Ok(())
}

/// The joiners U+200C and U+200D are left to UTS 46, which knows where they belong.
fn bad_character(character: char) -> Option<AddressFault> {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '\u{200C}' | '\u{200D}' => None,
        '@' => Some(AddressFault::SecondAt),
        '(' | ')' => Some(AddressFault::Comment),
        ',' | ';' => Some(AddressFault::Several),
        '!'..='~' => Some(AddressFault::Character(Side::Domain, character)),
        _ => unsafe_kind(character).map(|kind| AddressFault::Unsafe { side: Side::Domain, kind, character }),
    }
}

/// The dots of UTS 46.
fn is_dot(character: char) -> bool {
    matches!(character, '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}')
}

fn check_labels(typed: &str) -> Result<(), AddressError> {
    let mut start = 0;
    for label in typed.split_inclusive(is_dot) {
        let bare = label.trim_end_matches(is_dot);
        let fault = if bare.is_empty() { Some(AddressFault::Dot(Side::Domain)) } else { bad_label(bare) };
        if let Some(fault) = fault {
            return Err(AddressError::new(fault, start..start + label.len()));
        }
        start += label.len();
    }
    match typed.chars().next_back().filter(|last| is_dot(*last)) {
        Some(dot) => {
            let last = typed.len() - dot.len_utf8();
            Err(AddressError::new(AddressFault::Dot(Side::Domain), last..typed.len()))
        }
        None => Ok(()),
    }
}

fn bad_label(typed: &str) -> Option<AddressFault> {
    let label = typed.to_owned();
    let is_hyphen = |character: char| matches!(character, '-' | '\u{FF0D}');
    if typed.starts_with(is_hyphen) || typed.ends_with(is_hyphen) {
        return Some(AddressFault::Hyphen { label });
    }
    match to_ascii(typed, DnsLength::Ignore) {
        Some(ascii) if ascii.len() > LONGEST_LABEL => Some(AddressFault::LabelTooLong { label }),
        Some(_) => None,
        None => Some(AddressFault::Idna { label }),
    }
}

fn check_top(typed: &str, ascii: &str) -> Result<(), AddressError> {
    let Some((_, top)) = ascii.rsplit_once('.') else {
        return Err(AddressError::new(
            AddressFault::SingleLabel { domain: typed.to_owned() },
            0..typed.len(),
        ));
    };
    if is_top_label(top) {
        return Ok(());
    }
    let start = typed
        .char_indices()
        .rfind(|(_, character)| is_dot(*character))
        .map_or(0, |(at, dot)| at + dot.len_utf8());
    Err(AddressError::new(AddressFault::TopLabel { label: top.to_owned() }, start..typed.len()))
}
