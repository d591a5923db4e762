//! What the tests stand on: a scratch workspace, the binary in a scrubbed environment, mail servers that
//! behave or misbehave on request, and a browser that shows what a reader would see.
//!
//! Everything listens on loopback, on a port of its own, and ends with the test that started it.

pub mod aiosmtpd;
pub mod api;
pub mod archive;
pub mod browser;
pub mod cutter;
pub mod dkim;
pub mod dovecot;
pub mod fault;
pub mod faulty;
pub mod hooks;
pub mod letters;
pub mod mail;
pub mod meddler;
pub mod mixed;
pub mod postfix;
pub mod preview;
pub mod program;
pub mod provider;
pub mod proxy;
pub mod reference;
pub mod scratch;
pub mod server;
pub mod sink;
pub mod spamd;
pub mod tools;
pub mod web;
pub mod webhooks;
