//! The way back: what logs, mails and providers say of letters that left. `remote` connects to mailboxes, and marks, moves
//! or deletes mails there as the settings say, `pull` asks providers, `mailbox` opens files; all else reads what it is
//! given. Nothing here writes to the ledger, or decides what a letter is because of what was said of it.

pub mod mailbox;
pub mod notice;
pub mod postfix;
pub mod webhook;
pub mod pull;
pub mod remote;
