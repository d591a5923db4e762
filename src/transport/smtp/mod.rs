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
mod reply;
mod session;
#[cfg(test)]
mod tests;
mod tls;
mod wire;
mod wording;

use lettre::transport::smtp::extension::ClientId;

use crate::model::attempt::Broken;
use crate::settings::transport::{Security, SmtpSettings};
use crate::transport::Transport;
use opening::Opening;
pub use session::SmtpSession;
use tls::Tls;

/// A server that takes letters.
pub struct Smtp {
    settings: SmtpSettings,
    tls: Option<Tls>,
    hello: String,
}

impl Smtp {
    /// Fails if `tls_ca` cannot be read or holds no certificate. Nothing is connected to yet.
    pub fn new(settings: &SmtpSettings) -> Result<Smtp, Broken> {
        let tls = match settings.security {
            Security::Implicit | Security::StartTls => {
                Some(Tls::new(&settings.host, settings.tls_ca.as_deref())?)
            }
            Security::Plain => None,
        };
        Ok(Smtp { settings: settings.clone(), tls, hello: our_name(settings.hello.as_deref()) })
    }
}

/// The name for EHLO: `set`, or the machine's if that is a name at all, else an address literal
/// (RFC 5321 4.1.4).
fn our_name(set: Option<&str>) -> String {
    let is_name =
        |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'_');
    let machine = || Some(ClientId::default().to_string());
    set.map(str::to_owned)
        .filter(is_name)
        .or_else(machine)
        .filter(is_name)
        .unwrap_or("[127.0.0.1]".to_owned())
}

impl Transport for Smtp {
    type Session = SmtpSession;

    async fn connect(&self) -> Result<SmtpSession, Broken> {
        let opening = Opening { settings: &self.settings, tls: self.tls.as_ref(), hello: &self.hello };
        let (wire, offers) = opening.open().await?;
        let letters = self.settings.messages_per_connection.get();
        Ok(SmtpSession::new(wire, offers, self.settings.pipelining, letters, self.settings.timeouts))
    }

    fn is_idempotent(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod name_tests {
    use super::our_name;

    #[test]
    fn we_call_ourselves_something_a_server_can_read() {
        assert_eq!(our_name(Some("news.example")), "news.example");
        for odd in ["", "my_laptop", "two words", "x\r\nMAIL", "häuschen"] {
            let name = our_name(Some(odd));
            assert!(
                name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'_') && name != odd,
                "{name}"
            );
        }
    }
}
