//! What works beside the server, each on a thread of its own: whoever waits for the ledger there keeps no visitor waiting.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What was begun may take so long once the server has ended. Whatever comes after it is as after a crash.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Those who work until they are told to end.
pub struct Crew {
    threads: JoinSet<()>,
    end: watch::Sender<bool>,
    is_well: bool,
}

impl Default for Crew {
    fn default() -> Crew {
        Crew { threads: JoinSet::new(), end: watch::Sender::new(false), is_well: true }
    }
}

impl Crew {
    /// Starts what works until the value that it is given becomes true. It may block its thread.
    pub fn hire<Work: Future<Output = ()>>(
        &mut self,
        work: impl FnOnce(watch::Receiver<bool>) -> Work + Send + 'static,
    ) {
        let (runtime, end) = (Handle::current(), self.end.subscribe());
        self.threads.spawn_blocking(move || runtime.block_on(work(end)));
    }

    /// Waits for `end`, or until one of them breaks, and tells all of them to end.
    pub async fn ended(&mut self, end: impl Future<Output = ()>) {
        tokio::select! {
            () = end => {}
            Some(_) = self.threads.join_next() => self.is_well = false,
        }
        self.end.send_replace(true);
    }

    /// Waits for whatever is still begun, and not for ever. Whether nobody broke.
    pub async fn finish(mut self) -> bool {
        self.end.send_replace(true);
        let all_gone = async {
            while let Some(ended) = self.threads.join_next().await {
                self.is_well &= ended.is_ok();
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, all_gone).await;
        self.threads.detach_all();
        self.is_well
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn whoever_blocks_its_thread_holds_nobody_up() {
        let mut crew = Crew::default();
        let (go_on, blocked) = mpsc::channel::<()>();
        crew.hire(|_| async move { assert!(blocked.recv().is_err()) });
        // On the one thread of this test, which the other would hold.
        crew.ended(tokio::time::sleep(Duration::from_millis(1))).await;
        drop(go_on);
        assert!(crew.finish().await);
    }

    #[tokio::test]
    async fn somebody_who_breaks_ends_the_work_of_all() {
        let mut crew = Crew::default();
        crew.hire(|mut end| async move { drop(end.wait_for(|end| *end).await) });
        crew.hire(|_| async { panic!("a test breaks the thread") });
        crew.ended(pending()).await;
        assert!(!crew.finish().await);
    }
}
