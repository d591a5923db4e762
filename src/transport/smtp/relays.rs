//! One server, or several of which the first that can be reached takes the letters.
//!
//! Another is turned to only while nothing has been said of a letter: then it cannot be repeated.

use std::sync::Mutex;
use std::time::Duration;

use lettre::transport::smtp::extension::ClientId;
use tokio::time::Instant;

use super::opening::Opening;
use super::session::SmtpSession;
use super::tls::Tls;
use crate::model::attempt::{Broken, Phase};
use crate::settings::transport::{Security, SmtpSettings};

/// A server that could not be reached is not the first choice again before this.
const REST: Duration = Duration::from_secs(60);

pub struct Relays {
    /// Never empty, in the order in which they are wanted.
    relays: Vec<Relay>,
}

struct Relay {
    settings: SmtpSettings,
    tls: Option<Tls>,
    hello: String,
    rests_until: Mutex<Option<Instant>>,
}

impl Relays {
    pub fn new(settings: &SmtpSettings) -> Result<Relays, Broken> {
        let all = std::iter::once(settings).chain(&settings.spares);
        Ok(Relays { relays: all.map(Relay::new).collect::<Result<_, _>>()? })
    }

    /// Connects to the first that can be reached. What is wrong with the one that is wanted most is told if
    /// none can.
    pub async fn connect(&self) -> Result<SmtpSession, Broken> {
        let mut first = None;
        for relay in self.in_turn() {
            match relay.connect().await {
                Ok(session) => return Ok(session),
                Err(broken) if !is_about_the_way(&broken) => return Err(broken),
                Err(broken) => drop(first.get_or_insert(broken)),
            }
        }
        Err(first.expect("there is at least one relay"))
    }

    /// Those that rest come last.
    fn in_turn(&self) -> impl Iterator<Item = &Relay> {
        let now = Instant::now();
        let (resting, awake): (Vec<_>, Vec<_>) = self.relays.iter().partition(|relay| relay.rests(now));
        awake.into_iter().chain(resting)
    }

    pub fn idle(&self) -> Duration {
        self.relays[0].settings.timeouts.idle
    }
}

/// Whether another server may do better: a wrong password or a bad certificate is to be seen, not passed by.
fn is_about_the_way(broken: &Broken) -> bool {
    broken.may_pass || broken.phase == Phase::Connect
}

impl Relay {
    fn new(settings: &SmtpSettings) -> Result<Relay, Broken> {
        let tls = match settings.security {
            Security::Implicit | Security::StartTls => {
                Some(Tls::new(&settings.host, settings.tls_ca.as_deref())?)
            }
            Security::Plain => None,
        };
        let hello = our_name(settings.hello.as_deref());
        Ok(Relay { settings: settings.clone(), tls, hello, rests_until: Mutex::new(None) })
    }

    async fn connect(&self) -> Result<SmtpSession, Broken> {
        let opening = Opening { settings: &self.settings, tls: self.tls.as_ref(), hello: &self.hello };
        let opened = opening.open().await;
        // One that says it is full for now takes the letters of those who are in.
        let is_away = opened.as_ref().is_err_and(|broken| broken.reply.is_none());
        self.rest(is_away.then(|| Instant::now() + REST));
        let (wire, offers) = opened?;
        Ok(SmtpSession::new(wire, offers, &self.settings))
    }

    fn rest(&self, until: Option<Instant>) {
        *self.rests_until.lock().expect("nothing panics while it holds the time") = until;
    }

    fn rests(&self, now: Instant) -> bool {
        let until = self.rests_until.lock().expect("nothing panics while it holds the time");
        until.is_some_and(|until| now < until)
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

#[cfg(test)]
mod tests {
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
