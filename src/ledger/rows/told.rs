//! What others tell of letters and people.

use jiff::Timestamp;

use crate::ledger::recorded::DeliveryId;
use crate::model::address::AddressKey;
use crate::model::event::ProviderEvent;
use crate::model::provider::Provider;
use crate::model::subscriber::ListId;

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
