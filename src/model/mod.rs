//! The words: plain data, valid by construction. Nothing here does I/O, awaits, or reads a clock.

pub mod address;
pub mod attempt;
pub mod audience;
pub mod checkup;
pub mod delivery;
pub mod event;
pub mod finding;
pub mod image;
pub mod issue;
pub mod kind;
pub mod plan;
pub mod provider;
pub mod letter;
pub mod path;
pub mod source;
pub mod subscriber;
pub mod template;
pub mod theme;
pub mod tree;
