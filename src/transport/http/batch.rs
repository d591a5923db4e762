//! Letters of many sessions, gathered into calls. A call is made when it is full, or when nobody has brought a
//! letter for a moment.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::answer::Answer;
use super::api::{Api, Outcomes};
use super::call::Caller;
use super::pace::Pace;
use crate::ledger::recorded::Recorded;
use crate::model::attempt::{Accepted, Broken, Fault, Phase, Reply};
use crate::settings::http::HttpSettings;
use crate::settings::transport::TransportSettings;
use crate::transport::Envelope;

/// How long a call that is not full waits for another letter.
const LINGER: Duration = Duration::from_millis(20);
/// The pauses between the same call with the same key.
const REPEATS: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(10),
    Duration::from_secs(20),
];

/// What became of a letter.
type Outcome = Result<Accepted, Broken>;

/// A letter that waits for its call.
pub struct Item {
    /// Its Message-ID.
    id: String,
    attempt: u32,
    piece: Vec<u8>,
    answer: oneshot::Sender<Outcome>,
}

impl Item {
    /// Whoever makes one has the ledger's proof, and keeps it until the answer is there.
    pub fn new(of: &Recorded, envelope: &Envelope, piece: Vec<u8>, answer: oneshot::Sender<Outcome>) -> Item {
        let id = envelope.id.clone().unwrap_or_default();
        Item { id, attempt: of.attempt(), piece, answer }
    }
}

/// Makes the calls of one transport.
pub struct Batcher {
    desk: Arc<Desk>,
    most_letters: usize,
    calls: Arc<Semaphore>,
}

/// What all calls share.
struct Desk {
    api: Arc<dyn Api>,
    caller: Arc<Caller>,
    pace: Pace,
    /// Part of every key: the same letters through another account are other calls.
    account: String,
}

impl Batcher {
    pub fn new(
        api: Arc<dyn Api>,
        caller: Arc<Caller>,
        transport: &TransportSettings,
        settings: &HttpSettings,
    ) -> Batcher {
        let pace = Pace::new(settings.calls);
        Batcher {
            desk: Arc::new(Desk { api, caller, pace, account: settings.account() }),
            most_letters: settings.batch.get(),
            calls: Arc::new(Semaphore::new(transport.connections.get())),
        }
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
            let mut batch = Batch::new(first, self.most_letters, self.desk.api.most_octets());
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
                    batch.push(item);
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
        self.desk.pace.wait().await;
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
        let octets = first.piece.len();
        Batch { items: vec![first], octets, most_letters, most_octets, left_over: None }
    }

    fn is_full(&self) -> bool {
        self.left_over.is_some() || self.items.len() >= self.most_letters
    }

    fn push(&mut self, item: Item) {
        // A comma and the like for each.
        let octets = self.octets + item.piece.len() + 2;
        if octets > self.most_octets {
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
    let outcomes = desk.hand_over(&items).await;
    drop(permit);
    for (item, outcome) in items.into_iter().zip(outcomes) {
        // Whoever stopped waiting finds the letter as after a crash.
        drop(item.answer.send(outcome));
    }
}

impl Desk {
    /// What became of each, by a call whose time has come. Where one letter spoils it, its halves are handed over by
    /// themselves.
    fn hand_over<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            if items.is_empty() {
                return Vec::new();
            }
            match self.ask(items).await {
                Ok(Outcomes::Each(each)) if each.len() == items.len() => each,
                Ok(Outcomes::Split(_)) if items.len() > 1 => {
                    let (left, right) = items.split_at(items.len() / 2);
                    self.pace.wait().await;
                    let mut each = self.hand_over(left).await;
                    self.pace.wait().await;
                    each.extend(self.hand_over(right).await);
                    each
                }
                Ok(Outcomes::All(broken) | Outcomes::Split(broken)) | Err(broken) => {
                    items.iter().map(|_| Err(broken.clone())).collect()
                }
                Ok(Outcomes::Each(_) | Outcomes::Again) => items.iter().map(|_| Err(unclear())).collect(),
            }
        })
    }

    /// The same call is made again while nobody can say what became of it, where its key makes that safe.
    async fn ask(&self, items: &[Item]) -> Result<Outcomes, Broken> {
        let key = self.api.remembers().map(|_| self.key(items));
        let mut answered = self.once(items, key.as_deref()).await;
        for wait in REPEATS {
            if key.is_none() || !is_open(&answered) {
                break;
            }
            tokio::time::sleep(wait).await;
            self.pace.wait().await;
            answered = self.once(items, key.as_deref()).await;
        }
        answered
    }

    async fn once(&self, items: &[Item], key: Option<&str>) -> Result<Outcomes, Broken> {
        let pieces: Vec<&[u8]> = items.iter().map(|item| item.piece.as_slice()).collect();
        let (mut answer, signed) = self.call(&pieces, key).await?;
        if self.api.renews(&signed, &answer) {
            self.pace.wait().await;
            (answer, _) = self.call(&pieces, key).await?;
        }
        Ok(self.api.outcomes(&answer, items.len()))
    }

    /// The answer, and the headers that proved who asks.
    async fn call(&self, pieces: &[&[u8]], key: Option<&str>) -> Result<(Answer, HeaderMap), Broken> {
        let mut request = self.api.request(pieces, key);
        self.api.sign(&mut request).await?;
        let signed = request.headers.clone();
        let answer = self.caller.call(request).await?;
        self.heed(&answer);
        Ok((answer, signed))
    }

    fn heed(&self, answer: &Answer) {
        if let Some(wait) = answer.pause() {
            self.pace.pause(wait);
        }
    }

    /// Of the account, the letters and their attempts, in their order: what was tried anew is another call.
    fn key(&self, items: &[Item]) -> String {
        let mut context = Context::new(&SHA256);
        let mut add = |fact: &[u8]| {
            context.update(&(fact.len() as u64).to_be_bytes());
            context.update(fact);
        };
        add(self.account.as_bytes());
        for item in items {
            add(item.id.as_bytes());
            add(&item.attempt.to_be_bytes());
        }
        HEXLOWER.encode(context.finish().as_ref())
    }
}

/// Whether it is not known what the provider did.
fn is_open(answered: &Result<Outcomes, Broken>) -> bool {
    match answered {
        Ok(Outcomes::Again) => true,
        Ok(Outcomes::All(broken)) => broken.fault == Some(Fault::Unclear),
        Ok(Outcomes::Each(_) | Outcomes::Split(_)) => false,
        Err(broken) => broken.phase == Phase::Answer && broken.reply.is_none(),
    }
}

fn unclear() -> Broken {
    Broken::faulted(Fault::Unclear, Reply::new(200, "the answer does not fit the letters of the call"))
}
