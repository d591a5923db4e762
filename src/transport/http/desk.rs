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
use crate::ledger::Ledger;
use crate::ledger::recorded::{DeliveryId, NotedCall, Recorded};
use crate::ledger::rows::NewCall;
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
        let window = self.window();
        match self.note(&[parts], None, window.as_ref()).await {
            Ok(()) => self.make(parts, window, Doubt::No).await,
            Err(broken) => all(parts, &broken),
        }
    }

    /// The same of a call that was written down, and perhaps made, by a run that is gone. An answer that says nothing
    /// about that one leaves its letters unclear.
    pub async fn hand_over_again(&self, call: &NotedCall, parts: &[Part]) -> Vec<Outcome> {
        if self.key(parts) != call.key() {
            return all(parts, &unclear("the call was made through another account"));
        }
        let window = Window::until(call.until());
        self.pace.wait().await;
        if !window.is_open() {
            return all(parts, &unclear("it is too late to make the call again"));
        }
        self.make(parts, Some(window), Doubt::Yes).await
    }

    /// For how long a call that is made now may be made again; `None` where there are no keys.
    fn window(&self) -> Option<Window> {
        self.api.remembers().map(Window::of)
    }

    /// Where one letter spoils a call, its halves are calls of their own.
    fn make<'a>(
        &'a self,
        parts: &'a [Part],
        window: Option<Window>,
        doubt: Doubt,
    ) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let answered = self.ask(parts, window.as_ref(), doubt).await;
            let each = match answered {
                Ok(Outcomes::Split(_)) if parts.len() > 1 => return self.halve(parts).await,
                Ok(Outcomes::Each(each)) if each.len() == parts.len() => each,
                Ok(Outcomes::All(broken) | Outcomes::Split(broken)) | Err(broken) => all(parts, &broken),
                Ok(Outcomes::Each(_)) => {
                    all(parts, &unclear("the answer does not fit the letters of the call"))
                }
                Ok(Outcomes::Again) => all(parts, &unclear("the call is still being worked on")),
            };
            if window.is_some() {
                self.answered().push(self.key(parts));
            }
            each
        })
    }

    async fn halve(&self, parts: &[Part]) -> Vec<Outcome> {
        let (left, right) = parts.split_at(parts.len() / 2);
        if let Err(broken) = self.note(&[left, right], Some(parts), self.window().as_ref()).await {
            return all(parts, &broken);
        }
        let mut each = Vec::with_capacity(parts.len());
        for half in [left, right] {
            self.pace.wait().await;
            each.extend(self.make(half, self.window(), Doubt::No).await);
        }
        each
    }

    /// Writes keyed calls down. A call that nobody wrote down is not made.
    async fn note(
        &self,
        calls: &[&[Part]],
        instead_of: Option<&[Part]>,
        window: Option<&Window>,
    ) -> Result<(), Broken> {
        let (Some(window), Some(ledger)) = (window, &self.ledger) else { return Ok(()) };
        let made = calls.iter().map(|parts| NewCall {
            key: self.key(parts),
            until: window.ends_at(),
            letters: parts.iter().map(|part| (part.delivery, part.attempt)).collect(),
        });
        let (made, instead_of) = (made.collect(), instead_of.map(|parts| self.key(parts)));
        let answered = std::mem::take(&mut *self.answered());
        let noted = ledger.note_calls(made, instead_of, answered, &self.transport, Timestamp::now()).await;
        noted.map_err(|error| Broken::cut(Phase::Data, error.to_string()))
    }

    fn answered(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks until the answer says what became of the letters, or asking again would be another call.
    async fn ask(
        &self,
        parts: &[Part],
        window: Option<&Window>,
        mut doubt: Doubt,
    ) -> Result<Outcomes, Broken> {
        let key = window.map(|_| self.key(parts));
        let mut answered = self.once(parts, key.as_deref()).await;
        for pause in doubt::REPEATS {
            doubt = doubt.after(&answered);
            let Some(pause) = doubt.pause(&answered, pause, key.is_some()) else { break };
            self.rest(&answered, pause).await;
            if window.is_some_and(|window| !window.is_open()) {
                break;
            }
            answered = self.once(parts, key.as_deref()).await;
        }
        doubt.after(&answered).settle(answered)
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
        if let Some(wait) = answer.pause() {
            self.pace.pause(wait);
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

fn unclear(words: &str) -> Broken {
    Broken::faulted(Fault::Unclear, Reply::new(200, words))
}
