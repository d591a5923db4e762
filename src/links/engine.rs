//! Visits many addresses at once, each once, with retries, and within a time for all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use url::Url;

use super::client::{Behalf, Trust, client};
use super::host::Hosts;
use super::snapshot::{self, Snapshot};
use super::verdict::{Verdict, judge};
use super::visit::{End, Visit};
use super::walk::{Budget, Ports, Seats, Walker};
use super::wanted::Wanted;
use crate::model::finding::Explain;
use crate::settings::LinkSettings;

/// The wait before the first retry, on average; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// How long a request that hangs keeps others from being made.
const LINGER: Duration = Duration::from_secs(2);

/// The client that makes the requests could not be made.
#[derive(Debug, thiserror::Error)]
#[error("links cannot be visited: {0}")]
pub struct EngineError(String);

impl EngineError {
    pub(super) fn new(cause: &dyn std::error::Error) -> EngineError {
        EngineError(cause.to_string())
    }
}

impl Explain for EngineError {
    fn help(&self) -> Option<String> {
        Some("run it with `--offline` to check everything but the links".to_owned())
    }
}

/// Visits links. Cheap to clone; all clones share the manners.
#[derive(Clone)]
pub struct Engine {
    walker: Arc<Walker>,
    timeout: Duration,
    total: Duration,
    retries: u32,
    first_pause: Duration,
    /// Where copies of the dead are looked for.
    archive: Option<Url>,
}

/// What the tests do otherwise.
pub(super) struct Ways {
    pub first_pause: Duration,
    pub linger: Duration,
    pub trust: Trust,
    pub ports: Ports,
}

impl Engine {
    /// `behalf` tells hosts who comes. Fails if no client can be made.
    pub fn new(settings: &LinkSettings, behalf: &Behalf) -> Result<Engine, EngineError> {
        let ways = Ways {
            first_pause: FIRST_PAUSE,
            linger: LINGER,
            trust: Trust::of(settings),
            ports: Ports::default(),
        };
        Engine::with(settings, behalf, ways)
    }

    pub(super) fn with(settings: &LinkSettings, behalf: &Behalf, ways: Ways) -> Result<Engine, EngineError> {
        let walker = Walker {
            client: client(settings, behalf, ways.trust)?,
            hosts: Hosts::new(settings.per_host, 2 * ways.first_pause, settings.timeout),
            seats: Seats::new(settings.concurrency, ways.linger),
            redirects: settings.redirects,
            allow_private: settings.allow_private,
            pages: settings.pages,
            plain: Mutex::default(),
            ports: ways.ports,
        };
        let archive = settings.snapshots.then(|| settings.archive.clone());
        let (timeout, total, retries) = (settings.timeout, settings.total, settings.retries);
        Ok(Engine {
            walker: Arc::new(walker),
            timeout,
            total,
            retries,
            first_pause: ways.first_pause,
            archive,
        })
    }

    /// Visits each distinct address once, whatever its fragment, and tells `seen` of each visit as it ends. What
    /// has no answer when the time for all is over ends as [`End::OutOfTime`]. Dropping the future ends all
    /// visits that are under way.
    pub async fn visit_all<W: Into<Wanted>>(
        &self,
        wanted: impl IntoIterator<Item = W>,
        mut seen: impl FnMut(&Visit),
    ) -> BTreeMap<Url, Visit> {
        let wanted = Wanted::each_once(wanted.into_iter().map(Into::into));
        let mut open: BTreeSet<Url> = wanted.iter().map(|wanted| wanted.address.clone()).collect();
        let mut visits = JoinSet::new();
        for wanted in wanted {
            let engine = self.clone();
            visits.spawn(async move { engine.visit(wanted).await });
        }
        let mut all = BTreeMap::new();
        let mut take = |visit: Visit| {
            seen(&visit);
            all.insert(visit.address.clone(), visit);
        };
        let end = tokio::time::Instant::now() + self.total;
        while let Ok(Some(visit)) = tokio::time::timeout_at(end, visits.join_next()).await {
            let visit = visit.expect("a visit neither panics nor is aborted while it is waited for");
            open.remove(&visit.address);
            take(visit);
        }
        for address in open {
            take(Visit::ended(address, End::OutOfTime, Timestamp::now()));
        }
        all
    }

    /// Visits one address, again where the first end may have been a passing one. Where its host is given up
    /// in the meantime, the answer that there was counts.
    pub async fn visit(&self, wanted: impl Into<Wanted>) -> Visit {
        let wanted = wanted.into();
        let mut budget = Budget::new(self.timeout);
        let mut visit = self.try_until_it_ends(&wanted, &mut budget).await;
        visit.at = Timestamp::now();
        visit.secure = self.walker.secure(&visit, &wanted, &mut budget).await;
        visit.snapshot = self.snapshot(&visit).await;
        visit
    }

    async fn try_until_it_ends(&self, wanted: &Wanted, budget: &mut Budget) -> Visit {
        let mut tries = 0;
        let mut earlier: Option<Visit> = None;
        loop {
            tries += 1;
            let before = budget.left;
            let (hops, end) = self.walker.walk(wanted, budget).await;
            let took = before - budget.left;
            if let (End::HostBusy, Some(visit)) = (&end, earlier) {
                return visit;
            }
            let pause = pause(self.first_pause, tries, roll(&wanted.address, tries))
                .max(end.retry_after().unwrap_or_default());
            let is_over = tries > self.retries || !end.may_pass() || pause >= budget.left;
            let visit = Visit::ended(wanted.address.clone(), end, Timestamp::UNIX_EPOCH);
            let visit = Visit { hops, took, tries, ..visit };
            if is_over {
                return visit;
            }
            earlier = Some(visit);
            budget.spend(pause);
            tokio::time::sleep(pause).await;
        }
    }

    /// A copy of what is dead; an archive that does not answer has none.
    async fn snapshot(&self, visit: &Visit) -> Option<Snapshot> {
        let archive = self.archive.as_ref().filter(|_| matches!(judge(visit), Verdict::Dead(_)))?;
        let question = snapshot::question(archive, &visit.address)?;
        let answer = self.walker.fetch(&question, self.timeout).await?;
        snapshot::answer(&answer)
    }
}

/// Doubles with every try, and spreads by half to both sides: `roll` is in 0..1.
fn pause(first: Duration, tries: u32, roll: f64) -> Duration {
    first.mul_f64(f64::from(1 << (tries - 1).min(6)) * (0.5 + roll))
}

fn roll(address: &Url, tries: u32) -> f64 {
    let hash = RandomState::new().hash_one((address, tries));
    f64::from(u32::try_from(hash >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_are_spread() {
        let first = Duration::from_millis(500);
        assert_eq!(pause(first, 1, 0.0), Duration::from_millis(250));
        assert_eq!(pause(first, 1, 1.0), Duration::from_millis(750));
        assert_eq!(pause(first, 3, 0.5), Duration::from_secs(2));
    }

    #[test]
    fn a_roll_is_a_fraction_and_differs() {
        let address = Url::parse("http://a.example").unwrap();
        let rolls: Vec<f64> = (0..20).map(|tries| roll(&address, tries)).collect();
        assert!(rolls.iter().all(|roll| (0.0..=1.0).contains(roll)));
        assert!(rolls.windows(2).any(|two| two[0] != two[1]));
    }
}
