//! Where a simulation keeps its books: a folder of its own beside the workspace's ledger, on the same disk, since that
//! is what a send waits for. It is gone at the end.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::commands::desk::Desk;
use crate::commands::{Failure, Plain};
use crate::ledger::Ledger;
use crate::ledger::lock::Lock;
use crate::token::Secret;

const PREFIX: &str = "simulate-";

/// A ledger and a secret that nobody else knows.
pub struct Stage {
    pub ledger: Ledger,
    pub secret: Secret,
    folder: Folder,
}

const LEDGER: &str = "ledger.db";
const SECRET: &str = "secret";

impl Stage {
    /// Also clears away what simulations left behind that were killed.
    pub fn set(desk: &Desk, keep: bool) -> Result<Stage, Failure> {
        let state = desk.workspace.state_folder()?;
        sweep(&state);
        let folder = Folder::make(&state, keep)?;
        let ledger = Ledger::create(&folder.path.join(LEDGER))?;
        let secret = Secret::create(&folder.path.join(SECRET))?;
        Ok(Stage { ledger, secret, folder })
    }

    /// One that another process has set, and will clear away.
    pub fn join(path: &Path) -> Result<Stage, Failure> {
        let lost = || Plain::new(format!("nobody simulates in {}", path.display()), "start at its beginning");
        let secret = Secret::open(&path.join(SECRET))?.ok_or_else(lost)?;
        let folder = Folder { path: path.to_owned(), stays: Stays::ForItsOwner, _lock: None };
        Ok(Stage { ledger: Ledger::open(&path.join(LEDGER))?, secret, folder })
    }

    /// The folder, for another process to join.
    pub fn path(&self) -> &Path {
        &self.folder.path
    }

    /// The ledger, if it stays.
    pub fn kept(&self) -> Option<PathBuf> {
        (self.folder.stays == Stays::ForGood).then(|| self.folder.path.join(LEDGER))
    }
}

struct Folder {
    path: PathBuf,
    stays: Stays,
    /// Others leave the folder alone as long as this is held.
    _lock: Option<Lock>,
}

/// What becomes of the folder when it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stays {
    No,
    ForGood,
    /// Whoever made it clears it away.
    ForItsOwner,
}

impl Folder {
    fn make(state: &Path, keep: bool) -> Result<Folder, Failure> {
        let now = Timestamp::now();
        let path = state.join(format!("{PREFIX}{}-{}", now.as_millisecond(), std::process::id()));
        fs::create_dir(&path).map_err(|error| {
            Plain::new(
                format!("the folder {} cannot be made: {error}", path.display()),
                "make room, or see that .courant/ can be written",
            )
        })?;
        let lock = Lock::take(&lock_of(&path), "courant simulate", now)?;
        let stays = if keep { Stays::ForGood } else { Stays::No };
        Ok(Folder { path, stays, _lock: Some(lock) })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        match self.stays {
            // Without its lock it could be taken for a left-over.
            Stays::ForGood => drop(fs::write(self.path.join(KEPT), "")),
            // What cannot be removed is swept by the next.
            Stays::No => drop(fs::remove_dir_all(&self.path)),
            Stays::ForItsOwner => {}
        }
    }
}

/// Marks a folder that somebody wanted to keep.
const KEPT: &str = "kept";

fn lock_of(folder: &Path) -> PathBuf {
    folder.join("lock")
}

/// Removes the folders of simulations that no process works in any more.
fn sweep(state: &Path) {
    let Ok(entries) = fs::read_dir(state) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let is_ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        if !is_ours || path.join(KEPT).exists() || !path.join(LEDGER).exists() {
            continue;
        }
        if let Ok(_lock) = Lock::take(&lock_of(&path), "courant simulate", Timestamp::now()) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_swept_and_what_was_to_stay_is_not() {
        let state = tempfile::tempdir().unwrap();
        let (left, kept, held) =
            ["left", "kept", "held"].map(|name| state.path().join(format!("{PREFIX}{name}"))).into();
        for folder in [&left, &kept, &held] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("ledger.db"), "").unwrap();
        }
        fs::write(kept.join(KEPT), "").unwrap();
        let _held = Lock::take(&lock_of(&held), "test", Timestamp::UNIX_EPOCH).unwrap();
        fs::write(state.path().join("ledger.db"), "").unwrap();
        sweep(state.path());
        assert_eq!([left.exists(), kept.exists(), held.exists()], [false, true, true]);
        assert!(state.path().join("ledger.db").exists());
    }

    #[test]
    fn a_stage_is_gone_when_it_is_left() {
        let state = tempfile::tempdir().unwrap();
        let path = Folder::make(state.path(), false).ok().unwrap().path.clone();
        assert!(!path.exists());
        let path = Folder::make(state.path(), true).ok().unwrap().path.clone();
        assert!(path.exists());
    }
}
