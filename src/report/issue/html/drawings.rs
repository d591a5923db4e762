//! Which tables of a report have a chart, and what it shows and says.

use super::chart::{self, Size};
use crate::model::delivery::State;
use crate::report::issue::over_time::Timeline;
use crate::report::issue::sheet::{Cell, Sheet, shown};
use crate::report::issue::{Report, share, sheets};
use crate::report::words::{count, percent};

/// Numbers to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    pub kind: Kind,
    /// What a reader of the picture's text hears.
    pub words: String,
    /// Of each bar, column or point.
    pub labels: Vec<String>,
    /// By name, with a number for each label.
    pub series: Vec<(&'static str, Vec<f64>)>,
    pub unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// From left to right, one below the other.
    Bars,
    /// Upwards, or down where a number is negative.
    Columns,
    Lines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Letters,
    /// Of 1.
    Share,
    Seconds,
}

impl Drawing {
    /// What needs a key: nothing where each bar says by itself what it is.
    pub fn key(&self) -> Vec<&'static str> {
        let is_one =
            |place: usize| self.series.iter().filter(|(_, numbers)| numbers[place] > 0.0).count() <= 1;
        let says_itself = self.series.len() == self.labels.len() && (0..self.labels.len()).all(is_one);
        if says_itself { Vec::new() } else { self.series.iter().map(|(name, _)| *name).collect() }
    }

    pub fn svg(&self, class: &str, label: &str, width: u32) -> String {
        let size = Size::of(self, width);
        let drawn = match self.kind {
            Kind::Bars => chart::bars(self, size),
            Kind::Columns => chart::columns(self, size),
            Kind::Lines => chart::lines(self, size),
        };
        chart::framed(&drawn, class, label, size)
    }
}

/// The colour of the style in which a series is drawn.
pub fn paint(name: &str) -> &str {
    match name {
        "joined" => "accepted",
        "left" => "refused",
        "waiting" => "deferred",
        "not accepted" => "planned",
        "given up" => "other",
        "half within" => "opened",
        "95 % within" => "clicked",
        other => other,
    }
}

/// The charts of a table; none where numbers say it better.
pub fn drawing(report: &Report, sheet: &Sheet) -> Vec<Drawing> {
    match sheet.id {
        "letters" => vec![funnel(report)],
        "attempts" => timeline(&report.attempts, sheet),
        "told_over_time" => timeline(&report.told_over_time, sheet),
        "providers" => vec![providers(report, sheet)],
        "slowest" => vec![slowest(report)],
        "tries" => vec![tries(report)],
        "issues" if report.issues.len() > 1 => vec![sizes(report), rates(report)],
        "growth" => vec![growth(report)],
        _ => Vec::new(),
    }
}

fn funnel(report: &Report) -> Drawing {
    let steps = report.funnel.steps();
    let told: Vec<String> =
        steps.iter().map(|step| format!("{} {}", step.name, count(step.number))).collect();
    // Each step has a colour of its own: a series of which it is the only number.
    let series = (0..steps.len()).map(|place| {
        let only = |other: usize| if other == place { steps[place].number as f64 } else { 0.0 };
        (steps[place].name, (0..steps.len()).map(only).collect())
    });
    Drawing {
        kind: Kind::Bars,
        words: format!("Bar chart of letters: {}.", told.join(", ")),
        labels: steps.iter().map(|step| step.name.to_owned()).collect(),
        series: series.collect(),
        unit: Unit::Letters,
    }
}

fn timeline(timeline: &Timeline, sheet: &Sheet) -> Vec<Drawing> {
    let labels: Vec<String> = sheet.rows.iter().map(|row| row[0].shown()).collect();
    let series =
        timeline.columns.iter().enumerate().map(|(place, name)| {
            (*name, timeline.rows.iter().map(|row| row.numbers[place] as f64).collect())
        });
    let sums: Vec<String> =
        timeline.columns.iter().map(|name| format!("{} {name}", count(timeline.sum(name)))).collect();
    let (first, last) = (labels.first().cloned(), labels.last().cloned());
    vec![Drawing {
        kind: Kind::Columns,
        words: format!(
            "Column chart, one column for each {}, from {} to {}: {}.",
            sheets::stretch(timeline.step),
            first.unwrap_or_default(),
            last.unwrap_or_default(),
            sums.join(", ")
        ),
        labels,
        series: series.collect(),
        unit: Unit::Letters,
    }]
}

fn providers(report: &Report, sheet: &Sheet) -> Drawing {
    let providers = &report.providers;
    let rest = (providers.others.providers > 0).then_some(&providers.others.counts);
    let all: Vec<_> = providers.named.iter().map(|provider| &provider.counts).chain(rest).collect();
    let some = |name, number: &dyn Fn(&crate::model::delivery::Counts) -> u64| {
        (name, all.iter().map(|counts| number(counts) as f64).collect::<Vec<f64>>())
    };
    let arrived = |counts: &crate::model::delivery::Counts| {
        sheets::accepted(counts) - counts.get(State::Bounced) - counts.get(State::Complained)
    };
    let mut series = vec![
        some("accepted", &arrived),
        some("bounced", &|counts| counts.get(State::Bounced)),
        some("complained", &|counts| counts.get(State::Complained)),
        some("refused", &|counts| counts.get(State::Refused)),
        some("waiting", &sheets::waiting),
    ];
    let whole = |place: usize| all[place].total() as f64;
    let rest: Vec<f64> = (0..all.len())
        .map(|place| whole(place) - series.iter().map(|(_, numbers)| numbers[place]).sum::<f64>())
        .collect();
    series.push(("given up", rest));
    series.retain(|(_, numbers)| numbers.iter().any(|number| *number > 0.0));
    let labels: Vec<String> = sheet.rows.iter().map(|row| row[0].shown()).collect();
    let told: Vec<String> =
        labels.iter().zip(&all).map(|(name, counts)| format!("{name} {}", count(counts.total()))).collect();
    Drawing {
        kind: Kind::Bars,
        words: format!("Bar chart of letters by mailbox provider: {}.", told.join(", ")),
        labels,
        series,
        unit: Unit::Letters,
    }
}

