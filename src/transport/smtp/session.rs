//! One connection's letters, one after the other, each answer tied to its letter.
//!
//! Where PIPELINING is offered, an envelope is one write (MAIL, RCPT, DATA), and the envelope of the next
//! letter travels in the same write as the body before it: one round trip a letter (RFC 2920 3.1).
//! Nothing that a refusal leaves to be cleared is waited for at once: it is cleared before the next
//! envelope, so that an answer in hand is never held back by a slow server.

use std::time::Duration;

use tokio::time::Instant;

use super::offers::Offers;
use super::wire::{Silence, Stuck, Wire};
use super::wording;
use crate::ledger::recorded::Recorded;
use crate::model::attempt::{Accepted, Broken, Phase, Reply};
use crate::settings::transport::{SmtpSettings, Timeouts};
use crate::transport::{Carried, Envelope, Session};

/// How long a server that broke off may take to say why, and how long a goodbye may take.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Refusals in a row after which a connection is left. Servers count errors without a delivery between
/// them, and a refused envelope in one write makes two; Postfix waits a second at each from the tenth on
/// (`smtpd_soft_error_limit`) and hangs up at the twentieth.
const MOST_REFUSALS: u32 = 4;

/// A connection that takes letters.
pub struct SmtpSession {
    wire: Wire,
    offers: Offers,
    /// Offered and wanted.
    pipelining: bool,
    timeouts: Timeouts,
    /// Envelopes that may still be announced.
    left: u32,
    /// From then on no envelope is announced.
    old_at: Instant,
    /// Envelopes and letters refused since one was accepted.
    refusals: u32,
    stage: Stage,
    /// What is written next; kept for its memory.
    out: Vec<u8>,
}

/// Where the dialogue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    /// An envelope was refused and its transaction is not cleared. `dot`: the server awaits a body all
    /// the same, for nobody, and is owed an empty one (RFC 2920 3.1).
    Refused {
        dot: bool,
    },
    /// The server awaits the body.
    Open,
    /// In the middle of an exchange; it stays so if that is cancelled.
    Busy,
    /// Nothing more can be told from this connection.
    Spent,
}

impl SmtpSession {
    /// The settings say how many letters the connection may carry; the server may allow fewer.
    pub fn new(wire: Wire, offers: Offers, settings: &SmtpSettings) -> SmtpSession {
        let letters = settings.messages_per_connection.get();
        SmtpSession {
            wire,
            pipelining: settings.pipelining && offers.pipelining,
            timeouts: settings.timeouts,
            left: offers.mail_max.map_or(letters, |max| max.min(letters)),
            old_at: Instant::now() + settings.connection_age,
            refusals: 0,
            stage: Stage::Idle,
            out: Vec::new(),
            offers: Offers { dsn: offers.dsn && settings.dsn, ..offers },
        }
    }

    fn takes_more(&self) -> bool {
        self.may_announce() && self.refusals < MOST_REFUSALS
    }

    fn may_announce(&self) -> bool {
        self.left > 0 && Instant::now() < self.old_at
    }

    fn is_spent(&self) -> bool {
        self.stage == Stage::Spent
    }

    /// Puts the whole envelope into `out`.
    fn push_envelope(&mut self, envelope: &Envelope) {
        self.left = self.left.saturating_sub(1);
        for command in
            [wording::mail(envelope, &self.offers), wording::rcpt(envelope, &self.offers), wording::data()]
        {
            self.out.extend_from_slice(command.as_bytes());
        }
    }

    /// Writes `out`. What a server says while it breaks off is its answer to `phase`.
    async fn write(&mut self, phase: Phase) -> Result<(), Broken> {
        match self.wire.write(&self.out, self.timeouts.body).await {
            Ok(()) => Ok(()),
            Err(stuck) => Err(self.broken_off(phase, stuck).await),
        }
    }

    async fn broken_off(&mut self, phase: Phase, stuck: Stuck) -> Broken {
        self.stage = Stage::Spent;
        let reply = self.wire.read(LAST_WORDS).await.ok().filter(|reply| reply.code >= 400);
        Broken { reply, ..Broken::cut(phase, stuck.cause) }
    }

    fn patience(&self, phase: Phase) -> Duration {
        match phase {
            Phase::Connect | Phase::Tls | Phase::Login => self.timeouts.greeting,
            Phase::Sender => self.timeouts.sender,
            Phase::Recipient => self.timeouts.recipient,
            Phase::Data => self.timeouts.data,
            Phase::Body => self.timeouts.body,
            Phase::Answer => self.timeouts.answer,
        }
    }

