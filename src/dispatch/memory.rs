//! What a run knows of those before it: how much they sent, and what the other side asked them for.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Pace;
use super::clock::{Clock, since_epoch};
use crate::ledger::rows::Pause;
use crate::ledger::{Ledger, LedgerError};
use crate::policy::throttle::{History, Restraint, Throttle};

/// A restraint that is over sooner than this dies with its run.
const WORTH_KEEPING: Duration = Duration::from_secs(10);

/// The limits of a run, with what earlier runs have used of them.
pub fn throttle(
    pace: &Pace,
    ledger: &Ledger,
    transport: &str,
    now: Duration,
) -> Result<Throttle, LedgerError> {
    let mut throttle = Throttle::new(&pace.limits, pace.warmup.clone(), pace.shaping.clone());
    if let Some(history) = throttle.wants_history(now) {
        remember(&mut throttle, ledger, (transport, history), now)?;
    }
    for pause in ledger.pauses(transport, moment(now))? {
        throttle.restore(&restraint(pause), now);
    }
    Ok(throttle)
}

fn remember(
    throttle: &mut Throttle,
    ledger: &Ledger,
    (transport, history): (&str, History),
    now: Duration,
) -> Result<(), LedgerError> {
    let since = moment(history.since);
    match history.by_domain {
        true => ledger.sent_to_domains_since(transport, since, &mut |at, domain, letters| {
            throttle.remember(end_of_minute(at, now), domain, letters);
        }),
        false => ledger.sent_since(transport, since, &mut |at, letters| {
            throttle.remember(end_of_minute(at, now), None, letters);
        }),
    }
}

/// A minute's letters may all have left at its end.
fn end_of_minute(begins: Timestamp, now: Duration) -> Duration {
    (since_epoch(begins) + Duration::from_secs(60)).min(now)
}

fn moment(time: Duration) -> Timestamp {
    let span = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    Timestamp::from_duration(span).unwrap_or(Timestamp::MAX)
}

fn restraint(pause: Pause) -> Restraint {
    Restraint { whom: pause.whom, until: since_epoch(pause.until), slowed: pause.slowed, said: pause.said }
}

/// What holds letters back at the moment.
pub fn pauses(throttle: &Throttle, clock: &Clock) -> Vec<Pause> {
    throttle.restraints(clock.now()).iter().map(|restraint| pause(restraint, clock)).collect()
}

fn pause(restraint: &Restraint, clock: &Clock) -> Pause {
    Pause {
        whom: restraint.whom.clone(),
        until: clock.moment(restraint.until),
        slowed: restraint.slowed,
        said: restraint.said.clone(),
    }
}

/// Keeps what the other side asked for, if a later run has to know.
pub fn keep(
    restraint: &Restraint,
    ledger: &Ledger,
    transport: &str,
    clock: &Clock,
) -> Result<(), LedgerError> {
    if restraint.until < clock.now() + WORTH_KEEPING {
        return Ok(());
    }
    ledger.keep_pause(transport, &pause(restraint, clock))
}
