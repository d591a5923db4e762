//! Whether the provider is there: one asks, and whoever comes meanwhile hears the same.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::model::attempt::Broken;

#[derive(Default)]
pub struct Knock {
    /// Whether it was there the last time; then nobody has to ask.
    reached: AtomicBool,
    /// How often somebody asked.
    asked: AtomicU64,
    /// What the last one heard.
    heard: Mutex<Option<Result<(), Broken>>>,
}

impl Knock {
    /// What `ask` says, unless it is known that the provider is there.
    pub async fn once(&self, ask: impl Future<Output = Result<(), Broken>>) -> Result<(), Broken> {
        if self.has_reached() {
            return Ok(());
        }
        let before = self.asked.load(Ordering::Acquire);
        let mut heard = self.heard.lock().await;
        match &*heard {
            Some(said) if self.asked.load(Ordering::Acquire) > before => said.clone(),
            Some(_) | None => {
                let said = ask.await;
                self.reached.store(said.is_ok(), Ordering::Release);
                self.asked.fetch_add(1, Ordering::Release);
                heard.insert(said).clone()
            }
        }
    }

    pub fn has_reached(&self) -> bool {
        self.reached.load(Ordering::Acquire)
    }

    /// The next one asks again.
    pub fn lost(&self) {
        self.reached.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attempt::Phase;

    #[tokio::test]
    async fn many_that_come_at_once_ask_once_and_hear_the_same() {
        let (knock, asked) = (Knock::default(), AtomicU64::new(0));
        let silent = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Err(Broken::cut(Phase::Connect, "no answer"))
        };
        let all = futures_util::future::join_all((0..9).map(|_| knock.once(silent()))).await;
        assert!(all.iter().all(Result::is_err) && !knock.has_reached());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert!(knock.once(async { Ok(()) }).await.is_ok(), "who comes later asks anew");
        assert!(knock.once(silent()).await.is_ok(), "and it is known then");
        knock.lost();
        assert!(knock.once(silent()).await.is_err());
    }
}