    /// The answer to one command, which must be of the kind that says yes to it. The connection is spent
    /// if there is none, if it makes no sense, or if it is 421: then the server closes (RFC 5321 3.8).
    async fn hear(&mut self, phase: Phase) -> Result<Reply, Broken> {
        let reply = match self.wire.read(self.patience(phase)).await {
            Ok(reply) => reply,
            Err(silence) => {
                self.stage = Stage::Spent;
                return Err(Broken::cut(phase, silence.to_string()));
            }
        };
        let yes = if phase == Phase::Data { 354..355 } else { 200..300 };
        if yes.contains(&reply.code) {
            return Ok(reply);
        }
        if reply.code == 421 || reply.code < 400 {
            self.stage = Stage::Spent;
        }
        let cause = if reply.code < 400 { "the server is out of step".to_owned() } else { String::new() };
        Err(Broken { cause, ..Broken::replied(phase, reply) })
    }

    /// An empty body for nobody, if one is owed, and RSET. Then the server knows of no letter.
    async fn clear(&mut self, owes_dot: bool) -> Result<(), Broken> {
        if owes_dot {
            self.out.clear();
            self.out.extend_from_slice(b".\r\n");
            self.write(Phase::Sender).await?;
            // Nobody was accepted, so whether it is refused or taken, nobody gets it.
            let _ = self.hear(Phase::Sender).await;
        }
        if self.is_spent() {
            return Err(Broken::cut(Phase::Sender, "the server closed the connection after a refusal"));
        }
        self.out.clear();
        self.out.extend_from_slice(b"RSET\r\n");
        Ok(())
    }

    /// The answer to RSET. Whatever it is, it is not about the next letter.
    async fn cleared(&mut self) -> Result<(), Broken> {
        self.hear(Phase::Sender).await.map(|_| ()).map_err(|broken| {
            self.stage = Stage::Spent;
            Broken::cut(Phase::Sender, format!("the server did not take RSET: {broken}"))
        })
    }

    async fn announce(&mut self, envelope: &Envelope, refused: Option<bool>) -> Result<(), Broken> {
        self.out.clear();
        if let Some(owes_dot) = refused {
            self.clear(owes_dot).await?;
        }
        if !self.pipelining {
            return self.announce_in_steps(envelope, refused.is_some()).await;
        }
        self.push_envelope(envelope);
        self.write(Phase::Sender).await?;
        if refused.is_some() {
            self.cleared().await?;
        }
        self.hear_envelope().await
    }

    /// `out` may begin with an RSET.
    async fn announce_in_steps(&mut self, envelope: &Envelope, resets: bool) -> Result<(), Broken> {
        if resets {
            self.write(Phase::Sender).await?;
            self.cleared().await?;
        }
        self.left = self.left.saturating_sub(1);
        let steps = [
            (Phase::Sender, wording::mail(envelope, &self.offers)),
            (Phase::Recipient, wording::rcpt(envelope, &self.offers)),
            (Phase::Data, wording::data()),
        ];
        for (phase, command) in steps {
            self.out.clear();
            self.out.extend_from_slice(command.as_bytes());
            self.write(phase).await?;
            if let Err(broken) = self.hear(phase).await {
                self.refuse(false);
                return Err(broken);
            }
        }
        self.stage = Stage::Open;
        Ok(())
    }

    /// The answers to MAIL, RCPT and DATA that left in one write. The first refusal is the letter's; the
    /// others only follow from it.
    async fn hear_envelope(&mut self) -> Result<(), Broken> {
        let sender = self.hear(Phase::Sender).await;
        let recipient = self.hear_after(&sender, Phase::Recipient).await;
        let data = self.hear_after(&recipient, Phase::Data).await;
        let awaits_body = data.is_ok();
        let has_recipient = recipient.is_ok();
        match sender.and(recipient).and(data) {
            Ok(_) => self.stage = Stage::Open,
            Err(broken) => {
                if awaits_body && has_recipient {
                    // A dot would be an empty letter to somebody: only cutting the connection sends none.
                    self.stage = Stage::Spent;
                }
                self.refuse(awaits_body);
                return Err(broken);
            }
        }
        Ok(())
    }

    /// Goes on reading unless the answer before was the last thing that can be told from the connection.
    async fn hear_after(&mut self, before: &Result<Reply, Broken>, phase: Phase) -> Result<Reply, Broken> {
        match before {
            Err(broken) if self.is_spent() => Err(broken.clone()),
            _ => self.hear(phase).await,
        }
    }

    fn refuse(&mut self, dot: bool) {
        self.refusals += 1;
        if !self.is_spent() {
            self.stage = Stage::Refused { dot };
        }
    }

    /// Writes the body in `out`, whose final dot stands at `dot`. `Err` if the dot did not leave; `Ok` holds
    /// what went wrong behind it.
    async fn write_body(&mut self, dot: usize) -> Result<Option<Stuck>, Broken> {
        match self.wire.write(&self.out, self.timeouts.body).await {
            Ok(()) => Ok(None),
            Err(stuck) if stuck.taken > dot => Ok(Some(stuck)),
            Err(stuck) => Err(self.broken_off(Phase::Body, stuck).await),
        }
    }

