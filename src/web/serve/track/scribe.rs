//! The thread that writes down who followed a link, behind those who lead visitors on. Where the ledger is busy, what was
//! seen waits here; of what does not fit any more, only the number is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::ledger::rows::Hit;
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::AddressKey;
use crate::model::kind::Kind;
use crate::model::subscriber::Fields;
use crate::policy::visitor::Visitor;
use crate::token::PersonId;
use crate::web::serve::books::{Books, Open, Opened};
use crate::web::serve::desk::index::Index;
use crate::web::serve::{Listener, Note};

/// So many may wait to be written.
const WAITING: usize = 16 * 1024;
/// So many share a commit.
const TOGETHER: usize = 1024;
/// Between two tries of what could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// Somebody who followed a link, or loaded the picture.
#[derive(Debug)]
pub(super) struct Seen {
    pub person: PersonId,
    pub list: String,
    pub link: u32,
    pub visitor: Visitor,
    pub at: Timestamp,
}

/// The way to the thread. It ends when the last of these is dropped, with everything written that can be.
#[derive(Clone)]
pub(super) struct Scribe {
    seen: mpsc::Sender<Seen>,
    is_well: Arc<AtomicBool>,
    listener: Listener,
}

impl Scribe {
    /// Starts the thread. With `consent` only those are written down of whom this field says yes at that time.
    pub(super) fn start(
        open: Open,
        consent: Option<String>,
        listener: &Listener,
    ) -> std::io::Result<(Scribe, JoinHandle<()>)> {
        let (seen, arriving) = mpsc::channel(WAITING);
        let is_well = Arc::new(AtomicBool::new(true));
        let desk = Desk {
            books: Books::new(open, Arc::clone(listener)),
            consent,
            is_well: Arc::clone(&is_well),
            listener: Arc::clone(listener),
        };
        let thread = std::thread::Builder::new().name("visitors".to_owned()).spawn(|| desk.work(arriving))?;
        Ok((Scribe { seen, is_well, listener: Arc::clone(listener) }, thread))
    }

    /// Returns at once, whatever becomes of it.
    pub(super) fn note(&self, seen: Seen) {
        if self.seen.try_send(seen).is_err() {
            self.is_well.store(false, Ordering::Relaxed);
            (self.listener)(Note::Lost(1));
        }
    }

    /// Whether the last commit went well, and nothing was lost since.
    pub(super) fn is_well(&self) -> bool {
        self.is_well.load(Ordering::Relaxed) && !self.seen.is_closed()
    }

    /// Waits until the thread is gone.
    pub(super) async fn gone(&self) {
        self.seen.closed().await;
    }
}

struct Desk {
    books: Books<Index>,
    consent: Option<String>,
    is_well: Arc<AtomicBool>,
    listener: Listener,
}

/// What became of a batch.
enum Fate {
    Written,
    /// It may go better later.
    Waits,
    Lost,
}

impl Desk {
    fn work(mut self, mut arriving: mpsc::Receiver<Seen>) {
        let mut seen = Vec::with_capacity(TOGETHER);
        while arriving.blocking_recv_many(&mut seen, TOGETHER) > 0 {
            while let Fate::Waits = self.take(&seen) {
                // Nobody comes any more: the server ends.
                if arriving.is_closed() {
                    self.lose(seen.len() + arriving.len());
                    return;
                }
                std::thread::sleep(PAUSE);
            }
            seen.clear();
        }
    }

    fn take(&mut self, seen: &[Seen]) -> Fate {
        let fate = match self.write(seen) {
            Ok(fate) => fate,
            Err(error) => {
                (self.listener)(Note::Trouble(&error.to_string()));
                // What cannot be read today cannot be read tomorrow: others wait behind it.
                if matches!(error, LedgerError::Store { .. }) { Fate::Waits } else { Fate::Lost }
            }
        };
        match fate {
            Fate::Lost => self.lose(seen.len()),
            Fate::Waits => self.is_well.store(false, Ordering::Relaxed),
            Fate::Written => self.is_well.store(true, Ordering::Relaxed),
        }
        fate
    }

