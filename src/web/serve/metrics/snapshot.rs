//! The letters of the newest issues, as the ledger last told them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::ledger::{Ledger, LedgerError};
use crate::model::delivery::{Counts, Realm};

/// The letters of one issue in one realm.
#[derive(Debug, Clone)]
pub struct Letters {
    pub issue: String,
    pub realm: Realm,
    pub counts: Counts,
}

/// So many issues are told of, the newest first.
const MEASURED: usize = 10;

/// Those of the newest edition of each issue.
pub fn newest_letters(ledger: &Ledger) -> Result<Vec<Letters>, LedgerError> {
    let mut seen = BTreeSet::new();
    let mut editions = ledger.editions()?;
    editions.retain(|edition| seen.insert((edition.issue.0.clone(), edition.realm.name())));
    editions.truncate(MEASURED);
    let letters = editions.into_iter().map(|edition| {
        let counts = ledger.counts(edition.id)?;
        Ok(Letters { issue: edition.issue.0, realm: edition.realm, counts })
    });
    letters.collect()
}

/// Reads the newest issues from the ledger; why not, where that fails.
pub type Read = Box<dyn Fn() -> Result<Vec<Letters>, String> + Send + Sync>;

/// No more often than this.
const SHORTEST: Duration = Duration::from_secs(1);
/// What a reading costs is waited for so many times before the next.
const PART: u32 = 20;

/// The last reading, and when the next may be made.
#[derive(Default)]
struct Last {
    letters: Option<Arc<Vec<Letters>>>,
    due: Option<Instant>,
}

pub struct Snapshots {
    read: Arc<Read>,
    last: Mutex<Last>,
}

impl Snapshots {
    pub fn new(read: Read) -> Snapshots {
        Snapshots { read: Arc::new(read), last: Mutex::default() }
    }

    /// `None` where the ledger cannot be read. Whoever asks while it is read waits for the same reading.
    pub(super) async fn newest(&self) -> Option<Arc<Vec<Letters>>> {
        let mut last = self.last.lock().await;
        if last.due.is_none_or(|due| Instant::now() >= due) {
            let (read, begun) = (Arc::clone(&self.read), Instant::now());
            let letters = tokio::task::spawn_blocking(move || read()).await;
            last.letters = letters.ok().and_then(Result::ok).map(Arc::new);
            last.due = Some(Instant::now() + SHORTEST.max(begun.elapsed() * PART));
        }
        last.letters.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_ledger_is_read_once_a_second_however_many_ask() {
        let read = Arc::new(AtomicUsize::new(0));
        let times = Arc::clone(&read);
        let snapshots = Snapshots::new(Box::new(move || {
            times.fetch_add(1, Ordering::Relaxed);
            Ok(Vec::new())
        }));
        for _ in 0..100 {
            assert!(snapshots.newest().await.is_some());
        }
        assert_eq!(read.load(Ordering::Relaxed), 1);
        tokio::time::advance(SHORTEST).await;
        snapshots.newest().await;
        assert_eq!(read.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_ledger_that_cannot_be_read_tells_nothing() {
        let snapshots = Snapshots::new(Box::new(|| Err("it is gone".to_owned())));
        assert!(snapshots.newest().await.is_none());
    }
}
