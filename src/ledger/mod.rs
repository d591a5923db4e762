//! What happened, and the proof of it.

pub mod recorded;
