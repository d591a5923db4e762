//! Makes calls and learns what became of their letters. Where a key makes that safe, a call is written down before it
//! is made, and made again while nobody can say what the provider did with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::answer::Answer;
use super::api::{Api, Outcomes};
use super::call::Caller;
use super::doubt::{self, Doubt, Window};
use super::pace::Pace;
use crate::ledger::recorded::{DeliveryId, NotedCall, Recorded};
use crate::ledger::rows::{CallNews, NewCall};
use crate::ledger::{Ledger, LedgerError};
use crate::model::attempt::{Accepted, Broken, Fault, Phase, Reply};
use crate::settings::http::HttpSettings;
use crate::transport::Envelope;

/// What became of a letter.
pub type Outcome = Result<Accepted, Broken>;

/// A letter in a call.
pub struct Part {
    delivery: DeliveryId,
    attempt: u32,
    /// Its Message-ID.
    id: String,
    pub piece: Vec<u8>,
}

impl Part {
    /// Whoever makes one has the ledger's proof, and keeps it until the answer is there.
    pub fn new(of: &Recorded, envelope: &Envelope, piece: Vec<u8>) -> Part {
        Part::again(of.delivery(), of.attempt(), envelope, piece)
    }

    /// Of a call that was written down.
    pub fn again(delivery: DeliveryId, attempt: u32, envelope: &Envelope, piece: Vec<u8>) -> Part {
        Part { delivery, attempt, id: envelope.id.clone().unwrap_or_default(), piece }
    }
}

/// What is known of the same call from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Earlier {
    /// There was none.
    None,
    /// Nobody knows what it was answered, if it was made.
    Unheard,
    /// One of its answers said that it took nothing.
    Denied,
}

impl Earlier {
    fn doubt(self) -> Doubt {
        match self {
            Earlier::None => Doubt::No,
            Earlier::Unheard | Earlier::Denied => Doubt::Yes,
        }
    }
}

/// What all calls of a transport share.
pub struct Desk {
    api: Arc<dyn Api>,
    caller: Arc<Caller>,
    pace: Pace,
    /// Part of every key: the same letters through another account are other calls.
    account: String,
    /// Where keyed calls are written down, unless their letters have no rows.
    ledger: Option<Ledger>,
    transport: Arc<str>,
    /// The keys of calls with an answer, which the ledger need not remember for long.
    answered: Mutex<Vec<String>>,
}

impl Desk {
    pub fn new(
        api: Arc<dyn Api>,
        caller: Arc<Caller>,
        settings: &HttpSettings,
        transport: &str,
        ledger: Option<Ledger>,
    ) -> Desk {
        Desk {
            api,
            caller,
            pace: Pace::new(settings.calls),
            account: settings.account(),
            ledger,
            transport: transport.into(),
            answered: Mutex::default(),
        }
    }

    /// Octets that a call may have, at most.
    pub fn most_octets(&self) -> usize {
        self.api.most_octets()
    }

    /// Whether this letter has to be a call of its own.
    pub fn travels_alone(&self, part: &Part) -> bool {
        self.api.travels_alone(&part.piece)
    }

    /// Whether every call is written down before it is made.
    pub fn notes_calls(&self) -> bool {
        self.api.remembers().is_some() && self.ledger.is_some()
    }

    /// Returns when the pace allows a call, which is then the next one.
    pub async fn wait(&self) {
        self.pace.wait().await;
    }

    /// What became of each, by a call whose time has come.
    pub async fn hand_over(&self, parts: &[Part]) -> Vec<Outcome> {
        if parts.is_empty() {
            return Vec::new();
        }
        if let Some(wait) = self.pace.shut_for() {
            return all(parts, &shut(wait));
        }
        let window = self.window();
        match self.note(&[parts], None, window.as_ref()).await.map_err(unwritten) {
            Ok(()) => self.make(parts, window, Earlier::None).await,
            Err(broken) => all(parts, &broken),
        }
    }

    /// The same of a call that was written down, and perhaps made, by a run that is gone. An answer that says nothing
    /// about that one leaves its letters unclear.
    pub async fn hand_over_again(&self, call: &NotedCall, parts: &[Part]) -> Vec<Outcome> {
        if self.key(parts) != call.key() {
            return all(parts, &unclear("the call was made through another account"));
        }
        self.pace.wait().await;
        let window = self.api.remembers().map(|remembers| Window::until(call.until(), remembers));
        let Some(window) = window.filter(Window::is_open) else {
            // Kept for longer, it could look young again by a clock that was set.
            let over = CallNews { over: vec![call.key().to_owned()], ..CallNews::default() };
            drop(self.tell(over).await);
            return all(parts, &unclear("it is too late to make the call again"));
        };
        if call.is_denied() {
            return self.make(parts, Some(window), Earlier::Denied).await;
        }
        self.make(parts, Some(window), Earlier::Unheard).await
    }

