//! What a run shows while it goes on: a bar on a terminal, or a line of JSON a second.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jiff::Timestamp;

use crate::commands::desk::Desk;
use crate::dispatch::Progress;
use crate::ledger::rows::{EditionRow, Pause};
use crate::model::delivery::{Counts, State};
use crate::policy::throttle::Slowed;
use crate::report::progress::{Speed, event};
use crate::report::words::duration;

/// Tells how far a run is, to whoever asked for it.
pub enum Reporter<'a> {
    Bar(Bar),
    Events(Events<'a>),
}

impl<'a> Reporter<'a> {
    pub fn new(desk: &'a Desk, row: &'a EditionRow, counts: &Counts) -> Reporter<'a> {
        match desk.json() {
            true => Reporter::Events(Events::new(desk, row)),
            false => Reporter::Bar(Bar::new(counts, !desk.quiet)),
        }
    }

    pub fn show(&mut self, progress: &Progress) {
        match self {
            Reporter::Bar(bar) => bar.show(progress),
            Reporter::Events(events) => events.show(progress),
        }
    }

    pub fn finish(self) {
        match self {
            Reporter::Bar(bar) => bar.bar.finish_and_clear(),
            Reporter::Events(_) => {}
        }
    }
}

/// Silent where there is no terminal.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub fn new(counts: &Counts, visible: bool) -> Bar {
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(counts.total()), target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {rate}  {msg}")
            .expect("the template is well-formed")
            .with_key("rate", |state: &ProgressState, to: &mut dyn Write| {
                write!(to, "{:.0}/s", state.per_sec()).expect("a line of the terminal takes all");
            });
        bar.set_style(style.progress_chars("━╸─"));
        bar.set_position(done(counts));
        bar.reset_eta();
        Bar { bar }
    }

    fn show(&self, progress: &Progress) {
        self.bar.set_position(done(&progress.counts));
        self.bar.set_message(words(progress, self.bar.per_sec(), Timestamp::now()));
    }
}

fn done(counts: &Counts) -> u64 {
    counts.total() - counts.open()
}

/// What is left, how it went, and why it is not faster.
fn words(progress: &Progress, per_second: f64, now: Timestamp) -> String {
    let left = time_left(progress, per_second).map(|left| format!("{} left", duration(left)));
    let shown = [State::Deferred, State::Refused, State::Uncertain];
    let counts = shown
        .into_iter()
        .filter(|state| progress.counts.get(*state) > 0)
        .map(|state| format!("{} {}", progress.counts.get(state), state.name()));
    let wait = progress.waiting_until.map(|until| format!("next try in {}", countdown(until, now)));
    let slow = slowest(&progress.restraints, now);
    left.into_iter().chain(counts).chain(wait).chain(slow).collect::<Vec<_>>().join(", ")
}

/// By what goes through now, and by what our own limits let through at all.
fn time_left(progress: &Progress, per_second: f64) -> Option<Duration> {
    let by_speed = (per_second > 0.0).then(|| progress.counts.open() as f64 / per_second);
    let by_speed = by_speed.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    by_speed
        .map(|left| left.max(progress.at_least))
        .or(Some(progress.at_least).filter(|left| !left.is_zero()))
}

fn countdown(until: Timestamp, now: Timestamp) -> String {
    let left = until.duration_since(now).as_secs().max(0);
    match left {
        0..3600 => format!("{}:{:02}", left / 60, left % 60),
        _ => format!("{}:{:02}:{:02}", left / 3600, left % 3600 / 60, left % 60),
    }
}

/// Whoever wants the longest pause, else the lowest speed, and how many others there are.
fn slowest(restraints: &[Pause], now: Timestamp) -> Option<String> {
    let speed = |pause: &Pause| pause.slowed.map_or(f64::INFINITY, |slowed| slowed.to);
    let worse =
        |one: &&Pause, other: &&Pause| one.until.cmp(&other.until).then(speed(other).total_cmp(&speed(one)));
    let worst = restraints.iter().max_by(worse)?;
    let who = worst.whom.as_deref().unwrap_or("the server");
    let what = match worst.slowed {
        _ if worst.until > now => format!("{who} waits {}", countdown(worst.until, now)),
        Some(Slowed { to, .. }) if to >= 1.0 => format!("{who} slowed to {to:.0}/s"),
        Some(Slowed { to, .. }) => format!("{who} slowed to {:.0}/min", to * 60.0),
        None => return None,
    };
    let others = restraints.len() - 1;
    Some(if others == 0 { what } else { format!("{what} and {others} more") })
}

/// One line a second on standard output.
pub struct Events<'a> {
    desk: &'a Desk,
    row: &'a EditionRow,
    last: Instant,
    sent_then: u64,
}

/// How far apart two lines are.
const APART: Duration = Duration::from_secs(1);

impl<'a> Events<'a> {
    fn new(desk: &'a Desk, row: &'a EditionRow) -> Events<'a> {
        Events { desk, row, last: Instant::now(), sent_then: 0 }
    }

    fn show(&mut self, progress: &Progress) {
        let since = self.last.elapsed();
        if since < APART {
            return;
        }
        let per_second = (progress.sent_now - self.sent_then) as f64 / since.as_secs_f64();
        (self.last, self.sent_then) = (Instant::now(), progress.sent_now);
        let speed = Speed { per_second, left: time_left(progress, per_second) };
        let event = event(self.row, progress, speed, Timestamp::now());
        // Whoever stopped reading is told by the result; a send does not end for it.
        let _ = self.desk.print(event.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(open: u64, at_least: u64, restraints: Vec<Pause>) -> Progress {
        let mut counts = Counts::default();
        counts.add(State::Planned, open);
        counts.add(State::Deferred, 2);
        let at_least = Duration::from_secs(at_least);
        Progress { counts, sent_now: 0, waiting_until: None, restraints, at_least }
    }

    fn pause(whom: &str, until: i64, slowed: Option<f64>) -> Pause {
        let until = Timestamp::from_second(until).unwrap();
        let slowed = slowed.map(|to| Slowed { to, from: 2.0 * to });
        Pause { whom: Some(whom.to_owned()), until, slowed, said: "421".to_owned() }
    }

    #[test]
    fn the_time_left_knows_the_quota() {
        let now = Timestamp::from_second(1000).unwrap();
        assert_eq!(words(&progress(98, 0, Vec::new()), 10.0, now), "10 s left, 2 deferred");
        assert_eq!(words(&progress(98, 7200, Vec::new()), 10.0, now), "2 h left, 2 deferred");
        assert_eq!(words(&progress(98, 0, Vec::new()), 0.0, now), "2 deferred");
    }

    #[test]
    fn whoever_slows_us_down_is_named() {
        let now = Timestamp::from_second(1000).unwrap();
        let told = |restraints: &[Pause]| slowest(restraints, now).unwrap();
        assert_eq!(told(&[pause("google", 0, Some(0.5))]), "google slowed to 30/min");
        let two = [pause("google", 0, Some(5.0)), pause("yahoo", 4_661, None)];
        assert_eq!(told(&two), "yahoo waits 1:01:01 and 1 more");
        assert_eq!(slowest(&[], now), None);
    }
}
