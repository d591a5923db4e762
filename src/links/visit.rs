//! What happened on the way to an address; not what we think of it.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::page::Page;
use super::snapshot::Snapshot;

/// Everything that happened on the way to one address.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Without its fragment.
    pub address: Url,
    /// The redirects that were followed, in order.
    pub hops: Vec<Hop>,
    pub end: End,
    /// From the first request of the last try to its end, without waiting for turns.
    pub took: Duration,
    /// From 1.
    pub tries: u32,
    /// When it ended.
    pub at: Timestamp,
    /// Whether it was made in an earlier run and kept.
    pub is_remembered: bool,
    /// Where https shows the same page, if the address is one of http.
    pub secure: Option<Url>,
    /// A copy in the web archive; looked for only where somebody asks for it and the address is dead.
    pub snapshot: Option<Snapshot>,
}

/// One redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub status: u16,
    pub to: Url,
}

impl Visit {
    /// A visit that ended without a request, or at once.
    pub fn ended(address: Url, end: End, at: Timestamp) -> Visit {
        Visit {
            address,
            hops: Vec::new(),
            end,
            took: Duration::ZERO,
            tries: 1,
            at,
            is_remembered: false,
            secure: None,
            snapshot: None,
        }
    }

    /// The address that answered last.
    pub fn last(&self) -> &Url {
        self.hops.last().map_or(&self.address, |hop| &hop.to)
    }

    /// The last answer, if there was one.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.end {
            End::Answered(answer) => Some(answer),
            _ => None,
        }
    }

    /// How long ago it was made, if that was in an earlier run.
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        let age = now.duration_since(self.at);
        self.is_remembered.then(|| Duration::try_from(age).unwrap_or_default())
    }

    /// Whether the page was read whole and has no such place.
    pub fn lacks(&self, place: &str) -> bool {
        self.answer().is_some_and(|answer| answer.page.places.get(place) == Some(&false))
    }

    /// The redirects in words, such as `301 https://b.example/, 302 https://b.example/en`.
    pub fn chain_words(&self) -> String {
        let hop = |hop: &Hop| format!("{} {}", hop.status, hop.to);
        self.hops.iter().map(hop).collect::<Vec<_>>().join(", ")
    }
}

impl Hop {
    /// 301 and 308: the address has changed for good (RFC 9110 15.4).
    pub fn is_permanent(&self) -> bool {
        matches!(self.status, 301 | 308)
    }
}

/// Where a visit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Answered(Answer),
    NoAnswer(NoAnswer),
    /// The redirects lead back to where they have been. `cookies`: something on the way set one and may
    /// have waited for it to come back.
    Circle {
        cookies: bool,
    },
    TooManyRedirects(usize),
    /// A redirect without a target that can be visited.
    BadRedirect(String),
    /// It leads into a private network, which was not entered.
    Private(IpAddr),
    /// The host asked for a pause that is longer than we wait.
    Resting(Duration),
    /// The host asked for pauses so often that this request was not made.
    HostBusy,
    /// The time for all links together was over.
    OutOfTime,
}

/// The last answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    /// The bot wall that answered in place of the page.
    pub wall: Option<String>,
    pub page: Box<Page>,
}

impl Answer {
    /// An answer of which only the status is known.
    pub fn of(status: u16) -> Answer {
        Answer { status, ..Answer::default() }
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// The name leads to no address.
    Dns(String),
    Connect(String),
    /// The certificate or the handshake.
    Tls(String),
    /// A connection, but no answer within this time.
    TimedOut(Duration),
    /// The connection ended in the middle.
    Cut(String),
    /// Earlier requests to this host got no answer, so this one was not made.
    HostSilent,
}

impl End {
    /// Whether the same visit may end otherwise a moment later.
    pub fn may_pass(&self) -> bool {
        match self {
            End::Answered(answer) => matches!(answer.status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            End::NoAnswer(NoAnswer::Dns(cause)) => cause.contains("emporary"),
            End::NoAnswer(NoAnswer::Connect(_) | NoAnswer::TimedOut(_) | NoAnswer::Cut(_)) => true,
            End::NoAnswer(NoAnswer::Tls(_) | NoAnswer::HostSilent)
            | End::Circle { .. }
            | End::TooManyRedirects(_)
            | End::BadRedirect(_)
            | End::Private(_)
            | End::Resting(_)
            | End::HostBusy
            | End::OutOfTime => false,
        }
    }

    /// The pause that the other side asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            End::Answered(answer) => answer.retry_after,
            _ => None,
        }
    }
}
