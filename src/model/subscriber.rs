//! A person on a list, and what is known of them.

use std::collections::BTreeMap;
use std::fmt;

use super::address::Address;

/// The stable name of a list: it survives a renamed file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListId(pub String);

impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The attributes of a subscriber by name; all are text. `email` and `name` are among them
/// when they are merged into a letter, but not here.
pub type Fields = BTreeMap<String, String>;

/// One person on one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub address: Address,
    pub name: Option<String>,
    pub fields: Fields,
}

impl Subscriber {
    /// The value of a merge field: `email`, `name`, or an attribute. An empty value is no value.
    pub fn field(&self, name: &str) -> Option<String> {
        let value = match name {
            "email" => Some(self.address.to_string()),
            "name" => self.name.clone(),
            other => self.fields.get(other).cloned(),
        };
        value.filter(|value| !value.is_empty())
    }
}
