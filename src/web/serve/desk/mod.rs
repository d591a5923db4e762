//! The thread that knows who a token is, and writes down what they want.

pub(super) mod index;
mod joining;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use index::Index;
use jiff::Timestamp;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::books::{Books, Open, Opened};
use super::join::{Answer, Errand};
use super::leave::{Told, Wish};
use super::{Listener, Note};
use crate::ledger::LedgerError;
use crate::ledger::consent::{Choices, Terms, Ticks};
use crate::ledger::sqlite::{Left, SECOND_THOUGHTS};
use crate::model::subscriber::ListId;
use crate::token::{PersonId, Purpose, Secret};

/// So many visitors may wait.
const WAITING: usize = 256;

enum Job {
    /// Of whoever has a token.
    Reader(Visit, oneshot::Sender<Told>),
    /// Of whoever would have one.
    Join(Errand, oneshot::Sender<Answer>),
}

/// Somebody with a token.
struct Visit {
    token: String,
    /// Those that the link names.
    lists: Vec<ListId>,
    wish: Wish,
}

/// The way to the thread. It ends when the last of these is dropped.
#[derive(Clone)]
pub struct Door {
    jobs: mpsc::Sender<Job>,
    is_well: Arc<AtomicBool>,
}

impl Door {
    /// Starts the thread; whoever ends the server waits for it.
    pub fn start(open: Open, listener: Listener) -> std::io::Result<(Door, JoinHandle<()>)> {
        let (jobs, arriving) = mpsc::channel(WAITING);
        let is_well = Arc::new(AtomicBool::new(true));
        let books = Books::new(open, Arc::clone(&listener));
        let desk = Desk { books, listener, is_well: Arc::clone(&is_well) };
        let thread =
            std::thread::Builder::new().name("unsubscribe".to_owned()).spawn(|| desk.work(arriving))?;
        Ok((Door { jobs, is_well }, thread))
    }

    /// What is told is on disk.
    pub(super) async fn ask(&self, token: &str, lists: Vec<ListId>, wish: Wish) -> Told {
        let (answer, told) = oneshot::channel();
        let visit = Visit { token: token.to_owned(), lists, wish };
        match self.jobs.try_send(Job::Reader(visit, answer)) {
            Ok(()) => told.await.unwrap_or(Told::Trouble),
            Err(TrySendError::Full(_)) => Told::Crowded,
            Err(TrySendError::Closed(_)) => Told::Trouble,
        }
    }

    /// What is answered is on disk.
    pub(super) async fn join(&self, errand: Errand) -> Answer {
        let (answer, answered) = oneshot::channel();
        match self.jobs.try_send(Job::Join(errand, answer)) {
            Ok(()) => answered.await.unwrap_or(Answer::Trouble),
            Err(TrySendError::Full(_)) => Answer::Crowded,
            Err(TrySendError::Closed(_)) => Answer::Trouble,
        }
    }

    /// Whether the ledger could be used when somebody last asked, and can be asked again.
    pub(in crate::web::serve) fn is_well(&self) -> bool {
        self.is_well.load(Ordering::Relaxed) && !self.jobs.is_closed()
    }

    /// Waits until the thread is gone, which it only is before its time where it broke.
    pub(in crate::web::serve) async fn gone(&self) {
        self.jobs.closed().await;
    }
}

struct Desk {
    books: Books<Index>,
    listener: Listener,
    is_well: Arc<AtomicBool>,
}

/// Whose token it is, and what it is for.
enum Holder {
    Reader(PersonId),
    Proof,
}

impl Desk {
    fn work(mut self, mut arriving: mpsc::Receiver<Job>) {
        while let Some(job) = arriving.blocking_recv() {
            // A visitor who went away has been heard all the same.
            let is_well = match job {
                Job::Reader(visit, answer) => {
                    let told = self.hear(&visit);
                    let is_well = told != Told::Trouble;
                    drop(answer.send(told));
                    is_well
                }
                Job::Join(errand, answer) => {
                    let answered = self.join(&errand);
                    let is_well = answered != Answer::Trouble;
                    drop(answer.send(answered));
                    is_well
                }
            };
            self.is_well.store(is_well, Ordering::Relaxed);
        }
    }

    fn hear(&mut self, visit: &Visit) -> Told {
        if self.books.ready().is_none() {
            return Told::Trouble;
        }
        let told = match self.books.verified(|secret| holder(secret, &visit.token)) {
            None => Ok(Told::Unknown),
            Some(Holder::Proof) => Ok(Told::Proof),
            Some(Holder::Reader(person)) => self.serve(person, &visit.lists, &visit.wish),
        };
        told.unwrap_or_else(|error| {
            (self.listener)(Note::Trouble(&error.to_string()));
            Told::Trouble
        })
    }

    fn serve(&mut self, person: PersonId, lists: &[ListId], wish: &Wish) -> Result<Told, LedgerError> {
        match wish {
            Wish::Look => Ok(Told::Asked(self.lists_to_leave(lists)?)),
            Wish::Unclear => Ok(Told::Unclear(self.lists_to_leave(lists)?)),
            Wish::Leave => self.leave(person, lists),
            Wish::LeaveAll => self.leave(person, &[]),
            Wish::Stay => self.stay(person, lists),
            Wish::StayAll => self.stay(person, &[]),
            Wish::Choices { public } => self.choices(person, public),
            Wish::Choose { public, ticks, terms } => self.choose(person, public, ticks, terms),
        }
    }

