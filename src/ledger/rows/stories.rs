//! What is told of one letter, or of many together.

use jiff::Timestamp;

use super::edition::EditionId;
use crate::ledger::recorded::DeliveryId;
use crate::model::address::{Address, AddressKey};
use crate::model::attempt::Phase;
use crate::model::delivery::State;
use crate::model::event::{Fate, Said};
use crate::model::issue::IssueId;
use crate::model::subscriber::ListId;

/// One attempt, as `status --why` tells it.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    pub number: u32,
    pub begun_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub transport: String,
    /// `None` while it is under way.
    pub outcome: Option<String>,
    pub phase: Option<Phase>,
    pub code: Option<u16>,
    pub enhanced: Option<String>,
    pub reply: Vec<String>,
    pub cause: String,
}

/// Everything known of one delivery.
#[derive(Debug, Clone)]
pub struct DeliveryStory {
    pub delivery: DeliveryId,
    pub edition: EditionId,
    pub address: Address,
    pub list: ListId,
    pub state: State,
    pub due: Option<Timestamp>,
    pub again: u32,
    /// Why nobody wrote to them, if it is skipped or stopped.
    pub why: Option<String>,
    pub attempts: Vec<AttemptRow>,
    /// What became known after the attempts.
    pub events: Vec<EventRow>,
}

/// What became known of a letter after one of its attempts, as `status --why` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The number of the attempt that it is about.
    pub attempt: u32,
    /// The name of a [`Fate`] or a [`Kind`](crate::model::event::Kind).
    pub kind: String,
    /// When it happened, or, of what reconciling found, when that was.
    pub at: Timestamp,
    /// Who or what said so.
    pub source: String,
    pub code: Option<u16>,
    pub enhanced: Option<String>,
    /// What a server said, as the source passes it on; may be empty.
    pub said: String,
    /// Whether it settled a letter in doubt: a person, a log or a report said so while reconciling.
    pub settles: bool,
}

/// A letter that was begun once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailed {
    pub delivery: DeliveryId,
    pub edition: EditionId,
    pub issue: IssueId,
    pub address: Address,
    pub again: u32,
    pub state: State,
    pub first_begun: Timestamp,
}

/// Where an uncertain letter turned out to be, to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    pub delivery: DeliveryId,
    pub fate: Fate,
    /// Who or what says so: `by hand`, or a file with the line.
    pub source: String,
    pub said: Said,
}

/// A letter that was accepted, by what its Message-ID is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    pub delivery: DeliveryId,
    pub address: Address,
    pub again: u32,
    /// Of the attempt that was accepted.
    pub begun_at: Option<Timestamp>,
}

/// Where one letter stands, without its story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub key: AddressKey,
    pub again: u32,
    pub state: State,
}

/// Why so many letters are where they are: what their last attempts have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub state: State,
    pub phase: Option<Phase>,
    pub code: Option<u16>,
    /// What was said to one of them, or what went wrong on the way.
    pub words: String,
    pub letters: u64,
}
