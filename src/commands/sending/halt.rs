//! What the person, or the system, asks of a run by signals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::dispatch::Halt;

/// Who asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    Nobody,
    /// Ctrl-C: a person who may have seen a mistake.
    Person,
    /// SIGTERM or SIGHUP: a shutdown, a closed terminal.
    System,
}

/// Listens for Ctrl-C, SIGTERM and SIGHUP until dropped.
#[derive(Debug)]
pub struct Listener {
    pub halt: watch::Receiver<Halt>,
    pub asked: watch::Receiver<AskedBy>,
    /// Before that, stopping finishes nothing and there is nothing to tell.
    is_sending: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl Listener {
    /// The first signal halts gently, a second one at once. `tell` hears of the first, once letters leave.
    pub fn start(tell: impl Fn() + Send + 'static) -> std::io::Result<Listener> {
        let mut signals = Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        };
        let (halt_sender, halt) = watch::channel(Halt::No);
        let (asked_sender, asked) = watch::channel(AskedBy::Nobody);
        let is_sending = Arc::new(AtomicBool::new(false));
        let has_begun = Arc::clone(&is_sending);
        let task = tokio::spawn(async move {
            let by = signals.next().await;
            asked_sender.send_replace(by);
            halt_sender.send_replace(Halt::Gently);
            if has_begun.load(Ordering::Relaxed) {
                tell();
            }
            signals.next().await;
            halt_sender.send_replace(Halt::AtOnce);
        });
        Ok(Listener { halt, asked, is_sending, task })
    }

    /// From here on letters leave.
    pub fn begin_sending(&self) {
        self.is_sending.store(true, Ordering::Relaxed);
    }

    pub fn asked_by(&self) -> AskedBy {
        *self.asked.borrow()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    async fn next(&mut self) -> AskedBy {
        tokio::select! {
            _ = self.interrupt.recv() => AskedBy::Person,
            _ = self.terminate.recv() => AskedBy::System,
            _ = self.hangup.recv() => AskedBy::System,
        }
    }
}