    fn write(&mut self, seen: &[Seen]) -> Result<Fate, LedgerError> {
        let Some((Opened { ledger, secret }, index)) = self.books.ready() else { return Ok(Fate::Waits) };
        let mut hits = Vec::with_capacity(seen.len());
        for Seen { person, list, link, visitor, at } in seen {
            let Some(key) = index.find(ledger, secret, *person)? else { continue };
            if has_agreed(self.consent.as_deref(), ledger, &key)? {
                hits.push(Hit { list: list.clone(), key, link: *link, visitor: *visitor, at: *at });
            }
        }
        if !hits.is_empty() {
            ledger.take_hits(&hits)?;
        }
        Ok(Fate::Written)
    }

    fn lose(&self, number: usize) {
        self.is_well.store(false, Ordering::Relaxed);
        (self.listener)(Note::Lost(number as u64));
    }
}

/// Whether they agree now, whatever they said when the letter left.
fn has_agreed(field: Option<&str>, ledger: &Ledger, key: &AddressKey) -> Result<bool, LedgerError> {
    let Some(field) = field else { return Ok(true) };
    let Some(person) = ledger.person(key)? else { return Ok(false) };
    let lasting = person.memberships.iter().filter(|membership| membership.ended_at.is_none());
    Ok(says_yes(field, lasting.map(|membership| &membership.fields)))
}

/// Whether one list says yes, and none says something else: who took it back on one of them took it back.
fn says_yes<'a>(field: &str, lists: impl Iterator<Item = &'a Fields>) -> bool {
    let mut said = lists.filter_map(|fields| fields.get(field)).filter(|value| !value.is_empty()).peekable();
    said.peek().is_some() && said.all(|value| Kind::is_yes(value))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;
    use crate::token::Secret;
    use crate::web::serve::books::Shut;

    #[test]
    fn who_agreed_and_took_it_back_anywhere_does_not_agree() {
        let says_yes = |lists: &[&str]| {
            let lists: Vec<Fields> =
                lists.iter().map(|value| [("agreed".to_owned(), (*value).to_owned())].into()).collect();
            says_yes("agreed", lists.iter().chain([&Fields::new()]))
        };
        assert!(says_yes(&["yes"]) && says_yes(&["", "1"]) && says_yes(&["TRUE", "yes"]));
        for lists in [&[][..], &[""], &["no"], &["yes", "no"], &["perhaps"]] {
            assert!(!says_yes(lists), "{lists:?}");
        }
    }

    fn opened() -> Opened {
        Opened { ledger: Ledger::in_memory().unwrap(), secret: Secret::random().unwrap() }
    }

    fn silent() -> Listener {
        Arc::new(|_| {})
    }

    fn seen() -> Seen {
        let person = PersonId([7; 10]);
        Seen { person, list: "a".to_owned(), link: 1, visitor: Visitor::Person, at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn what_finds_no_place_is_lost_and_known_to_be_until_something_is_written() {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let open = move || wait.recv().map(|()| opened()).map_err(|error| Shut::Trouble(error.to_string()));
        let lost = Arc::new(AtomicU64::new(0));
        let heard = Arc::clone(&lost);
        let listener: Listener = Arc::new(move |note| {
            if let Note::Lost(number) = note {
                heard.fetch_add(number, Ordering::Relaxed);
            }
        });
        let (scribe, thread) = Scribe::start(Box::new(open), None, &listener).unwrap();
        (0..WAITING + TOGETHER + 10).for_each(|_| scribe.note(seen()));
        assert!(lost.load(Ordering::Relaxed) >= 10 && !scribe.is_well());
        go.send(()).unwrap();
        while !scribe.is_well() {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(scribe);
        thread.join().unwrap();
    }

    #[test]
    fn what_cannot_be_written_now_is_written_later_and_the_end_does_not_wait_for_ever() {
        let is_there = Arc::new(AtomicBool::new(false));
        let there = Arc::clone(&is_there);
        let open = move || match there.load(Ordering::Relaxed) {
            true => Ok(opened()),
            false => Err(Shut::Trouble("the disk is full".to_owned())),
        };
        let (scribe, thread) = Scribe::start(Box::new(open), None, &silent()).unwrap();
        scribe.note(seen());
        while scribe.is_well() {
            std::thread::sleep(Duration::from_millis(1));
        }
        is_there.store(true, Ordering::Relaxed);
        while !scribe.is_well() {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(scribe);
        thread.join().unwrap();
        let never = || Err(Shut::Trouble("the disk is full".to_owned()));
        let (scribe, thread) = Scribe::start(Box::new(never), None, &silent()).unwrap();
        scribe.note(seen());
        drop(scribe);
        thread.join().unwrap();
    }
}
