//! Why letters did not get through, or not yet.

use crate::ledger::tally::Cause;
use crate::model::delivery::{Counts, State};
use crate::report::status::printable;

/// The states that have reasons, in the order in which reports show them.
pub const STATES: [State; 5] =
    [State::Bounced, State::Refused, State::Expired, State::Deferred, State::Uncertain];

/// So many reasons are shown for each state.
pub const SHOWN: usize = 6;

/// Reasons by state, the most frequent first. With the rest, those of a state sum to its count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    /// Their words stand on one line, without whole addresses.
    pub reasons: Vec<Cause>,
    /// Letters with less frequent reasons, by state.
    pub others: Vec<(State, u64)>,
}

impl Reasons {
    /// Of causes by frequency.
    pub fn of(counts: &Counts, causes: Vec<Cause>) -> Reasons {
        let mut told = Reasons::default();
        for state in STATES {
            let these = causes.iter().filter(|cause| cause.state == state).take(SHOWN);
            told.reasons.extend(these.map(cleaned));
        }
        told.others =
            STATES.iter().map(|state| (*state, counts.get(*state) - told.letters(*state))).collect();
        told.others.retain(|(_, letters)| *letters > 0);
        told
    }

    fn letters(&self, state: State) -> u64 {
        self.reasons.iter().filter(|reason| reason.state == state).map(|reason| reason.letters).sum()
    }
}

fn cleaned(cause: &Cause) -> Cause {
    Cause { words: without_addresses(&printable(&cause.words)), ..cause.clone() }
}

/// The same with `a…@example.org` for each address in it, also for one in quotation marks or with its `@` as `=40`.
pub fn without_addresses(text: &str) -> String {
    let text = text.replace("=40", "@").replace("%40", "@");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('@') {
        let local = local_start(&rest[..at]);
        let first = rest[local..at].chars().find(|letter| *letter != '"');
        out.push_str(&rest[..local]);
        out.extend(first);
        out.push_str(if first.is_some() { "…@" } else { "@" });
        rest = &rest[at + 1..];
    }
    out + rest
}

/// Where the local part that `before` ends with begins.
fn local_start(before: &str) -> usize {
    if let Some(inside) = before.strip_suffix('"').filter(|inside| !inside.is_empty()) {
        return inside.rfind('"').unwrap_or(0);
    }
    let ends = |letter: char| letter.is_whitespace() || "<>()[],;:\"@".contains(letter);
    before
        .char_indices()
        .rev()
        .find(|(_, letter)| ends(*letter))
        .map_or(0, |(place, letter)| place + letter.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_what_a_server_says_is_masked() {
        let masked = [
            "5.1.1 <bob@example.org>: no such user",
            "bob.o'hara+news@example.org unknown, eve@example.org too",
            "no user \"bob b\"@example.org here",
            "bounce for bob=40example.org",
            "user@ and @example.org and @",
            "жук@почта.рф неизвестен",
            "no such user",
        ]
        .map(without_addresses);
        assert_eq!(
            masked,
            [
                "5.1.1 <b…@example.org>: no such user",
                "b…@example.org unknown, e…@example.org too",
                "no user b…@example.org here",
                "bounce for b…@example.org",
                "u…@ and @example.org and @",
                "ж…@почта.рф неизвестен",
                "no such user",
            ]
        );
    }
}
