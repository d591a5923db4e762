//! The way out. A session is one connection that takes letters one after the other.

pub mod faulty;
pub mod http;
pub mod outbox;
pub mod smtp;
pub mod trust;

use std::future::Future;
use std::time::Duration;

use crate::ledger::recorded::{DeliveryId, NotedCall, Recorded};
use crate::model::address::Address;
use crate::model::attempt::{Accepted, Broken, Phase};

/// Who a letter is from and for, on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub sender: Address,
    pub recipient: Address,
    /// Octets of the body, if they are known yet: told to servers that ask for it (RFC 1870).
    pub size: Option<usize>,
    /// What names the letter in reports about it (ENVID, RFC 3461 4.4): its Message-ID, without brackets.
    pub id: Option<String>,
    /// The token of its delivery, where the transport carries one beside the letter. A proof has none.
    pub token: Option<String>,
}

/// A way to hand letters over. Cloned handles and sessions may be used side by side.
pub trait Transport: Send + Sync + 'static {
    type Session: Session;

    /// Opens a connection up to the point where an envelope can be sent.
    fn connect(&self) -> impl Future<Output = Result<Self::Session, Broken>> + Send;

    /// After how long without a letter a connection is better ended; `None` if it costs nobody anything.
    fn idle(&self) -> Option<Duration> {
        None
    }

    /// Whether handing over the same letter twice leaves one: then no letter is ever uncertain.
    fn is_idempotent(&self) -> bool;

    /// Whether the other side keeps a token beside each letter, and sends it back with what it tells of it.
    fn has_tags(&self) -> bool {
        false
    }

    /// Whether every call is written down before it is made: then a letter that is in none has not left us.
    fn notes_calls(&self) -> bool {
        false
    }

    /// Makes a call again that a run wrote down and whose answer it did not live to hear: with the same `letters`,
    /// in their order, it leaves no second one of any. What became of each; an answer that does not say so is
    /// [`Phase::Answer`] without a reply, or unclear.
    fn again(
        &self,
        call: &NotedCall,
        letters: &[Again<'_>],
    ) -> impl Future<Output = Vec<Result<Accepted, Broken>>> + Send {
        let _ = call;
        let unknown = || Err(Broken::cut(Phase::Answer, "calls cannot be made again here"));
        std::future::ready(letters.iter().map(|_| unknown()).collect())
    }
}

/// A letter of a call that is made again.
#[derive(Debug, Clone, Copy)]
pub struct Again<'a> {
    pub delivery: DeliveryId,
    pub attempt: u32,
    pub envelope: &'a Envelope,
    pub bytes: &'a [u8],
}

/// One connection. It never writes a body without the ledger's proof.
pub trait Session: Send {
    /// Announces a letter; after `Ok` the other side awaits its body.
    fn open(&mut self, envelope: &Envelope) -> impl Future<Output = Result<(), Broken>> + Send;

    /// Writes the body of the letter that was opened, and announces `next`: in the same write where
    /// the other side allows it.
    fn body(
        &mut self,
        letter: &Recorded,
        bytes: &[u8],
        next: Option<&Envelope>,
    ) -> impl Future<Output = Carried> + Send;

    /// Whether another letter can be opened on this connection, or one is open and awaits its body; if
    /// not, connect anew.
    fn is_usable(&self) -> bool;

    /// Ends the connection politely, or at once if a letter is open, which is then abandoned:
    /// without its final dot no server may deliver it (RFC 5321 4.1.1.4).
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// What became of a letter's body, and of the envelope that travelled with it.
#[derive(Debug)]
pub struct Carried {
    pub letter: Result<Accepted, Broken>,
    /// `None` if `next` was absent, or the connection was spent before its turn came: then nothing is
    /// known against it.
    pub next: Option<Result<(), Broken>>,
}
