//! How much may leave at a time: for a whole transport, and for each receiver of mail.

use std::num::{NonZeroU32, NonZeroUsize};

use super::transport::Rate;
use super::values::{RATE_HELP, rate, rate_at};
use crate::model::issue::At;
use crate::model::source::Span;
use crate::model::tree::{Misfit, Table};

/// The keys that [`read`] knows.
pub const KEYS: [&str; 4] = ["rate", "windows", "connections", "messages_per_connection"];

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// What may be done at a time; where nothing is said, everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    /// Letters are spaced evenly by it.
    pub rate: Option<Rate>,
    /// Quotas: within any such period no more letters than these, however they are spread.
    pub windows: Vec<Rate>,
    /// Letters under way at once, 1 to 1000.
    pub connections: Option<NonZeroUsize>,
    /// Letters on one connection.
    pub messages_per_connection: Option<NonZeroU32>,
}

impl Limits {
    /// What `self` leaves open is taken from `other`.
    pub fn or(self, other: Limits) -> Limits {
        Limits {
            rate: self.rate.or(other.rate),
            windows: if self.windows.is_empty() { other.windows } else { self.windows },
            connections: self.connections.or(other.connections),
            messages_per_connection: self.messages_per_connection.or(other.messages_per_connection),
        }
    }

    /// A window that can never be full, and the limit that keeps it so.
    fn idle_window(&self) -> Option<(Rate, Rate)> {
        let others = || self.rate.iter().chain(&self.windows);
        let tighter = |window: &Rate| {
            let fills = |other: &&Rate| other.per < window.per && most(other, window) < letters(window);
            others().find(fills).map(|other| (*window, *other))
        };
        self.windows.iter().find_map(tighter)
    }
}

/// Fails for limits of which one can never be reached because of another: one of the two is a mistake.
pub fn refuse_contradiction(limits: &Limits, warmup: &[NonZeroU32], span: &Span) -> Result<(), Misfit> {
    if let Some((window, other)) = limits.idle_window() {
        return Err(Misfit::new(
            format!("the quota of {window} can never be reached at {other}"),
            span.clone(),
        )
        .help("leave one of the two, or correct it"));
    }
    let day = limits.windows.iter().find(|window| window.per == DAY);
    match (day, warmup.last()) {
        (Some(day), Some(last)) if *last > day.letters => {
            let message = format!("the warm-up rises to {last}/day, but the quota is {day}");
            Err(Misfit::new(message, span.clone()).help("leave out the steps above the quota"))
        }
        _ => Ok(()),
    }
}

fn letters(rate: &Rate) -> f64 {
    f64::from(rate.letters.get())
}

/// How many letters `limit` lets through in the period of `window`.
fn most(limit: &Rate, window: &Rate) -> f64 {
    letters(limit) * window.per.as_secs_f64() / limit.per.as_secs_f64()
}

/// Reads the keys of [`KEYS`] from `table`.
pub fn read(table: &Table) -> Result<Limits, Misfit> {
    let connections = table.whole("connections", 1..=1000)?.and_then(|at| usize::try_from(at.value).ok());
    let messages = table.whole("messages_per_connection", 1..=1_000_000)?;
    Ok(Limits {
        rate: rate_at(table, "rate")?,
        windows: windows(table)?,
        connections: connections.and_then(NonZeroUsize::new),
        messages_per_connection: messages
            .and_then(|at| u32::try_from(at.value).ok())
            .and_then(NonZeroU32::new),
    })
}

/// `windows`: one quota, or several of different periods.
fn windows(table: &Table) -> Result<Vec<Rate>, Misfit> {
    let mut windows: Vec<Rate> = Vec::new();
    for at in table.texts("windows")? {
        let window = rate_of(&at)?;
        if windows.iter().any(|known| known.per == window.per) {
            return Err(Misfit::new(
                format!("`windows` has two quotas for the same time as {window}"),
                at.span,
            )
            .help("leave the smaller one"));
        }
        windows.push(window);
    }
    Ok(windows)
}

