//! The links of the issues that are looked at, each visited once in a session: a key that is pressed visits nothing
//! again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use url::Url;

use super::maker::Note;
use crate::commands::desk::Desk;
use crate::commands::proofread::visiting::{Looks, engine, memory_of, survey};
use crate::commands::roll;
use crate::links::verdict::judge;
use crate::links::{Engine, Visit, Wanted};
use crate::web::preview::view::{Hop, Verdict};

/// An address that is still being typed is not visited letter by letter.
const SETTLES: Duration = Duration::from_millis(800);

/// The links of a session.
pub struct Visiting {
    is_on: bool,
    desk: Arc<Desk>,
    engine: Option<Engine>,
    notes: UnboundedSender<Note>,
    handle: Handle,
    done: BTreeMap<Url, (Wanted, Visit)>,
    rounds: Vec<Round>,
    /// What each issue links to.
    wanted: HashMap<PathBuf, BTreeMap<Url, Wanted>>,
    is_first: bool,
}

/// Addresses that are visited together, and of which no answer has come yet.
struct Round {
    open: BTreeMap<Url, Wanted>,
    task: AbortHandle,
}

impl Visiting {
    /// Visits nothing where `is_on` is false.
    pub fn new(desk: &Arc<Desk>, is_on: bool, notes: UnboundedSender<Note>, handle: Handle) -> Visiting {
        Visiting {
            is_on,
            engine: engine(desk).ok(),
            desk: Arc::clone(desk),
            notes,
            handle,
            done: BTreeMap::new(),
            rounds: Vec::new(),
            wanted: HashMap::new(),
            is_first: true,
        }
    }

    /// Whether links are visited at all.
    pub fn is_on(&self) -> bool {
        self.is_on && self.engine.is_some()
    }

    /// Takes new settings; what was seen under the old ones is forgotten.
    pub fn renew(&mut self, desk: &Arc<Desk>) {
        self.rounds.drain(..).for_each(|round| round.task.abort());
        (self.desk, self.engine) = (Arc::clone(desk), engine(desk).ok());
        self.done.clear();
    }

    /// From here on the issue at `path` links to these: what is new is visited, what nobody links to any more is not.
    pub fn want(&mut self, path: &Path, wanted: Vec<Wanted>) {
        self.wanted.remove(path);
        self.want_also(path, wanted);
    }

    /// The same, while it is not yet known whether it still links to what it did.
    pub fn want_also(&mut self, path: &Path, wanted: Vec<Wanted>) {
        let before = self.wanted.remove(path).unwrap_or_default().into_values();
        let wanted = Wanted::each_once(before.chain(wanted));
        let wanted = wanted.into_iter().map(|wanted| (wanted.address.clone(), wanted));
        self.wanted.insert(path.to_owned(), wanted.collect());
        let all = Wanted::each_once(self.wanted.values().flat_map(|wanted| wanted.values().cloned()));
        self.give_up_all_but(&all);
        let new: Vec<Wanted> = all.into_iter().filter(|wanted| !self.is_known(wanted)).collect();
        let pause = if self.is_first { Duration::ZERO } else { SETTLES };
        if self.is_on() && !new.is_empty() {
            self.is_first = false;
            self.visit(new, pause);
        }
    }

    fn give_up_all_but(&mut self, all: &[Wanted]) {
        let still: BTreeSet<&Url> = all.iter().map(|wanted| &wanted.address).collect();
        self.rounds.retain(|round| {
            let is_wanted = round.open.keys().any(|address| still.contains(address));
            if !is_wanted {
                round.task.abort();
            }
            is_wanted
        });
    }

    /// Whether all that is wanted of it was seen, or is being looked at.
    fn is_known(&self, wanted: &Wanted) -> bool {
        let done = self.done.get(&wanted.address).map(|(asked, _)| asked);
        let open = self.rounds.iter().filter_map(|round| round.open.get(&wanted.address));
        done.into_iter().chain(open).any(|asked| {
            asked.fragments.is_superset(&wanted.fragments) && (asked.is_image || !wanted.is_image)
        })
    }

    fn visit(&mut self, new: Vec<Wanted>, pause: Duration) {
        let Some(engine) = self.engine.clone() else { return };
        let (notes, desk) = (self.notes.clone(), Arc::clone(&self.desk));
        let open = new.iter().map(|wanted| (wanted.address.clone(), wanted.clone())).collect();
        let task = self.handle.spawn(async move {
            tokio::time::sleep(pause).await;
            let ledger = roll::open(&desk).ok().flatten();
            let memory = memory_of(&desk, ledger.as_ref());
            let looks = Looks { memory: memory.as_deref(), believed: desk.settings.links.cache };
            let tell = |visit: &Visit| {
                // Nobody listens any more: the preview is ending.
                let _ = notes.send(Note::Visited(Box::new(visit.clone())));
            };
            survey(&desk, &engine, looks).visit_all(new, tell).await;
        });
        self.rounds.push(Round { open, task: task.abort_handle() });
    }

    /// Takes a visit in, and says which issues it is about.
    pub fn take(&mut self, visit: Visit) -> Vec<PathBuf> {
        let asked = self.rounds.iter_mut().filter_map(|round| round.open.remove(&visit.address)).next_back();
        self.rounds.retain(|round| !round.open.is_empty());
        let about = self.wanted.iter().filter(|(_, wanted)| wanted.contains_key(&visit.address));
        let about = about.map(|(path, _)| path.clone()).collect();
        if let Some(asked) = asked {
            self.done.insert(visit.address.clone(), (asked, visit));
        }
        about
    }

    /// How many of an issue's links were visited, and of how many.
    pub fn progress(&self, path: &Path) -> (usize, usize) {
        let wanted = self.wanted.get(path);
        let done = wanted.iter().flat_map(|wanted| wanted.keys()).filter(|url| self.done.contains_key(*url));
        (done.count(), wanted.map_or(0, BTreeMap::len))
    }

    /// All visits, once none is missing that the issue at `path` needs.
    pub fn complete(&self, path: &Path) -> Option<Arc<BTreeMap<Url, Visit>>> {
        let wanted = self.wanted.get(path)?;
        let seen = |url: &Url| self.done.get(url).map(|(_, visit)| (url.clone(), visit.clone()));
        let visits: BTreeMap<Url, Visit> = wanted.keys().filter_map(seen).collect();
        (visits.len() == wanted.len()).then(|| Arc::new(visits))
    }

    /// The visit to this address, without its fragment.
    pub fn seen(&self, address: &Url) -> Option<&Visit> {
        self.done.get(address).map(|(_, visit)| visit)
    }
}

impl Drop for Visiting {
    fn drop(&mut self) {
        self.rounds.iter().for_each(|round| round.task.abort());
    }
}

/// What we think of a visit, for the page.
pub fn verdict(visit: &Visit) -> Verdict {
    let judged = judge(visit);
    let hops = visit.hops.iter().map(|hop| Hop { status: hop.status, to: hop.to.to_string() });
    Verdict { state: judged.name(), words: judged.words(), chain: hops.collect() }
}
