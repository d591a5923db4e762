//! The ledger and the secret as a thread of the server holds them: opened when somebody needs them, and opened anew where
//! others took their place. They are closed with the thread, and never handed to another.

use std::time::{Duration, Instant};

use super::{Listener, Note};
use crate::ledger::{Ledger, LedgerError};
use crate::token::Secret;

/// A secret is read again this long after the last time, when a token does not verify: a key may be new.
const READ_AGAIN: Duration = Duration::from_secs(10);

/// What is written into, and what tokens are verified with.
pub struct Opened {
    pub ledger: Ledger,
    pub secret: Secret,
}

/// Why they are not there.
#[derive(Debug)]
pub enum Shut {
    /// Nothing was written yet.
    New(String),
    Trouble(String),
}

impl From<LedgerError> for Shut {
    fn from(error: LedgerError) -> Shut {
        match error {
            LedgerError::Missing { .. } => Shut::New(error.to_string()),
            other => Shut::Trouble(other.to_string()),
        }
    }
}

/// Opens the workspace's, which may not be there before the first send.
pub type Open = Box<dyn Fn() -> Result<Opened, Shut> + Send>;

/// `Known` is what the thread remembers of them. It is forgotten where another ledger takes the place of this one, or a
/// secret that makes other ids: numbers are those of one ledger, and ids those of one key.
pub struct Books<Known = ()> {
    open: Open,
    opened: Option<Opened>,
    read_at: Option<Instant>,
    known: Known,
    listener: Listener,
}

impl<Known: Default> Books<Known> {
    /// Nothing is opened before it is needed. The listener hears why that fails.
    pub fn new(open: Open, listener: Listener) -> Books<Known> {
        Books { open, opened: None, read_at: None, known: Known::default(), listener }
    }

    /// What is there now; `None` after the listener heard why.
    pub fn ready(&mut self) -> Option<(&Opened, &mut Known)> {
        if !self.is_open() {
            self.open_anew().map_err(|shut| self.tell(&shut)).ok()?;
        }
        self.held()
    }

    /// The same for whoever comes by themselves: that nothing was written yet is no trouble.
    pub fn ready_if_begun(&mut self) -> Option<(&Opened, &mut Known)> {
        if !self.is_open()
            && let Err(shut) = self.open_anew()
        {
            if self.opened.is_some() || matches!(shut, Shut::Trouble(_)) {
                self.tell(&shut);
            }
            return None;
        }
        self.held()
    }

    /// What was there when it was last looked for.
    pub fn held(&mut self) -> Option<(&Opened, &mut Known)> {
        self.opened.as_ref().map(|opened| (opened, &mut self.known))
    }

    /// What `verify` makes of the secret. What does not verify may be signed with a newer key.
    pub fn verified<T>(&mut self, verify: impl Fn(&Secret) -> Option<T>) -> Option<T> {
        let found = self.opened.as_ref().and_then(|opened| verify(&opened.secret));
        let is_long_ago = self.read_at.is_none_or(|at| at.elapsed() > READ_AGAIN);
        if found.is_some() || !is_long_ago {
            return found;
        }
        self.open_anew().map_err(|shut| self.tell(&shut)).ok()?;
        self.opened.as_ref().and_then(|opened| verify(&opened.secret))
    }

    /// A ledger that a backup was put in the place of is not the one that anybody reads.
    fn is_open(&self) -> bool {
        self.opened.as_ref().is_some_and(|opened| !opened.ledger.is_replaced())
    }

    fn open_anew(&mut self) -> Result<(), Shut> {
        self.read_at = Some(Instant::now());
        let opened = (self.open)()?;
        let is_another =
            |before: &Opened| before.ledger.is_replaced() || !before.secret.makes_ids_like(&opened.secret);
        if self.opened.as_ref().is_some_and(is_another) {
            self.known = Known::default();
        }
        self.opened = Some(opened);
        Ok(())
    }

    fn tell(&self, shut: &Shut) {
        let (Shut::New(why) | Shut::Trouble(why)) = shut;
        (self.listener)(Note::Trouble(why));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::token::{PersonId, Purpose};

    /// Books of the ledger in this file, of which somebody remembers something.
    fn books(path: &Path, secret: &Arc<Mutex<Secret>>) -> Books<Vec<u8>> {
        let (path, secret) = (path.to_owned(), Arc::clone(secret));
        let open =
            move || Ok(Opened { ledger: Ledger::open(&path)?, secret: secret.lock().unwrap().clone() });
        let mut books = Books::<Vec<u8>>::new(Box::new(open), Arc::new(|_| {}));
        books.ready().expect("there is a ledger").1.push(1);
        books
    }

    fn forged(books: &mut Books<Vec<u8>>) {
        books.read_at = None;
        assert_eq!(books.verified(|secret| secret.verify(Purpose::Tracking, "forged").ok()), None);
        assert!(books.read_at.is_some(), "the secret was read again");
    }

    #[test]
    fn a_forged_token_makes_nobody_forget_what_is_known_of_the_same_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        Ledger::create(&path).unwrap();
        let secret = Arc::new(Mutex::new(Secret::random().unwrap()));
        let mut books = books(&path, &secret);
        forged(&mut books);
        assert_eq!(books.held().unwrap().1, &[1]);
        *secret.lock().unwrap() = Secret::random().unwrap();
        let token = secret.lock().unwrap().token(Purpose::Tracking, PersonId([7; 10]));
        books.read_at = None;
        assert!(books.verified(|secret| secret.verify(Purpose::Tracking, &token).ok()).is_some());
        assert!(books.held().unwrap().1.is_empty(), "ids of another key are others");
    }

    #[test]
    fn what_is_known_ends_with_the_ledger_that_it_is_of() {
        let folder = tempfile::tempdir().unwrap();
        let (path, new) = (folder.path().join("ledger.db"), folder.path().join("new.db"));
        Ledger::create(&path).unwrap();
        Ledger::create(&new).unwrap();
        let mut books = books(&path, &Arc::new(Mutex::new(Secret::random().unwrap())));
        std::fs::rename(&new, &path).unwrap();
        assert!(books.ready().unwrap().1.is_empty());
    }

    #[test]
    fn that_nothing_was_written_yet_is_told_to_who_asks_and_that_it_is_gone_to_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let (told, heard) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Secret::random().unwrap())));
        let (count, at) = (Arc::clone(&told), path.clone());
        let open = move || Ok(Opened { ledger: Ledger::open(&at)?, secret: heard.lock().unwrap().clone() });
        let mut books: Books = Books::new(Box::new(open), Arc::new(move |_| *count.lock().unwrap() += 1));
        assert!(books.ready_if_begun().is_none());
        assert_eq!(*told.lock().unwrap(), 0);
        assert!(books.ready().is_none());
        assert_eq!(*told.lock().unwrap(), 1);
        Ledger::create(&path).unwrap();
        assert!(books.ready_if_begun().is_some());
        std::fs::remove_file(&path).unwrap();
        assert!(books.ready_if_begun().is_none());
        assert_eq!(*told.lock().unwrap(), 2);
    }
}
