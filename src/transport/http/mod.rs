//! The way out through a provider's API. Letters of many sessions share a call where the provider takes many at
//! once; each session gets the outcome of its own. Nothing here decides what an answer means for a run.

pub mod account;
pub mod answer;
pub mod api;
mod batch;
mod brevo;
pub mod call;
mod desk;
mod doubt;
pub mod health;
mod json;
mod knock;
mod mailgun;
mod mailjet;
mod message;
mod pace;
mod postmark;
mod resend;
pub mod search;
mod sendgrid;
pub mod ses;
mod sparkpost;
pub mod suppressions;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use api::{Api, Letter};
use batch::{Batcher, Item};
use call::Caller;
use desk::{Desk, Part};
use knock::Knock;

use crate::ledger::Ledger;
use crate::ledger::recorded::{NotedCall, Recorded};
use crate::model::attempt::{Accepted, Broken, Phase};
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;
use crate::settings::transport::TransportSettings;
use crate::transport::{Again, Carried, Envelope, Session, Transport};

/// A provider's API, ready for letters.
pub struct Http {
    api: Arc<dyn Api>,
    caller: Arc<Caller>,
    desk: Arc<Desk>,
    items: mpsc::Sender<Item>,
    knock: Arc<Knock>,
}

/// One place in the calls. Any number may be open.
pub struct HttpSession {
    api: Arc<dyn Api>,
    items: mpsc::Sender<Item>,
    knock: Arc<Knock>,
    /// Of the letter whose body is awaited.
    open: Option<Envelope>,
}

impl Http {
    /// Fails if the settings make no client. Within a runtime only: letters are gathered by a task of their own,
    /// which ends with the last session. `ledger` is where calls are written down that may be made again after a
    /// crash; letters that have no rows in one need none.
    pub fn new(
        transport: &TransportSettings,
        settings: &HttpSettings,
        ledger: Option<Ledger>,
    ) -> Result<Http, Broken> {
        let caller = Arc::new(Caller::new(settings)?);
        let api = api_of(settings)?;
        let (items, arriving) = mpsc::channel(transport.couriers().get());
        let desk = Desk::new(Arc::clone(&api), Arc::clone(&caller), settings, &transport.name, ledger);
        let desk = Arc::new(desk);
        let batcher = Batcher::new(Arc::clone(&desk), settings.batch, transport.connections);
        tokio::spawn(batcher.gather(arriving));
        Ok(Http { api, caller, desk, items, knock: Arc::default() })
    }
}

fn api_of(settings: &HttpSettings) -> Result<Arc<dyn Api>, Broken> {
    match settings.provider {
        Provider::Resend => Ok(Arc::new(resend::Resend::new(settings))),
        Provider::Postmark => Ok(Arc::new(postmark::Postmark::new(settings))),
        Provider::Sendgrid => Ok(Arc::new(sendgrid::Sendgrid::new(settings))),
        Provider::Brevo => Ok(Arc::new(brevo::Brevo::new(settings))),
        Provider::Ses => Ok(Arc::new(ses::Ses::new(settings))),
        Provider::Mailgun => Ok(Arc::new(mailgun::Mailgun::new(settings))),
        Provider::Sparkpost => Ok(Arc::new(sparkpost::Sparkpost::new(settings))),
        Provider::Mailjet => Ok(Arc::new(mailjet::Mailjet::new(settings))),
    }
}

impl Transport for Http {
    type Session = HttpSession;

    /// Asks the provider for any answer at all, once; later connections are those of the calls.
    async fn connect(&self) -> Result<HttpSession, Broken> {
        self.knock.once(self.caller.knock()).await?;
        Ok(HttpSession {
            api: Arc::clone(&self.api),
            items: self.items.clone(),
            knock: Arc::clone(&self.knock),
            open: None,
        })
    }

    /// A key makes a call safe, not a letter.
    fn is_idempotent(&self) -> bool {
        false
    }

    fn has_tags(&self) -> bool {
        true
    }

    fn notes_calls(&self) -> bool {
        self.desk.notes_calls()
    }

    async fn again(&self, call: &NotedCall, letters: &[Again<'_>]) -> Vec<Result<Accepted, Broken>> {
        match letters.iter().map(|again| self.part(again)).collect::<Result<Vec<Part>, Broken>>() {
            Ok(parts) => self.desk.hand_over_again(call, &parts).await,
            Err(broken) => {
                let unknown = Broken { phase: Phase::Answer, may_pass: true, ..broken };
                letters.iter().map(|_| Err(unknown.clone())).collect()
            }
        }
    }
}

impl Http {
    fn part(&self, again: &Again<'_>) -> Result<Part, Broken> {
        let letter = Letter { envelope: again.envelope, bytes: again.bytes };
        Ok(Part::again(again.delivery, again.attempt, again.envelope, self.api.piece(&letter)?))
    }
}

impl Session for HttpSession {
    /// Nothing is said before the letter is there.
    async fn open(&mut self, envelope: &Envelope) -> Result<(), Broken> {
        self.open = Some(envelope.clone());
        Ok(())
    }

    async fn body(&mut self, letter: &Recorded, bytes: &[u8], next: Option<&Envelope>) -> Carried {
        let envelope = std::mem::replace(&mut self.open, next.cloned());
        let envelope = envelope.expect("a letter is opened before its body is written");
        let carried = self.carry(letter, &envelope, bytes).await;
        if carried.as_ref().is_err_and(|broken| broken.phase <= Phase::Login) {
            self.knock.lost();
        }
        Carried { letter: carried, next: next.map(|_| Ok(())) }
    }

    fn is_usable(&self) -> bool {
        self.knock.has_reached()
    }

    async fn close(self) {}
}

impl HttpSession {
    async fn carry(&self, of: &Recorded, envelope: &Envelope, bytes: &[u8]) -> Result<Accepted, Broken> {
        let letter = Letter { envelope, bytes };
        let piece = self.api.piece(&letter)?;
        let (answer, wait) = oneshot::channel();
        let part = Part::new(of, envelope, piece);
        self.items.send(Item { part, answer }).await.map_err(|_| gone())?;
        wait.await
            .unwrap_or_else(|_| Err(Broken::cut(Phase::Answer, "the program ended before the answer came")))
    }
}

fn gone() -> Broken {
    Broken::cut(Phase::Data, "the program is ending")
}

#[cfg(test)]
mod tests;
