//! The thread that writes events down. Requests that wait at the same time share one commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::answer::Hindered;
use super::books::{Books, Open};
use super::{Listener, Note};
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{Incoming, Taken, Teller};
use crate::model::event::ProviderEvent;
use crate::model::provider::Provider;
use crate::settings::mailbox::SoftRule;

/// So many requests may wait to be written.
const WAITING: usize = 256;
/// So many share a commit.
const TOGETHER: usize = 256;

/// What came in one request.
struct Job {
    provider: Provider,
    nonce: Option<String>,
    events: Vec<ProviderEvent>,
    answer: oneshot::Sender<Result<Taken, ()>>,
}

/// The way to the thread. It ends, with everything written, when the last of these is dropped.
#[derive(Clone)]
pub struct Keeper {
    jobs: mpsc::Sender<Job>,
    is_well: Arc<AtomicBool>,
}

impl Keeper {
    /// Starts the thread; whoever ends the server waits for it.
    pub fn start(
        open: Open,
        soft: SoftRule,
        listener: Listener,
    ) -> std::io::Result<(Keeper, JoinHandle<()>)> {
        let (jobs, arriving) = mpsc::channel(WAITING);
        let is_well = Arc::new(AtomicBool::new(true));
        let books = Books::new(open, Arc::clone(&listener));
        let desk = Desk { books, soft, listener, is_well: Arc::clone(&is_well) };
        let thread = std::thread::Builder::new().name("events".to_owned()).spawn(|| desk.work(arriving))?;
        Ok((Keeper { jobs, is_well }, thread))
    }

    /// Waits until the events are on disk.
    pub async fn keep(
        &self,
        provider: Provider,
        nonce: Option<String>,
        events: Vec<ProviderEvent>,
    ) -> Result<Taken, Hindered> {
        let (answer, written) = oneshot::channel();
        let job = Job { provider, nonce, events, answer };
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Hindered::Crowded,
            TrySendError::Closed(_) => Hindered::Trouble,
        })?;
        match written.await {
            Ok(Ok(taken)) => Ok(taken),
            Ok(Err(())) | Err(_) => Err(Hindered::Trouble),
        }
    }

    /// Whether the last commit went well, and the next can be made.
    pub fn is_well(&self) -> bool {
        self.is_well.load(Ordering::Relaxed) && !self.jobs.is_closed()
    }

    /// Waits until the thread is gone, which it only is before its time where it broke.
    pub async fn gone(&self) {
        self.jobs.closed().await;
    }
}

/// What the thread works with.
struct Desk {
    books: Books,
    soft: SoftRule,
    listener: Listener,
    is_well: Arc<AtomicBool>,
}

impl Desk {
    fn work(mut self, mut arriving: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(TOGETHER);
        while arriving.blocking_recv_many(&mut jobs, TOGETHER) > 0 {
            let is_ready = self.books.ready().is_some();
            let (batches, answers) = self.prepared(&mut jobs);
            let written = if is_ready { self.written(&batches) } else { Err(()) };
            self.answer(answers, written);
        }
    }

    /// Jobs as what the ledger takes.
    fn prepared(&mut self, jobs: &mut Vec<Job>) -> (Vec<Vec<Incoming>>, Vec<Waiting>) {
        let taken = std::mem::take(jobs).into_iter();
        taken
            .map(|job| {
                let Job { provider, nonce, events, answer } = job;
                let incoming = |event: ProviderEvent| Incoming {
                    teller: Teller::Provider(provider),
                    delivery: self.delivery(event.token.as_deref()),
                    nonce: nonce.clone(),
                    event,
                };
                (events.into_iter().map(incoming).collect(), Waiting { provider, answer })
            })
            .unzip()
    }

    /// The row that a token of ours names.
    fn delivery(&mut self, token: Option<&str>) -> Option<DeliveryId> {
        let token = token?;
        self.books.verified(|secret| secret.verify_delivery(token).ok()).map(DeliveryId)
    }

    fn written(&mut self, batches: &[Vec<Incoming>]) -> Result<Vec<Taken>, ()> {
        let (opened, ()) = self.books.held().ok_or(())?;
        let written = opened.ledger.take_batches(batches, &self.soft, Timestamp::now());
        written.map_err(|error| (self.listener)(Note::Trouble(&error.to_string())))
    }

