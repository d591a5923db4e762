//! Which fault meets which letter, and how the reply to it is then given.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::dice;
use super::profile::{Fault, Kind, Per, Profile, Step};

/// The faults of a profile, at work.
#[derive(Debug)]
pub struct Weather {
    seed: u64,
    /// By step, in the order of the profile.
    by_step: [Vec<usize>; Step::ALL.len()],
    faults: Vec<At>,
}

/// A fault and what it remembers.
#[derive(Debug)]
struct At {
    fault: Fault,
    hits: AtomicU64,
    /// By domain (or, for the whole server, under 0).
    meters: Mutex<HashMap<u64, Meter>>,
}

/// Time since the server's start.
pub type Since = Duration;

/// What a fault may look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub connection: u64,
    /// Which envelope of its connection, from 1; 0 before the first.
    pub letter: u32,
    /// `None` before RCPT.
    pub to: Option<Recipient<'a>>,
    pub now: Since,
    /// Octets of the body so far.
    pub bytes: u64,
    /// At DATA: nobody was taken.
    pub is_for_nobody: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// In lower case.
    pub address: &'a str,
    pub hash: u64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When the first attempt was made.
    pub first: Since,
}

/// What meets a letter at one step.
#[derive(Debug, Default, PartialEq)]
pub struct Met<'a> {
    pub trouble: Option<&'a Kind>,
    pub delay: Duration,
    pub split: bool,
}

impl Weather {
    pub fn new(profile: &Profile, seed: Option<u64>) -> Weather {
        let of = |step| (0..profile.faults.len()).filter(move |index| profile.faults[*index].at == step);
        let at =
            |fault: &Fault| At { fault: fault.clone(), hits: AtomicU64::new(0), meters: Mutex::default() };
        Weather {
            seed: seed.unwrap_or(profile.seed),
            by_step: Step::ALL.map(|(_, step)| of(step).collect()),
            faults: profile.faults.iter().map(at).collect(),
        }
    }

    /// Whether anything can happen there at all.
    pub fn is_fair(&self, step: Step) -> bool {
        self.by_step[step as usize].is_empty()
    }

    /// The first fault of the profile that decides the reply, and whatever changes how it comes.
    pub fn meets(&self, step: Step, case: &Case<'_>) -> Met<'_> {
        let mut met = Met::default();
        for index in &self.by_step[step as usize] {
            let at = &self.faults[*index];
            let is_late = met.trouble.is_some() && !at.fault.kind.is_manner();
            if is_late || !self.falls(*index, case) || !at.holds(case) || !at.count() {
                continue;
            }
            match &at.fault.kind {
                Kind::Delay { by } => met.delay += *by,
                Kind::Split => met.split = true,
                kind => met.trouble = Some(kind),
            }
        }
        met
    }

    /// By seed, fault and letter: nothing that hangs on the clock.
    fn falls(&self, index: usize, case: &Case<'_>) -> bool {
        let fault = &self.faults[index].fault;
        let (letter, attempt) = match &case.to {
            Some(to) if !fault.to.is_empty() && !fault.to.iter().any(|pattern| pattern.fits(to.address)) => {
                return false;
            }
            Some(to) => (to.hash, to.attempt),
            None => (dice::join(&[case.connection, u64::from(case.letter)]), 1),
        };
        fault.times.is_none_or(|times| attempt <= times)
            && dice::falls(dice::join(&[self.seed, index as u64, letter]), fault.share)
    }

    /// How often each fault met a letter, in the order of the profile.
    pub fn hits(&self) -> impl Iterator<Item = (&Fault, u64)> {
        self.faults.iter().map(|at| (&at.fault, at.hits.load(Ordering::Relaxed)))
    }
}

impl At {
    /// Once more, unless it was often enough.
    fn count(&self) -> bool {
        let more = |hits: u64| self.fault.most.is_none_or(|most| hits < most).then_some(hits + 1);
        self.hits.try_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// What hangs on more than the letter itself.
    fn holds(&self, case: &Case<'_>) -> bool {
        if case.is_for_nobody != (self.fault.kind == Kind::GoOn) && !self.fault.kind.is_manner() {
            return false;
        }
        match &self.fault.kind {
            Kind::Greylist { after, .. } => case.to.is_some_and(|to| case.now < to.first + *after),
            Kind::Bar { lasts, .. } => lasts.is_none_or(|lasts| {
                let first = self.meter(domain(case), case.now, |meter| meter.since);
                case.now < first + lasts
            }),
            Kind::Throttle { rate, per, .. } => {
                let key = if *per == Per::Server { 0 } else { domain(case) };
                let rate = f64::from(rate.letters.get()) / rate.per.as_secs_f64();
                self.meter(key, case.now, |meter| !meter.takes(rate, case.now))
            }
            Kind::Limit { letters, .. } => case.letter > *letters,
            Kind::Drop { bytes, .. } | Kind::HangUp { bytes, .. } => case.bytes >= *bytes,
            Kind::Defer { .. }
            | Kind::Refuse { .. }
            | Kind::Cut
            | Kind::Delay { .. }
            | Kind::Split
            | Kind::Flood { .. }
            | Kind::Babble
            | Kind::GoOn => true,
        }
    }

    fn meter<T>(&self, key: u64, now: Since, read: impl FnOnce(&mut Meter) -> T) -> T {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        read(meters.entry(key).or_insert(Meter { since: now, at: now, tokens: f64::INFINITY }))
    }
}

fn domain(case: &Case<'_>) -> u64 {
    case.to
        .map_or(0, |to| dice::hash(to.address.rsplit_once('@').map_or("", |(_, domain)| domain).as_bytes()))
}

/// Letters within a rate: a bucket that holds one second of them.
#[derive(Debug)]
struct Meter {
    since: Since,
    at: Since,
    tokens: f64,
}

impl Meter {
    fn takes(&mut self, rate: f64, now: Since) -> bool {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + passed * rate).min(rate.max(1.0));
        let takes = self.tokens >= 1.0;
        if takes {
            self.tokens -= 1.0;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weather(faults: &str) -> Weather {
        Weather::new(&Profile::parse("test.toml", faults).unwrap(), None)
    }

    fn case(address: &str, attempt: u32, ms: u64) -> Case<'_> {
        let hash = dice::hash_without_case(address);
        let to = Recipient { address, hash, attempt, first: Duration::ZERO };
        Case {
            connection: 1,
            letter: 1,
            to: Some(to),
            now: Duration::from_millis(ms),
            bytes: 0,
            is_for_nobody: false,
        }
    }

