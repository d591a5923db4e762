//! What the ledger gives and takes.

use jiff::Timestamp;

use crate::ledger::recorded::{DeliveryId, Recorded};
use crate::model::address::{Address, AddressKey};
use crate::model::attempt::{Outcome, Phase};
use crate::model::delivery::{Realm, State};
use crate::model::event::{Fate, ProviderEvent, Said};
use crate::model::issue::IssueId;
use crate::model::letter::{ContentHash, Edition};
use crate::model::provider::Provider;
use crate::model::subscriber::ListId;
use crate::policy::throttle::Slowed;
use crate::policy::visitor::Visitor;
use crate::subscribers::segment::Segment;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EditionId(pub i64);

/// Whom an edition is for, before suppression and de-duplication.
#[derive(Debug, Clone)]
pub struct Selection {
    /// In the order that decides whose attributes count.
    pub lists: Vec<ListId>,
    pub segment: Option<Segment>,
    pub issue: IssueId,
    pub realm: Realm,
    pub without: Without,
}

/// Who is left out because of earlier deliveries of the same issue in the same realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    Nobody,
    /// Whoever has one that was not skipped, whatever became of it (`--also-new`).
    Listed,
    /// Whoever has the issue, may have it, or whose server refused it (`--as-new`).
    Reached,
}

/// What an edition was made from; a difference is drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    pub issue: String,
    pub template: String,
    pub assets: String,
    pub settings: String,
}

/// What an edition was made from and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes {
    pub sources: Sources,
    /// Of all that is sent.
    pub content: ContentHash,
    /// Of what it says, under whatever issue id.
    pub body: ContentHash,
}

/// An edition as the ledger keeps it.
#[derive(Debug, Clone)]
pub struct EditionRow {
    pub id: EditionId,
    pub issue: IssueId,
    pub realm: Realm,
    /// `TransportSettings::name` of the last run.
    pub transport: String,
    pub hashes: Hashes,
    pub subject: String,
    pub lists: Vec<ListId>,
    pub frozen_at: Timestamp,
}

#[cfg(test)]
impl EditionRow {
    /// An edition that was sent for real, for tests that only show it.
    pub fn example(issue: &str, subject: &str, frozen_at: Timestamp) -> EditionRow {
        let text = |text: &str| text.to_owned();
        let sources =
            Sources { issue: text("i"), template: text("t"), assets: text("a"), settings: text("s") };
        EditionRow {
            id: EditionId(1),
            issue: IssueId(text(issue)),
            realm: Realm::Live,
            transport: text("relay"),
            hashes: Hashes { sources, content: ContentHash(text("c")), body: ContentHash(text("b")) },
            subject: text(subject),
            lists: vec![ListId(text("weekly"))],
            frozen_at,
        }
    }
}

/// What is frozen in one transaction.
pub struct Freeze<'a> {
    pub edition: &'a Edition,
    pub hashes: Hashes,
    pub realm: Realm,
    pub transport: &'a str,
    /// The subject as the author wrote it, for reports.
    pub subject: &'a str,
    pub selection: &'a Selection,
    /// An older edition, whose open letters are stopped for this one; who may have the old one keeps it.
    pub replaces: Option<EditionId>,
    /// Orders the letters.
    pub seed: u64,
    pub now: Timestamp,
}

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
    /// Whether a provider told it, and not a person, a log or a report while reconciling.
    pub by_provider: bool,
}

/// Who tells of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Teller {
    Provider(Provider),
    /// A list of letters, each with what happened to it last: webhooks of the same provider tell the same, and more.
    Listed(Provider),
    Mail(Evidence),
}

impl Teller {
    /// Under which what was told is kept once.
    pub fn name(&self) -> &'static str {
        match self {
            Teller::Provider(provider) | Teller::Listed(provider) => provider.name(),
            Teller::Mail(_) => "mail",
        }
    }

    /// With how far it can be believed.
    pub fn source(&self) -> String {
        match self {
            Teller::Provider(provider) => provider.name().to_owned(),
            Teller::Listed(provider) => format!("{}, listed", provider.name()),
            Teller::Mail(evidence) => format!("mail, {}", evidence.basis),
        }
    }

    /// What an address that is left in peace was told to be guilty of.
    pub fn words(&self) -> Option<&str> {
        match self {
            Teller::Provider(_) | Teller::Listed(_) => None,
            Teller::Mail(evidence) => Some(&evidence.words),
        }
    }
}

/// What a mail is believed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// How the letter was found: `by its token`.
    pub basis: &'static str,
    /// The verdict and the words that led to it.
    pub words: String,
    /// Where a signature names the person, be there a letter or not: the lists that they mean, or none for all.
    pub person: Option<Vec<ListId>>,
}

