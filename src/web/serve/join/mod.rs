//! The form to subscribe, and the link that confirms (double opt-in).
//!
//! Whoever asks hears the same, whomever the ledger knows: the request is written down either way, and whether a mail
//! leaves is decided afterwards. Nobody who looks (GET, HEAD) changes anything: scanners open the link of the mail,
//! too. There is no cookie, so a form on any site may post here and has nothing to forge.

mod form;
mod gate;
mod letter;
mod page;
mod routes;

use crate::ledger::consent::Confirmed;
use crate::model::address::Address;
use crate::model::subscriber::ListId;

pub use form::snippet;
pub(super) use form::{SNIPPET_VERSION, VERSION};
pub use letter::{CONFIRM_URL, confirmation};
pub use routes::Joining;
pub(super) use routes::{answer, confirm};

/// What the desk is asked.
#[derive(Debug, Clone)]
pub(super) enum Errand {
    /// A stamp for a form that is shown.
    Stamp,
    /// A request, with the stamp of its form.
    Ask { stamp: String, asked: Box<Asked> },
    /// Whoever opens the link of a mail.
    Look { token: String },
    /// Whoever presses its button, and where they are.
    Confirm { token: String, from: String },
}

/// Who asks for what.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub address: Address,
    pub lists: Vec<ListId>,
    pub words: String,
    pub lang: String,
    pub from: String,
}

/// What the desk answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Stamp(String),
    Asked,
    /// The stamp is none of ours, too old, or too new.
    Stale,
    Open(Confirmed),
    Confirmed(Confirmed),
    /// The link was used, is too old, or none of ours.
    Old,
    Trouble,
    Crowded,
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
    Trouble,
    Crowded,
    TooLarge,
}

/// Why the form is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    None,
    NoAddress,
    NoList,
    Stale,
}