    fn lists_to_leave(&mut self, lists: &[ListId]) -> Result<Vec<ListId>, LedgerError> {
        self.books.held().map_or(Ok(Vec::new()), |(opened, _)| opened.ledger.lists_to_leave(lists))
    }

    fn leave(&mut self, person: PersonId, lists: &[ListId]) -> Result<Told, LedgerError> {
        let Some((Opened { ledger, secret }, index)) = self.books.held() else { return Ok(Told::Trouble) };
        let Some(key) = index.find(ledger, secret, person)? else {
            (self.listener)(Note::Stranger);
            return Ok(Told::Gone);
        };
        let Left { lists, undo } = ledger.leave(&key, lists, Timestamp::now())?;
        (self.listener)(Note::Left);
        Ok(Told::Left { lists, undo })
    }

    fn stay(&mut self, person: PersonId, lists: &[ListId]) -> Result<Told, LedgerError> {
        let Some((Opened { ledger, secret }, index)) = self.books.held() else { return Ok(Told::Trouble) };
        let Some(key) = index.find(ledger, secret, person)? else { return Ok(Told::TooLate) };
        let now = Timestamp::now();
        let Some(lists) = ledger.stay(&key, lists, now - SECOND_THOUGHTS, now)? else {
            return Ok(Told::TooLate);
        };
        (self.listener)(Note::Stayed);
        Ok(Told::Stayed(lists))
    }
}

impl Desk {
    fn choices(&mut self, person: PersonId, public: &[ListId]) -> Result<Told, LedgerError> {
        let Some((Opened { ledger, secret }, index)) = self.books.held() else { return Ok(Told::Trouble) };
        let Some(key) = index.find(ledger, secret, person)? else { return Ok(Told::Gone) };
        Ok(chosen(ledger.choices(&key, public)?, false))
    }

    fn choose(
        &mut self,
        person: PersonId,
        public: &[ListId],
        ticks: &Ticks,
        terms: &Terms,
    ) -> Result<Told, LedgerError> {
        let Some((Opened { ledger, secret }, index)) = self.books.held() else { return Ok(Told::Trouble) };
        let Some(key) = index.find(ledger, secret, person)? else {
            (self.listener)(Note::Stranger);
            return Ok(Told::Gone);
        };
        let before = ledger.choices(&key, public)?;
        let choices = ledger.choose(&key, public, ticks, terms, Timestamp::now())?;
        if choices != before {
            (self.listener)(Note::Chose);
        }
        Ok(chosen(choices, true))
    }
}

fn chosen(choices: Choices, is_saved: bool) -> Told {
    match choices.is_shut {
        true => Told::Shut,
        false => Told::Choices { lists: choices.lists, is_saved },
    }
}

fn holder(secret: &Secret, token: &str) -> Option<Holder> {
    let reader = secret.verify(Purpose::Unsubscribe, token).map(Holder::Reader);
    reader.or_else(|_| secret.verify(Purpose::Proof, token).map(|_| Holder::Proof)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;
    use crate::model::address::Address;
    use crate::model::subscriber::{Fields, ListId, Subscriber};
    use crate::subscribers::csv::Row;

    fn ledger_with(path: &std::path::Path, address: &str) {
        let ledger = Ledger::create(path).unwrap();
        let address = Address::parse(address).unwrap();
        let row = Row { line: 2, subscriber: Subscriber { address, name: None, fields: Fields::default() } };
        let list = ListId("weekly".to_owned());
        ledger.sync_list(&list, "weekly", &mut [row].into_iter(), true, Timestamp::UNIX_EPOCH).unwrap();
    }

    #[tokio::test]
    async fn a_ledger_that_was_put_in_the_place_of_the_old_one_is_the_one_that_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let (path, new) = (folder.path().join("ledger.db"), folder.path().join("new.db"));
        ledger_with(&path, "ana@example.org");
        ledger_with(&new, "bob@example.org");
        let (secret, at) = (Secret::random().unwrap(), path.clone());
        let held = secret.clone();
        let open = Box::new(move || Ok(Opened { ledger: Ledger::open(&at)?, secret: held.clone() }));
        let (door, thread) = Door::start(open, Arc::new(|_| {})).unwrap();
        let token = |address: &str| {
            let person = secret.person(&Address::parse(address).unwrap().key());
            secret.token(Purpose::Unsubscribe, person)
        };
        let left = || Told::Left { lists: Vec::new(), undo: true };
        let (ana, bob) = (token("ana@example.org"), token("bob@example.org"));
        assert_eq!(door.ask(&ana, Vec::new(), Wish::Leave).await, left());
        assert_eq!(door.ask(&bob, Vec::new(), Wish::Leave).await, Told::Gone);
        std::fs::rename(&new, &path).unwrap();
        for beside in ["ledger.db-wal", "ledger.db-shm"] {
            std::fs::remove_file(folder.path().join(beside)).ok();
        }
        assert_eq!(door.ask(&ana, Vec::new(), Wish::Leave).await, Told::Gone);
        assert_eq!(door.ask(&bob, Vec::new(), Wish::Leave).await, left());
        drop(door);
        thread.join().unwrap();
    }

    #[tokio::test]
    async fn a_thread_that_broke_is_trouble_and_somebody_hears_of_it() {
        let open = Box::new(|| panic!("a test breaks the thread"));
        let (door, thread) = Door::start(open, Arc::new(|_| {})).unwrap();
        for _ in 0..2 {
            assert_eq!(door.ask("x", Vec::new(), Wish::Leave).await, Told::Trouble);
            door.gone().await;
            assert!(!door.is_well());
        }
        assert!(thread.join().is_err());
    }
}
