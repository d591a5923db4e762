//! What became of links, so that nobody is asked twice in a day.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use url::Url;

use super::Ledger;
use crate::ledger::LedgerError;
use crate::links::{Memory, Visit, record};

impl Ledger {
    /// The visits to these addresses that were kept, whatever their age.
    pub fn visits_to(&self, addresses: &[Url]) -> Result<Vec<Visit>, LedgerError> {
        self.store.read(|connection| {
            let each = addresses.iter().map(|address| kept(connection, address));
            Ok(each.collect::<Result<Vec<_>, LedgerError>>()?.into_iter().flatten().collect())
        })
    }

    /// Keeps visits in place of older ones to the same addresses, and forgets what ended before `until`.
    pub fn keep_visits(&self, visits: &[Visit], until: Timestamp) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            for visit in visits {
                keep(connection, visit)?;
            }
            connection.execute("DELETE FROM link_visit WHERE at < ?1", [until.as_millisecond()])?;
            Ok(())
        })
    }
}

/// A ledger that cannot be read or written is told by whoever needs it for more than this.
impl Memory for Ledger {
    fn recall(&self, addresses: &[Url]) -> Vec<Visit> {
        self.visits_to(addresses).unwrap_or_default()
    }

    fn keep(&self, visits: &[Visit], until: Timestamp) {
        let _ = self.keep_visits(visits, until);
    }
}

fn kept(connection: &Connection, address: &Url) -> Result<Option<Visit>, LedgerError> {
    let mut query = connection.prepare_cached("SELECT visit FROM link_visit WHERE address = ?1")?;
    let text: Option<String> = query.query_row([address.as_str()], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| record::visit_of(&text)))
}

fn keep(connection: &Connection, visit: &Visit) -> Result<(), LedgerError> {
    let Some(text) = record::text_of(visit) else { return Ok(()) };
    let mut insert = connection.prepare_cached(
        "INSERT INTO link_visit (address, at, visit) VALUES (?1, ?2, ?3)
         ON CONFLICT (address) DO UPDATE SET at = excluded.at, visit = excluded.visit",
    )?;
    insert.execute((visit.address.as_str(), visit.at.as_millisecond(), text))?;
    Ok(())
}
