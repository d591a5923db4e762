//! Links and the picture of letters whose readers are counted.
//!
//! A link leads to an address that stood in the letter, or nowhere: it holds a number and no address. Whoever follows it
//! is led on before anything is written, and no cookie is set. What is not signed by us is answered 404, whatever it
//! asks for. Nothing here is ever a reason to write to somebody, or not to.

mod desk;
mod routes;
mod scribe;

pub use desk::Tracker;
pub(super) use routes::{Asked, answer};

use crate::policy::visitor::Visitor;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Errand {
    /// The name of the letter's list of links.
    list: String,
    /// The number of the link, or 0 for the picture.
    link: u32,
    token: String,
    visitor: Visitor,
}

/// What the visitor gets.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Led {
    To(String),
    Picture,
    /// Signed by us, and of a letter that was not sent.
    Unsent,
    Unknown,
    /// Not now.
    Trouble,
}
