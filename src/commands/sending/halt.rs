//! What the person, or the system, asks of a run by signals.

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
pub struct Listener {
    pub halt: watch::Receiver<Halt>,
    pub asked: watch::Receiver<AskedBy>,
    task: tokio::task::JoinHandle<()>,
}

impl Listener {
    /// The first signal halts gently, a second one at once. `tell` hears of the first.
    pub fn start(tell: impl Fn() + Send + 'static) -> std::io::Result<Listener> {
        let mut signals = Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        };
        let (halt_sender, halt) = watch::channel(Halt::No);
        let (asked_sender, asked) = watch::channel(AskedBy::Nobody);
        let task = tokio::spawn(async move {
            let by = signals.next().await;
            asked_sender.send_replace(by);
            halt_sender.send_replace(Halt::Gently);
            tell();
            signals.next().await;
            halt_sender.send_replace(Halt::AtOnce);
        });
        Ok(Listener { halt, asked, task })
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
