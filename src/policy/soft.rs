//! When an address is given up that failed softly again and again.
//!
//! The issues that somebody got are looked at from the newest back. That a server took a letter says little while it
//! may still come back, so what was only taken since the last failure is passed over; between two failures it shows that
//! the address works, as a proof of delivery always does.

use std::time::Duration;

use jiff::Timestamp;

use crate::settings::mailbox::SoftRule;

/// A letter that somebody was sent, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    pub issue: String,
    pub begun: Timestamp,
    pub end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It came back, or was turned away, for a reason that may pass.
    Soft,
    /// It is known to have arrived.
    Arrived,
    /// A server took it, and it has not come back.
    Taken,
    /// Something else, which says nothing of this.
    Other,
}

/// Soft bounces in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftRun {
    /// Different ones.
    pub issues: u64,
    /// When the letters of the first and the last were sent.
    pub first: Timestamp,
    pub last: Timestamp,
}

impl SoftRun {
    pub fn is_too_much(&self, rule: &SoftRule) -> bool {
        let span = Duration::try_from(self.last.duration_since(self.first)).unwrap_or_default();
        self.issues >= rule.limit && span >= rule.span
    }
}

/// Whether servers that do not know so many addresses, and took so many letters, are likely to be right.
pub fn believed(unknown: u64, taken: u64) -> bool {
    unknown <= taken
}

/// The run that lasts, if there is one; `past` with the newest first.
pub fn soft_run(past: &[Past]) -> Option<SoftRun> {
    let start = past.iter().position(|one| matches!(one.end, End::Soft | End::Arrived))?;
    let works = |one: &&Past| matches!(one.end, End::Arrived | End::Taken);
    let row: Vec<&Past> = past[start..].iter().take_while(|one| !works(one)).collect();
    let soft: Vec<&Past> = row.into_iter().filter(|one| one.end == End::Soft).collect();
    let mut issues: Vec<&str> = soft.iter().map(|one| one.issue.as_str()).collect();
    issues.sort_unstable();
    issues.dedup();
    Some(SoftRun { issues: issues.len() as u64, first: soft.last()?.begun, last: soft.first()?.begun })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A week between one issue and the next, the newest first.
    fn past(ends: &[End]) -> Vec<Past> {
        let week = |n: usize| Timestamp::from_second((100 - n as i64) * 7 * 24 * 3600).unwrap();
        let one = |(n, end): (usize, &End)| Past { issue: format!("i{n}"), begun: week(n), end: *end };
        ends.iter().enumerate().map(one).collect()
    }

    fn issues(ends: &[End]) -> u64 {
        soft_run(&past(ends)).map_or(0, |run| run.issues)
    }

    #[test]
    fn a_letter_that_stayed_between_two_failures_ends_the_run() {
        use End::*;
        assert_eq!(issues(&[Soft, Soft, Soft]), 3);
        assert_eq!(issues(&[Soft, Soft, Taken, Soft]), 2);
        assert_eq!(issues(&[Soft, Arrived, Soft]), 1);
        assert_eq!(issues(&[Soft, Other, Soft]), 2);
    }

    #[test]
    fn what_was_only_taken_since_may_still_come_back_but_an_arrival_counts() {
        use End::*;
        assert_eq!(issues(&[Taken, Taken, Soft, Soft]), 2);
        assert_eq!(issues(&[Arrived, Soft, Soft]), 0);
        assert_eq!(issues(&[Taken, Other]), 0);
    }

    #[test]
    fn an_issue_that_came_back_twice_counts_once() {
        let mut twice = past(&[End::Soft, End::Soft]);
        twice[1].issue = "i0".to_owned();
        assert_eq!(soft_run(&twice).unwrap().issues, 1);
    }

    #[test]
    fn five_in_a_row_over_two_weeks_are_too_much_and_four_or_a_shorter_time_are_not() {
        let rule = SoftRule::default();
        let is_too_much = |run: SoftRun| run.is_too_much(&rule);
        assert!(is_too_much(soft_run(&past(&[End::Soft; 5])).unwrap()));
        assert!(!is_too_much(soft_run(&past(&[End::Soft; 4])).unwrap()));
        let mut daily = past(&[End::Soft; 5]);
        daily
            .iter_mut()
            .zip(0..)
            .for_each(|(one, day)| one.begun = Timestamp::from_second(-86_400 * day).unwrap());
        assert!(!is_too_much(soft_run(&daily).unwrap()));
    }
}
