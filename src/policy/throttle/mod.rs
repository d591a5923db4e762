//! How fast, for a transport as a whole and for each receiver. Arithmetic only: the caller waits.
//!
//! Times are spans since the Unix epoch on a clock that never goes back: the wall clock at the start of a run, and
//! what has passed since. So a clock that is set, or a machine that slept, changes no wait.

pub mod brake;
pub mod lane;
mod pacer;
#[cfg(test)]
mod tests;
mod warmup;
mod window;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use brake::Brake;
pub use lane::Hold;
use lane::Lane;
use warmup::Warmup;

use super::judge::words;
use super::slow::{Whom, slow};
use crate::model::address::Domain;
use crate::model::attempt::{Broken, Phase};
use crate::settings::limits::Limits;
use crate::settings::shaping::Shaping;
use crate::settings::transport::Rate;

/// A receiver that has limits, or asked us to slow down.
pub type LaneId = usize;

/// So much of the whole speed a receiver is assumed to have had when it first asks us to slow down.
const ASSUMED_SHARE: f64 = 0.1;

/// The limits of one run, and what they have let through.
#[derive(Debug, Clone)]
pub struct Throttle {
    whole: Lane,
    warmup: Warmup,
    shaping: Shaping,
    lanes: Vec<Lane>,
    /// By name: a receiver's, or the domain.
    by_name: HashMap<String, LaneId>,
    names: Vec<String>,
}

/// What holds letters back, for people and for the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Restraint {
    /// A receiver or domain; `None` for the whole transport.
    pub whom: Option<String>,
    /// Nothing goes before this.
    pub until: Duration,
    pub slowed: Option<Slowed>,
    /// What the other side said.
    pub said: String,
}

/// Letters a second, now and when they were too many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slowed {
    pub to: f64,
    pub from: f64,
}

impl Throttle {
    pub fn new(limits: &Limits, warmup: Vec<NonZeroU32>, shaping: Shaping) -> Throttle {
        let mut throttle = Throttle {
            whole: Lane::new(limits),
            warmup: Warmup::new(warmup),
            shaping: Shaping::default(),
            lanes: Vec::new(),
            by_name: HashMap::new(),
            names: Vec::new(),
        };
        for receiver in shaping.receivers() {
            throttle.add(&receiver.name, &receiver.limits);
        }
        Throttle { shaping, ..throttle }
    }

