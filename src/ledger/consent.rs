//! What people ask for by themselves: to get a list, to leave it, and the evidence of both.

use jiff::Timestamp;

use crate::model::address::Address;
use crate::model::subscriber::ListId;

/// Somebody asks for lists, in these words.
#[derive(Debug, Clone)]
pub struct Request {
    pub address: Address,
    pub lists: Vec<ListId>,
    pub terms: Terms,
}

/// Where and in which words somebody asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The form and its version: `form 1`.
    pub form: String,
    /// What stood beside the button.
    pub words: String,
    /// BCP 47.
    pub lang: String,
    /// The address on the network that it came from.
    pub from: String,
}

/// How far a request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Written down; the mail that asks to confirm has not left.
    Asked,
    /// The mail is on its way, or was when the process ended.
    Mailing,
    Mailed,
    /// The server would not take the mail.
    Refused,
    /// No mail: one was sent to the address within a day, or it must not be written to.
    Withheld,
    Confirmed,
}

impl Stage {
    pub const ALL: [Stage; 6] =
        [Stage::Asked, Stage::Mailing, Stage::Mailed, Stage::Refused, Stage::Withheld, Stage::Confirmed];

    pub fn name(self) -> &'static str {
        match self {
            Stage::Asked => "asked",
            Stage::Mailing => "mailing",
            Stage::Mailed => "mailed",
            Stage::Refused => "refused",
            Stage::Withheld => "withheld",
            Stage::Confirmed => "confirmed",
        }
    }
}

/// A request and what became of it: the evidence of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub lists: Vec<ListId>,
    pub stage: Stage,
    pub terms: Terms,
    pub asked_at: Timestamp,
    pub mailed_at: Option<Timestamp>,
    pub confirmed_at: Option<Timestamp>,
    pub confirmed_from: Option<String>,
}

/// A request whose mail is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRequest {
    pub id: i64,
    pub address: Address,
    pub lists: Vec<ListId>,
    pub lang: String,
    pub ticket: String,
}

/// How many mails that ask to confirm may leave within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub in_all: u64,
    pub to_a_domain: u64,
}

/// Why the mail of a request does not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It never will.
    Withheld,
    /// Too many left lately, or one to the same address: it is due again later.
    Later,
}

/// What a click on the link that confirms did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    pub lists: Vec<ListId>,
    /// BCP 47.
    pub lang: String,
    /// Nothing was changed: a complaint, a bounce or the author forbids letters.
    pub is_shut: bool,
    /// Nothing was changed: they had confirmed before.
    pub is_known: bool,
}

/// What somebody left ticked on the page of their preferences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ticks {
    pub wanted: Vec<ListId>,
    /// The boxes that the page had; none where it did not say.
    pub shown: Vec<ListId>,
}

impl Ticks {
    /// Whether the box of this list was there, and had no tick. A page that was opened long ago says nothing of a list
    /// that came since.
    pub fn ends(&self, list: &ListId) -> bool {
        !self.wanted.contains(list) && (self.shown.is_empty() || self.shown.contains(list))
    }
}

/// The lists that somebody may choose from, and which they get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    pub lists: Vec<(ListId, bool)>,
    /// A complaint, a bounce or the author forbids letters: nothing can be chosen.
    pub is_shut: bool,
}