fn slowest(report: &Report) -> Drawing {
    let slow = &report.providers.slowest;
    let told = slow.iter().map(|slow| format!("{} {}", slow.domain, shown(slow.p95)));
    let half = slow.iter().map(|slow| slow.median.as_secs_f64()).collect();
    let rest = slow.iter().map(|slow| (slow.p95.saturating_sub(slow.median)).as_secs_f64()).collect();
    Drawing {
        kind: Kind::Bars,
        words: format!(
            "Bar chart of the time within which 95 of 100 letters were taken: {}.",
            told.collect::<Vec<_>>().join(", ")
        ),
        labels: slow.iter().map(|slow| slow.domain.clone()).collect(),
        series: vec![("half within", half), ("95 % within", rest)],
        unit: Unit::Seconds,
    }
}

fn tries(report: &Report) -> Drawing {
    let tries = &report.tries;
    let told = tries.iter().map(|tries| format!("{} after {}", count(tries.letters), tries.attempts));
    let accepted = tries.iter().map(|tries| tries.accepted as f64).collect();
    let rest: Vec<f64> = tries.iter().map(|tries| (tries.letters - tries.accepted) as f64).collect();
    let mut series = vec![("accepted", accepted), ("not accepted", rest)];
    series.retain(|(_, numbers): &(_, Vec<f64>)| numbers.iter().any(|number| *number > 0.0));
    Drawing {
        kind: Kind::Columns,
        words: format!(
            "Column chart of letters by number of attempts: {}.",
            told.collect::<Vec<_>>().join(", ")
        ),
        labels: tries.iter().map(|tries| tries.attempts.to_string()).collect(),
        series,
        unit: Unit::Letters,
    }
}

/// How many letters each issue was, the oldest first.
fn sizes(report: &Report) -> Drawing {
    let issues: Vec<_> = report.issues.iter().rev().collect();
    let told = issues.iter().map(|one| format!("{} {}", one.issue, count(one.funnel.accepted)));
    let accepted = issues.iter().map(|one| one.funnel.accepted as f64).collect();
    let rest = issues.iter().map(|one| (one.funnel.planned - one.funnel.accepted) as f64).collect();
    Drawing {
        kind: Kind::Columns,
        words: format!("Column chart of accepted letters by issue: {}.", told.collect::<Vec<_>>().join(", ")),
        labels: issues.iter().map(|one| one.issue.clone()).collect(),
        series: vec![("accepted", accepted), ("not accepted", rest)],
        unit: Unit::Letters,
    }
}

/// What share of each issue went wrong, the oldest first.
fn rates(report: &Report) -> Drawing {
    let issues: Vec<_> = report.issues.iter().rev().collect();
    let series: Vec<(&'static str, Vec<f64>)> = (3..6)
        .map(|place| {
            let steps = issues.iter().map(|one| one.funnel.steps()[place]);
            let name = issues[0].funnel.steps()[place].name;
            (name, steps.map(|step| share(step.number, step.of).unwrap_or_default()).collect())
        })
        .collect();
    let told = series.iter().map(|(name, shares)| {
        format!("{name} {} in the newest", percent(shares.last().copied().unwrap_or_default()))
    });
    Drawing {
        kind: Kind::Lines,
        words: format!(
            "Line chart by issue, as shares of what was accepted: {}.",
            told.collect::<Vec<_>>().join(", ")
        ),
        labels: issues.iter().map(|one| one.issue.clone()).collect(),
        series,
        unit: Unit::Share,
    }
}

fn growth(report: &Report) -> Drawing {
    let months = report.growth.lately();
    let (joined, left) = months.iter().fold((0, 0), |sum, month| (sum.0 + month.joined, sum.1 + month.left));
    Drawing {
        kind: Kind::Columns,
        words: format!(
            "Column chart by month: {} joined and {} left in all, {} members now.",
            count(joined),
            count(left),
            count(report.growth.members())
        ),
        labels: months.iter().map(|month| month.month.clone()).collect(),
        series: vec![
            ("joined", months.iter().map(|month| month.joined as f64).collect()),
            ("left", months.iter().map(|month| -(month.left as f64)).collect()),
        ],
        unit: Unit::Letters,
    }
}

/// A cell's number, for a label beside a bar.
pub fn number(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Letters => Cell::Count(value.abs().round() as u64).shown(),
        Unit::Share => percent(value),
        Unit::Seconds => shown(std::time::Duration::try_from_secs_f64(value).unwrap_or_default()),
    }
}
