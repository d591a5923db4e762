//! The thread that knows who a token is, and writes down what they want.

pub(super) mod index;
mod joining;
mod reading;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use index::Index;
pub(super) use joining::Heard;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::answer::Hindered;
use super::books::{Books, Open};
use super::{Listener, Note};
use crate::ledger::LedgerError;

/// So many visitors may wait.
const WAITING: usize = 256;

/// What one visitor asks, answer included.
type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// The way to the thread. It ends when the last of these is dropped.
#[derive(Clone)]
pub struct Door {
    jobs: mpsc::Sender<Job>,
    is_well: Arc<AtomicBool>,
}

impl Door {
    /// Starts the thread; whoever ends the server waits for it.
    pub fn start(open: Open, listener: Listener) -> std::io::Result<(Door, JoinHandle<()>)> {
        let (jobs, mut arriving) = mpsc::channel::<Job>(WAITING);
        let is_well = Arc::new(AtomicBool::new(true));
        let books = Books::new(open, Arc::clone(&listener));
        let mut desk = Desk { books, listener, is_well: Arc::clone(&is_well) };
        let work = move || {
            while let Some(job) = arriving.blocking_recv() {
                job(&mut desk);
            }
        };
        let thread = std::thread::Builder::new().name("unsubscribe".to_owned()).spawn(work)?;
        Ok((Door { jobs, is_well }, thread))
    }

    /// What is told is on disk.
    async fn send<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> Result<T, Hindered> + Send + 'static,
    ) -> Result<T, Hindered> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |desk| {
            let told = work(desk);
            desk.is_well.store(!matches!(told, Err(Hindered::Trouble)), Ordering::Relaxed);
            // A visitor who went away has been heard all the same.
            drop(answer.send(told));
        });
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Hindered::Crowded,
            TrySendError::Closed(_) => Hindered::Trouble,
        })?;
        answered.await.unwrap_or(Err(Hindered::Trouble))
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

/// The listener hears of it.
fn trouble(listener: &Listener, error: &LedgerError) -> Hindered {
    listener(Note::Trouble(&error.to_string()));
    Hindered::Trouble
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::ledger::Ledger;
    use crate::model::address::Address;
    use crate::model::subscriber::{Fields, ListId, Subscriber};
    use crate::subscribers::csv::Row;
    use crate::token::{Purpose, Secret};
    use crate::web::serve::books::Opened;
    use crate::web::serve::leave::{Told, Wish};

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
        let left = || Ok(Told::Left { lists: Vec::new(), undo: true });
        let (ana, bob) = (token("ana@example.org"), token("bob@example.org"));
        assert_eq!(door.ask(&ana, Vec::new(), Wish::Leave).await, left());
        assert_eq!(door.ask(&bob, Vec::new(), Wish::Leave).await, Ok(Told::Gone));
        std::fs::rename(&new, &path).unwrap();
        for beside in ["ledger.db-wal", "ledger.db-shm"] {
            std::fs::remove_file(folder.path().join(beside)).ok();
        }
        assert_eq!(door.ask(&ana, Vec::new(), Wish::Leave).await, Ok(Told::Gone));
        assert_eq!(door.ask(&bob, Vec::new(), Wish::Leave).await, left());
        drop(door);
        thread.join().unwrap();
    }

    #[tokio::test]
    async fn a_thread_that_broke_is_trouble_and_somebody_hears_of_it() {
        let open = Box::new(|| panic!("a test breaks the thread"));
        let (door, thread) = Door::start(open, Arc::new(|_| {})).unwrap();
        for _ in 0..2 {
            assert_eq!(door.ask("x", Vec::new(), Wish::Leave).await, Err(Hindered::Trouble));
            door.gone().await;
            assert!(!door.is_well());
        }
        assert!(thread.join().is_err());
    }
}
