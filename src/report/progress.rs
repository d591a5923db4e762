//! A run that goes on: how far it is, and what the other side wants later or slower.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use crate::dispatch::Progress;
use crate::ledger::rows::{EditionRow, Pause};
use crate::model::delivery::State;
use crate::report::words::moment;

/// How fast a run goes now.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    pub per_second: f64,
    pub left: Option<Duration>,
}

/// One line of `send --json` about a run that goes on.
pub fn event(row: &EditionRow, progress: &Progress, speed: Speed, now: Timestamp) -> Value {
    let by_name: Map<String, Value> = State::ALL
        .iter()
        .filter(|state| UNDER_WAY.contains(state))
        .map(|state| (state.name().to_owned(), progress.counts.get(*state).into()))
        .collect();
    json!({
        "event": "progress",
        "at": now.round(Unit::Millisecond).unwrap_or(now).to_string(),
        "issue": row.issue.0,
        "edition": row.id.0,
        "counts": by_name,
        "sent_now": progress.sent_now,
        "per_second": speed.per_second,
        "seconds_left": speed.left.map(|left| left.as_secs_f64()),
        "waiting_until": progress.waiting_until.map(|until| until.to_string()),
        "restraints": progress.restraints.iter().map(|pause| pause_json(pause, now)).collect::<Vec<_>>(),
    })
}

/// The states that a run moves letters between.
const UNDER_WAY: [State; 6] =
    [State::Planned, State::Sending, State::Accepted, State::Deferred, State::Refused, State::Uncertain];

pub fn pause_json(pause: &Pause, now: Timestamp) -> Value {
    json!({
        "whom": pause.whom,
        "until": (pause.until > now).then(|| pause.until.to_string()),
        "per_second": pause.slowed.map(|slowed| slowed.to),
        "said": pause.said,
    })
}

/// A line about one of those who want to be written to later, or more slowly.
pub fn pause_line(pause: &Pause, now: Timestamp, zone: &TimeZone) -> String {
    let who = pause.whom.as_deref().unwrap_or("the mail server");
    let what = match pause.slowed {
        _ if pause.until > now => format!("wants nothing before {}", moment(pause.until, zone)),
        Some(slowed) => format!("takes {:.1} a second", slowed.to),
        None => "wants less".to_owned(),
    };
    format!("{who} {what}: {}", pause.said)
}
