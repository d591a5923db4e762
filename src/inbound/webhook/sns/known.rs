//! Certificates that were fetched, and those that could not be: a flood of messages fetches each place once, and a slow
//! place keeps nobody waiting who wants another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::super::Refused;
use super::certificate::Certificate;

/// A place that gave no certificate is not asked again for so long.
const SULKS: Duration = Duration::from_secs(60);
/// So many places are known at once. Amazon changes its certificate about once a year.
const MOST: usize = 64;

type Fetched = Result<Arc<Certificate>, Refused>;

/// What is known of a place. Whoever comes while it is fetched waits for the same.
#[derive(Debug)]
struct Entry {
    begun: Instant,
    outcome: OnceCell<Fetched>,
}

impl Entry {
    fn is_old(&self) -> bool {
        !matches!(self.outcome.get(), Some(Ok(_))) && self.begun.elapsed() >= SULKS
    }
}

#[derive(Debug, Default)]
pub struct Known(Mutex<BTreeMap<String, Arc<Entry>>>);

impl Known {
    /// What `fetch` gave when it was last done for this place.
    pub async fn get_or_fetch(&self, place: &str, fetch: impl Future<Output = Fetched>) -> Fetched {
        let entry = self.entry(place)?;
        entry.outcome.get_or_init(|| fetch).await.clone()
    }

    fn entry(&self, place: &str) -> Result<Arc<Entry>, Refused> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, entry| !entry.is_old());
        if !known.contains_key(place) && known.len() >= MOST {
            return Err(Refused::Unreachable("too many are asked for at once".to_owned()));
        }
        let new = || Arc::new(Entry { begun: Instant::now(), outcome: OnceCell::new() });
        Ok(Arc::clone(known.entry(place.to_owned()).or_insert_with(new)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn nobody() -> Refused {
        Refused::Unreachable("nobody is there".to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_forged_messages_fetches_once_a_minute() {
        let (known, fetched) = (Known::default(), AtomicUsize::new(0));
        let fetch = async || {
            fetched.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(5)).await;
            Err(nobody())
        };
        let all = (0..100).map(|_| known.get_or_fetch("one", fetch()));
        let told = futures_util::future::join_all(all).await;
        assert!(told.iter().all(|told| matches!(told, Err(refused) if *refused == nobody())));
        assert_eq!(fetched.load(Ordering::Relaxed), 1);
        tokio::time::sleep(SULKS).await;
        assert!(known.get_or_fetch("one", fetch()).await.is_err());
        assert_eq!(fetched.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_never_answers_keeps_no_other_waiting() {
        let known = Known::default();
        let slow = known.get_or_fetch("slow", std::future::pending());
        let other = known.get_or_fetch("other", async { Err(nobody()) });
        tokio::select! {
            _ = slow => panic!("it never answers"),
            told = other => assert!(told.is_err()),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn names_without_end_fill_no_memory_and_are_fetched_no_more() {
        let known = Known::default();
        for number in 0..MOST {
            assert_eq!(
                known.get_or_fetch(&number.to_string(), async { Err(nobody()) }).await.err(),
                Some(nobody())
            );
        }
        let more = known.get_or_fetch("more", async { panic!("it is not fetched") }).await;
        assert!(matches!(more, Err(Refused::Unreachable(words)) if words.contains("too many")));
    }
}
