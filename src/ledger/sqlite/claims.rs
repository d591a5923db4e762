//! What mails say that nobody has proven, and what a person said to it.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::failure::corrupt;
use super::{Ledger, suppressions, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::{Claim, ClaimKind, Suppression};
use crate::model::address::AddressKey;

impl Ledger {
    /// Keeps claims, each once, however often its mail is read. The number of those that are new.
    pub fn take_claims(&self, claims: &[Claim]) -> Result<u64, LedgerError> {
        if claims.is_empty() {
            return Ok(0);
        }
        self.store.write(|connection| claims.iter().map(|claim| keep(connection, claim)).sum())
    }

    /// The newest claim of each kind about each person who is still written to, in the order of their times.
    pub fn open_claims(&self) -> Result<Vec<Claim>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT dedupe, kind, key, words, place, max(at) FROM claim
                 WHERE answer IS NULL
                   AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.key = claim.key AND s.scope = '')
                 GROUP BY kind, key ORDER BY max(at), key",
            )?;
            let mut rows = query.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(claim(row)?);
            }
            Ok(found)
        })
    }

    /// Closes every claim of this kind about this person. After a yes nobody writes to them any more.
    pub fn answer_claim(&self, claim: &Claim, is_true: bool, now: Timestamp) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            let answer = if is_true { "yes" } else { "no" };
            let (kind, key) = (claim.kind.name(), claim.key.as_str());
            let sql = "UPDATE claim SET answer = ?3 WHERE kind = ?1 AND key = ?2 AND answer IS NULL";
            connection.execute(sql, params![kind, key, answer])?;
            if is_true {
                suppressions::strengthen(connection, &suppression(claim, now))?;
            }
            Ok(())
        })
    }
}

fn suppression(claim: &Claim, at: Timestamp) -> Suppression {
    let Claim { kind, key, words, place, .. } = claim;
    let source = format!("confirmed by hand, {place}: {words}");
    Suppression { key: key.clone(), scope: None, reason: kind.name().to_owned(), source, at }
}

fn keep(connection: &Connection, claim: &Claim) -> Result<u64, LedgerError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO claim (dedupe, kind, key, words, place, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (dedupe) DO NOTHING",
    )?;
    let Claim { dedupe, kind, key, words, place, at } = claim;
    Ok(insert.execute(params![dedupe, kind.name(), key.as_str(), words, place, at.as_millisecond()])? as u64)
}

fn claim(row: &Row<'_>) -> Result<Claim, LedgerError> {
    let kind = words::text(row, 1)?;
    let unknown = || corrupt(format!("a claim of the kind `{kind}`"));
    Ok(Claim {
        dedupe: row.get(0)?,
        kind: ClaimKind::from_name(kind).ok_or_else(unknown)?,
        key: AddressKey::from_ledger(row.get(2)?),
        words: row.get(3)?,
        place: row.get(4)?,
        at: words::time(row.get(5)?)?,
    })
}
