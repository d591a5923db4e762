//! How an attempt ended, as columns, and back.

use rusqlite::{Row, ToSql};

use super::failure::corrupt;
use super::words;
use crate::ledger::LedgerError;
use crate::ledger::rows::AttemptRow;
use crate::model::attempt::{Broken, Outcome, Phase, Reply};

/// The columns `outcome, phase, code, enhanced, reply, cause` of an attempt.
pub(super) struct Ending<'a> {
    outcome: &'static str,
    phase: Option<&'static str>,
    code: Option<u16>,
    enhanced: Option<String>,
    /// One line of the reply per line.
    reply: Option<String>,
    cause: &'a str,
}

impl<'a> Ending<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Ending<'a> {
        let (phase, reply, cause) = match outcome {
            Outcome::Accepted(accepted) => (Phase::Answer, Some(&accepted.reply), ""),
            Outcome::Deferred(broken)
            | Outcome::Refused(broken)
            | Outcome::Barred(_, broken)
            | Outcome::Uncertain(broken)
            | Outcome::NotSent(broken) => told(broken),
        };
        Ending {
            outcome: outcome.name(),
            phase: Some(phase.name()),
            code: reply.map(|reply| reply.code),
            enhanced: reply.and_then(Reply::enhanced).map(|enhanced| enhanced.to_string()),
            reply: reply.filter(|reply| !reply.lines.is_empty()).map(|reply| reply.lines.join("\n")),
            cause,
        }
    }

    /// The values of its columns, in their order.
    pub(super) fn columns(&self) -> [&dyn ToSql; 6] {
        [&self.outcome, &self.phase, &self.code, &self.enhanced, &self.reply, &self.cause]
    }
}

fn told(broken: &Broken) -> (Phase, Option<&Reply>, &str) {
    (broken.phase, broken.reply.as_ref(), &broken.cause)
}

/// The columns that [`attempt`] reads, in its order.
pub(super) const ATTEMPT: &str =
    "number, begun_at, ended_at, transport, outcome, phase, code, enhanced, reply, cause";

pub(super) fn attempt(row: &Row<'_>) -> Result<AttemptRow, LedgerError> {
    Ok(AttemptRow {
        number: row.get(0)?,
        begun_at: words::maybe_time(row.get(1)?)?,
        ended_at: words::maybe_time(row.get(2)?)?,
        transport: row.get(3)?,
        outcome: row.get(4)?,
        phase: words::maybe_text(row, 5)?.map(phase).transpose()?,
        code: row.get(6)?,
        enhanced: row.get(7)?,
        reply: words::maybe_text(row, 8)?
            .map_or_else(Vec::new, |text| text.split('\n').map(str::to_owned).collect()),
        cause: row.get(9)?,
    })
}

pub(super) fn phase(name: &str) -> Result<Phase, LedgerError> {
    Phase::from_name(name).ok_or_else(|| corrupt(format!("the phase `{name}`")))
}