/// An event of a provider, or told by a mail, to be written down.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub teller: Teller,
    pub event: ProviderEvent,
    /// The row that the event's token names, if it is a token of ours.
    pub delivery: Option<DeliveryId>,
    /// A signed number that the provider uses for one event only.
    pub nonce: Option<String>,
}

/// What became of events that were written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    pub new: u64,
    /// Were there already; nothing changed.
    pub known: u64,
    /// Of the new ones, those that are about no letter of this ledger.
    pub unmatched: u64,
    /// Of the new ones, those of a kind that we do not know.
    pub unknown: u64,
    /// Came with the number of another event: forged from an older one, and not kept.
    pub replayed: u64,
}

impl std::ops::AddAssign for Taken {
    fn add_assign(&mut self, more: Taken) {
        let Taken { new, known, unmatched, unknown, replayed } = more;
        self.new += new;
        self.known += known;
        self.unmatched += unmatched;
        self.unknown += unknown;
        self.replayed += replayed;
    }
}

/// What came of a mail that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTaken {
    /// False if it was known already, and nothing changed.
    pub is_new: bool,
    /// Why the address is left in peace from now on, if it is and was not before: reason and source.
    pub suppressed: Option<(String, String)>,
}

/// What a mail says of somebody that nobody has proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The same for every copy of the mail.
    pub dedupe: String,
    pub kind: ClaimKind,
    pub key: AddressKey,
    /// What was written, on one line.
    pub words: String,
    /// Where the mail was found.
    pub place: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimKind {
    /// A bounce that anybody could have written.
    Bounced,
    /// Somebody asks for it in words.
    Unsubscribed,
}

impl ClaimKind {
    /// The reason of the suppression that follows from a yes.
    pub fn name(self) -> &'static str {
        match self {
            ClaimKind::Bounced => "bounced",
            ClaimKind::Unsubscribed => "unsubscribed",
        }
    }

    pub fn from_name(name: &str) -> Option<ClaimKind> {
        [ClaimKind::Bounced, ClaimKind::Unsubscribed].into_iter().find(|kind| kind.name() == name)
    }
}

/// Up to where a folder of a mailbox was read, by IMAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// UIDs mean something only as long as it stays the same.
    pub validity: u32,
    pub last: u32,
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

/// An address that must not be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub key: AddressKey,
    /// `None`: everywhere; else only this list.
    pub scope: Option<ListId>,
    /// `unsubscribed`, `bounced`, `complained`, `by hand`.
    pub reason: String,
    /// Who or what said so.
    pub source: String,
    pub at: Timestamp,
}

/// Somebody the ledger knows, with memberships and suppressions.
#[derive(Debug, Clone)]
pub struct Person {
    pub address: Address,
    pub memberships: Vec<Membership>,
    pub suppressions: Vec<Suppression>,
}

impl Person {
    /// Somebody who was never on a list.
    pub fn nowhere(address: Address) -> Person {
        Person { address, memberships: Vec::new(), suppressions: Vec::new() }
    }
}

#[derive(Debug, Clone)]
pub struct Membership {
    pub list: ListId,
    pub name: Option<String>,
    pub fields: crate::model::subscriber::Fields,
    /// `None` while it lasts.
    pub ended_at: Option<Timestamp>,
}

/// What a list holds.
#[derive(Debug, Clone)]
pub struct ListRow {
    pub list: ListId,
    pub name: String,
    pub members: u64,
    pub synced_at: Option<Timestamp>,
}

/// A link of a letter was followed, or its picture loaded.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The name of the letter's list of links.
    pub list: String,
    pub key: AddressKey,
    /// The number of the link, or 0 for the picture.
    pub link: u32,
    /// By what the request says of itself.
    pub visitor: Visitor,
    pub at: Timestamp,
}

/// What was counted of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Letters that were opened; `None` where opens are not counted.
    pub opens: Option<Visitors>,
    /// Letters of which a link was followed; `None` where clicks are not counted.
    pub clicks: Option<Visitors>,
    /// In their order in the letter.
    pub links: Vec<Followed>,
}

/// A link, and the letters in which it was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    pub target: String,
    pub visitors: Visitors,
}

/// Letters, each counted once, under the surest visitor that it had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Visitors([u64; Visitor::ALL.len()]);

impl Visitors {
    pub fn get(self, visitor: Visitor) -> u64 {
        self.0[visitor as usize]
    }

    /// `place` is that of the visitor among all.
    pub(super) fn add(&mut self, place: u64, letters: u64) {
        let number = usize::try_from(place).ok().and_then(|place| self.0.get_mut(place));
        if let Some(number) = number {
            *number += letters;
        }
    }
}
