//! The page behind the unsubscribe link of every letter, and the one click of mailbox providers (RFC 8058).
//!
//! Whoever looks (GET, HEAD) changes nothing: scanners open every address of a mail. Whoever posts is taken at their
//! word at once, as often as they like, without a cookie, a login or a redirect. What is not signed by us is
//! answered with one page that says nothing of whom the ledger knows.
//!
//! A token names a person, and is what authorises; the link says which lists its letter went to (`?l=weekly`), and only
//! chooses. Whoever leaves by it leaves these, and is offered to leave everything. A link that names no list, or one that
//! the ledger does not know, means everything: somebody who said stop must not hear from the same list under a new name.

mod form;
mod page;
mod routes;

use crate::ledger::consent::{Terms, Ticks};
use crate::model::subscriber::ListId;

pub(super) use routes::{answer, choose};

/// What a visitor wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    Look,
    /// The lists of the link, or everything where it names none.
    Leave,
    LeaveAll,
    /// It was a mistake.
    Stay,
    StayAll,
    /// To see what they get; anybody may choose the lists that are public.
    Choices {
        public: Vec<ListId>,
    },
    /// To get these, and none of the others that were shown.
    Choose {
        public: Vec<ListId>,
        ticks: Ticks,
        terms: Terms,
    },
    /// A form that is none of ours.
    Unclear,
}

/// What a visitor is told. No lists are all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Asked whether they mean it.
    Asked(Vec<ListId>),
    /// They get no more letters of these lists; whether they may take that back.
    Left {
        lists: Vec<ListId>,
        undo: bool,
    },
    /// The token is ours, and nobody of this name is known any more.
    Gone,
    Stayed(Vec<ListId>),
    /// There is nothing that they could take back themselves, or not any more.
    TooLate,
    /// The link of a proof: nothing was changed.
    Proof,
    /// What they may choose from, and what they get of it.
    Choices {
        lists: Vec<(ListId, bool)>,
        is_saved: bool,
    },
    /// A complaint, a bounce or the author forbids letters, and only a person can change that.
    Shut,
    /// No token of ours.
    Unknown,
    /// The form said neither.
    Unclear(Vec<ListId>),
}
