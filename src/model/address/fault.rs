//! Why a text is no address, and what to do about it.

use crate::model::finding::Explain;
use crate::model::source::{Place, Source, Span};

/// Why a text is no address we write to, and which bytes of it are to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct AddressError {
    pub fault: AddressFault,
    /// Bytes of the text that was parsed.
    pub span: Span,
}

impl AddressError {
    pub(super) fn new(fault: AddressFault, span: Span) -> AddressError {
        AddressError { fault, span }
    }

    /// The same error for a text in which the parsed one starts `by` bytes further on.
    pub(super) fn moved(mut self, by: usize) -> AddressError {
        self.span = self.span.start + by..self.span.end + by;
        self
    }

    /// Where it is, for a text that stood on the command line or in a variable called `origin`.
    pub fn place_in(&self, origin: &str, text: &str) -> Place {
        Source::new(origin, text).at(self.span.clone())
    }
}

impl Explain for AddressError {
    fn help(&self) -> Option<String> {
        Some(self.fault.help().to_owned())
    }
}

/// What can be wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    #[error("the address is empty")]
    Empty,
    #[error("there is no `@`")]
    NoAt,
    #[error("there is a second `@`")]
    SecondAt,
    /// An at sign of another width, as an East Asian keyboard makes it.
    #[error("`{0}` is not the at sign of an address")]
    OtherAt(char),
    #[error("nothing stands before the `@`")]
    NoLocal,
    #[error("nothing stands after the `@`")]
    NoDomain,
    /// RFC 5321 4.1.2: a dot stands between two atoms.
    #[error("a dot cannot stand first, last or next to a dot {0}")]
    Dot(Side),
    #[error("`{1}` cannot stand {0}")]
    Character(Side, char),
    /// Not visible, or not safe to show: named by its code point.
    #[error("{kind} (U+{:04X}) cannot stand {side}", u32::from(*character))]
    Unsafe { side: Side, kind: &'static str, character: char },
    #[error("a comment in parentheses cannot be part of an address")]
    Comment,
    #[error("the quotation mark is not closed")]
    OpenQuote,
    #[error("text follows the closing quotation mark")]
    AfterQuote,
    /// RFC 5321 4.5.3.1.1.
    #[error("the part before the `@` is {octets} octets long; 64 are allowed")]
    LocalTooLong { octets: usize },
    /// RFC 1035 2.3.4.
    #[error("the domain is too long: 253 octets are allowed, in the form in which it travels")]
    DomainTooLong,
    /// RFC 1035 2.3.4.
    #[error("`{label}` is too long for a part of a domain: 63 octets are allowed")]
    LabelTooLong { label: String },
    /// RFC 5321 4.5.3.1.3, less the angle brackets.
    #[error("the address is {octets} octets long; 254 are allowed")]
    TooLong { octets: usize },
    #[error("an address literal in brackets is no domain a newsletter is sent to")]
    Literal,
    #[error("`{domain}` is no domain on the internet: it has no dot")]
    SingleLabel { domain: String },
    /// RFC 1123 2.1: the highest label is alphabetic.
    #[error("no domain ends in `.{label}`")]
    TopLabel { label: String },
    #[error("a hyphen cannot stand first or last in `{label}`")]
    Hyphen { label: String },
    /// UTS 46, strict.
    #[error("`{label}` is no valid international domain name")]
    Idna { label: String },
    #[error("a name stands before the address, which is not in angle brackets")]
    NoBrackets,
    #[error("the `>` after the address is missing")]
    OpenBracket,
    #[error("text follows the `>`")]
    AfterBracket,
    #[error("there is more than one address")]
    Several,
}

/// Which part of a mailbox a character stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Local,
    Domain,
    Name,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Side::Local => "before the `@`",
            Side::Domain => "in the domain",
            Side::Name => "in the name",
        })
    }
}

impl AddressFault {
    /// What the person who typed it can do.
    fn help(&self) -> &'static str {
        match self {
            AddressFault::Empty | AddressFault::NoAt | AddressFault::NoLocal | AddressFault::NoDomain => {
                "an address looks like `ana@example.org`"
            }
            AddressFault::SecondAt => "remove one of them, or ask the subscriber for the address",
            AddressFault::OtherAt(_) => "type `@` instead",
            AddressFault::Dot(_) => "remove the dot that is too much",
            AddressFault::Character(Side::Name, _) => {
                "put the name in quotation marks: `\"Example, Inc.\" <ana@example.org>`"
            }
            AddressFault::Character(..) => "remove it, or ask the subscriber for the address",
            AddressFault::Unsafe { .. } => "delete it and type the address again instead of pasting it",
            AddressFault::Comment => "leave the parentheses out: `Ana Example <ana@example.org>`",
            AddressFault::OpenQuote => "put the second quotation mark, or remove the first",
            AddressFault::AfterQuote => "quote the whole part before the `@`, or none of it",
            AddressFault::LocalTooLong { .. }
            | AddressFault::DomainTooLong
            | AddressFault::LabelTooLong { .. }
            | AddressFault::TooLong { .. } => "no mail server takes it: ask the subscriber for the address",
            AddressFault::Literal => "give the name of the domain",
            AddressFault::SingleLabel { .. } => "give the whole domain, such as `example.org`",
            AddressFault::TopLabel { .. } => "look at the end of the domain: is it cut off or mistyped?",
            AddressFault::Hyphen { .. } => "remove the hyphen",
            AddressFault::Idna { .. } => "look for a mistyped or mixed-up letter in the domain",
            AddressFault::NoBrackets => "write `Ana Example <ana@example.org>`",
            AddressFault::OpenBracket => "write `>` after the address",
            AddressFault::AfterBracket => "remove what stands after the `>`",
            AddressFault::Several => "give one address",
        }
    }
}
