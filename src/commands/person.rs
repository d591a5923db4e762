//! Whose letter is shown: by `render --as`, `test --as`, and where nobody was named.

use std::fs::File;

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::model::address::Address;
use crate::model::finding::Finding;
use crate::model::subscriber::{Fields, Subscriber};
use crate::report::problem;
use crate::settings::lists::List;
use crate::subscribers::csv::{CsvError, Rows};

/// So many rows that could not be read are shown; `courant check` shows all of them.
const SHOWN: usize = 3;

/// The subscriber with this address on the first of the lists that has it; without an address, the first
/// there is. Somebody who is on none of them is shown without attributes, and that is said, with the rows that
/// could not be read: they may be among them.
pub fn seen_as(desk: &Desk, lists: &[List], wanted: Option<&Address>) -> Result<Subscriber, Failure> {
    let mut faults = Vec::new();
    for list in lists {
        if let Some(found) = find(list, wanted, &mut faults)? {
            return Ok(found);
        }
    }
    for fault in faults.iter().take(SHOWN) {
        desk.say(problem::finding(fault, desk.colour_of_errors).trim_end());
    }
    desk.say(match wanted {
        Some(address) => format!("note: {address} is on none of the issue's lists and has no attributes"),
        None => "note: there is no subscriber yet; this is the letter of a made-up one".to_owned(),
    });
    Ok(wanted.map_or_else(sample, |address| bare(address.clone())))
}

fn find(
    list: &List,
    wanted: Option<&Address>,
    faults: &mut Vec<Finding>,
) -> Result<Option<Subscriber>, Failure> {
    let Some(path) = &list.file else { return Ok(None) };
    let file = File::open(path).map_err(|cause| CsvError::Unreadable { path: path.clone(), cause })?;
    let key = wanted.map(Address::key);
    for row in Rows::new(path, file)? {
        match row {
            Ok(row) if key.as_ref().is_none_or(|key| row.subscriber.address.key() == *key) => {
                return Ok(Some(row.subscriber));
            }
            Ok(_) => {}
            Err(fault) => faults.push(fault),
        }
    }
    Ok(None)
}

/// Shown where there is no list yet.
fn sample() -> Subscriber {
    let address = Address::parse("ada@example.org").expect("it is an address");
    Subscriber { name: Some("Ada Example".to_owned()), ..bare(address) }
}

fn bare(address: Address) -> Subscriber {
    Subscriber { address, name: None, fields: Fields::new() }
}
