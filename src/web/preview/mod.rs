//! The server of `courant preview`: a page, the letters it shows, and a stream of what changed.
//!
//! It owns no state of its own. Whatever the page wants is an [`Ask`] to the one who knows; what changes meanwhile
//! is an [`Event`] that every open page hears. It speaks to this machine alone, unless it is told otherwise and asks
//! for a token then.

mod address;
mod answer;
mod ask;
mod event;
mod guard;
mod page;
mod routes;
mod server;
mod token;
pub mod view;

pub use address::{AddressError, DEFAULT_PORT, listen_address};
pub use ask::{Ask, Eml, Refusal, Reply, Shown, Trial, Why};
pub use event::Event;
pub use server::{Door, Server, ServerError};
pub use token::Token;
