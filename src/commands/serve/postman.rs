//! Sends the mails that ask to confirm a subscription, one after the other, by the transport of the workspace.
//!
//! A request is on disk before its mail leaves, and the mail is written down as leaving before the first byte of its body
//! does; its envelope may travel before. So a crash loses no request, and sends no mail twice: one of which nobody knows
//! whether it arrived is not sent again, and one that had only knocked at the server is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::opener;
use crate::commands::desk::Desk;
use crate::commands::sending::way::{Way, refuse_default_outbox};
use crate::commands::{Failure, readers};
use crate::compose::dkim::Signer;
use crate::compose::edition;
use crate::compose::press::{Press, Stamp};
use crate::ledger::consent::{DueRequest, Limits};
use crate::ledger::recorded::Recorded;
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::Mailbox;
use crate::model::attempt::{Accepted, Broken, Phase};
use crate::model::subscriber::{Fields, ListId, Subscriber};
use crate::policy::judge::judge;
use crate::settings::lists::List;
use crate::token::{PersonId, Purpose, Secret};
use crate::transport::{Envelope, Session, Transport};
use crate::web::serve::{Books, CONFIRM_URL, Dress, Listener, Note, Opened, confirmation};

/// Mails of an hour: far more than come where nobody plays with the form.
const LIMITS: Limits = Limits { in_all: 600, to_a_domain: 300 };
/// How long a mail that is due may lie, at most, if nobody wakes the postman.
const ROUND: Duration = Duration::from_secs(5);
/// How often it is looked for what nobody confirmed.
const SWEEP: Duration = Duration::from_secs(3600);
/// A server takes the envelope within this time, or the mail is tried again later: others wait behind it.
const KNOCKING: Duration = Duration::from_secs(60);
/// What is under way may take so long once the server ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Who mails about a list are from.
struct From {
    mailbox: Mailbox,
    reply_to: Option<Mailbox>,
    signers: Vec<Signer>,
}

pub struct Postman {
    books: Books,
    /// Told when a request has come.
    wake: Arc<Notify>,
    bag: Bag,
}

/// What a mail needs to be made and to leave.
struct Bag {
    way: Way,
    /// The name of the transport.
    transport: String,
    dress: Arc<Dress>,
    base_url: String,
    /// For every list of the form.
    from: BTreeMap<ListId, From>,
    listener: Listener,
}

/// Whoever sends the mails that ask to confirm; nobody where there is no form.
pub fn postman(
    desk: &Desk,
    offered: &[List],
    dress: &Arc<Dress>,
    listener: &Listener,
    wake: &Arc<Notify>,
) -> Result<Option<Postman>, Failure> {
    if offered.is_empty() {
        return Ok(None);
    }
    let (base_url, _) = readers::signing(desk)?;
    refuse_default_outbox(desk, "the form of [subscribe] sends mails")?;
    let settings = &desk.settings.transport.transport;
    let bag = Bag {
        way: Way::open(settings, None)?,
        transport: settings.name.clone(),
        dress: Arc::clone(dress),
        base_url,
        from: senders(desk, offered)?,
        listener: Arc::clone(listener),
    };
    let books = Books::new(opener(desk), Arc::clone(listener));
    Ok(Some(Postman { books, wake: Arc::clone(wake), bag }))
}

fn senders(desk: &Desk, offered: &[List]) -> Result<BTreeMap<ListId, From>, Failure> {
    let each = offered.iter().map(|list| {
        let mailbox = desk.from_of(list.from.clone())?;
        let reply_to = list.reply_to.clone().or_else(|| desk.settings.reply_to.clone());
        let signers = desk.signers(mailbox.address.domain())?;
        Ok((list.id.clone(), From { mailbox, reply_to, signers }))
    });
    each.collect()
}

impl Postman {
    /// Works until `end` says so; the mail under way has a few seconds more. It blocks its thread while it uses the ledger.
    pub async fn work(mut self, mut end: watch::Receiver<bool>) {
        let mut swept: Option<Instant> = None;
        loop {
            tokio::select! {
                _ = end.wait_for(|end| *end) => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(ROUND) => {}
            }
            let Some((opened, ())) = self.books.ready_if_begun() else { continue };
            let is_long_ago = swept.is_none_or(|swept| swept.elapsed() >= SWEEP);
            match self.bag.round(opened, is_long_ago, &end).await {
                Ok(()) if is_long_ago => swept = Some(Instant::now()),
                Ok(()) => {}
                Err(error) => (self.bag.listener)(Note::Trouble(&error.to_string())),
            }
        }
    }
}

impl Bag {
    /// Everything that is due. What nobody confirmed in time is forgotten, where it is time to look.
    async fn round(
        &self,
        opened: &Opened,
        sweeps: bool,
        end: &watch::Receiver<bool>,
    ) -> Result<(), LedgerError> {
        if sweeps {
            opened.ledger.forget_requests(Timestamp::now())?;
        }
        while !*end.borrow() {
            let Some(request) = opened.ledger.next_request(Timestamp::now())? else {
                return Ok(());
            };
            self.send(opened, &request, end).await?;
        }
        Ok(())
    }

