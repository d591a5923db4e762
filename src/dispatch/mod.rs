//! The send loop: one conductor that decides, couriers that carry letters.

pub mod signal;
mod return_path;
mod chance;
mod clock;
mod memory;
mod door;
mod hand;
mod siding;
mod queue;
mod tally;
mod courier;
mod conductor;
mod replay;
pub mod alone;
pub mod proof;
#[cfg(test)]
mod tests;

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use clock::Clock;
use conductor::{Canary, Conductor, Lines, Score};
use courier::{Bag, Courier};
pub use memory::throttle;
use queue::Queue;
pub use return_path::ReturnPath;
use tally::Tally;

use crate::compose::press::{Press, Stamper};
use crate::ledger::rows::{Choice, EditionId, Pause};
use crate::ledger::{Ledger, LedgerError};
use crate::model::attempt::Broken;
use crate::model::delivery::Counts;
use crate::model::finding::Explain;
use crate::policy::retry::Schedule;
use crate::policy::throttle::{Throttle, UsedUp};
use crate::settings::OnUncertain;
use crate::settings::limits::Limits;
use crate::settings::shaping::Shaping;
use crate::transport::Transport;

/// Everything a run needs; it holds the workspace's lock while this exists.
pub struct Job<T: Transport> {
    pub ledger: Ledger,
    pub edition: EditionId,
    pub press: Arc<Press>,
    pub stamper: Stamper,
    pub transport: Arc<T>,
    /// Kept with every attempt.
    pub transport_name: Arc<str>,
    pub return_path: ReturnPath,
    pub connections: NonZeroUsize,
    pub pace: Pace,
    pub choice: Choice,
    /// Begin at most this many letters.
    pub limit: Option<u64>,
    /// Send so many first, and the rest only if they went well.
    pub canary: Option<NonZeroU64>,
    pub schedule: Schedule,
    /// Wait this long for deferred letters to come due.
    pub wait: Duration,
    pub on_uncertain: OnUncertain,
    /// Seeds jitter.
    pub seed: u64,
}

/// How fast letters may go.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    /// Of the transport.
    pub limits: Limits,
    /// Letters on its first, second, … day of sending.
    pub warmup: Vec<NonZeroU32>,
    pub shaping: Shaping,
}

/// What the person outside asks of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    No,
    /// Finish what is on the wire, begin nothing.
    Gently,
    /// Drop everything, as a crash would.
    AtOnce,
}

/// Told to the reporter after every change, at most some ten times a second.
#[derive(Debug, Clone)]
pub struct Progress {
    pub counts: Counts,
    /// Accepted by this run.
    pub sent_now: u64,
    /// Nothing leaves before then.
    pub waiting_until: Option<Timestamp>,
    /// What the other side wants slower, or later.
    pub restraints: Vec<Pause>,
    /// How long what is open takes at least, by our own limits.
    pub at_least: Duration,
}

/// Why a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Nothing is left to do.
    Complete,
    /// `limit` is reached, or the chosen subset is done while others remain.
    Limited,
    /// Deferred letters remain; the first is due then.
    Deferred(Timestamp),
    /// Our own limits, or a receiver's wish, let nothing go before then.
    Paced { until: Timestamp, by: Option<UsedUp> },
    /// Somebody asked for it (Ctrl-C).
    Interrupted,
    /// `courant stop`.
    Stopped,
    /// The other side does not take our mail: nobody is marked.
    Barred(Broken),
    /// Too many refusals, or letters without an answer: more than 5 % and at least ten; or three barred domains.
    Gate { by: Gate, last: Broken },
}

/// What was too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Of so many answers of this run, so many were refusals.
    Refusals { refused: u64, of: u64 },
    /// So many of these letters left us whole and were not answered: each of them may have arrived.
    Silence { silent: u64, of: u64 },
    /// So many domains barred us.
    Domains(u64),
    /// Of so many letters that went first, so many did not go well.
    Canary { bad: u64, of: u64 },
}

