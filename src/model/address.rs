//! E-mail addresses and their domains: checked once at the border, masked when logged.
//!
//! An [`Address`] is what RFC 5321 calls a mailbox, with RFC 6531 for what is beyond ASCII and UTS 46 for its
//! domain. It is stricter than these where an address cannot be one that a newsletter is written to: no address
//! literals, no domain of a single label, nothing invisible. It never asks the network.

mod character;
mod domain;
mod fault;
mod local;
mod mailbox;
#[cfg(test)]
mod tests;

use std::fmt;

use unicode_normalization::UnicodeNormalization;

pub use fault::{AddressError, AddressFault, Side};
pub use mailbox::Mailbox;

/// RFC 5321 4.5.3.1.3 allows 256 octets with the angle brackets.
const LONGEST: usize = 254;

/// An address that a letter can be written to. `Debug` masks it; `Display` is the address as typed, in its
/// shortest form: composed characters, and quotation marks only where they are needed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// The local part, `@`, and the domain as typed.
    text: String,
    /// Where the `@` stands in `text`.
    at: usize,
    domain: Domain,
}

impl Address {
    /// Takes a bare address, without spaces around it. The error says which bytes are to blame, and why.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        match Address::parse_plain(text) {
            Some(address) => Ok(address),
            None => Address::parse_closely(text),
        }
    }

    /// The common case, in one pass: a dot-atom of ASCII at a domain of ASCII.
    fn parse_plain(text: &str) -> Option<Address> {
        let at = memchr::memchr(b'@', text.as_bytes())?;
        if text.len() > LONGEST || !local::is_plain(&text.as_bytes()[..at]) {
            return None;
        }
        let domain = Domain(domain::plain(&text[at + 1..])?);
        Some(Address { text: text.to_owned(), at, domain })
    }

    fn parse_closely(text: &str) -> Result<Address, AddressError> {
        if text.is_empty() {
            return Err(AddressError::new(AddressFault::Empty, 0..0));
        }
        let end = local::end(text)?;
        let typed_domain = &text[end + 1..];
        let local = local::canonical(&text[..end])?;
        let domain = Domain::parse(typed_domain).map_err(|error| error.moved(end + 1))?;
        let octets = local.len() + 1 + domain.0.len();
        if octets > LONGEST || text.len() > 4 * LONGEST {
            return Err(AddressError::new(AddressFault::TooLong { octets }, 0..text.len()));
        }
        let typed_domain: String = typed_domain.nfc().collect();
        Ok(Address { text: format!("{local}@{typed_domain}"), at: local.len(), domain })
    }

    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The part before the `@`, quoted where it must be.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The identity of the address; see [`AddressKey`].
    pub fn key(&self) -> AddressKey {
        let mut key = String::with_capacity(self.text.len());
        if self.local().is_ascii() {
            key.push_str(self.local());
            key.make_ascii_lowercase();
        } else {
            key.extend(self.local().chars().flat_map(fold).nfc());
        }
        key.push('@');
        key.push_str(&self.domain.0);
        AddressKey(key)
    }

    /// The form for the envelope and for headers: the domain as A-label.
    pub fn wire(&self) -> String {
        format!("{}@{}", self.local(), self.domain)
    }

    /// Whether every hop must speak SMTPUTF8 (RFC 6531): the local part is not ASCII.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local().is_ascii()
    }

    /// `a…@example.org`: enough to recognise, too little to write to.
    pub fn masked(&self) -> String {
        mask(&self.text)
    }
}

/// Lower case of one character whatever stands around it, so that a final sigma is a sigma.
fn fold(character: char) -> impl Iterator<Item = char> {
    character.to_lowercase().map(|lower| if lower == 'ς' { 'σ' } else { lower })
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

fn mask(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}…@{domain}", local.chars().next().unwrap_or('…')),
        None => "…".to_owned(),
    }
}

/// A domain as it travels: ASCII, lower case, in A-label form.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(String);

impl Domain {
    /// Takes ASCII or international names (UTS 46, strict) of at least two labels.
    pub fn parse(text: &str) -> Result<Domain, AddressError> {
        domain::ascii(text).map(Domain)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who an address is, whatever way it was typed: equal for `Ana@BÜCHER.example` and
/// `ana@xn--bcher-kva.example`. Suppression, duplicates and tokens go by it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressKey(String);

impl AddressKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` is an address of this key.
    pub fn is_of(&self, text: &str) -> bool {
        Address::parse(text).is_ok_and(|address| address.key() == *self)
    }

    /// For keys that come back from the ledger, which only holds keys of parsed addresses.
    pub fn from_ledger(text: String) -> AddressKey {
        AddressKey(text)
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}
