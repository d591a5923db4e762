//! What is served over HTTP: pages for people, and webhooks. Nothing here knows how a letter is made.

pub mod preview;
pub mod serve;
