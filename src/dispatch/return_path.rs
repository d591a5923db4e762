//! Where a letter comes back to if it cannot be delivered: MAIL FROM.

use crate::model::address::{Address, AddressKey};
use crate::token::Secret;

/// Whom letters are from on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnPath {
    /// The same for all.
    Same(Address),
    /// `local+TOKEN@domain`, with a token that names the letter (VERP).
    Own(Address),
}

impl ReturnPath {
    /// That of one letter.
    pub fn of(&self, delivery: i64, key: &AddressKey, secret: &Secret) -> Address {
        match self {
            ReturnPath::Same(address) => address.clone(),
            ReturnPath::Own(mailbox) => {
                let (local, token) = (mailbox.local(), secret.bounce_token(delivery, key));
                Address::parse(&format!("{local}+{token}@{}", mailbox.domain()))
                    .expect("the settings leave room for a token")
            }
        }
    }
}