    /// For how long a call that is made now may be made again; `None` where there are no keys.
    fn window(&self) -> Option<Window> {
        self.api.remembers().map(Window::of)
    }

    /// Where one letter spoils a call, its halves are calls of their own.
    async fn make(&self, parts: &[Part], window: Option<Window>, earlier: Earlier) -> Vec<Outcome> {
        match self.told(parts, window, earlier).await {
            Some(each) => each,
            None => believed(self.halve(parts).await),
        }
    }

    /// What the answer to a call says of its letters; `None` where one of them spoils it.
    async fn told(&self, parts: &[Part], window: Option<Window>, earlier: Earlier) -> Option<Vec<Outcome>> {
        let answered = self.ask(parts, window.as_ref(), earlier).await;
        let has_taken_nothing = took_nothing(&answered);
        let each = match answered {
            Ok(Outcomes::Split(_)) if parts.len() > 1 => return None,
            Ok(Outcomes::Each(each)) if each.len() == parts.len() => each,
            Ok(Outcomes::All(broken) | Outcomes::Split(broken)) | Err(broken) => all(parts, &broken),
            Ok(Outcomes::Each(_) | Outcomes::Used(_)) => {
                all(parts, &unclear("the answer does not fit the letters of the call"))
            }
            Ok(Outcomes::Again) => all(parts, &unclear("the call is still being worked on")),
        };
        match (window, has_taken_nothing) {
            (Some(_), true) => Some(self.void(parts, each).await),
            (Some(_), false) => {
                self.answered().push(self.key(parts));
                Some(each)
            }
            (None, _) => Some(each),
        }
    }

    /// Writes down that a call took nothing before any of its letters hears of it: from then on they may go out in
    /// other calls, and this one must not follow them.
    async fn void(&self, parts: &[Part], each: Vec<Outcome>) -> Vec<Outcome> {
        let void = CallNews { void: vec![self.key(parts)], ..CallNews::default() };
        match self.tell(void).await {
            Ok(()) => each,
            Err(error) => all(parts, &unclear(&format!("its answer could not be written down: {error}"))),
        }
    }

