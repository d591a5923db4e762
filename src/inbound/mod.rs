//! The way back: what logs, mails and providers say of letters that left. Everything here reads what it is given; it never
//! writes to the ledger and never decides what a letter is because of it.

pub mod mailbox;
pub mod notice;
pub mod postfix;
pub mod webhook;
pub mod pull;
pub mod remote;
