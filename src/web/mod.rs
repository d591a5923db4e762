//! Pages for people, over HTTP. Nothing here knows how a letter is made: it asks, and hands on the answer.

pub mod preview;
