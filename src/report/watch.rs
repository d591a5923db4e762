//! A run that is watched from outside: how fast it goes, what slows it down, and how long it may still take.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::ledger::rows::Reason;
use crate::model::delivery::State;
use crate::report::progress::pause_line;
use crate::report::status::{self, Progress, printable};
use crate::report::words::{count, duration, moment};

/// Speed is that of the last looks within this time.
const LATELY: SignedDuration = SignedDuration::from_secs(15);

/// So many reasons, and so many who slow us down, are shown.
const SHOWN: usize = 4;

/// The last looks at a run.
#[derive(Debug, Default)]
pub struct Watch {
    /// How many letters were settled at each, the newest last.
    looks: VecDeque<(Timestamp, u64)>,
}

impl Watch {
    pub fn new() -> Watch {
        Watch::default()
    }

    pub fn look(&mut self, progress: &Progress) {
        let settled = progress.counts.total() - progress.counts.open();
        self.looks.push_back((progress.now, settled));
        while self.looks.len() > 2 && progress.now.duration_since(self.looks[0].0) > LATELY {
            self.looks.pop_front();
        }
    }

    /// Letters a second; `None` before the second look.
    pub fn per_second(&self) -> Option<f64> {
        let ((first, then), (last, now)) = (self.looks.front()?, self.looks.back()?);
        let seconds = last.duration_since(*first).as_secs_f64();
        (seconds > 0.0).then(|| now.saturating_sub(*then) as f64 / seconds)
    }

    fn left(&self, progress: &Progress) -> Option<Duration> {
        let speed = self.per_second().filter(|speed| *speed > 0.0)?;
        Duration::try_from_secs_f64(progress.counts.open() as f64 / speed).ok()
    }

    /// Everything, for a terminal.
    pub fn screen(&self, progress: &Progress, reasons: &[Reason], zone: &TimeZone) -> Vec<String> {
        let row = &progress.row;
        let mut lines = vec![format!("{}: {}", row.issue, row.subject), status::bar(&progress.counts)];
        lines.push(self.pace(progress, zone));
        let some = State::ALL.into_iter().filter(|state| progress.counts.get(*state) > 0);
        lines.extend(some.map(|state| format!("{:>10} {}", count(progress.counts.get(state)), state.name())));
        lines.extend(progress.pauses.iter().take(SHOWN).map(|pause| pause_line(pause, progress.now, zone)));
        lines.extend(reasons.iter().take(SHOWN).map(reason));
        lines.extend(status::next(progress).filter(|_| self.per_second() == Some(0.0)));
        lines
    }

    /// One line, for a log.
    pub fn line(&self, progress: &Progress, zone: &TimeZone) -> String {
        let counts = &progress.counts;
        let some = [State::Deferred, State::Refused, State::Uncertain].into_iter();
        let some = some.filter(|state| counts.get(*state) > 0);
        let some: String =
            some.map(|state| format!(", {} {}", count(counts.get(state)), state.name())).collect();
        let (reached, total) = (count(status::reached(counts)), count(counts.total()));
        format!("{}: {reached} of {total} have it{some}; {}", progress.row.issue, self.pace(progress, zone))
    }

    /// `340 letters a second, about 2 min left`.
    fn pace(&self, progress: &Progress, zone: &TimeZone) -> String {
        let Some(speed) = self.per_second() else { return "looking".to_owned() };
        let due = progress.due.filter(|_| progress.counts.get(State::Planned) == 0);
        match (self.left(progress), due) {
            (Some(left), _) => format!("{} a second, about {} left", rate(speed), duration(left)),
            (None, Some(due)) => format!("waiting: the next is due {}", moment(due, zone)),
            (None, None) => "nothing moves".to_owned(),
        }
    }
}

fn rate(speed: f64) -> String {
    if speed >= 10.0 { count(speed as u64) } else { format!("{speed:.1}") }
}

fn reason(reason: &Reason) -> String {
    let code = reason.code.map_or_else(String::new, |code| format!("{code} "));
    let words = printable(&reason.words);
    format!("{:>10} {}: {code}{words}", count(reason.letters), reason.state.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::status::tests::progress;

    fn at(seconds: i64, states: &[(State, u64)]) -> Progress {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        Progress { now, ..progress(states, false) }
    }

    #[test]
    fn speed_and_time_left_are_those_of_the_last_seconds() {
        let mut watch = Watch::new();
        watch.look(&at(0, &[(State::Planned, 1000)]));
        assert_eq!(watch.per_second(), None);
        for seconds in 1..=30 {
            let accepted = if seconds <= 20 { 0 } else { 20 * (seconds as u64 - 20) };
            watch.look(&at(seconds, &[(State::Planned, 1000 - accepted), (State::Accepted, accepted)]));
        }
        let last = at(30, &[(State::Planned, 800), (State::Accepted, 200)]);
        assert_eq!(watch.per_second().map(|speed| speed.round()), Some(13.0));
        let line = watch.line(&last, &TimeZone::UTC);
        assert_eq!(line, "001-welcome: 200 of 1,000 have it; 13 a second, about 1 min left");
    }

    #[test]
    fn a_run_that_waits_says_for_what_and_shows_the_last_reasons() {
        let mut watch = Watch::new();
        let waits = |seconds| Progress {
            due: Some(Timestamp::UNIX_EPOCH),
            ..at(seconds, &[(State::Deferred, 3), (State::Accepted, 1)])
        };
        watch.look(&waits(0));
        watch.look(&waits(5));
        let reason = Reason {
            state: State::Deferred,
            phase: None,
            code: Some(450),
            words: "4.2.0 come\nback".to_owned(),
            letters: 3,
        };
        let screen = watch.screen(&waits(5), &[reason], &TimeZone::UTC);
        assert_eq!(screen[1], "[#######-----------------------] 1 of 4 have it");
        assert_eq!(screen[2], "waiting: the next is due 1970-01-01 00:00 UTC");
        assert!(screen.contains(&"         3 deferred: 450 4.2.0 come back".to_owned()), "{screen:#?}");
        assert!(screen.last().unwrap().starts_with("next: "), "{screen:#?}");
    }
}
