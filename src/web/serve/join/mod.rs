//! The form to subscribe, and the link that confirms (double opt-in).
//!
//! Whoever asks hears the same, whomever the ledger knows: the request is written down either way, and whether a mail
//! leaves is decided afterwards. Nobody who looks (GET, HEAD) changes anything: scanners open the link of the mail,
//! too. There is no cookie, so a form on any site may post here and has nothing to forge.

mod form;
mod gate;
mod letter;
mod mail;
mod page;
mod post;
mod routes;

use crate::model::address::Address;
use crate::model::subscriber::ListId;

pub use form::snippet;
pub(super) use form::{SNIPPET_VERSION, VERSION};
pub use mail::{From, Mails};
pub use post::Postman;
pub use routes::Joining;
pub(super) use routes::{answer, confirm};

/// Who asks for what.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub address: Address,
    pub lists: Vec<ListId>,
    pub words: String,
    pub lang: String,
    pub from: String,
}

/// What a visitor is told.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Form(Problem),
    /// A mail comes, or does not.
    Asked,
    ToConfirm(Vec<ListId>),
    Confirmed(Vec<ListId>),
    /// Something other than the reader forbids letters.
    Shut,
    Old,
    /// Too often from one network.
    Slow,
}

/// Why the form is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    None,
    NoAddress,
    NoList,
    Stale,
}
