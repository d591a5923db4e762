//! The file, its connections, and the thread that writes for couriers.

use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::schema;
use super::turn::Turn;
use super::writer::{Then, Writer};
use crate::ledger::LedgerError;

/// How long a writer waits for another process.
const BUSY: Duration = Duration::from_secs(30);

/// Pages that a connection keeps in memory, in KiB: flat in the number of subscribers.
const CACHE_KIB: i64 = 3 * 1024;

/// Everything behind a handle.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    durability: Durability,
    /// Which file it is, where the system tells files apart.
    identity: Option<Identity>,
    idle: Mutex<Vec<Connection>>,
    writer: Mutex<Option<Writer>>,
    /// Dropped last, after every connection is closed.
    _folder: Option<TemporaryFolder>,
}

#[derive(Debug, Clone, Copy)]
enum Durability {
    /// A commit has reached the disk.
    Full,
    /// Nobody will look for this file after a crash.
    None,
}

impl Store {
    pub(super) fn create(path: &Path) -> Result<Store, LedgerError> {
        make_private(path).map_err(|error| cannot_make(path, &error))?;
        Store::prepared(path.to_owned(), Durability::Full, None)
    }

    pub(super) fn open(path: &Path) -> Result<Store, LedgerError> {
        match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(LedgerError::Missing { path: path.display().to_string() })
            }
            Err(error) => Err(LedgerError::Store { cause: format!("{}: {error}", path.display()) }),
            Ok(_) => Store::prepared(path.to_owned(), Durability::Full, None),
        }
    }

    pub(super) fn temporary() -> Result<Store, LedgerError> {
        let folder = TemporaryFolder::make().map_err(|error| cannot_make(&std::env::temp_dir(), &error))?;
        let path = folder.0.join("ledger.db");
        make_private(&path).map_err(|error| cannot_make(&path, &error))?;
        Store::prepared(path, Durability::None, Some(folder))
    }

    fn prepared(
        path: PathBuf,
        durability: Durability,
        folder: Option<TemporaryFolder>,
    ) -> Result<Store, LedgerError> {
        let store = Store {
            identity: identity(&path),
            path,
            durability,
            idle: Mutex::default(),
            writer: Mutex::default(),
            _folder: folder,
        };
        let mut connection = store.connect()?;
        schema::prepare(&mut connection)?;
        store.give_back(connection);
        Ok(store)
    }

    /// Gives `work` one consistent view that nobody's writing disturbs.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.within(TransactionBehavior::Deferred, work)
    }

    /// All of `work` is durable when this returns, or nothing of it is written.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.within(TransactionBehavior::Immediate, work)
    }

    /// What `work` would do, without doing it.
    pub(super) fn rolled_back<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let mut connection = self.connect()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.rollback()?;
        Ok(value)
    }

    fn within<T>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Connection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let idle = lock(&self.idle).pop();
        let mut connection = idle.map_or_else(|| self.connect(), Ok)?;
        let done = connection
            .transaction_with_behavior(behavior)
            .map_err(LedgerError::from)
            .and_then(|transaction| finish(transaction, work));
        self.give_back(connection);
        done
    }

    /// Hands a turn to the thread that commits for couriers, which is started by whoever needs it first.
    pub(super) fn ask(&self, turn: Turn, then: Then) -> Result<(), LedgerError> {
        let mut writer = lock(&self.writer);
        if writer.is_none() {
            *writer = Some(Writer::start(self.connect()?)?);
        }
        writer.as_ref().expect("it was started above").ask(turn, then);
        Ok(())
    }

    pub(super) fn connect(&self) -> Result<Connection, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(64);
        let synchronous = match self.durability {
            Durability::Full => "FULL",
            Durability::None => "OFF",
        };
        connection.execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = {synchronous};
             PRAGMA fullfsync = ON;
             PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -{CACHE_KIB};
             PRAGMA wal_autocheckpoint = 4000;
             PRAGMA journal_size_limit = 67108864;"
        ))?;
        Ok(connection)
    }

    pub(super) fn is_replaced(&self) -> bool {
        self.identity.is_some() && self.identity != identity(&self.path)
    }

    /// Keeps a connection for the next call, unless a failure left it within a transaction.
    fn give_back(&self, connection: Connection) {
        if connection.is_autocommit() {
            lock(&self.idle).push(connection);
        }
    }
}

impl Drop for Store {
    /// What the writer was asked for is done before the file is closed.
    fn drop(&mut self) {
        drop(lock(&self.writer).take());
        lock(&self.idle).clear();
    }
}

/// Device and number of a file.
type Identity = (u64, u64);

fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Does `work` with more pages in memory than usual, and gives them back whatever became of it.
pub(super) fn with_cache<T>(
    connection: &Connection,
    kib: i64,
    work: impl FnOnce() -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    connection.pragma_update(None, "cache_size", -kib)?;
    let done = work();
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.execute_batch("PRAGMA shrink_memory")?;
    done
}

fn finish<T>(
    transaction: Transaction<'_>,
    work: impl FnOnce(&Connection) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// No code panics while it holds one of these locks, and what they guard is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the file readable for its owner alone before SQLite writes the first byte; SQLite gives the
/// files beside it the same rights.
pub(super) fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn cannot_make(path: &Path, error: &std::io::Error) -> LedgerError {
    LedgerError::Store { cause: format!("{} cannot be made: {error}", path.display()) }
}

#[derive(Debug)]
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn make() -> std::io::Result<TemporaryFolder> {
        let name = format!("courant-{:016x}", RandomState::new().hash_one(std::process::id()));
        let path = std::env::temp_dir().join(name);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(TemporaryFolder(path))
    }
}

impl Drop for TemporaryFolder {
    /// A folder that cannot be removed is left to the system's own sweeping.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;

    #[test]
    fn a_ledger_is_made_for_its_owner_alone_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        assert!(matches!(Ledger::open(&path), Err(LedgerError::Missing { .. })));
        let ledger = Ledger::create(&path).unwrap();
        ledger.note_changed("a", "b").unwrap();
        #[cfg(unix)]
        for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        drop(ledger);
        assert_eq!(Ledger::create(&path).unwrap().note("a").unwrap().as_deref(), Some("b"));
        assert_eq!(Ledger::open(&path).unwrap().note("a").unwrap().as_deref(), Some("b"));
    }

    #[test]
    fn a_file_that_is_no_database_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let text = "this is a letter to the editor, not a database\n".repeat(200);
        fs::write(&path, &text).unwrap();
        assert!(matches!(Ledger::open(&path), Err(LedgerError::Corrupt { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_temporary_ledger_leaves_nothing_behind() {
        let ledger = Ledger::in_memory().unwrap();
        let folder = ledger.store.path.parent().unwrap().to_owned();
        assert!(folder.exists());
        drop(ledger.clone());
        assert!(folder.exists());
        drop(ledger);
        assert!(!folder.exists());
    }
}
