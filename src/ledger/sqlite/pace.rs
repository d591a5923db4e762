//! What a run must know of those before it to keep quotas and pauses.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::Pause;
use crate::model::address::Domain;
use crate::policy::throttle::Slowed;

/// Letters are counted by the minute.
const MINUTE_MS: i64 = 60_000;

impl Ledger {
    /// How many letters this transport was given since `since`, minute by minute from the oldest, proofs
    /// among them: one that began is counted, whatever became of it.
    pub fn sent_since(
        &self,
        transport: &str,
        since: Timestamp,
        each: &mut dyn FnMut(Timestamp, u64),
    ) -> Result<(), LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(SENT_SQL)?;
            let mut rows = query.query(params![transport, since.as_millisecond(), MINUTE_MS])?;
            while let Some(row) = rows.next()? {
                each(words::time(row.get(0)?)?, words::count(row, 1)?);
            }
            Ok(())
        })
    }

    /// The same for each domain.
    pub fn sent_to_domains_since(
        &self,
        transport: &str,
        since: Timestamp,
        each: &mut dyn FnMut(Timestamp, Option<&Domain>, u64),
    ) -> Result<(), LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(SENT_BY_DOMAIN_SQL)?;
            let mut rows = query.query(params![transport, since.as_millisecond(), MINUTE_MS])?;
            while let Some(row) = rows.next()? {
                let at = words::time(row.get(0)?)?;
                // Behind a quoted local part with an `@` there is no telling; it counts for the transport.
                let domain = Domain::parse(words::text(row, 2)?).ok();
                each(at, domain.as_ref(), words::count(row, 1)?);
            }
            Ok(())
        })
    }

    /// Keeps what the other side asked for, until it is over.
    pub fn keep_pause(&self, transport: &str, pause: &Pause) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            connection.execute(
                "INSERT OR REPLACE INTO pause VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    transport,
                    pause.whom.as_deref().unwrap_or_default(),
                    pause.until.as_millisecond(),
                    pause.slowed.map(|slowed| slowed.to),
                    pause.slowed.map(|slowed| slowed.from),
                    pause.said,
                ],
            )?;
            Ok(())
        })
    }

    /// The pauses of a transport that are not over at `now`. Those that are, are forgotten at the next
    /// [`Ledger::forget_pauses`].
    pub fn pauses(&self, transport: &str, now: Timestamp) -> Result<Vec<Pause>, LedgerError> {
        self.store.read(|connection| pauses(connection, transport, now))
    }

    /// `retry` by hand: forgets what this transport and its receivers asked for.
    pub fn drop_pauses(&self, transport: &str) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            connection.execute("DELETE FROM pause WHERE transport = ?1", [transport])?;
            Ok(())
        })
    }

    /// Forgets the pauses of all transports that are over at `now`.
    pub fn forget_pauses(&self, now: Timestamp) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            connection.execute("DELETE FROM pause WHERE until <= ?1", [now.as_millisecond()])?;
            Ok(())
        })
    }
}

/// Attempts that began, and letters that were begun and never settled. `?1` transport, `?2` since, `?3` minute.
const SENT_SQL: &str = "
    SELECT at / ?3 * ?3, count(*) FROM (
        SELECT begun_at AS at FROM attempt WHERE transport = ?1 AND begun_at >= ?2
        UNION ALL
        SELECT begun_at FROM delivery WHERE state = 'sending' AND transport = ?1 AND begun_at >= ?2
        UNION ALL
        SELECT begun_at FROM proof WHERE transport = ?1 AND begun_at >= ?2
    ) GROUP BY 1 ORDER BY 1";

const SENT_BY_DOMAIN_SQL: &str = "
    SELECT at / ?3 * ?3, count(*), substr(key, instr(key, '@') + 1) FROM (
        SELECT a.begun_at AS at, l.key FROM attempt a
        CROSS JOIN delivery d ON d.id = a.delivery CROSS JOIN letter l ON l.id = d.letter
        WHERE a.transport = ?1 AND a.begun_at >= ?2
        UNION ALL
        SELECT d.begun_at, l.key FROM delivery d CROSS JOIN letter l ON l.id = d.letter
        WHERE d.state = 'sending' AND d.transport = ?1 AND d.begun_at >= ?2
        UNION ALL
        SELECT begun_at, key FROM proof WHERE transport = ?1 AND begun_at >= ?2
    ) GROUP BY 1, 3 ORDER BY 1";

fn pauses(connection: &Connection, transport: &str, now: Timestamp) -> Result<Vec<Pause>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT whom, until, speed, from_speed, said FROM pause WHERE transport = ?1 AND until > ?2 ORDER BY whom",
    )?;
    let mut rows = query.query(params![transport, now.as_millisecond()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(pause(row)?);
    }
    Ok(found)
}

fn pause(row: &Row<'_>) -> Result<Pause, LedgerError> {
    let (whom, speed, from_speed): (String, Option<f64>, Option<f64>) =
        (row.get(0)?, row.get(2)?, row.get(3)?);
    Ok(Pause {
        whom: Some(whom).filter(|whom| !whom.is_empty()),
        until: words::time(row.get(1)?)?,
        slowed: speed.zip(from_speed).map(|(to, from)| Slowed { to, from }),
        said: row.get(4)?,
    })
}