    async fn send(
        &self,
        Opened { ledger, secret }: &Opened,
        request: &DueRequest,
        end: &watch::Receiver<bool>,
    ) -> Result<(), LedgerError> {
        if !ledger.admit_request(request, &LIMITS, Timestamp::now())? {
            return Ok(());
        }
        let Some((envelope, bytes)) = self.letter(secret, request) else {
            let broken = Broken::cut(Phase::Connect, "the mail cannot be made");
            return self.written(ledger, request, async |_| Err(broken)).await;
        };
        match &self.way {
            Way::Outbox(outbox) => {
                self.carry(outbox.as_ref(), ledger, request, (&envelope, &bytes), end).await
            }
            Way::Smtp(smtp) => self.carry(smtp.as_ref(), ledger, request, (&envelope, &bytes), end).await,
            Way::Http(http) => self.carry(http.as_ref(), ledger, request, (&envelope, &bytes), end).await,
        }
    }

    /// A mail whose server is not reached before the end stays due, as if nobody had tried.
    async fn carry<T: Transport>(
        &self,
        transport: &T,
        ledger: &Ledger,
        request: &DueRequest,
        (envelope, bytes): (&Envelope, &[u8]),
        end: &watch::Receiver<bool>,
    ) -> Result<(), LedgerError> {
        let knocked = tokio::select! {
            knocked = knock(transport, envelope) => knocked,
            () = last_words(end) => return Ok(()),
        };
        let handed_over = async |recorded: &Recorded| {
            let mut session = knocked?;
            let answer = tokio::select! {
                told = session.body(recorded, bytes, None) => told.letter,
                () = last_words(end) => Err(Broken::cut(Phase::Answer, "the server was ended before the answer came")),
            };
            part(session).await;
            answer
        };
        self.written(ledger, request, handed_over).await
    }

    /// Writes down that the mail leaves, and what `hand_over` made of it.
    async fn written(
        &self,
        ledger: &Ledger,
        request: &DueRequest,
        hand_over: impl AsyncFnOnce(&Recorded) -> Result<Accepted, Broken>,
    ) -> Result<(), LedgerError> {
        let begun = ledger.begin_request(request, &self.transport, &LIMITS, Timestamp::now())?;
        let Ok(recorded) = begun else { return Ok(()) };
        let outcome = judge(hand_over(&recorded).await);
        ledger.settle_request(request, recorded, &outcome, Timestamp::now())?;
        (self.listener)(Note::Mailed(&outcome));
        Ok(())
    }

    /// `None` for lists that are in the form no more.
    fn letter(&self, secret: &Secret, request: &DueRequest) -> Option<(Envelope, Vec<u8>)> {
        let from = request.lists.iter().find_map(|list| self.from.get(list))?;
        let (mailbox, reply_to) = (from.mailbox.clone(), from.reply_to.clone());
        let edition = confirmation(&self.dress, &request.lang, &request.lists, mailbox, reply_to);
        let press = Press::new(&edition).ok()?.signed_by(from.signers.clone());
        let id = PersonId(HEXLOWER.decode(request.ticket.as_bytes()).ok()?.try_into().ok()?);
        let url = format!("{}/confirm/{}", self.base_url, secret.token(Purpose::Confirm, id));
        let to = Subscriber {
            address: request.address.clone(),
            name: None,
            fields: Fields::from([(CONFIRM_URL.to_owned(), url)]),
        };
        let again = u32::try_from(request.id).unwrap_or(u32::MAX);
        let token =
            secret.message_token(&edition.issue, &edition::hash(&edition), &request.address.key(), again);
        let message_id = format!("{token}@{}", edition.from.address.domain());
        let (date, token) = (Timestamp::now(), String::new());
        let stamp = Stamp {
            message_id: message_id.clone(),
            date,
            track: token.clone(),
            token,
            proof: false,
            to: None,
        };
        let mut bytes = Vec::new();
        press.press(&to, &stamp, &mut bytes).ok()?;
        let envelope = Envelope {
            sender: edition.from.address,
            recipient: to.address,
            size: Some(bytes.len()),
            id: Some(message_id),
            token: None,
        };
        Some((envelope, bytes))
    }
}

/// A session of a server that has taken the envelope.
async fn knock<T: Transport>(transport: &T, envelope: &Envelope) -> Result<T::Session, Broken> {
    let opened = async {
        let mut session = transport.connect().await?;
        match session.open(envelope).await {
            Ok(()) => Ok(session),
            Err(broken) => {
                part(session).await;
                Err(broken)
            }
        }
    };
    let silent = |_| Err(Broken::cut(Phase::Connect, "no answer within a minute"));
    tokio::time::timeout(KNOCKING, opened).await.unwrap_or_else(silent)
}

/// A goodbye that nobody answers is none to wait for.
async fn part(session: impl Session) {
    let _ = tokio::time::timeout(LAST_WORDS, session.close()).await;
}

/// Returns some seconds after the end.
async fn last_words(end: &watch::Receiver<bool>) {
    drop(end.clone().wait_for(|end| *end).await);
    tokio::time::sleep(LAST_WORDS).await;
}
