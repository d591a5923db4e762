//! How a transport is reached: the finished form of a `[transports.NAME]` table or a transport URL.

use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::http::HttpSettings;
use crate::model::delivery::Realm;

/// One way out, ready to be used.
#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// The name it was chosen by, or a form of its URL without secrets; fit to be shown and stored.
    pub name: String,
    pub kind: TransportKind,
    /// How many couriers carry at once.
    pub connections: NonZeroUsize,
    /// Letters are spaced evenly by it, over the whole transport.
    pub rate: Option<Rate>,
    /// Quotas over rolling periods, which hold from run to run.
    pub windows: Vec<Rate>,
    /// Letters on the first, second, … day of sending by this transport, while it is new to its receivers.
    pub warmup: Vec<NonZeroU32>,
}

impl TransportSettings {
    pub fn realm(&self) -> Realm {
        match self.kind {
            TransportKind::Outbox(_) => Realm::Rehearsal,
            TransportKind::Smtp(_) | TransportKind::Http(_) => Realm::Live,
        }
    }

    /// How many couriers carry letters: one for each connection, and where a call takes many letters, enough to
    /// fill them. After a crash no more letters than these are in doubt.
    pub fn couriers(&self) -> NonZeroUsize {
        match &self.kind {
            TransportKind::Outbox(_) | TransportKind::Smtp(_) => self.connections,
            TransportKind::Http(http) => self.connections.saturating_mul(http.batch).min(MOST_COURIERS),
        }
    }
}

/// Each holds a letter, so that a run's memory does not grow with the calls it makes at once.
const MOST_COURIERS: NonZeroUsize = NonZeroUsize::new(1000).expect("1000 is not zero");

#[derive(Debug, Clone)]
pub enum TransportKind {
    /// A Maildir at this path.
    Outbox(PathBuf),
    Smtp(SmtpSettings),
    /// The API of a provider.
    Http(HttpSettings),
}

#[derive(Debug, Clone)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<Login>,
    /// Letters on one connection before it is closed and made anew.
    pub messages_per_connection: NonZeroU32,
    pub timeouts: Timeouts,
    /// More certificates to trust, in PEM.
    pub tls_ca: Option<PathBuf>,
    /// The name we say in EHLO; the machine's own if absent.
    pub hello: Option<String>,
    /// Whether to use PIPELINING where the server offers it.
    pub pipelining: bool,
    /// A connection that is older takes no more letters.
    pub connection_age: Duration,
    /// Whether to ask for reports of letters that fail later, where the server takes such a wish (RFC 3461).
    pub dsn: bool,
    /// Other servers, in order, for when this one cannot be reached.
    pub spares: Vec<SmtpSettings>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465).
    Implicit,
    /// STARTTLS, required (port 587).
    StartTls,
    /// No encryption; only to loopback, or when the configuration says so in words.
    Plain,
}

#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    /// The password, or the access token for XOAUTH2.
    pub secret: SecretString,
    /// None: the best of PLAIN and LOGIN that the server offers.
    pub mechanism: Option<Mechanism>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    Plain,
    Login,
    Xoauth2,
}

/// Letters per period of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub letters: NonZeroU32,
    pub per: Duration,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per.as_secs() {
            1 => "s",
            60 => "min",
            3600 => "h",
            86_400 => "day",
            seconds => return write!(f, "{} in {seconds} s", self.letters),
        };
        write!(f, "{}/{unit}", self.letters)
    }
}

/// How long to wait in each phase. The defaults are the minima of RFC 5321 4.5.3.2, but for `connect` and `idle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Duration,
    /// The greeting, EHLO, STARTTLS and each step of AUTH.
    pub greeting: Duration,
    pub sender: Duration,
    pub recipient: Duration,
    pub data: Duration,
    /// One block of the body leaving us.
    pub body: Duration,
    /// The answer to the final dot. A short one makes duplicates.
    pub answer: Duration,
    /// A connection without a letter is ended after this.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Timeouts {
            connect: minutes(1),
            greeting: minutes(5),
            sender: minutes(5),
            recipient: minutes(5),
            data: minutes(2),
            body: minutes(3),
            answer: minutes(10),
            idle: Duration::from_secs(30),
        }
    }
}
