//! How much happened when, without gaps.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::ledger::tally::Series;

/// How attempts end, as they are shown; whatever else there is stands under the last.
pub const OUTCOMES: [&str; 4] = ["accepted", "deferred", "refused", "other"];

/// What is told after attempts.
pub const KINDS: [&str; 7] =
    ["delivered", "bounced", "complained", "unsubscribed", "opened", "clicked", "other"];

/// One row for each stretch of time, those without anything among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The length of a stretch.
    pub step: Duration,
    /// What the numbers of a row count; those that are zero in each are left out.
    pub columns: Vec<&'static str>,
    pub rows: Vec<Stretch>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// When it begins.
    pub at: Timestamp,
    /// One for each column.
    pub numbers: Vec<u64>,
}

impl Timeline {
    /// Counts what stands in `columns`, the last of which takes the rest.
    pub fn of(series: &Series, columns: &[&'static str]) -> Timeline {
        let mut rows: BTreeMap<Timestamp, Vec<u64>> = BTreeMap::new();
        for point in &series.points {
            let numbers = rows.entry(point.at).or_insert_with(|| vec![0; columns.len()]);
            numbers[column(columns, &point.what)] += point.number;
        }
        let is_used = |place: &usize| rows.values().any(|numbers| numbers[*place] > 0);
        let used: Vec<usize> = (0..columns.len()).filter(is_used).collect();
        let mut timeline = Timeline { step: series.step, columns: Vec::new(), rows: Vec::new() };
        timeline.columns = used.iter().map(|place| columns[*place]).collect();
        timeline.fill(&rows, &used);
        timeline
    }

    fn fill(&mut self, rows: &BTreeMap<Timestamp, Vec<u64>>, used: &[usize]) {
        let (Some((first, _)), Some((last, _))) = (rows.first_key_value(), rows.last_key_value()) else {
            return;
        };
        let mut at = *first;
        while at <= *last {
            let row = rows.get(&at);
            let numbers = used.iter().map(|place| row.map_or(0, |numbers| numbers[*place])).collect();
            self.rows.push(Stretch { at, numbers });
            let Ok(next) = at.checked_add(self.step.max(Duration::from_millis(1))) else { return };
            at = next;
        }
    }

    /// How many of a column there are in all.
    pub fn sum(&self, column: &str) -> u64 {
        let place = self.columns.iter().position(|name| *name == column);
        place.map_or(0, |place| self.rows.iter().map(|row| row.numbers[place]).sum())
    }
}

/// `bounced_hard` and `bounced_soft` are both bounces.
fn column(columns: &[&str], what: &str) -> usize {
    let is_it = |name: &&str| *name == what || what.split('_').next() == Some(name);
    columns.iter().position(is_it).unwrap_or(columns.len() - 1)
}
