//! The issues before, and the lists they went to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Funnel;
use crate::ledger::rows::EditionRow;
use crate::ledger::tally::{Earlier, ListMembers, Moves};

/// So many months are shown; what was before is one row.
pub const MONTHS: usize = 12;

/// An issue in one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    pub issue: String,
    pub subject: String,
    pub frozen_at: Timestamp,
    pub funnel: Funnel,
}

/// This issue, then those before it, newest first.
pub fn issues(row: &EditionRow, funnel: &Funnel, earlier: Vec<Earlier>) -> Vec<Past> {
    let past = |row: &EditionRow, funnel| Past {
        issue: row.issue.0.clone(),
        subject: row.subject.clone(),
        frozen_at: row.frozen_at,
        funnel,
    };
    let before = earlier.iter().map(|one| past(&one.row, Funnel::of(&one.counts, one.unsubscribed)));
    std::iter::once(past(row, *funnel)).chain(before).collect()
}

/// Memberships of the issue's lists over time; somebody on two of them counts twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growth {
    pub lists: Vec<ListMembers>,
    /// The earliest first, without gaps.
    pub months: Vec<Month>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    pub joined: u64,
    pub left: u64,
    /// On the lists when it ended.
    pub members: u64,
}

impl Growth {
    pub fn of(lists: Vec<ListMembers>, moves: &[Moves], zone: &TimeZone) -> Growth {
        let mut sums: BTreeMap<(i16, i8), (u64, u64)> = BTreeMap::new();
        for moved in moves {
            let day = zone.to_datetime(moved.hour).date();
            let sum = sums.entry((day.year(), day.month())).or_default();
            *sum = (sum.0 + moved.joined, sum.1 + moved.left);
        }
        let mut months = Vec::new();
        let mut members: u64 = 0;
        let last = sums.last_key_value().map(|(month, _)| *month);
        let mut next = sums.first_key_value().map(|(month, _)| *month);
        while let Some(month) = next.filter(|month| Some(*month) <= last) {
            let (joined, left) = sums.get(&month).copied().unwrap_or_default();
            members = (members + joined).saturating_sub(left);
            months.push(Month { month: format!("{:04}-{:02}", month.0, month.1), joined, left, members });
            next = Some(if month.1 == 12 { (month.0 + 1, 1) } else { (month.0, month.1 + 1) });
        }
        Growth { lists, months }
    }

    /// The last [`MONTHS`] of them.
    pub fn lately(&self) -> &[Month] {
        &self.months[self.months.len().saturating_sub(MONTHS)..]
    }

    pub fn members(&self) -> u64 {
        self.lists.iter().map(|list| list.members).sum()
    }
}
