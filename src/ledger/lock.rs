//! The lock that one sending process holds.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::ledger::LedgerError;

/// Held until dropped; the operating system lets go if the process dies.
#[derive(Debug)]
pub struct Lock {
    /// Locked as long as it is open.
    file: File,
}

impl Lock {
    /// Fails with [`LedgerError::Locked`], which names the holder's process, command and start, if somebody
    /// else holds it. `command` is written into the file for others to read.
    pub fn take(path: &Path, command: &str, now: Timestamp) -> Result<Lock, LedgerError> {
        let mut file = open(path).map_err(|error| unusable(path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerError::Locked { who: holder(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(unusable(path, &error)),
        }
        let note = format!("{}\n{now:.0}\n{command}\n", std::process::id());
        write(&mut file, &note).map_err(|error| unusable(path, &error))?;
        Ok(Lock { file })
    }
}

impl Drop for Lock {
    /// Nobody reads a stale note as long as the lock decides; it is emptied for whoever looks into the file.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write(file: &mut File, note: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(note.as_bytes())
}

/// Tells of the holder what it has written; it may be between taking the lock and writing.
fn holder(file: &mut File) -> String {
    let mut note = String::new();
    let read = file.read_to_string(&mut note);
    let mut lines = note.lines();
    match (read, lines.next(), lines.next().and_then(|at| at.parse().ok()), lines.next()) {
        (Ok(_), Some(process), Some(since), Some(command)) => {
            format!("process {process} (`{command}`), since {},", clock(since))
        }
        _ => "another process".to_owned(),
    }
}

fn clock(since: Timestamp) -> String {
    since.to_zoned_datetime(TimeZone::system()).strftime("%H:%M on %-d %B").to_string()
}

fn unusable(path: &Path, error: &std::io::Error) -> LedgerError {
    LedgerError::Store { cause: format!("its lock {} cannot be used: {error}", path.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_hears_who_holds_the_lock_and_gets_it_once_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let now = "2026-11-25T09:14:00Z".parse().unwrap();
        let first = Lock::take(&path, "courant send 12", now).unwrap();
        let error = Lock::take(&path, "courant run", now).unwrap_err();
        let LedgerError::Locked { who } = &error else { panic!("{error:?}") };
        assert!(who.contains(&format!("process {} (`courant send 12`)", std::process::id())), "{who}");
        assert!(who.contains(&clock(now)), "{who}");
        drop(first);
        Lock::take(&path, "courant run", now).unwrap();
    }

    #[test]
    fn what_a_crashed_holder_left_in_the_file_blocks_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        std::fs::write(&path, "1\n2026-11-25T09:14:00Z\ncourant send 12\n").unwrap();
        Lock::take(&path, "courant run", Timestamp::UNIX_EPOCH).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_with_its_path() {
        let error = Lock::take(Path::new("/nowhere/lock"), "courant run", Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(error.to_string().contains("/nowhere/lock"), "{error}");
    }
}
