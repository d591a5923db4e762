//! The thread that knows where links lead, and writes down that they were followed.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::{Errand, Led};
use crate::compose::tracking::NOBODY;
use crate::ledger::LedgerError;
use crate::ledger::rows::Hit;
use crate::policy::visitor::Visitor;
use crate::settings::tracking::TrackingSettings;
use crate::token::{PersonId, Purpose, Secret};
use crate::web::serve::books::{Books, Open, Opened};
use crate::web::serve::desk::index::Index;
use crate::web::serve::{Listener, Note};

/// So many visitors may wait.
const WAITING: usize = 1024;
/// So many share a commit.
const TOGETHER: usize = 1024;
/// So many links are remembered.
const REMEMBERED: usize = 4096;

struct Job {
    errand: Errand,
    answer: oneshot::Sender<Led>,
}

/// The way to the thread. It ends, with everything written, when the last of these is dropped.
#[derive(Clone)]
pub struct Tracker {
    jobs: mpsc::Sender<Job>,
}

impl Tracker {
    /// Starts the thread; whoever ends the server waits for it. Links lead on whatever `settings` say: older letters
    /// hold them. Only what is turned on is counted.
    pub fn start(
        open: Open,
        settings: TrackingSettings,
        listener: Listener,
    ) -> std::io::Result<(Tracker, JoinHandle<()>)> {
        let (jobs, arriving) = mpsc::channel(WAITING);
        let desk = Desk {
            books: Books::new(open, Arc::clone(&listener)),
            settings,
            listener,
        };
        let thread = std::thread::Builder::new().name("links".to_owned()).spawn(|| desk.work(arriving))?;
        Ok((Tracker { jobs }, thread))
    }

    /// Where it leads. That somebody asked is written down afterwards.
    pub(super) async fn ask(&self, errand: Errand) -> Led {
        let (answer, led) = oneshot::channel();
        match self.jobs.try_send(Job { errand, answer }) {
            Ok(()) => led.await.unwrap_or(Led::Trouble),
            Err(_) => Led::Trouble,
        }
    }

    /// Waits until the thread is gone, which it only is before its time where it broke.
    pub(in crate::web::serve) async fn gone(&self) {
        self.jobs.closed().await;
    }
}

/// What is known of a ledger.
#[derive(Default)]
struct Known {
    index: Index,
    /// By list and number.
    targets: HashMap<(String, u32), String>,
}

struct Desk {
    books: Books<Known>,
    settings: TrackingSettings,
    listener: Listener,
}

/// Whose token it is.
enum Holder {
    Reader(PersonId),
    /// Of a proof, or of somebody who did not agree.
    Nobody,
}

/// What is to be written.
struct Seen {
    person: PersonId,
    list: String,
    link: u32,
    visitor: Visitor,
    at: Timestamp,
}

impl Desk {
    fn work(mut self, mut arriving: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(TOGETHER);
        while arriving.blocking_recv_many(&mut jobs, TOGETHER) > 0 {
            let mut seen = Vec::new();
            for Job { errand, answer } in jobs.drain(..) {
                let led = self.lead(errand, &mut seen).unwrap_or_else(|error| self.trouble(&error));
                // A visitor who went away followed the link all the same.
                let _ = answer.send(led);
            }
            if let Err(error) = self.write(seen) {
                self.trouble(&error);
            }
        }
    }

    fn trouble(&mut self, error: &LedgerError) -> Led {
        (self.listener)(Note::Trouble(&error.to_string()));
        Led::Trouble
    }

    fn lead(&mut self, errand: Errand, seen: &mut Vec<Seen>) -> Result<Led, LedgerError> {
        if self.books.ready().is_none() {
            return Ok(Led::Trouble);
        }
        let Some(holder) = self.holder(&errand.token) else { return Ok(Led::Unknown) };
        let led = match errand.link {
            0 => Led::Picture,
            link => match (self.target(&errand.list, link)?, &holder) {
                (Some(target), _) => Led::To(target),
                (None, Holder::Nobody) if errand.token != NOBODY => Led::Unsent,
                (None, _) => Led::Unknown,
            },
        };
        let Errand { list, link, visitor, .. } = errand;
        let is_counted = if link == 0 { self.settings.opens } else { self.settings.clicks };
        if let (true, true, Holder::Reader(person)) = (is_counted, led != Led::Unknown, holder) {
            seen.push(Seen { person, list, link, visitor, at: Timestamp::now() });
        }
        Ok(led)
    }

    fn holder(&mut self, token: &str) -> Option<Holder> {
        if token == NOBODY {
            return Some(Holder::Nobody);
        }
        self.books.verified(|secret| holder(secret, token))
    }

    /// Lists never change: their names are made of what is in them.
    fn target(&mut self, list: &str, link: u32) -> Result<Option<String>, LedgerError> {
        let Some((Opened { ledger, .. }, Known { targets, .. })) = self.books.held() else { return Ok(None) };
        let place = (list.to_owned(), link);
        if let Some(target) = targets.get(&place) {
            return Ok(Some(target.clone()));
        }
        let Some(target) = ledger.target_of(list, link)? else { return Ok(None) };
        if targets.len() >= REMEMBERED {
            targets.clear();
        }
        targets.insert(place, target.clone());
        Ok(Some(target))
    }

    fn write(&mut self, seen: Vec<Seen>) -> Result<(), LedgerError> {
        let Some((Opened { ledger, secret }, Known { index, .. })) = self.books.held() else { return Ok(()) };
        let mut hits = Vec::with_capacity(seen.len());
        for Seen { person, list, link, visitor, at } in seen {
            if let Some(key) = index.find(ledger, secret, person)? {
                hits.push(Hit { list, key, link, visitor, at });
            }
        }
        if hits.is_empty() { Ok(()) } else { ledger.take_hits(&hits) }
    }
}

fn holder(secret: &Secret, token: &str) -> Option<Holder> {
    let reader = secret.verify(Purpose::Tracking, token).map(Holder::Reader);
    reader.or_else(|_| secret.verify(Purpose::Proof, token).map(|_| Holder::Nobody)).ok()
}