    fn troubled(weather: &Weather, address: &str, attempt: u32, ms: u64) -> bool {
        weather.meets(Step::Recipient, &case(address, attempt, ms)).trouble.is_some()
    }

    #[test]
    fn the_same_letter_meets_the_same_fault_so_often_and_no_more() {
        let weather = weather("[[fault]]\nwhat = \"defer\"\nshare = 0.5\ntimes = 2");
        let names: Vec<String> = (0..100).map(|n| format!("user{n}@example.org")).collect();
        let met: Vec<bool> = names.iter().map(|name| troubled(&weather, name, 1, 0)).collect();
        assert!((30..70).contains(&met.iter().filter(|met| **met).count()));
        for (name, first) in names.iter().zip(met) {
            assert_eq!(troubled(&weather, name, 2, 50), first);
            assert!(!troubled(&weather, name, 3, 60));
        }
    }

    #[test]
    fn a_fault_happens_at_most_so_often() {
        let weather = weather("[[fault]]\nwhat = \"refuse\"\nmost = 2");
        let met = ["a", "b", "c"].map(|name| troubled(&weather, &format!("{name}@x.example"), 1, 0));
        assert_eq!(met, [true, true, false]);
    }

    #[test]
    fn a_greylist_passes_whoever_comes_back_later() {
        let weather = weather("[[fault]]\nwhat = \"greylist\"\nafter = \"2 s\"");
        assert!(troubled(&weather, "ada@example.org", 1, 0));
        assert!(troubled(&weather, "ada@example.org", 2, 1_999));
        assert!(!troubled(&weather, "ada@example.org", 3, 2_000));
    }

    #[test]
    fn a_rate_is_counted_for_each_domain() {
        let weather = weather("[[fault]]\nwhat = \"throttle\"\nrate = \"2/s\"\nto = \"*.example\"");
        let at = |address: &str, ms| troubled(&weather, address, 1, ms);
        assert_eq!([at("a@x.example", 0), at("b@x.example", 0), at("c@x.example", 1)], [false, false, true]);
        assert!(!at("a@y.example", 1) && !at("a@else.org", 1));
        assert!(!at("c@x.example", 600));
    }

    #[test]
    fn a_bar_that_lasts_begins_with_the_first_letter() {
        let weather = weather("[[fault]]\nwhat = \"bar\"\nlasts = \"1 s\"");
        let at = |address: &str, ms| troubled(&weather, address, 1, ms);
        assert!(at("a@x.example", 5_000) && at("b@x.example", 5_999) && !at("c@x.example", 6_000));
    }

    #[test]
    fn one_fault_decides_and_manners_add_up() {
        let weather = weather(
            "[[fault]]\nwhat = \"delay\"\nat = \"recipient\"\nby = \"1 s\"\n[[fault]]\nwhat = \"refuse\"\n\
             [[fault]]\nwhat = \"defer\"\n[[fault]]\nwhat = \"delay\"\nat = \"recipient\"\nby = \"2 s\"",
        );
        let met = weather.meets(Step::Recipient, &case("a@x.example", 1, 0));
        assert_eq!((met.delay.as_secs(), met.trouble.map(Kind::name)), (3, Some("refuse")));
        assert_eq!(weather.hits().map(|(_, hits)| hits).collect::<Vec<_>>(), [1, 1, 0, 1]);
    }
}
