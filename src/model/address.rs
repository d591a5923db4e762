//! E-mail addresses and their domains: checked once at the border, masked when logged.

use std::fmt;

/// Why a text is no address we write to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("there is no `@`")]
    NoAt,
    #[error("{0}")]
    Domain(&'static str),
    #[error("{0}")]
    Local(&'static str),
}

/// A domain as it travels: ASCII, lower case, in A-label form.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(String);

impl Domain {
    /// Takes ASCII or international names (UTS 46).
    pub fn parse(text: &str) -> Result<Domain, AddressError> {
        let ascii = idna::domain_to_ascii_strict(text)
            .map_err(|_| AddressError::Domain("the part after `@` is no domain name"))?;
        Ok(Domain(ascii))
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

/// An address that a letter can be written to. `Debug` masks it; `Display` is the address as typed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    local: String,
    typed_domain: String,
    domain: Domain,
}

impl Address {
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        let (local, typed_domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        let domain = Domain::parse(typed_domain)?;
        Ok(Address { local: local.to_owned(), typed_domain: typed_domain.to_owned(), domain })
    }

    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The identity of the address; see [`AddressKey`].
    pub fn key(&self) -> AddressKey {
        AddressKey(format!("{}@{}", self.local.to_lowercase(), self.domain))
    }

    /// The form for the envelope: the local part as typed, the domain as A-label.
    pub fn wire(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// Whether every hop must speak SMTPUTF8 (RFC 6531): the local part is not ASCII.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// `a…@example.org`: enough to recognise, too little to write to.
    pub fn masked(&self) -> String {
        mask(&self.to_string())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.typed_domain)
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

/// A name and an address, as in `Ana Example <ana@example.org>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<String>,
    pub address: Address,
}

impl Mailbox {
    /// Takes `name <address>`, `"name" <address>` or a bare address.
    pub fn parse(text: &str) -> Result<Mailbox, AddressError> {
        let Some((name, rest)) = text.trim().split_once('<') else {
            return Ok(Mailbox { name: None, address: Address::parse(text.trim())? });
        };
        let address = rest.trim().strip_suffix('>').ok_or(AddressError::Domain("the `>` is missing"))?;
        let name = name.trim().trim_matches('"').trim();
        Ok(Mailbox { name: (!name.is_empty()).then(|| name.to_owned()), address: Address::parse(address)? })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}
