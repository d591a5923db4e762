//! Checks beside the rendering, on a thread of their own: an audience of a million takes its time, and nobody waits
//! for it to see what they typed. A newer text of the same issue takes the place of one that is being checked.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use url::Url;

use super::census::Census;
use super::made::Made;
use super::maker::Note;
use crate::check::{Checked, Earlier, Opinion, Visits};
use crate::commands::desk::{Desk, no_threads};
use crate::commands::proofread::visiting::Looks;
use crate::commands::proofread::{self, Audience, Wish, as_finding};
use crate::commands::{Failure, roll};
use crate::links::Visit;
use crate::model::delivery::Realm;
use crate::model::finding::Finding;
use crate::model::subscriber::Subscriber;
use crate::web::preview::view::Branch;

/// What is known of the links when a check begins.
#[derive(Clone)]
pub enum Links {
    /// They are not visited, and why.
    None(&'static str),
    Visited(Arc<BTreeMap<Url, Visit>>),
}

/// A text to check.
pub struct Job {
    pub path: PathBuf,
    pub desk: Arc<Desk>,
    pub made: Arc<Made>,
    pub links: Links,
    /// Everybody who was merged with the same text before.
    pub met: Option<Met>,
}

/// Everybody who was merged, and which ways they take through the conditions.
#[derive(Clone)]
pub struct Met {
    pub audience: Arc<Audience>,
    pub branches: Arc<[Branch]>,
}

/// What was found in one text.
#[derive(Clone)]
pub struct Verdicts {
    /// Of the text.
    pub serial: u64,
    /// Whether all links had been visited.
    pub knows_links: bool,
    pub checked: Arc<Checked>,
    pub met: Met,
}

/// Checks one text at a time. Ends when it is dropped, after what is being checked.
pub struct Checker {
    board: Arc<Board>,
}

/// The texts that wait, one of each issue.
#[derive(Default)]
struct Board {
    waiting: Mutex<Waiting>,
    ring: Condvar,
    /// The newest text of all: whoever checks an older one of the same issue may stop.
    newest: Mutex<HashMap<PathBuf, Arc<AtomicU64>>>,
}

#[derive(Default)]
struct Waiting {
    jobs: Vec<Job>,
    is_over: bool,
}

impl Checker {
    /// Tells `notes` what was found.
    pub fn start(notes: UnboundedSender<Note>) -> Result<Checker, Failure> {
        let board = Arc::new(Board::default());
        let at_work = Arc::clone(&board);
        let work = move || {
            while let Some(job) = at_work.next() {
                let note = Note::Checked(job.path.clone(), at_work.check(&job));
                if notes.send(note).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("check".to_owned()).spawn(work).map_err(|error| no_threads(&error))?;
        Ok(Checker { board })
    }

    /// Checks this text in place of any older one of its issue.
    pub fn check(&self, job: Job) {
        self.board.newest(&job.path).store(job.made.serial, Ordering::Relaxed);
        let mut waiting = self.board.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.jobs.retain(|other| other.path != job.path);
        waiting.jobs.push(job);
        self.board.ring.notify_one();
    }
}

impl Drop for Checker {
    fn drop(&mut self) {
        self.board.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        self.board.ring.notify_one();
    }
}

impl Board {
    fn next(&self) -> Option<Job> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if waiting.is_over {
                return None;
            }
            if !waiting.jobs.is_empty() {
                return Some(waiting.jobs.remove(0));
            }
            waiting = self.ring.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn newest(&self, path: &Path) -> Arc<AtomicU64> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(newest.entry(path.to_owned()).or_default())
    }

    fn check(&self, job: &Job) -> Verdicts {
        let newest = self.newest(&job.path);
        let is_old = || newest.load(Ordering::Relaxed) > job.made.serial;
        let (met, failed) = match &job.met {
            Some(met) => (met.clone(), None),
            None => meet(job, &is_old),
        };
        let mut checked = examine(job, &met.audience);
        checked.findings.extend(failed);
        checked.findings.extend(job.made.unclear.iter().cloned());
        let checked = Arc::new(checked.settle(&job.desk.settings, &job.made.issue));
        let knows_links = matches!(job.links, Links::Visited(_));
        Verdicts { serial: job.made.serial, knows_links, checked, met }
    }
}

/// Merges for everybody, and notes who takes which way. A list that cannot be read is a finding.
fn meet(job: &Job, is_old: &dyn Fn() -> bool) -> (Met, Option<Finding>) {
    let mut census = Census::of(&job.made);
    let (audience, failed) = match listen(job, is_old, &mut census) {
        Ok(audience) => (audience, None),
        Err(failure) => (Audience::default(), Some(as_finding("subscriber-row", &failure))),
    };
    (Met { audience: Arc::new(audience), branches: census.counted().into() }, failed)
}

/// Once the text is old the lists are only read to their end, which is quick.
fn listen(job: &Job, is_old: &dyn Fn() -> bool, census: &mut Census<'_>) -> Result<Audience, Failure> {
    let (desk, made) = (&job.desk, &job.made);
    if made.lists.is_empty() {
        return proofread::listen(desk, &made.issue, &made.parts(), None);
    }
    let mut people = |each: &mut dyn FnMut(&Subscriber)| {
        proofread::from_files(desk, &made.lists, &made.issue, &mut |member| {
            if !is_old() {
                census.add(member);
                each(member);
            }
        })
    };
    proofread::listen(desk, &made.issue, &made.parts(), Some(&mut people))
}

fn examine(job: &Job, audience: &Audience) -> Checked {
    let (desk, made) = (&job.desk, &job.made);
    let ledger = roll::open(desk).ok().flatten().filter(|_| desk.settings.root.is_some());
    let wish = Wish {
        live: desk.settings.transport.transport.realm() == Realm::Live,
        now: Timestamp::now(),
        no_links: None,
        looks: Looks::default(),
        asks_spam_filter: false,
        earlier: &|body| {
            let ledger = ledger.as_ref();
            ledger.map_or(Earlier::Unknown("there is no ledger"), |ledger| {
                proofread::earlier(ledger, &made.issue.id, body)
            })
        },
    };
    let visits = match &job.links {
        Links::None(why) => Visits::None(why),
        Links::Visited(visits) => Visits::Done(visits),
    };
    let spam = Opinion::None("`courant check` asks SpamAssassin".to_owned());
    proofread::examine(desk, &made.issue, &made.parts(), &wish, audience, visits, spam).0
}
