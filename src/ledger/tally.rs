//! What a report is made of: sums over the letters of an edition, which the store makes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::ledger::rows::EditionRow;
use crate::model::delivery::{Counts, State};

/// The sums of one edition, all of the same moment.
#[derive(Debug, Clone)]
pub struct Tally {
    pub counts: Counts,
    /// From the first begin to the last answer; `None` before the first attempt.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How attempts ended.
    pub attempts: Series,
    pub told: Vec<Told>,
    /// What was told, by when it happened.
    pub told_series: Series,
    /// By number of attempts, fewest first.
    pub tries: Vec<Tries>,
    /// The most frequent first, no more than were asked for.
    pub causes: Vec<Cause>,
    pub unsubscribed: u64,
    /// Other issues to one of its lists before it, newest first.
    pub earlier: Vec<Earlier>,
    pub lists: Vec<ListMembers>,
    /// By hour, earliest first; those without any are left out.
    pub moves: Vec<Moves>,
}

/// How many there were in each stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    /// The length of each stretch; zero where there are none.
    pub step: Duration,
    /// In order of time; stretches without any are left out.
    pub points: Vec<Point>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// When the stretch begins.
    pub at: Timestamp,
    /// An outcome of attempts, or the kind of an event.
    pub what: String,
    pub number: u64,
}

/// Letters at one domain that are in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DomainCount<'a> {
    pub domain: &'a str,
    pub state: State,
    /// From the beginning of the first attempt to the answer that took it, with three digits; `None` unless one
    /// took it.
    pub wait: Option<Duration>,
    pub letters: u64,
}

/// What became known after the attempts, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub kind: String,
    /// Letters it was told of at least once.
    pub letters: u64,
    pub events: u64,
}

/// Letters that took so many attempts until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    pub attempts: u32,
    pub letters: u64,
    /// Of these, those that the other side took.
    pub accepted: u64,
}

/// Why so many letters did not get through, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub state: State,
    pub code: Option<u16>,
    pub enhanced: Option<String>,
    /// What was said of the example, or what went wrong; may be empty, may hold addresses.
    pub words: String,
    pub letters: u64,
    /// The address of one of them, masked.
    pub example: String,
}

#[derive(Debug, Clone)]
pub struct Earlier {
    pub row: EditionRow,
    pub counts: Counts,
    pub unsubscribed: u64,
}

/// Who is on a list now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMembers {
    pub name: String,
    pub members: u64,
}

/// Who joined and left lists within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moves {
    pub hour: Timestamp,
    pub joined: u64,
    pub left: u64,
}

/// The steps that a series may have, in seconds.
const STEPS: [u64; 13] =
    [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600];

/// So many stretches at most, as long as there is a step that is long enough.
const STRETCHES: u64 = 48;

/// The shortest step that divides a span into few enough stretches.
pub fn step(first: Timestamp, last: Timestamp) -> Duration {
    let span = u64::try_from(SignedDuration::as_secs(&last.duration_since(first))).unwrap_or(0);
    let fits = |step: &&u64| span / **step < STRETCHES;
    let longest = STEPS[STEPS.len() - 1] * (span / STEPS[STEPS.len() - 1] / STRETCHES + 1);
    Duration::from_secs(STEPS.iter().find(fits).copied().unwrap_or(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_steps_of_seconds_and_years_have_few_stretches_too() {
        let after = |seconds: i64| {
            let last = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
            step(Timestamp::UNIX_EPOCH, last).as_secs()
        };
        assert_eq!([0, 47, 48, 3600, 86_400].map(after), [1, 1, 5, 300, 3600]);
        let years = 40 * 365 * 86_400;
        assert!(years as u64 / after(years) <= STRETCHES, "{}", after(years));
    }
}
