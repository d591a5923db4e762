//! One SMTP dialogue, one phase at a time (RFC 5321), over our own stream.
//!
//! lettre's `AsyncSmtpConnection` opens the conversation: it awaits the greeting, says EHLO and STARTTLS, and
//! logs in. It does so over a wire of ours that is lent to it (`loan`), and gives it back before the first
//! envelope. The letters stay on that `wire`, since lettre cannot tell what they hang on: whether the final
//! dot left (a write and a read fail alike), every line of a refusal, and which extensions are offered.
//!
//! Three steps around the opening are ours for reasons of their own. The TLS is, because lettre does not say
//! whether a certificate or the connection was bad, and does not refuse what was said ahead of STARTTLS. HELO
//! is, because lettre gives up at a refused EHLO. And so is the answer to a login's question that lettre does
//! not know: the second asking of PLAIN, LOGIN in other words, the details of a refused token.

mod loan;
mod login;
mod offers;
mod opening;
mod relays;
mod reply;
mod session;
#[cfg(test)]
mod tests;
mod tls;
mod wire;
mod wording;

use std::time::Duration;

use crate::model::attempt::Broken;
use crate::settings::transport::SmtpSettings;
use crate::transport::Transport;
use relays::Relays;
pub use session::SmtpSession;

/// A server that takes letters, and those to turn to when it cannot be reached.
pub struct Smtp {
    relays: Relays,
}

impl Smtp {
    /// Fails if `tls_ca` cannot be read or holds no certificate. Nothing is connected to yet.
    pub fn new(settings: &SmtpSettings) -> Result<Smtp, Broken> {
        Ok(Smtp { relays: Relays::new(settings)? })
    }
}

impl Transport for Smtp {
    type Session = SmtpSession;

    async fn connect(&self) -> Result<SmtpSession, Broken> {
        self.relays.connect().await
    }

    fn idle(&self) -> Option<Duration> {
        Some(self.relays.idle())
    }

    fn is_idempotent(&self) -> bool {
        false
    }
}
