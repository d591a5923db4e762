//! Does it still lead somewhere? `target` reads what the author linked to, `engine` visits each distinct
//! address once with manners (`host`), and `verdict` says what we think of what happened (`visit`).
//!
//! Nothing here ever visits an address that is made for one subscriber, sends more than HEAD and GET, or
//! connects to a private network unless the settings allow it (`reach`).

pub mod reach;
pub mod target;
pub mod host;
pub mod visit;
pub mod verdict;
pub mod engine;

#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

pub use engine::{Engine, EngineError};
pub use target::Target;
pub use verdict::Verdict;
pub use visit::Visit;
