//! The store: one writer thread for the letters of a run, group commits, readers of their own.
//! WAL, synchronous=FULL.

mod attempts;
mod audience;
mod body;
mod calls;
mod choices;
mod claims;
mod consents;
mod copy;
mod deliveries;
mod editions;
mod events;
mod failure;
mod fence;
mod forgetting;
mod freeze;
mod hits;
mod inbox;
mod leaving;
mod mail;
mod mailboxes;
mod mailed;
mod notes;
mod pace;
mod people;
mod proofs;
mod published;
mod reckoning;
mod refusals;
mod retention;
mod roll_call;
mod schema;
mod shuffle;
mod store;
mod stories;
mod suppressions;
mod sync;
mod tally;
mod turn;
mod visits;
mod words;
mod writer;

use std::path::Path;
use std::sync::Arc;

use crate::ledger::LedgerError;
pub use forgetting::Known;
pub use leaving::{Left, ONE_CLICK, SECOND_THOUGHTS};
pub use published::Published;
pub use refusals::Refusals;
pub use retention::{Cutoffs, Forgotten};
use store::Store;
pub use sync::Synced;
pub use tally::TallyOf;

/// A handle; cloning is cheap. Blocking calls are short unless they say otherwise.
#[derive(Clone, Debug)]
pub struct Ledger {
    store: Arc<Store>,
}

impl Ledger {
    /// Makes a new ledger (0600). One that is there already is opened.
    pub fn create(path: &Path) -> Result<Ledger, LedgerError> {
        Store::create(path).map(Ledger::over)
    }

    /// Fails with [`LedgerError::Missing`] if there is none, and with [`LedgerError::Newer`] if a newer
    /// version made it. An older schema is brought up to date.
    pub fn open(path: &Path) -> Result<Ledger, LedgerError> {
        Store::open(path).map(Ledger::over)
    }

    /// For work outside any workspace, and tests: gone when the last handle is. It lies in the folder for
    /// temporary files, so that its size is no concern of the memory.
    pub fn in_memory() -> Result<Ledger, LedgerError> {
        Store::temporary().map(Ledger::over)
    }

    fn over(store: Store) -> Ledger {
        Ledger { store: Arc::new(store) }
    }
}
