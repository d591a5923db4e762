//! The page behind the unsubscribe link of every letter, and the one click of mailbox providers (RFC 8058).
//!
//! Whoever looks (GET, HEAD) changes nothing: scanners open every address of a mail. Whoever posts is taken at their
//! word at once, as often as they like, without a cookie, a login or a redirect. What is not signed by us is
//! answered with one page that says nothing of whom the ledger knows.
//!
//! A token names a person and no list, since one letter may go to several lists. So a click ends all letters of the
//! workspace: somebody who said stop must not hear from another list, or from the same one under a new name.

mod desk;
mod form;
mod index;
mod page;
mod routes;
mod words;

pub use desk::Door;
pub use page::Dress;
pub use routes::Leaving;
pub(super) use routes::answer;

/// What a visitor wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Look,
    Leave,
    /// It was a mistake.
    Stay,
    /// A form that is none of ours.
    Unclear,
}

/// What a visitor is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Asked whether they mean it.
    Asked,
    /// They get no more letters; whether they may take that back.
    Left {
        undo: bool,
    },
    /// The token is ours, and nobody of this name is known any more.
    Gone,
    Stayed,
    /// There is nothing that they could take back themselves, or not any more.
    TooLate,
    /// The link of a proof: nothing was changed.
    Proof,
    /// No token of ours.
    Unknown,
    /// The form said neither.
    Unclear,
    /// Not now: the ledger cannot be used, or too many ask at once.
    Trouble,
    Crowded,
    TooLarge,
}
