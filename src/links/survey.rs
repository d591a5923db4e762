//! The visits of one issue: what is remembered and fresh enough is not visited again, what is new is kept.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::engine::Engine;
use super::verdict::{Verdict, judge, offline};
use super::visit::Visit;
use super::wanted::Wanted;

/// How long a bad verdict is believed, at most: what failed may be mended in a moment.
const BAD: Duration = Duration::from_secs(5 * 60);

/// Where visits are kept from run to run. A memory that fails knows nothing and keeps nothing: it makes a check
/// slower, never wrong.
pub trait Memory: Send + Sync {
    /// The visits to these addresses that were kept, whatever their age.
    fn recall(&self, addresses: &[Url]) -> Vec<Visit>;

    /// Keeps these visits in place of older ones to the same addresses, and forgets what ended before `until`.
    fn keep(&self, visits: &[Visit], until: Timestamp);
}

/// How the links of an issue are visited.
#[derive(Clone, Copy)]
pub struct Survey<'a> {
    pub engine: &'a Engine,
    pub memory: Option<&'a dyn Memory>,
    /// How old a good verdict may be to be believed; a bad one is believed for a few minutes of it. Zero
    /// believes none.
    pub believed: Duration,
    /// How long visits are kept for others.
    pub kept: Duration,
    /// Whether the dead are to be looked for in the archive: then one that was not is visited again.
    pub snapshots: bool,
}

impl Survey<'_> {
    /// A visit for each distinct address; `seen` is told of each, those that are remembered first. Dropping the
    /// future ends it, and keeps what was seen until then.
    pub async fn visit_all(
        self,
        wanted: impl IntoIterator<Item = Wanted>,
        mut seen: impl FnMut(&Visit),
    ) -> BTreeMap<Url, Visit> {
        let wanted = Wanted::each_once(wanted);
        let mut known = self.known(&wanted);
        known.values().for_each(&mut seen);
        let unknown = wanted.into_iter().filter(|wanted| !known.contains_key(&wanted.address));
        let mut fresh = Fresh { memory: self.memory, kept: self.kept, visits: Vec::new() };
        let visits = self.engine.visit_all(unknown, |visit| {
            seen(visit);
            fresh.visits.push(visit.clone());
        });
        known.extend(visits.await);
        known
    }

    fn known(&self, wanted: &[Wanted]) -> BTreeMap<Url, Visit> {
        let Some(memory) = self.memory.filter(|_| !self.believed.is_zero()) else { return BTreeMap::new() };
        let addresses: Vec<Url> = wanted.iter().map(|wanted| wanted.address.clone()).collect();
        let recalled = memory.recall(&addresses).into_iter().map(|visit| (visit.address.clone(), visit));
        let mut known: BTreeMap<Url, Visit> = recalled.collect();
        let now = Timestamp::now();
        let is_enough = |wanted: &&Wanted| {
            let visit = known.get(&wanted.address);
            visit.is_some_and(|visit| self.is_fresh(visit, now) && says_all(visit, wanted))
        };
        let enough: Vec<Url> = wanted.iter().filter(is_enough).map(|wanted| wanted.address.clone()).collect();
        known.retain(|address, _| enough.binary_search(address).is_ok());
        known
    }

    fn is_fresh(&self, visit: &Visit, now: Timestamp) -> bool {
        let verdict = judge(visit);
        let believed = if verdict.is_good() { self.believed } else { self.believed.min(BAD) };
        let age = Duration::try_from(now.duration_since(visit.at));
        let is_asked_for = self.snapshots && matches!(verdict, Verdict::Dead(_)) && visit.snapshot.is_none();
        // A visit of the future was made by a clock that was wrong.
        age.is_ok_and(|age| age <= believed) && !is_asked_for
    }
}

/// Whether a visit answers everything that is asked now.
fn says_all(visit: &Visit, wanted: &Wanted) -> bool {
    let Some(answer) = visit.answer().filter(|answer| answer.status < 400) else { return true };
    let weighed = !wanted.is_image || answer.page.bytes.is_some();
    weighed && wanted.fragments.iter().all(|place| answer.page.places.contains_key(place))
}

/// What was seen in this run; kept when it ends, however it ends.
struct Fresh<'a> {
    memory: Option<&'a dyn Memory>,
    kept: Duration,
    visits: Vec<Visit>,
}

impl Drop for Fresh<'_> {
    fn drop(&mut self) {
        // A machine without a network says nothing of the links.
        let is_worth_it = !self.visits.is_empty() && !self.kept.is_zero() && !offline(&self.visits);
        if let Some(memory) = self.memory.filter(|_| is_worth_it) {
            let now = Timestamp::now();
            memory.keep(&self.visits, now.checked_sub(self.kept).unwrap_or(Timestamp::MIN));
        }
    }
}
