//! Does it still lead somewhere? `target` reads what the author linked to and `made` what fields make of it;
//! `engine` visits each distinct address once with manners (`host`), `survey` remembers earlier visits, and
//! `verdict` says what we think of what happened (`visit`).
//!
//! Nothing here ever visits an address that is made for one subscriber, sends more than HEAD and GET, or
//! connects to a private network unless the settings allow it (`reach`).

pub mod reach;
pub mod made;
pub mod target;
pub mod wanted;
pub mod site;
pub mod signs;
mod tags;
pub mod page;
pub mod snapshot;
pub mod host;
pub mod visit;
mod answer;
mod walk;
mod secure;
pub mod verdict;
pub mod client;
pub mod engine;
pub mod record;
pub mod survey;
pub mod cache;

#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

pub use client::Behalf;
pub use engine::{Engine, EngineError};
pub use made::Made;
pub use survey::{Memory, Survey};
pub use target::Target;
pub use verdict::Verdict;
pub use visit::Visit;
pub use wanted::Wanted;
