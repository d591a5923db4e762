//! One issue after its letters left: what became of them, in sums that agree. Plain data, made from what the ledger
//! counted; the modules below write it down, and none of them names a whole address.

pub mod providers;
pub mod over_time;
pub mod past;
pub mod reasons;
pub mod sheet;
pub mod sheets;
pub mod bars;
pub mod text;
pub mod json;
pub mod csv;
pub mod markdown;
pub mod html;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::ledger::rows::{Counted, EditionRow};
use crate::ledger::sqlite::TallyOf;
use crate::ledger::tally::{Tally, Told, Tries};
use crate::ledger::{Ledger, LedgerError};
use crate::model::delivery::{Counts, State};
use crate::report::status::state_name;
use crate::settings::shaping::Shaping;
use over_time::Timeline;
use past::{Growth, Past};
use providers::{Gathering, Providers};
use reasons::Reasons;

/// So many causes are asked for; what is beyond them is counted.
const CAUSES: usize = 40;

/// Everything that is told of an issue.
#[derive(Debug, Clone)]
pub struct Report {
    pub row: EditionRow,
    /// When it was looked at.
    pub now: Timestamp,
    pub zone: TimeZone,
    pub state: &'static str,
    pub counts: Counts,
    pub funnel: Funnel,
    /// From the first begin to the last answer; `None` before the first attempt.
    pub span: Option<(Timestamp, Timestamp)>,
    pub attempts: Timeline,
    pub told: Vec<Told>,
    pub told_over_time: Timeline,
    pub providers: Providers,
    pub reasons: Reasons,
    pub tries: Vec<Tries>,
    /// This issue and those before it, newest first.
    pub issues: Vec<Past>,
    pub growth: Growth,
    /// Opens and clicks, where they are counted.
    pub counted: Option<Counted>,
}

impl Report {
    /// Takes some seconds for a million letters.
    pub fn read(
        ledger: &Ledger,
        row: EditionRow,
        shaping: &Shaping,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Report, LedgerError> {
        let ahead_ms = i64::from(zone.to_offset(row.frozen_at).seconds()) * 1000;
        let mut gathering = Gathering::new(shaping);
        let of = TallyOf { row: &row, ahead_ms, causes: CAUSES };
        let tally = ledger.tally(&of, &mut |count| gathering.take(&count))?;
        let is_held = ledger.fence(row.id)?.is_some() && tally.counts.open() > 0;
        let counted = ledger.counted(row.id)?;
        let report = Report { counted, ..Report::new(row, tally, gathering.finish(), zone.clone(), now) };
        Ok(if is_held { Report { state: "stopped", ..report } } else { report })
    }

    /// What the sums say.
    pub fn new(
        row: EditionRow,
        tally: Tally,
        providers: Providers,
        zone: TimeZone,
        now: Timestamp,
    ) -> Report {
        let funnel = Funnel::of(&tally.counts, tally.unsubscribed);
        Report {
            now,
            state: state_name(&tally.counts),
            counts: tally.counts,
            span: tally.span,
            attempts: Timeline::of(&tally.attempts, &over_time::OUTCOMES),
            told_over_time: Timeline::of(&tally.told_series, &over_time::KINDS),
            told: tally.told,
            providers,
            reasons: Reasons::of(&tally.counts, tally.causes),
            tries: tally.tries,
            issues: past::issues(&row, &funnel, tally.earlier),
            growth: Growth::of(tally.lists, &tally.moves, &zone),
            counted: None,
            funnel,
            zone,
            row,
        }
    }

    /// How long it took from the first begin to the last answer.
    pub fn took(&self) -> Option<Duration> {
        let (first, last) = self.span?;
        Duration::try_from(last.duration_since(first)).ok()
    }

    /// What to type about letters that nobody knows the end of.
    pub fn doubt(&self) -> Option<String> {
        (self.counts.get(State::Uncertain) > 0).then(|| format!("courant reconcile {}", self.row.issue))
    }

    /// What to type where letters are still to be sent.
    pub fn rest(&self) -> Option<String> {
        (self.counts.open() > 0).then(|| format!("courant send {}", self.row.issue))
    }
}

/// How far the letters got. A letter that is delivered, bounced or complained about was accepted before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Everybody whom the edition was frozen for.
    pub planned: u64,
    /// Those that a server took.
    pub accepted: u64,
    /// Those that somebody told they arrived; less than arrived, where nobody tells.
    pub delivered: u64,
    pub bounced: u64,
    pub complained: u64,
    pub unsubscribed: u64,
}

impl Funnel {
    pub fn of(counts: &Counts, unsubscribed: u64) -> Funnel {
        let (bounced, complained) = (counts.get(State::Bounced), counts.get(State::Complained));
        let delivered = counts.get(State::Delivered) + complained;
        Funnel {
            planned: counts.total(),
            accepted: counts.get(State::Accepted) + delivered + bounced,
            delivered,
            bounced,
            complained,
            unsubscribed,
        }
    }

    /// Each step by its name, with what its share is of.
    pub fn steps(&self) -> [Step; 6] {
        let step = |name, number, of, of_name| Step { name, number, of, of_name };
        [
            step("planned", self.planned, self.planned, "planned"),
            step("accepted", self.accepted, self.planned, "planned"),
            step("delivered", self.delivered, self.accepted, "accepted"),
            step("bounced", self.bounced, self.accepted, "accepted"),
            step("complained", self.complained, self.accepted, "accepted"),
            step("unsubscribed", self.unsubscribed, self.accepted, "accepted"),
        ]
    }
}

/// A number and what it is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    pub number: u64,
    pub of: u64,
    pub of_name: &'static str,
}

/// A share from 0 to 1; `None` of nothing.
pub fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}