    fn halve<'a>(&'a self, parts: &'a [Part]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let (left, right) = parts.split_at(parts.len() / 2);
            if let Err(error) = self.note(&[left, right], Some(parts), self.window().as_ref()).await {
                // The whole is still written down, and would be made again.
                return all(parts, &unclear(&format!("its halves could not be written down: {error}")));
            }
            let mut each = Vec::with_capacity(parts.len());
            for half in [left, right] {
                self.pace.wait().await;
                let told = self.told(half, self.window(), Earlier::None).await;
                each.extend(match told {
                    Some(told) => told,
                    None => self.halve(half).await,
                });
            }
            each
        })
    }

    /// Writes keyed calls down. A call that nobody wrote down is not made.
    async fn note(
        &self,
        calls: &[&[Part]],
        instead_of: Option<&[Part]>,
        window: Option<&Window>,
    ) -> Result<(), LedgerError> {
        let Some(window) = window else { return Ok(()) };
        let made = calls.iter().map(|parts| NewCall {
            key: self.key(parts),
            until: window.ends_at(),
            letters: parts.iter().map(|part| (part.delivery, part.attempt)).collect(),
        });
        let (made, void) = (made.collect(), instead_of.map(|parts| self.key(parts)));
        let answered = std::mem::take(&mut *self.answered());
        let void = void.into_iter().collect();
        self.tell(CallNews { made, void, answered, ..CallNews::default() }).await
    }

    async fn tell(&self, news: CallNews) -> Result<(), LedgerError> {
        let Some(ledger) = &self.ledger else { return Ok(()) };
        ledger.note_calls(news, &self.transport, Timestamp::now()).await
    }

    fn answered(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks until the answer says what became of the letters, or asking again would be another call.
    async fn ask(
        &self,
        parts: &[Part],
        window: Option<&Window>,
        earlier: Earlier,
    ) -> Result<Outcomes, Broken> {
        let key = window.map(|_| self.key(parts));
        let has_key = key.is_some();
        let (mut doubt, mut is_void) = (earlier.doubt(), earlier == Earlier::Denied);
        let mut answered = self.once(parts, key.as_deref()).await;
        for pause in doubt::REPEATS {
            doubt = doubt.after(&answered, has_key);
            let Some(pause) = doubt.pause(&answered, pause, has_key) else { break };
            is_void |= self.deny(key.as_deref(), &answered).await;
            self.rest(&answered, pause).await;
            if window.is_some_and(|window| !window.is_open()) {
                break;
            }
            answered = self.once(parts, key.as_deref()).await;
        }
        if let (true, Ok(Outcomes::Used(accepted))) = (is_void, &answered) {
            return self.learn_no_more(parts, accepted).await;
        }
        self.deny(key.as_deref(), &answered).await;
        doubt.after(&answered, has_key).settle(answered)
    }

    /// Whether this answer says that the call took nothing; then a later one that says no more than that the key is
    /// known must not be believed, not even by the next run.
    async fn deny(&self, key: Option<&str>, answered: &Result<Outcomes, Broken>) -> bool {
        let is_void = doubt::is_void(answered);
        if let (true, true, Some(key)) = (is_void, self.api.keeps_keys_alone(), key) {
            let denied = CallNews { denied: vec![key.to_owned()], ..CallNews::default() };
            // Unwritten, it is known to this run alone.
            drop(self.tell(denied).await);
        }
        is_void
    }

    /// The provider keeps the key of a call that it says it did not take.
    async fn learn_no_more(&self, parts: &[Part], said: &Accepted) -> Result<Outcomes, Broken> {
        let over = CallNews { over: vec![self.key(parts)], ..CallNews::default() };
        // Unwritten, the call is made again, which this run cannot help.
        drop(self.tell(over).await);
        Ok(Outcomes::All(Broken::faulted(Fault::Unclear, said.reply.clone())))
    }

    /// What asks for less speed asks all calls.
    async fn rest(&self, answered: &Result<Outcomes, Broken>, pause: Duration) {
        match doubt::fault(answered) {
            Some(Fault::Speed { .. }) => self.pace.pause(pause),
            _ => tokio::time::sleep(pause).await,
        }
        self.pace.wait().await;
    }

    async fn once(&self, parts: &[Part], key: Option<&str>) -> Result<Outcomes, Broken> {
        let pieces: Vec<&[u8]> = parts.iter().map(|part| part.piece.as_slice()).collect();
        let (mut answer, signed) = self.call(&pieces, key).await?;
        if self.api.renews(&signed, &answer) {
            self.pace.wait().await;
            (answer, _) = self.call(&pieces, key).await?;
        }
        Ok(self.api.outcomes(&answer, parts.len()))
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
        match answer.pause() {
            Some(wait) if wait > doubt::LONGEST_PAUSE => self.pace.shut(wait),
            Some(wait) => self.pace.pause(wait),
            None => {}
        }
    }

    /// Of the account, the letters and their attempts, in their order: what was tried anew is another call.
    fn key(&self, parts: &[Part]) -> String {
        let mut context = Context::new(&SHA256);
        let mut add = |fact: &[u8]| {
            context.update(&(fact.len() as u64).to_be_bytes());
            context.update(fact);
        };
        add(self.account.as_bytes());
        for part in parts {
            add(part.id.as_bytes());
            add(&part.attempt.to_be_bytes());
        }
        HEXLOWER.encode(context.finish().as_ref())
    }
}

fn all(parts: &[Part], broken: &Broken) -> Vec<Outcome> {
    parts.iter().map(|_| Err(broken.clone())).collect()
}

/// Whether the provider has said that it took none of the letters, or cannot have heard of them.
fn took_nothing(answered: &Result<Outcomes, Broken>) -> bool {
    matches!(answered, Ok(Outcomes::All(_) | Outcomes::Split(_)) | Err(_)) && !doubt::is_open(answered)
}

/// Of letters whose call was not made: they come again when it may be.
fn shut(wait: Duration) -> Broken {
    let words = format!("no call is allowed for {} s, so that none was made", wait.as_secs().max(1));
    Broken::faulted(Fault::Speed { wait: Some(wait) }, Reply::new(429, words))
}

fn unwritten(error: LedgerError) -> Broken {
    Broken::cut(Phase::Data, error.to_string())
}

/// From so many letters on, a call that is refused letter by letter says more of what they have in common.
const MANY: usize = 10;

/// What became of the halves of a call. Where each of many letters is refused alike the fault is ours, whoever the
/// provider blames: an answer address, say, that all of them have.
fn believed(each: Vec<Outcome>) -> Vec<Outcome> {
    let is_refused = |one: &Outcome| one.as_ref().is_err_and(|it| it.fault == Some(Fault::Recipient));
    if each.len() < MANY || !each.iter().all(is_refused) {
        return each;
    }
    let ours = |broken| Broken { fault: Some(Fault::Account), ..broken };
    each.into_iter().map(|one| one.map_err(ours)).collect()
}

fn unclear(words: &str) -> Broken {
    Broken::faulted(Fault::Unclear, Reply::new(200, words))
}
