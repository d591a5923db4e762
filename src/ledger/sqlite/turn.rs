//! One step of a courier: what became of its letters, and the beginning of the next. Every function here
//! works within the writer's transaction.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, ToSql, params, params_from_iter};

use super::attempts::Ending;
use super::{calls, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::{DeliveryId, Recorded};
use crate::ledger::rows::{Begun, CallNews, Settled, Settlement};
use crate::model::attempt::{Outcome, Scope};
use crate::model::delivery::State;

/// Settles attempts, begins a letter, writes calls down.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) settle: Vec<Settlement>,
    pub(super) begin: Option<DeliveryId>,
    pub(super) calls: CallNews,
    pub(super) transport: std::sync::Arc<str>,
    pub(super) now: Timestamp,
}

impl Turn {
    pub(super) fn write(
        &self,
        connection: &Connection,
        bounds: &Bounds,
    ) -> Result<Option<Begun>, LedgerError> {
        for settlement in &self.settle {
            self.settle(connection, settlement)?;
        }
        calls::write(connection, &self.calls, &self.transport, self.now)?;
        self.begin.map(|delivery| self.begin(connection, delivery, bounds)).transpose()
    }

    /// How many letters that had begun it ends.
    pub(super) fn ends(&self) -> usize {
        self.settle.iter().filter(|settlement| matches!(settlement.of, Settled::Begun(_))).count()
    }

    fn settle(&self, connection: &Connection, settlement: &Settlement) -> Result<(), LedgerError> {
        let after = after(settlement);
        match &settlement.of {
            Settled::Begun(recorded) => {
                leave(connection, recorded, after)?;
                let begun_at = "begun_at";
                self.note(connection, recorded.delivery(), recorded.attempt(), begun_at, &settlement.outcome)
            }
            Settled::Unbegun(delivery) => match turn_away(connection, *delivery, after, self.now)? {
                Some(number) => self.note(connection, *delivery, number, "NULL", &settlement.outcome),
                None => Ok(()),
            },
        }
    }

    /// Keeps the attempt whole. What a crash left behind under the same number knew less.
    fn note(
        &self,
        connection: &Connection,
        delivery: DeliveryId,
        number: u32,
        begun_at: &'static str,
        outcome: &Outcome,
    ) -> Result<(), LedgerError> {
        let ending = Ending::of(outcome);
        let mut insert = connection.prepare_cached(&format!(
            "INSERT OR REPLACE INTO attempt
             SELECT id, ?2, ?3, {begun_at}, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM delivery WHERE id = ?1"
        ))?;
        let own: [&dyn ToSql; 4] = [&delivery.0, &number, &&*self.transport, &self.now.as_millisecond()];
        insert.execute(params_from_iter(own.into_iter().chain(ending.columns())))?;
        Ok(())
    }

    fn begin(
        &self,
        connection: &Connection,
        delivery: DeliveryId,
        bounds: &Bounds,
    ) -> Result<Begun, LedgerError> {
        let Some(found) = Found::read(connection, delivery)? else { return Ok(Begun::NotOpen) };
        // The fence first: a run whose letters were given up for good ends, and does not try one after the other.
        if bounds.stop(found.edition) {
            return Ok(Begun::Stopped);
        }
        if !found.state.is_open() {
            return Ok(Begun::NotOpen);
        }
        if let Some(reason) = bounds.suppress(connection, delivery)? {
            skip(connection, delivery, &reason)?;
            return Ok(Begun::Skipped);
        }
        let mut update = connection.prepare_cached(
            "UPDATE delivery
             SET state = 'sending', attempts = ?2, begun_at = ?3, transport = ?4,
                 first_begun = coalesce(first_begun, ?3), first_tried = coalesce(first_tried, ?3)
             WHERE id = ?1",
        )?;
        let attempt = found.attempts + 1;
        update.execute(params![delivery.0, attempt, self.now.as_millisecond(), &*self.transport])?;
        Ok(Begun::Go(Recorded::new(delivery, attempt)))
    }
}

/// Where an outcome leads.
#[derive(Debug, Clone, Copy)]
pub(super) enum After {
    State(State, Option<Timestamp>),
    /// Where it was before; an attempt that says nothing about a letter does not let it grow old.
    Back,
}

fn after(settlement: &Settlement) -> After {
    match (&settlement.outcome, settlement.due) {
        (Outcome::Accepted(_), _) => After::State(State::Accepted, None),
        (Outcome::Deferred(_) | Outcome::Barred(Scope::Domain, _), None) => {
            After::State(State::Expired, None)
        }
        (Outcome::Deferred(_) | Outcome::Barred(Scope::Domain, _), due) => After::State(State::Deferred, due),
        (Outcome::Refused(_), _) => After::State(State::Refused, None),
        (Outcome::Uncertain(_), _) => After::State(State::Uncertain, None),
        (Outcome::Barred(Scope::Run, _) | Outcome::NotSent(_), _) => After::Back,
    }
}

