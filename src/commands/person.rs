//! Whose letter is shown: by `render --as`, `test --as`, and where nobody was named.

use std::fs::File;

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::model::address::Address;
use crate::model::subscriber::{Fields, Subscriber};
use crate::settings::lists::List;
use crate::subscribers::csv::{CsvError, Rows};

/// The subscriber with this address on the first of the lists that has it; without an address, the first
/// there is. Somebody who is on none of them is shown without attributes, and that is said.
pub fn seen_as(desk: &Desk, lists: &[List], wanted: Option<&Address>) -> Result<Subscriber, Failure> {
    for list in lists {
        if let Some(found) = find(list, wanted)? {
            return Ok(found);
        }
    }
    if let Some(address) = wanted {
        desk.say(format!("note: {address} is on none of the issue's lists and has no attributes"));
    }
    Ok(wanted.map_or_else(sample, |address| bare(address.clone())))
}

fn find(list: &List, wanted: Option<&Address>) -> Result<Option<Subscriber>, Failure> {
    let Some(path) = &list.file else { return Ok(None) };
    let file = File::open(path).map_err(|cause| CsvError::Unreadable { path: path.clone(), cause })?;
    let key = wanted.map(Address::key);
    let rows = Rows::new(path, file)?.filter_map(Result::ok).map(|row| row.subscriber);
    Ok(rows.into_iter().find(|subscriber| key.as_ref().is_none_or(|key| subscriber.address.key() == *key)))
}

/// Shown where there is no list yet.
fn sample() -> Subscriber {
    let address = Address::parse("ada@example.org").expect("it is an address");
    Subscriber { name: Some("Ada Example".to_owned()), ..bare(address) }
}

fn bare(address: Address) -> Subscriber {
    Subscriber { address, name: None, fields: Fields::new() }
}
