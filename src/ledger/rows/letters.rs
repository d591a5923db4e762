//! Letters of a run: which wait, which may begin, and how they ended.

use jiff::Timestamp;

use crate::ledger::recorded::{DeliveryId, Recorded};
use crate::model::address::{Address, AddressKey};
use crate::model::attempt::Outcome;
use crate::model::delivery::State;
use crate::policy::throttle::Slowed;

/// A letter that can be begun now. `place` orders them; a run asks for those after the last it saw.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub delivery: DeliveryId,
    pub place: i64,
    pub address: Address,
    /// As made by `compose::press::freeze_values`.
    pub values: String,
    /// Attempts made so far.
    pub attempts: u32,
    /// The date that the letter carries, once it was begun.
    pub first_begun: Option<Timestamp>,
    /// Of its first attempt, begun or not, which `retry_for` counts from.
    pub first_tried: Option<Timestamp>,
    /// Counts deliberate repetitions, from 0.
    pub again: u32,
    pub state: State,
    /// When it came due, if it was put off.
    pub due: Option<Timestamp>,
}

/// A call of letters that is about to be made for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    /// What the provider knows it by, and tells it from every other call.
    pub key: String,
    /// For how long it may be made again.
    pub until: Timestamp,
    /// In their order, with the numbers of their attempts.
    pub letters: Vec<(DeliveryId, u32)>,
}

/// What is new of calls; by their keys, but for those that are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallNews {
    /// They are about to be made.
    pub made: Vec<NewCall>,
    /// They took nothing, and are not to be made again.
    pub void: Vec<String>,
    /// Nothing more can be learned from them: their time is over.
    pub over: Vec<String>,
    /// They have an answer: forgotten once their letters are settled.
    pub answered: Vec<String>,
    /// They were answered that they took nothing, which may not be all that is to be known.
    pub denied: Vec<String>,
}

/// A letter of a call that was made, or about to be made, when the run ended.
#[derive(Debug)]
pub struct Called {
    pub waiting: Waiting,
    /// The number of the attempt that the call was.
    pub attempt: u32,
    /// To settle it with, unless that attempt has ended.
    pub recorded: Option<Recorded>,
}

/// Where a run has got to among the letters that came due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueAfter {
    pub due: Timestamp,
    pub place: i64,
}

impl DueAfter {
    /// Before the first.
    pub const NONE: DueAfter = DueAfter { due: Timestamp::UNIX_EPOCH, place: 0 };
}

/// What holds letters back from run to run, because the other side wants it so.
#[derive(Debug, Clone, PartialEq)]
pub struct Pause {
    /// A receiver or domain; `None` for the whole transport.
    pub whom: Option<String>,
    /// Nothing goes before this.
    pub until: Timestamp,
    pub slowed: Option<Slowed>,
    /// What the other side said.
    pub said: String,
}

/// Which letters of an edition a run takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Everyone,
    Only(AddressKey),
}

/// How an attempt ended, to be written down.
#[derive(Debug)]
pub struct Settlement {
    pub of: Settled,
    pub outcome: Outcome,
    /// When a deferred letter, or one to a barred domain, is tried again; `None` with such an outcome means
    /// expired.
    pub due: Option<Timestamp>,
}

/// An attempt that had begun, or an envelope that was refused before its letter was begun.
#[derive(Debug)]
pub enum Settled {
    Begun(Recorded),
    Unbegun(DeliveryId),
}

/// What became of the wish to begin a letter.
#[derive(Debug)]
pub enum Begun {
    Go(Recorded),
    /// Suppressed or unsubscribed since the plan: now `skipped`.
    Skipped,
    /// `courant stop` was called; nothing was begun.
    Stopped,
    /// Not open any more: another choice or process settled it.
    NotOpen,
}