/// Moves a letter that had begun. An answer that comes after the row was given up as uncertain still counts.
pub(super) fn leave(connection: &Connection, recorded: &Recorded, after: After) -> Result<(), LedgerError> {
    let (id, attempt) = (recorded.delivery().0, recorded.attempt());
    match after {
        After::State(state, due) => {
            let mut update = connection.prepare_cached(
                "UPDATE delivery SET state = ?3, due = ?4
                 WHERE id = ?1 AND attempts = ?2 AND state IN ('sending', 'uncertain')",
            )?;
            update.execute(params![id, attempt, state.name(), due.map(Timestamp::as_millisecond)])?;
        }
        After::Back => {
            let mut update = connection.prepare_cached(
                "UPDATE delivery SET state = iif(due IS NULL, 'planned', 'deferred'),
                                     first_tried = nullif(first_tried, begun_at)
                 WHERE id = ?1 AND attempts = ?2 AND state = 'sending'",
            )?;
            update.execute(params![id, attempt])?;
        }
    }
    Ok(())
}

/// Moves a letter whose envelope was refused before it had begun; gives the number of the attempt, or
/// `None` if the letter is not open any more.
fn turn_away(
    connection: &Connection,
    delivery: DeliveryId,
    after: After,
    now: Timestamp,
) -> Result<Option<u32>, LedgerError> {
    let mut update = connection.prepare_cached(
        "UPDATE delivery
         SET state = coalesce(?2, state), due = iif(?2 IS NULL, due, ?3), attempts = attempts + 1,
             first_tried = coalesce(first_tried, ?4)
         WHERE id = ?1 AND state IN ('planned', 'deferred')
         RETURNING attempts",
    )?;
    let (state, due) = match after {
        After::State(state, due) => (Some(state.name()), due.map(Timestamp::as_millisecond)),
        After::Back => (None, None),
    };
    let values = params![delivery.0, state, due, now.as_millisecond()];
    Ok(update.query_row(values, |row| row.get(0)).optional()?)
}

fn skip(connection: &Connection, delivery: DeliveryId, reason: &str) -> Result<(), LedgerError> {
    let mut update = connection
        .prepare_cached("UPDATE delivery SET state = 'skipped', due = NULL, why = ?2 WHERE id = ?1")?;
    update.execute(params![delivery.0, reason])?;
    Ok(())
}

/// What a begin needs to know of its letter.
struct Found {
    state: State,
    attempts: u32,
    edition: i64,
}

impl Found {
    fn read(connection: &Connection, delivery: DeliveryId) -> Result<Option<Found>, LedgerError> {
        let mut query =
            connection.prepare_cached("SELECT state, attempts, edition FROM delivery WHERE id = ?1")?;
        let mut rows = query.query([delivery.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Found {
            state: words::state(words::text(row, 0)?)?,
            attempts: row.get(1)?,
            edition: row.get(2)?,
        }))
    }
}

/// What forbids to begin a letter; read anew within every commit.
pub(super) struct Bounds {
    /// The editions that `courant stop` has fenced off.
    fences: Vec<i64>,
    /// Where nobody is suppressed, no letter needs to be looked up.
    has_suppressions: bool,
}

impl Bounds {
    pub(super) fn read(connection: &Connection) -> Result<Bounds, LedgerError> {
        let mut fences = connection.prepare_cached("SELECT edition FROM fence")?;
        let mut any = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM suppression)")?;
        Ok(Bounds {
            fences: fences.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?,
            has_suppressions: any.query_row([], |row| row.get(0))?,
        })
    }

    fn stop(&self, edition: i64) -> bool {
        self.fences.iter().any(|fenced| *fenced == 0 || *fenced == edition)
    }

    /// The reason, if the address must not be written to, at all or by this list.
    fn suppress(&self, connection: &Connection, delivery: DeliveryId) -> Result<Option<String>, LedgerError> {
        if !self.has_suppressions {
            return Ok(None);
        }
        let mut query = connection.prepare_cached(
            "SELECT s.reason
             FROM delivery d CROSS JOIN letter l CROSS JOIN list CROSS JOIN suppression s
             WHERE d.id = ?1 AND l.id = d.letter AND list.id = l.list
               AND s.key = l.key AND s.scope IN ('', list.list)
             ORDER BY s.scope LIMIT 1",
        )?;
        Ok(query.query_row([delivery.0], |row| row.get(0)).optional()?)
    }
}