#[derive(Debug, Clone)]
pub struct Summary {
    pub end: End,
    pub counts: Counts,
    pub sent_now: u64,
    pub took: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// Sending stopped within the letters on the wire.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("a letter could not be pressed: {0}")]
    Press(#[from] crate::compose::press::MergeError),
    /// A fault of ours; the letter in hand is as after a crash.
    #[error("the program broke while it carried a letter")]
    Fell,
}

impl Explain for DispatchError {
    fn help(&self) -> Option<String> {
        match self {
            DispatchError::Ledger(error) => error.help(),
            DispatchError::Press(error) => error.help(),
            DispatchError::Fell => {
                Some("report what it printed; the same command goes on with everybody else".to_owned())
            }
        }
    }
}

/// Sends what is open until it is done, barred, or halted.
///
/// Cancelling the future is like [`Halt::AtOnce`].
pub async fn run<T: Transport>(
    job: Job<T>,
    halt: watch::Receiver<Halt>,
    watch: &mut (dyn FnMut(&Progress) + Send),
) -> Result<Summary, DispatchError> {
    let started = Instant::now();
    let clock = Clock::start();
    let bag = job.bag();
    replay::replay(&job, &bag, halt.clone()).await?;
    job.ledger.begin_noting(&job.transport_name, job.transport.notes_calls(), Timestamp::now())?;
    let counts = job.put_in_order(Timestamp::now())?;
    let throttle = throttle(&job.pace, &job.ledger, &job.transport_name, clock.now())?;
    let (couriers, lines) = job.hire(bag, counts.open());
    let (ledger, edition) = (job.ledger.clone(), job.edition);
    let (ending, tally) = job.conductor(counts, throttle, clock, lines).conduct(halt.clone(), watch).await;
    let_go(couriers, *halt.borrow()).await;
    let counts = ledger.counts(edition)?;
    Ok(Summary { end: ending?, counts, sent_now: tally.sent, took: started.elapsed() })
}

impl<T: Transport> Job<T> {
    /// What a crash left behind is named, and what is too old to be tried again is given up.
    fn put_in_order(&self, now: Timestamp) -> Result<Counts, LedgerError> {
        let by = &self.transport_name;
        self.ledger.recover(self.edition, self.on_uncertain(), &self.choice, by, now)?;
        self.ledger.forget_pauses(now)?;
        self.ledger.expire(self.edition, self.schedule.retry_for, now)?;
        self.ledger.counts(self.edition)
    }

    /// Handing the same letter to an idempotent transport again cannot make two of it.
    fn on_uncertain(&self) -> OnUncertain {
        if self.transport.is_idempotent() { OnUncertain::Resend } else { self.on_uncertain }
    }

    fn bag(&self) -> Arc<Bag<T>> {
        Arc::new(Bag {
            transport: Arc::clone(&self.transport),
            press: Arc::clone(&self.press),
            stamper: self.stamper.clone(),
            return_path: self.return_path.clone(),
        })
    }

    fn hire(&self, bag: Arc<Bag<T>>, open: u64) -> (JoinSet<()>, Lines) {
        let number = self.connections.get().min(usize::try_from(open).unwrap_or(usize::MAX)).max(1);
        let (signals, inbox) = mpsc::channel(2 * number);
        let mut couriers = JoinSet::new();
        let orders = (0..number).map(|id| {
            let (orders, received) = mpsc::channel(4);
            couriers.spawn(Courier::new(id, Arc::clone(&bag)).work(received, signals.clone()));
            orders
        });
        let orders = orders.collect();
        (couriers, Lines { orders, inbox, signals })
    }

    fn conductor(self, counts: Counts, throttle: Throttle, clock: Clock, lines: Lines) -> Conductor {
        let first =
            self.canary.map(NonZeroU64::get).filter(|canary| self.limit.is_none_or(|limit| *canary < limit));
        let queue = Queue::new(
            self.ledger.clone(),
            self.edition,
            self.choice.clone(),
            first.or(self.limit),
            throttle,
        );
        let score = Score {
            on_uncertain: self.on_uncertain(),
            choice: self.choice,
            ledger: self.ledger,
            edition: self.edition,
            transport_name: self.transport_name,
            schedule: self.schedule,
            wait: self.wait,
            canary: first.map(|first| Canary { after: self.limit.map(|limit| limit - first) }),
        };
        Conductor::new(score, queue, Tally::new(counts), clock, self.seed, lines)
    }
}

/// Couriers end their connections politely, unless everything is to be dropped.
async fn let_go(mut couriers: JoinSet<()>, halt: Halt) {
    if halt == Halt::AtOnce {
        return couriers.shutdown().await;
    }
    while couriers.join_next().await.is_some() {}
}
