//! The thread that knows where links lead. It only reads, so that nobody who writes keeps a visitor waiting.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::scribe::{Scribe, Seen};
use super::{Errand, Led};
use crate::compose::tracking::NOBODY;
use crate::ledger::LedgerError;
use crate::settings::tracking::TrackingSettings;
use crate::token::{PersonId, Purpose, Secret};
use crate::web::serve::books::{Books, Open, Opened};
use crate::web::serve::{Listener, Note};

/// So many visitors may wait.
const WAITING: usize = 1024;
/// So many links are remembered.
const REMEMBERED: usize = 4096;

struct Job {
    errand: Errand,
    answer: oneshot::Sender<Led>,
}

/// The way to the threads. They end, with everything written, when the last of these is dropped.
#[derive(Clone)]
pub struct Tracker {
    jobs: mpsc::Sender<Job>,
    is_well: Arc<AtomicBool>,
    scribe: Scribe,
}

impl Tracker {
    /// Starts the threads, each of which opens the ledger for itself; whoever ends the server waits for them. Links lead
    /// on whatever `settings` say: older letters hold them. Only what is turned on is counted.
    pub fn start(
        open: [Open; 2],
        settings: TrackingSettings,
        listener: &Listener,
    ) -> std::io::Result<(Tracker, [JoinHandle<()>; 2])> {
        let (jobs, arriving) = mpsc::channel(WAITING);
        let [own, other] = open;
        let (scribe, writing) = Scribe::start(other, settings.consent.clone(), listener)?;
        let is_well = Arc::new(AtomicBool::new(true));
        let desk = Desk {
            books: Books::new(own, Arc::clone(listener)),
            settings,
            listener: Arc::clone(listener),
            scribe: scribe.clone(),
            is_well: Arc::clone(&is_well),
        };
        let leading = std::thread::Builder::new().name("links".to_owned()).spawn(|| desk.work(arriving))?;
        Ok((Tracker { jobs, is_well, scribe }, [leading, writing]))
    }

    /// Where it leads. That somebody asked is written down afterwards.
    pub(super) async fn ask(&self, errand: Errand) -> Led {
        let (answer, led) = oneshot::channel();
        match self.jobs.try_send(Job { errand, answer }) {
            Ok(()) => led.await.unwrap_or(Led::Trouble),
            Err(_) => Led::Trouble,
        }
    }

    /// Whether whoever asked last could be led on, and what was seen is written down.
    pub(in crate::web::serve) fn is_well(&self) -> bool {
        self.is_well.load(Ordering::Relaxed) && !self.jobs.is_closed() && self.scribe.is_well()
    }

    /// Waits until one of the threads is gone, which it only is before its time where it broke.
    pub(in crate::web::serve) async fn gone(&self) {
        tokio::select! {
            () = self.jobs.closed() => {}
            () = self.scribe.gone() => {}
        }
    }
}

/// The addresses behind links, by list and number. Lists never change: their names are made of what is in them.
type Targets = HashMap<(String, u32), String>;

struct Desk {
    books: Books<Targets>,
    settings: TrackingSettings,
    listener: Listener,
    scribe: Scribe,
    is_well: Arc<AtomicBool>,
}

/// Whose token it is.
enum Holder {
    Reader(PersonId),
    /// Of a proof, or of somebody who did not agree.
    Nobody,
}

impl Desk {
    fn work(mut self, mut arriving: mpsc::Receiver<Job>) {
        while let Some(Job { errand, answer }) = arriving.blocking_recv() {
            let led = self.lead(errand).unwrap_or_else(|error| {
                (self.listener)(Note::Trouble(&error.to_string()));
                Led::Trouble
            });
            self.is_well.store(led != Led::Trouble, Ordering::Relaxed);
            // A visitor who went away followed the link all the same.
            let _ = answer.send(led);
        }
    }

    fn lead(&mut self, errand: Errand) -> Result<Led, LedgerError> {
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
        let is_counted = if errand.link == 0 { self.settings.opens } else { self.settings.clicks };
        if let (true, true, Holder::Reader(person)) = (is_counted, led != Led::Unknown, holder) {
            let Errand { list, link, visitor, .. } = errand;
            self.scribe.note(Seen { person, list, link, visitor, at: Timestamp::now() });
        }
        Ok(led)
    }

    fn holder(&mut self, token: &str) -> Option<Holder> {
        match token {
            NOBODY => Some(Holder::Nobody),
            signed => self.books.verified(|secret| holder(secret, signed)),
        }
    }

    /// The address as it stood in the letter.
    fn target(&mut self, list: &str, link: u32) -> Result<Option<String>, LedgerError> {
        let Some((Opened { ledger, .. }, targets)) = self.books.held() else { return Ok(None) };
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
}

fn holder(secret: &Secret, token: &str) -> Option<Holder> {
    let reader = secret.verify(Purpose::Tracking, token).map(Holder::Reader);
    reader.or_else(|_| secret.verify(Purpose::Proof, token).map(|_| Holder::Nobody)).ok()
}