/// `warmup`: letters on the first, second, … day of sending; each step at least as large as the one before.
pub fn warmup(table: &Table) -> Result<Vec<NonZeroU32>, Misfit> {
    let mut steps: Vec<NonZeroU32> = Vec::new();
    for at in table.texts("warmup")? {
        let step = rate_of(&at)?;
        if step.per != DAY {
            return Err(Misfit::new(format!("`{}` is no step of a warm-up", at.value), at.span)
                .help("write letters per day, such as warmup = [\"50/day\", \"100/day\"]"));
        }
        if steps.last().is_some_and(|before| *before > step.letters) {
            return Err(Misfit::new(format!("the warm-up goes down at `{}`", at.value), at.span)
                .help("put the steps in rising order"));
        }
        steps.push(step.letters);
    }
    Ok(steps)
}

fn rate_of(at: &At<String>) -> Result<Rate, Misfit> {
    let misfit = || Misfit::new(format!("`{}` is no rate", at.value), at.span.clone()).help(RATE_HELP);
    rate(&at.value).ok_or_else(misfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(toml: &str) -> Result<Limits, Misfit> {
        read(&Table::from_toml(toml, 0).unwrap())
    }

    fn steps(toml: &str) -> Result<Vec<u32>, String> {
        let steps = warmup(&Table::from_toml(toml, 0).unwrap());
        steps.map(|steps| steps.iter().map(|step| step.get()).collect()).map_err(|misfit| misfit.message)
    }

    #[test]
    fn one_quota_or_several_are_read() {
        assert_eq!(limits("windows = '500/h'").unwrap().windows.len(), 1);
        assert_eq!(limits("windows = ['500/h', '5000/day']").unwrap().windows[1].to_string(), "5000/day");
    }

    #[test]
    fn nonsense_is_refused() {
        for nonsense in [
            "windows = '0/day'",
            "windows = 7",
            "windows = ['5/h', '6/h']",
            "connections = 0",
            "rate = '0/s'",
        ] {
            assert!(limits(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_quota_that_a_smaller_one_keeps_from_filling_is_found() {
        let idle = |toml| limits(toml).unwrap().idle_window().map(|(one, other)| format!("{one} {other}"));
        assert_eq!(idle("windows = ['5000/day', '100/h']").as_deref(), Some("5000/day 100/h"));
        assert_eq!(idle("rate = '1/s'\nwindows = '100000/day'").as_deref(), Some("100000/day 1/s"));
        assert_eq!(idle("rate = '50/s'\nwindows = ['1000/day', '100/h']"), None);
    }

    #[test]
    fn a_warm_up_that_the_quota_cuts_off_is_refused() {
        let refused = |toml, steps: &[u32]| {
            let steps: Vec<NonZeroU32> = steps.iter().map(|step| (*step).try_into().unwrap()).collect();
            refuse_contradiction(&limits(toml).unwrap(), &steps, &(0..1)).err().map(|misfit| misfit.message)
        };
        let told = refused("windows = '80/day'", &[50, 100]);
        assert_eq!(told.as_deref(), Some("the warm-up rises to 100/day, but the quota is 80/day"));
        assert_eq!(refused("windows = '100/day'", &[50, 100]), None);
        assert!(refused("windows = '100000/day'\nrate = '1/s'", &[]).is_some());
    }

    #[test]
    fn a_warm_up_rises_day_by_day() {
        assert_eq!(steps("warmup = ['50/day', '100/day']"), Ok(vec![50, 100]));
        assert_eq!(steps("warmup = ['50/day', '10/day']").unwrap_err(), "the warm-up goes down at `10/day`");
        assert_eq!(steps("warmup = '50/h'").unwrap_err(), "`50/h` is no step of a warm-up");
    }
}