    fn answer(&self, waiting: Vec<Waiting>, written: Result<Vec<Taken>, ()>) {
        self.is_well.store(written.is_ok(), Ordering::Relaxed);
        let Ok(all) = written else {
            return waiting.into_iter().for_each(|waiting| waiting.hears(Err(())));
        };
        for (waiting, taken) in waiting.into_iter().zip(all) {
            (self.listener)(Note::Taken(waiting.provider, taken));
            waiting.hears(Ok(taken));
        }
    }
}

/// A request that waits for its answer.
struct Waiting {
    provider: Provider,
    answer: oneshot::Sender<Result<Taken, ()>>,
}

impl Waiting {
    /// A visitor who went away comes again, and hears then that it is known.
    fn hears(self, taken: Result<Taken, ()>) {
        let _ = self.answer.send(taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;
    use crate::token::Secret;
    use crate::web::serve::books::{Opened, Shut};

    fn event() -> ProviderEvent {
        crate::inbound::webhook::resend::parse(br#"{"type": "email.sent"}"#, "1", Timestamp::now())
            .unwrap()
            .remove(0)
    }

    fn opened() -> Opened {
        Opened { ledger: Ledger::in_memory().unwrap(), secret: Secret::random().unwrap() }
    }

    #[tokio::test]
    async fn what_cannot_be_written_soon_is_turned_away_and_what_waits_is_written_once_it_can() {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let open = Box::new(move || {
            wait.recv().map(|()| opened()).map_err(|error| Shut::Trouble(error.to_string()))
        });
        let (keeper, thread) = Keeper::start(open, SoftRule::default(), Arc::new(|_| {})).unwrap();
        let keep = |keeper: Keeper| async move { keeper.keep(Provider::Resend, None, vec![event()]).await };
        let mut all: Vec<_> = (0..TOGETHER + WAITING).map(|_| tokio::spawn(keep(keeper.clone()))).collect();
        // The thread takes the first of them at a time of its own: then there is room for as many more.
        loop {
            let more = tokio::spawn(keep(keeper.clone()));
            tokio::task::yield_now().await;
            // One that is over before anything could be written was turned away.
            if more.is_finished() {
                assert_eq!(more.await.unwrap(), Err(Hindered::Crowded));
                break;
            }
            all.push(more);
        }
        go.send(()).unwrap();
        let mut new = 0;
        for one in all {
            match one.await.unwrap() {
                Ok(taken) => new += taken.new,
                Err(hindered) => assert_eq!(hindered, Hindered::Crowded),
            }
        }
        assert_eq!(new, 1, "all told the same");
        drop(keeper);
        thread.join().unwrap();
    }

    #[tokio::test]
    async fn a_thread_that_broke_is_trouble_and_no_crowd_and_somebody_hears_of_it() {
        let open = Box::new(|| panic!("a test breaks the thread"));
        let (keeper, thread) = Keeper::start(open, SoftRule::default(), Arc::new(|_| {})).unwrap();
        assert!(keeper.is_well());
        for _ in 0..2 {
            let told = keeper.keep(Provider::Resend, None, vec![event()]).await;
            assert_eq!(told, Err(Hindered::Trouble));
            keeper.gone().await;
            assert!(!keeper.is_well());
        }
        assert!(thread.join().is_err());
    }

    #[tokio::test]
    async fn without_a_ledger_nothing_is_taken_until_there_is_one() {
        let mut tries = 0;
        let is_there = Arc::new(AtomicBool::new(false));
        let there = Arc::clone(&is_there);
        let open = Box::new(move || match there.load(Ordering::Relaxed) {
            true => Ok(opened()),
            false => Err(Shut::New("there is no ledger".to_owned())),
        });
        let (keeper, _thread) = Keeper::start(open, SoftRule::default(), Arc::new(|_| {})).unwrap();
        while tries < 3 {
            let told = keeper.keep(Provider::Resend, None, vec![event()]).await;
            assert_eq!((told, keeper.is_well()), (Err(Hindered::Trouble), false));
            tries += 1;
        }
        is_there.store(true, Ordering::Relaxed);
        let told = keeper.keep(Provider::Resend, None, vec![event()]).await.unwrap();
        assert_eq!((told.new, told.unmatched, keeper.is_well()), (1, 1, true));
    }
}
