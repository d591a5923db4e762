//! `courant serve`: takes what providers post, and the word of readers who come, choose and leave; answers once it is on
//! disk. Whoever only looks (the archive, a link of a letter) waits for nobody who writes.
//!
//! Memory stays flat whatever comes: connections, bytes of bodies, files on their way and what waits to be written are all
//! counted. What is beyond the count may come again: it is answered 429, and 503 where only reading it is. A connection
//! that is slow holds only what it has sent.

mod answer;
mod archive;
mod below;
mod body;
mod books;
mod desk;
mod dress;
mod form;
mod join;
mod keeper;
mod leave;
mod metrics;
mod peer;
mod plain;
mod readers;
mod routes;
mod server;
mod site;
mod track;

pub use archive::Archive;
pub use below::Below;
pub use books::{Open, Opened, Shut};
pub use dress::{Dress, Offer, Vocabulary, WordsError};
pub use join::{From, Joining, Mails, Postman, snippet};
pub use metrics::{Counters, Letters, Metrics, Snapshots, newest_letters};
pub use server::{Server, ServerError};
pub use site::{Parts, Site, Threads};

use crate::inbound::webhook::Refused;
use crate::ledger::rows::Taken;
use crate::model::attempt::Outcome;
use crate::model::provider::Provider;

/// What whoever runs the server may want to know.
#[derive(Debug)]
pub enum Note<'a> {
    Taken(Provider, Taken),
    Refused(Provider, &'a Refused),
    /// Somebody unsubscribed, again or for the first time.
    Left,
    /// Somebody took it back.
    Stayed,
    /// Somebody chose what they get.
    Chose,
    /// Somebody asked to subscribe: a mail is due.
    Asked,
    /// What became of such a mail.
    Mailed(&'a Outcome),
    /// Somebody confirmed.
    Joined,
    /// Somebody would unsubscribe whom the ledger does not know.
    Stranger,
    /// So many who opened a letter or followed a link were led on and cannot be counted.
    Lost(u64),
    /// The form is shut while so many requests wait for their mail.
    Full(u64),
    /// The ledger cannot be used; who asked comes again.
    Trouble(&'a str),
}

/// Hears of everything that happens, on whatever thread that is, and must not wait.
pub type Listener = std::sync::Arc<dyn Fn(Note<'_>) + Send + Sync>;