    /// What the server said, or did, while the letter was waiting to be written. A refusal can only be the
    /// letter's; 421 is the connection's.
    async fn still_awaits_body(&mut self) -> Result<(), Broken> {
        match self.wire.overheard().await {
            None => Ok(()),
            Some(Ok(reply)) if reply.code > 421 => {
                self.stage = Stage::Spent;
                Err(Broken::replied(Phase::Body, reply))
            }
            Some(said) => Err(self.gone(Phase::Body, said)),
        }
    }

    fn gone(&mut self, phase: Phase, said: Result<Reply, Silence>) -> Broken {
        self.stage = Stage::Spent;
        match said {
            Ok(reply) => Broken::cut(phase, format!("the server ended the connection: {reply}")),
            Err(silence) => Broken::cut(phase, silence.to_string()),
        }
    }

    async fn hear_answer(&mut self, stuck: Option<Stuck>) -> Result<Accepted, Broken> {
        let heard = self.hear(Phase::Answer).await;
        if stuck.is_some() {
            self.stage = Stage::Spent;
        }
        self.refusals = if heard.is_ok() { 0 } else { self.refusals + 1 };
        let mut answer = heard.map(|reply| Accepted { reply });
        if let (Some(stuck), Err(broken)) = (stuck, &mut answer)
            && broken.reply.is_none()
        {
            broken.cause = stuck.cause;
        }
        answer
    }

    /// The letter, and after it (or with it) the next envelope.
    async fn carry(&mut self, bytes: &[u8], next: Option<&Envelope>) -> Carried {
        self.out.clear();
        self.out.extend_from_slice(bytes);
        self.out.extend_from_slice(b".\r\n");
        let together = next.filter(|_| self.pipelining);
        if let Some(envelope) = together {
            self.push_envelope(envelope);
        }
        let stuck = match self.write_body(bytes.len()).await {
            Ok(stuck) => stuck,
            Err(broken) => return Carried { letter: Err(broken), next: None },
        };
        let letter = self.hear_answer(stuck).await;
        let next = match next {
            _ if self.is_spent() => None,
            Some(_) if together.is_some() => Some(self.hear_envelope().await),
            Some(envelope) => Some(self.announce(envelope, None).await),
            None => {
                self.stage = Stage::Idle;
                None
            }
        };
        Carried { letter, next }
    }
}

impl Session for SmtpSession {
    async fn open(&mut self, envelope: &Envelope) -> Result<(), Broken> {
        wording::sendable(envelope, &self.offers)?;
        let refused = match std::mem::replace(&mut self.stage, Stage::Busy) {
            Stage::Idle if self.takes_more() => None,
            Stage::Refused { dot } if self.takes_more() => Some(dot),
            _ => {
                self.stage = Stage::Spent;
                return Err(Broken::cut(Phase::Sender, "the connection takes no more letters"));
            }
        };
        if let Some(said) = self.wire.overheard().await {
            return Err(self.gone(Phase::Sender, said));
        }
        self.announce(envelope, refused).await
    }

    async fn body(&mut self, _letter: &Recorded, bytes: &[u8], next: Option<&Envelope>) -> Carried {
        let was = std::mem::replace(&mut self.stage, Stage::Busy);
        let ready = match (was, wording::writable(bytes)) {
            (Stage::Open, Ok(())) => self.still_awaits_body().await,
            (Stage::Open, Err(broken)) => Err(broken),
            _ => Err(Broken::cut(Phase::Body, "no letter was open on the connection")),
        };
        if let Err(broken) = ready {
            self.stage = Stage::Spent;
            return Carried { letter: Err(broken), next: None };
        }
        match next.filter(|_| self.may_announce()).map(|next| (next, wording::sendable(next, &self.offers))) {
            Some((_, Err(broken))) => {
                let carried = self.carry(bytes, None).await;
                Carried { next: Some(Err(broken)), ..carried }
            }
            Some((next, Ok(()))) => self.carry(bytes, Some(next)).await,
            None => self.carry(bytes, None).await,
        }
    }

    fn is_usable(&self) -> bool {
        match self.stage {
            Stage::Open => true,
            Stage::Idle | Stage::Refused { .. } => self.takes_more(),
            Stage::Busy | Stage::Spent => false,
        }
    }

    async fn close(mut self) {
        match self.stage {
            Stage::Idle | Stage::Refused { dot: false } => {
                if self.wire.write(b"QUIT\r\n", LAST_WORDS).await.is_ok() {
                    // Its goodbye is waited for so that it is not cut off in its log; it changes nothing.
                    let _ = self.wire.read(LAST_WORDS).await;
                    let _ = tokio::time::timeout(LAST_WORDS, self.wire.shut()).await;
                }
            }
            Stage::Refused { dot: true } | Stage::Open | Stage::Busy | Stage::Spent => {}
        }
    }
}
