//! Letters of many sessions, gathered into calls. A call is made when it is full, or when nobody has brought a
//! letter for a moment.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::desk::{Desk, Outcome, Part};

/// How long a call that is not full waits for another letter.
const LINGER: Duration = Duration::from_millis(20);

/// A letter that waits for its call, and whoever waits for what becomes of it.
pub struct Item {
    pub part: Part,
    pub answer: oneshot::Sender<Outcome>,
}

/// Makes the calls of one transport.
pub struct Batcher {
    desk: Arc<Desk>,
    most_letters: usize,
    calls: Arc<Semaphore>,
}

impl Batcher {
    /// At most `most_letters` a call, and so many calls at once.
    pub fn new(desk: Arc<Desk>, most_letters: NonZeroUsize, calls: NonZeroUsize) -> Batcher {
        Batcher { desk, most_letters: most_letters.get(), calls: Arc::new(Semaphore::new(calls.get())) }
    }

    /// Works until the last session is gone.
    pub async fn gather(self, mut arriving: mpsc::Receiver<Item>) {
        let mut left_over = None;
        loop {
            let first = match left_over.take() {
                Some(item) => Some(item),
                None => arriving.recv().await,
            };
            let Some(first) = first else { return };
            let most_letters = if self.desk.travels_alone(&first.part) { 1 } else { self.most_letters };
            let mut batch = Batch::new(first, most_letters, self.desk.most_octets());
            let permit = self.fill(&mut batch, &mut arriving).await;
            left_over = batch.left_over;
            tokio::spawn(carry(Arc::clone(&self.desk), batch.items, permit));
        }
    }

    /// Adds letters until the call may be made and nobody brings more.
    async fn fill(&self, batch: &mut Batch, arriving: &mut mpsc::Receiver<Item>) -> OwnedSemaphorePermit {
        let mut is_ready = batch.is_full();
        let mut turn = pin!(self.turn());
        loop {
            tokio::select! {
                biased;
                permit = &mut turn, if is_ready => return permit,
                Some(item) = arriving.recv(), if !batch.is_full() => {
                    batch.push(item, &self.desk);
                    is_ready = batch.is_full();
                }
                () = tokio::time::sleep(LINGER), if !is_ready => is_ready = true,
            }
        }
    }

    /// When the pace and the calls under way allow another one.
    async fn turn(&self) -> OwnedSemaphorePermit {
        let calls = Arc::clone(&self.calls);
        let permit = calls.acquire_owned().await.expect("nobody closes the semaphore");
        self.desk.wait().await;
        permit
    }
}

/// A call that is being filled.
struct Batch {
    items: Vec<Item>,
    octets: usize,
    most_letters: usize,
    most_octets: usize,
    /// One that did not fit any more.
    left_over: Option<Item>,
}

impl Batch {
    fn new(first: Item, most_letters: usize, most_octets: usize) -> Batch {
        let octets = first.part.piece.len();
        Batch { items: vec![first], octets, most_letters, most_octets, left_over: None }
    }

    fn is_full(&self) -> bool {
        self.left_over.is_some() || self.items.len() >= self.most_letters
    }

    fn push(&mut self, item: Item, desk: &Desk) {
        // A comma and the like for each.
        let octets = self.octets + item.part.piece.len() + 2;
        if octets > self.most_octets || desk.travels_alone(&item.part) {
            self.left_over = Some(item);
        } else {
            self.octets = octets;
            self.items.push(item);
        }
    }
}

async fn carry(desk: Arc<Desk>, items: Vec<Item>, permit: OwnedSemaphorePermit) {
    // Nobody waits for a letter of a run that was dropped.
    let items: Vec<Item> = items.into_iter().filter(|item| !item.answer.is_closed()).collect();
    let (parts, answers): (Vec<Part>, Vec<_>) =
        items.into_iter().map(|item| (item.part, item.answer)).unzip();
    let outcomes = desk.hand_over(&parts).await;
    drop(permit);
    for (answer, outcome) in answers.into_iter().zip(outcomes) {
        // Whoever stopped waiting finds the letter as after a crash.
        drop(answer.send(outcome));
    }
}
