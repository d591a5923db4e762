//! The ledger of the workspace, opened for sending.

use std::sync::OnceLock;

use jiff::Timestamp;

use crate::commands::desk::{Desk, say_always};
use crate::commands::sending::halt::{AskedBy, Listener};
use crate::commands::sending::way::stays_here;
use crate::commands::{Exit, Failure, Plain, roll};
use crate::ledger::lock::Lock;
use crate::ledger::{Ledger, LedgerError};
use crate::model::delivery::Realm;

/// Remembers that live sends from this ledger were agreed to.
const LIVE_NOTE: &str = "live sends agreed to";

/// The ledger and, while letters may leave, the workspace's lock.
pub struct Office {
    pub ledger: Ledger,
    pub realm: Realm,
    listener: OnceLock<Listener>,
    _lock: Lock,
}

/// Who may agree to live sends from a ledger that has never seen one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewLedger {
    /// `--new-ledger`.
    Agreed,
    /// The person at the terminal, if there is one.
    Ask,
    /// Nobody: `run`.
    Never,
    /// Nothing will leave: a dry run.
    NotNeeded,
}

impl Office {
    /// Takes the lock, then opens the ledger, or makes one where that is agreed to: a lost ledger must not
    /// send old issues again.
    pub fn open(desk: &Desk, command: &str, new_ledger: NewLedger) -> Result<Office, Failure> {
        let realm = desk.settings.transport.transport.realm();
        desk.workspace.state_folder()?;
        let lock = take_lock(desk, command)?;
        let ledger = roll::open_or_create(desk)?;
        agree_to_live(desk, &ledger, realm, new_ledger)?;
        Ok(Office { ledger, realm, listener: OnceLock::new(), _lock: lock })
    }
}

impl Office {
    /// Listens for signals from the first call on until the command ends: also between a countdown and the first
    /// letter, and between two issues, where a signal would be lost otherwise.
    pub fn listen(&self, desk: &Desk) -> Result<&Listener, Failure> {
        if let Some(listener) = self.listener.get() {
            return Ok(listener);
        }
        let quiet = desk.quiet;
        let tell = move || {
            if !quiet {
                say_always("stopping: what is on the wire is finished; Ctrl-C again drops it");
            }
        };
        let no_signals = |error| Plain { message: format!("signals cannot be heard: {error}"), help: None };
        let listener = Listener::start(tell).map_err(no_signals)?;
        Ok(self.listener.get_or_init(|| listener))
    }

    /// Somebody asked to stop: nothing more is to be begun.
    pub fn is_halted(&self) -> bool {
        self.listener.get().is_some_and(|listener| listener.asked_by() != AskedBy::Nobody)
    }
}

/// The workspace's lock; that another process holds it is an end of its own ([`Exit::Locked`]).
pub fn take_lock(desk: &Desk, command: &str) -> Result<Lock, Failure> {
    Lock::take(&desk.workspace.lock_path(), command, Timestamp::now()).map_err(|error| match error {
        LedgerError::Locked { .. } => Failure { error: Box::new(error), exit: Exit::Locked },
        error => error.into(),
    })
}

fn agree_to_live(desk: &Desk, ledger: &Ledger, realm: Realm, asked: NewLedger) -> Result<(), Failure> {
    let is_exempt = realm == Realm::Rehearsal
        || asked == NewLedger::NotNeeded
        || stays_here(&desk.settings.transport.transport);
    if is_exempt || ledger.note(LIVE_NOTE)?.is_some() {
        return Ok(());
    }
    let agreed = match asked {
        NewLedger::Agreed => true,
        NewLedger::Ask if desk.is_attended() => desk.confirm(QUESTION, "--new-ledger")?,
        NewLedger::Ask | NewLedger::Never | NewLedger::NotNeeded => return Err(unknown_past(desk).into()),
    };
    if !agreed {
        return Err(declined().into());
    }
    ledger.note_changed(LIVE_NOTE, "yes")?;
    Ok(())
}

const QUESTION: &str = "This ledger has never sent to real people. If issues went out before from elsewhere, \
     they are not known here and could go out again. Start with it?";

fn unknown_past(desk: &Desk) -> Plain {
    Plain {
        message: format!(
            "the ledger {} has never sent to real people, so it does not know what they had",
            desk.workspace.ledger_path().display()
        ),
        help: Some(
            "if this is your first live issue, run `courant send ISSUE --new-ledger` once; \
             if there was a ledger before, put it back first"
                .to_owned(),
        ),
    }
}

/// The person said no: nothing was done.
pub fn declined() -> Plain {
    Plain { message: "nothing was sent: you said no".to_owned(), help: None }
}
