//! How the words of the model stand in a row, and back.

use jiff::Timestamp;
use rusqlite::Row;

use super::failure::corrupt;
use crate::ledger::LedgerError;
use crate::model::address::{Address, AddressKey};
use crate::model::delivery::{Realm, State};
use crate::model::subscriber::{Fields, Subscriber};

pub(super) fn state(name: &str) -> Result<State, LedgerError> {
    let found = State::ALL.into_iter().find(|state| state.name() == name);
    found.ok_or_else(|| corrupt(format!("the delivery state `{name}`")))
}

pub(super) fn realm(name: &str) -> Result<Realm, LedgerError> {
    let found = [Realm::Live, Realm::Rehearsal].into_iter().find(|realm| realm.name() == name);
    found.ok_or_else(|| corrupt(format!("the realm `{name}`")))
}

pub(super) fn time(milliseconds: i64) -> Result<Timestamp, LedgerError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| corrupt(format!("the time {milliseconds}")))
}

pub(super) fn maybe_time(milliseconds: Option<i64>) -> Result<Option<Timestamp>, LedgerError> {
    milliseconds.map(time).transpose()
}

/// Reads an address that is kept only where it differs from its key.
pub(super) fn address(typed: Option<&str>, key: &str) -> Result<Address, LedgerError> {
    Address::parse(typed.unwrap_or(key)).map_err(|_| corrupt("an address that is none"))
}

/// What of an address is kept beside its key.
pub(super) fn typed<'a>(address: &'a str, key: &AddressKey) -> Option<&'a str> {
    (address != key.as_str()).then_some(address)
}

/// Attributes as the JSON object that a row holds.
pub(super) fn fields_text(fields: &Fields) -> String {
    serde_json::to_string(fields).expect("a map from text to text is always JSON")
}

pub(super) fn fields(text: &str) -> Result<Fields, LedgerError> {
    serde_json::from_str(text).map_err(|_| corrupt("the attributes of a subscriber"))
}

/// The subscriber in a row of `key, address, name, fields`, the first of which is column `first`.
pub(super) fn subscriber(row: &Row<'_>, first: usize) -> Result<Subscriber, LedgerError> {
    let key = text(row, first)?;
    let typed = maybe_text(row, first + 1)?;
    Ok(Subscriber {
        address: address(typed, key)?,
        name: maybe_text(row, first + 2)?.map(str::to_owned),
        fields: fields(text(row, first + 3)?)?,
    })
}

/// A column that counts something.
pub(super) fn count(row: &Row<'_>, column: usize) -> Result<u64, LedgerError> {
    let count: i64 = row.get(column)?;
    u64::try_from(count).map_err(|_| corrupt(format!("the count {count}")))
}

/// A text column, without a copy.
pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, LedgerError> {
    maybe_text(row, column)?.ok_or_else(|| corrupt(format!("nothing in column {column}")))
}

pub(super) fn maybe_text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, LedgerError> {
    let value = row.get_ref(column)?.as_str_or_null();
    value.map_err(|_| corrupt(format!("no text in column {column}")))
}