    fn add(&mut self, name: &str, limits: &Limits) -> LaneId {
        let id = self.lanes.len();
        self.lanes.push(Lane::new(limits));
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), id);
        id
    }

    /// The lane of letters to `domain`; `None` while nothing is known that would hold them.
    pub fn lane(&mut self, domain: &Domain) -> Option<LaneId> {
        let found = self.find(domain.as_str());
        if found.is_none() && *self.shaping.each() != Limits::default() {
            return Some(self.own_lane(domain.as_str()));
        }
        found
    }

    fn find(&self, domain: &str) -> Option<LaneId> {
        self.shaping.place(domain).or_else(|| self.by_name.get(domain).copied())
    }

    fn own_lane(&mut self, domain: &str) -> LaneId {
        self.find(domain).unwrap_or_else(|| {
            let each = self.shaping.each().clone();
            self.add(domain, &each)
        })
    }

    /// Whether any letter may go at `now`.
    pub fn ask(&mut self, now: Duration) -> Result<(), Hold> {
        self.whole.ask(now)?;
        self.warmup.ask(now).map_err(Hold::Until)
    }

    /// Whether a letter of this lane may go, as far as the lane goes.
    pub fn ask_lane(&mut self, lane: LaneId, now: Duration) -> Result<(), Hold> {
        self.lanes[lane].ask(now)
    }

    /// A letter goes at `now`.
    pub fn take(&mut self, lane: Option<LaneId>, now: Duration) {
        self.whole.take(now);
        self.warmup.take(now, 1);
        if let Some(lane) = lane {
            self.lanes[lane].take(now);
        }
    }

    /// A letter is not under way any more. One that was not even begun does not count.
    pub fn back(&mut self, lane: Option<LaneId>, has_begun: bool) {
        self.whole.back(has_begun);
        if !has_begun {
            self.warmup.give_back();
        }
        if let Some(lane) = lane {
            self.lanes[lane].back(has_begun);
        }
    }

    /// A letter was taken by the other side.
    pub fn went_well(&mut self, lane: Option<LaneId>) {
        self.whole.went_well();
        if let Some(lane) = lane {
            self.lanes[lane].went_well();
        }
    }

    /// Letters on one connection that this lane allows.
    pub fn messages_per_connection(&self, lane: LaneId) -> Option<NonZeroU32> {
        self.lanes[lane].messages_per_connection()
    }

    /// Whether letters of earlier runs count: those since when, and whether by domain.
    pub fn wants_history(&self, now: Duration) -> Option<History> {
        let longest = |lane: &Lane| lane.windows().iter().map(|window| window.quota().per).max();
        let by_domain = self.lanes.iter().filter_map(longest).chain(self.each_period()).max();
        if self.warmup.day().is_some() {
            return Some(History { since: Duration::ZERO, by_domain: by_domain.is_some() });
        }
        let period = by_domain.max(longest(&self.whole))?;
        // A slot of a window counts a little longer than its period.
        Some(History { since: now.saturating_sub(period + period / 100), by_domain: by_domain.is_some() })
    }

    fn each_period(&self) -> Option<Duration> {
        self.shaping.each().windows.iter().map(|quota| quota.per).max()
    }

    /// Letters that earlier runs have sent at `at`, from the oldest.
    pub fn remember(&mut self, at: Duration, domain: Option<&Domain>, letters: u64) {
        self.whole.remember(at, letters);
        self.warmup.take(at, letters);
        if let Some(lane) = domain.and_then(|domain| self.lane(domain)) {
            self.lanes[lane].remember(at, letters);
        }
    }

    /// What an answer asks of the letters after it. `given_out` is when its letter was. Gives what changed for
    /// longer than this run may last.
    pub fn heard(
        &mut self,
        domain: &Domain,
        broken: &Broken,
        given_out: Duration,
        now: Duration,
    ) -> Option<Restraint> {
        let said = || broken.to_string();
        let asked = slow(broken);
        let speaks_for_all = asked.is_some_and(|asked| asked.whom == Whom::Transport);
        let pause = if speaks_for_all { None } else { self.pause(domain, broken) };
        let wait = pause.max(asked.and_then(|asked| asked.wait));
        let whom = match (asked, pause) {
            (None, None) => return None,
            _ if speaks_for_all => None,
            _ => Some(self.own_lane(domain.as_str())),
        };
        let assumed = self.assumed_speed(whom, now);
        let lane = self.lane_mut(whom);
        lane.slow(given_out, assumed, said(), now);
        if let Some(wait) = wait {
            lane.pause(now + wait, said());
        }
        self.restraint(whom, now)
    }

    /// A pause that is known to be wanted after such words.
    fn pause(&self, domain: &Domain, broken: &Broken) -> Option<Duration> {
        if broken.phase < Phase::Recipient {
            return None;
        }
        let text = words(broken.reply.as_ref()?);
        let receiver = &self.shaping.receivers()[self.shaping.place(domain.as_str())?];
        receiver.pauses.iter().find(|pause| text.contains(&pause.says)).map(|pause| pause.wait)
    }

    fn assumed_speed(&self, whom: Option<LaneId>, now: Duration) -> f64 {
        let share = if whom.is_some() { ASSUMED_SHARE } else { 1.0 };
        (self.whole.speed(now) * share).max(1.0)
    }

    fn lane_mut(&mut self, whom: Option<LaneId>) -> &mut Lane {
        match whom {
            Some(lane) => &mut self.lanes[lane],
            None => &mut self.whole,
        }
    }

    /// The policy of a receiver is against us: nothing goes to it before `until`.
    pub fn bar(&mut self, domain: &Domain, until: Duration, broken: &Broken) -> Restraint {
        let lane = self.own_lane(domain.as_str());
        self.lanes[lane].pause(until, broken.to_string());
        self.restraint(Some(lane), Duration::ZERO).expect("a lane that is paused is restrained")
    }

    /// Whether the other side wants nothing at `now`: for a lane, or for all.
    pub fn is_paused(&self, whom: Option<LaneId>, now: Duration) -> bool {
        whom.map_or(&self.whole, |lane| &self.lanes[lane]).paused_until() > now
    }

    /// Whether the other side wants less or nothing at `now`: for a lane, or for all.
    pub fn is_restrained(&self, whom: Option<LaneId>, now: Duration) -> bool {
        whom.map_or(&self.whole, |lane| &self.lanes[lane]).is_restrained(now)
    }

    /// What an earlier run was asked for; `at` is when it ended at the latest.
    pub fn restore(&mut self, restraint: &Restraint, now: Duration) {
        let whom = restraint.whom.as_deref().map(|name| self.own_lane(name));
        let lane = self.lane_mut(whom);
        lane.pause(restraint.until, restraint.said.clone());
        if let Some(slowed) = restraint.slowed {
            lane.restore(Brake::left_at(slowed.to, slowed.from, now), restraint.said.clone());
        }
    }

    /// All that holds letters back at `now` because the other side wants it so.
    pub fn restraints(&self, now: Duration) -> Vec<Restraint> {
        let all = std::iter::once(None).chain((0..self.lanes.len()).map(Some));
        all.filter_map(|whom| self.restraint(whom, now)).collect()
    }

    fn restraint(&self, whom: Option<LaneId>, now: Duration) -> Option<Restraint> {
        let lane = whom.map_or(&self.whole, |lane| &self.lanes[lane]);
        let until = lane.paused_until();
        if !lane.is_restrained(now) {
            return None;
        }
        let slowed = |brake: &Brake| Slowed { to: brake.speed(), from: brake.needed_at() };
        Some(Restraint {
            whom: whom.map(|lane| self.names[lane].clone()),
            until,
            slowed: lane.brake().map(slowed),
            said: lane.said().unwrap_or_default().to_owned(),
        })
    }

    /// What of our own limits holds all letters back at `now`.
    pub fn used_up(&mut self, now: Duration) -> Option<UsedUp> {
        match self.warmup.ask(now) {
            Err(_) => self.warmup.day().map(|(day, letters)| UsedUp::Warmup { day, letters }),
            Ok(()) => self.whole.full_window(now).map(UsedUp::Window),
        }
    }

    /// At least how long `letters` more take: by the rate, the quotas and the warm-up of the transport.
    pub fn at_least(&mut self, letters: u64, now: Duration) -> Duration {
        self.whole.at_least(letters, now).max(self.warmup.at_least(letters, now))
    }
}

/// What of earlier runs counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    pub since: Duration,
    pub by_domain: bool,
}

/// A limit of ours that lets nothing through for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedUp {
    Window(Rate),
    /// The step of this day of sending, counted from 1.
    Warmup {
        day: usize,
        letters: NonZeroU32,
    },
    /// A rate, or the limits of the receivers of all who are left.
    Pace,
}
