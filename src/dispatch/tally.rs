//! What a run has done so far, and the gate that stops it when too much goes wrong.

use std::collections::HashSet;

use crate::dispatch::Gate;
use crate::model::address::Domain;
use crate::model::attempt::{Broken, Outcome, Scope};
use crate::model::delivery::{Counts, State};

/// Refusals, or letters without an answer, that stop a run: more than this share of all…
const GATE_SHARE: f64 = 0.05;
/// …and at least so many.
const GATE_LEAST: u64 = 10;
/// Barred domains that stop a run.
const GATE_DOMAINS: usize = 3;

#[derive(Debug, Clone)]
pub struct Tally {
    pub counts: Counts,
    pub sent: u64,
    refused: u64,
    uncertain: u64,
    barred: HashSet<Domain>,
}

impl Tally {
    pub fn new(counts: Counts) -> Tally {
        Tally { counts, sent: 0, refused: 0, uncertain: 0, barred: HashSet::new() }
    }

    /// Counts an outcome that is written down.
    pub fn settled(&mut self, from: State, to: State) {
        self.counts.shift(from, to);
        match to {
            State::Accepted => self.sent += 1,
            State::Refused => self.refused += 1,
            State::Uncertain => self.uncertain += 1,
            _ => {}
        }
    }

    pub fn barred(&mut self, domain: &Domain) {
        self.barred.insert(domain.clone());
    }

    /// Whether those that went first are reason enough to keep the rest back: more refusals than the gate's
    /// share, or any letter without an answer, or a domain that bars us.
    pub fn canary(&self) -> Option<Gate> {
        let of = self.sent + self.refused + self.uncertain;
        let refused_too_often = self.refused as f64 > GATE_SHARE * of as f64;
        let is_bad = refused_too_often || self.uncertain > 0 || !self.barred.is_empty();
        let bad = self.refused + self.uncertain + self.barred.len() as u64;
        is_bad.then_some(Gate::Canary { bad, of: of + self.barred.len() as u64 })
    }

    /// What this run should stop for, if anything.
    pub fn gate(&self) -> Option<Gate> {
        let (refused, of) = (self.refused, self.sent + self.refused);
        if is_too_much(refused, of) {
            return Some(Gate::Refusals { refused, of });
        }
        let (silent, of) = (self.uncertain, of + self.uncertain);
        if is_too_much(silent, of) {
            return Some(Gate::Silence { silent, of });
        }
        let domains = self.barred.len();
        (domains >= GATE_DOMAINS).then_some(Gate::Domains(domains as u64))
    }
}

fn is_too_much(part: u64, of: u64) -> bool {
    part >= GATE_LEAST && part as f64 > GATE_SHARE * of as f64
}

/// Where a letter stands after an outcome; `before` is where it stood when the attempt began, `will_retry`
/// whether there is a next try.
pub fn state_after(outcome: &Outcome, before: State, will_retry: bool) -> State {
    match outcome {
        Outcome::Accepted(_) => State::Accepted,
        Outcome::Deferred(_) | Outcome::Barred(Scope::Domain, _) if will_retry => State::Deferred,
        Outcome::Deferred(_) | Outcome::Barred(Scope::Domain, _) => State::Expired,
        Outcome::Refused(_) => State::Refused,
        Outcome::Uncertain(_) => State::Uncertain,
        Outcome::Barred(Scope::Run, _) | Outcome::NotSent(_) => before,
    }
}

/// What was said or went wrong, unless all went well.
pub fn trouble(outcome: &Outcome) -> Option<&Broken> {
    match outcome {
        Outcome::Accepted(_) => None,
        Outcome::Deferred(broken)
        | Outcome::Refused(broken)
        | Outcome::Barred(_, broken)
        | Outcome::Uncertain(broken)
        | Outcome::NotSent(broken) => Some(broken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(sent: u64, refused: u64) -> Tally {
        Tally { sent, refused, ..Tally::new(Counts::default()) }
    }

    #[test]
    fn a_few_refusals_pass_and_a_flood_does_not() {
        assert_eq!(tally(0, 9).gate(), None);
        assert_eq!(tally(0, 10).gate(), Some(Gate::Refusals { refused: 10, of: 10 }));
        assert_eq!(tally(190, 10).gate(), None);
        assert_eq!(tally(189, 10).gate(), Some(Gate::Refusals { refused: 10, of: 199 }));
    }

    #[test]
    fn a_server_that_answers_to_too_few_letters_leaves_no_more_in_doubt() {
        let silence = |sent, uncertain| Tally { uncertain, ..tally(sent, 0) }.gate();
        assert_eq!(silence(0, 9), None);
        assert_eq!(silence(0, 10), Some(Gate::Silence { silent: 10, of: 10 }));
        assert_eq!(silence(190, 10), None);
    }

    #[test]
    fn the_third_barred_domain_stops_the_run() {
        let mut tally = tally(5, 0);
        for name in ["a.example", "b.example", "a.example"] {
            tally.barred(&Domain::parse(name).unwrap());
        }
        assert_eq!(tally.gate(), None);
        tally.barred(&Domain::parse("c.example").unwrap());
        assert_eq!(tally.gate(), Some(Gate::Domains(3)));
    }
}
