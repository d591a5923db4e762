//! What a mail in our mailbox is, whom it is about, and what it lets us find: any bytes → [`Notice`].
//!
//! A machine part is believed first: delivery reports (RFC 3464, 6533), feedback reports (RFC 5965, RFC 9477),
//! receipts (RFC 8098). Many servers write words alone; `dialect` has a file for each way of writing. What is left
//! is told apart by its header: unsubscribing, answers of machines, people.
//!
//! Nothing here proves anything. A token is a run of letters until its signature is verified, an address is what
//! somebody wrote; nobody is suppressed by reading.

mod dialect;
mod feedback;
mod fields;
mod found;
mod keys;
mod open;
mod receipt;
mod reply;
mod report;
mod sender;
mod split;
mod stage;
#[cfg(test)]
mod tests;
mod voice;

use crate::model::address::AddressKey;
use crate::model::attempt::Enhanced;
use crate::model::event::Said;
use crate::policy::bounce::Verdict;
pub use feedback::Feedback;
pub use keys::Keys;
pub use open::LONGEST;
use open::Opened;

/// What a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A letter was not delivered, to some or all that are named.
    Bounce,
    /// It is still being tried.
    Delay,
    /// It arrived.
    Delivered,
    Complaint,
    /// By a token in its subject or its address.
    Unsubscribe,
    /// Somebody asks for it in words: for a person to confirm.
    UnsubscribeInWords,
    /// Somebody is away, or a machine says thanks.
    AutoReply,
    /// A filter wants a person to answer first.
    ChallengeResponse,
    /// It was shown, or thrown away unread.
    Receipt,
    Human,
    Unknown,
}

impl Kind {
    pub const ALL: [Kind; 11] = [
        Kind::Bounce,
        Kind::Delay,
        Kind::Delivered,
        Kind::Complaint,
        Kind::Unsubscribe,
        Kind::UnsubscribeInWords,
        Kind::AutoReply,
        Kind::ChallengeResponse,
        Kind::Receipt,
        Kind::Human,
        Kind::Unknown,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Bounce => "bounce",
            Kind::Delay => "delay",
            Kind::Delivered => "delivered",
            Kind::Complaint => "complaint",
            Kind::Unsubscribe => "unsubscribe",
            Kind::UnsubscribeInWords => "unsubscribe in words",
            Kind::AutoReply => "auto reply",
            Kind::ChallengeResponse => "challenge",
            Kind::Receipt => "receipt",
            Kind::Human => "human",
            Kind::Unknown => "unknown",
        }
    }
}

/// What became of a letter (RFC 3464 2.3.3), or what somebody did with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Failed,
    Delayed,
    Delivered,
    /// To where nobody reports any more.
    Relayed,
    Expanded,
    /// A person, or their provider, reported it.
    Complained,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Action::Failed => "failed",
            Action::Delayed => "delayed",
            Action::Delivered => "delivered",
            Action::Relayed => "relayed",
            Action::Expanded => "expanded",
            Action::Complained => "complained",
        }
    }
}

/// What a notice says of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// As we wrote it, where that is told; `None` if nobody is named, and only [`Keys`] can tell who it is.
    pub address: Option<String>,
    /// As the reporting server knows it in the end, where that is another.
    pub last: Option<String>,
    pub action: Action,
    /// The enhanced code that counts.
    pub status: Option<Enhanced>,
    pub said: Said,
    pub verdict: Verdict,
}

impl About {
    /// Whether it names this address.
    pub fn names(&self, key: &AddressKey) -> bool {
        [&self.address, &self.last].into_iter().flatten().any(|text| key.is_of(text))
    }
}

/// A mail, understood as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub kind: Kind,
    /// Of a complaint.
    pub feedback: Option<Feedback>,
    /// How it was read: the name of a standard or of a way of writing.
    pub dialect: Option<&'static str>,
    pub about: Vec<About>,
    pub keys: Keys,
    /// The address in From, which anybody can write there.
    pub author: Option<String>,
    /// Decoded.
    pub subject: String,
}

impl Notice {
    /// What it says of the reader of a letter. Where the letter was forwarded, it names an address that we never knew: a
    /// letter has one reader, so one who is named alone is they.
    pub fn about_whom(&self, reader: &AddressKey) -> Option<&About> {
        let only = || <&[About; 1]>::try_from(self.about.as_slice()).ok().map(|[only]| only);
        self.about.iter().find(|about| about.names(reader)).or_else(only)
    }
}

/// Reads any mail. It never fails, and its time and memory are bounded: only the first [`LONGEST`] bytes count.
pub fn read(mail: &[u8]) -> Notice {
    let (outer, inner) = open::open(mail);
    let notice = understand(&outer);
    match notice.kind {
        Kind::Human | Kind::Unknown | Kind::AutoReply => within(&outer, &inner).unwrap_or(notice),
        Kind::Bounce
        | Kind::Delay
        | Kind::Delivered
        | Kind::Complaint
        | Kind::Unsubscribe
        | Kind::UnsubscribeInWords
        | Kind::ChallengeResponse
        | Kind::Receipt => notice,
    }
}

/// A report that was forwarded stands in a message of its own.
fn within(outer: &Opened, inner: &[Opened]) -> Option<Notice> {
    inner.iter().find_map(|mail| {
        let read = machine(mail).filter(|read| !read.about.is_empty())?;
        let mut keys = keys::keys(outer);
        keys.extend(keys::keys(mail));
        Some(Notice { keys, ..notice(mail, read) })
    })
}

/// What a way of reading found.
struct Read {
    kind: Kind,
    feedback: Option<Feedback>,
    dialect: Option<&'static str>,
    about: Vec<About>,
}

impl Read {
    fn of(kind: Kind) -> Read {
        Read { kind, feedback: None, dialect: None, about: Vec::new() }
    }
}

fn understand(mail: &Opened) -> Notice {
    let read = machine(mail)
        .or_else(|| reply::unsubscribe(mail))
        .or_else(|| dialect::read(mail))
        .unwrap_or_else(|| Read::of(reply::kind(mail)));
    notice(mail, read)
}

/// Parts that were written for machines.
fn machine(mail: &Opened) -> Option<Read> {
    feedback::read(mail).or_else(|| report::read(mail)).or_else(|| receipt::read(mail))
}

fn notice(mail: &Opened, read: Read) -> Notice {
    let Read { kind, feedback, dialect, about } = read;
    let author = mail.head.get("from").and_then(|from| found::addresses(from).last()).map(str::to_owned);
    Notice { kind, feedback, dialect, about, keys: keys::keys(mail), author, subject: mail.subject.clone() }
}

/// The kind of a notice about these: what is worst.
fn kind_of(about: &[About]) -> Kind {
    let has = |wanted: Action| about.iter().any(|one| one.action == wanted);
    match () {
        () if has(Action::Failed) => Kind::Bounce,
        () if has(Action::Complained) => Kind::Complaint,
        () if has(Action::Delayed) => Kind::Delay,
        () => Kind::Delivered,
    }
}
