//! From nothing to a server that awaits an envelope: connection, greeting, EHLO, TLS, login.
//!
//! From the greeting on, lettre's connection speaks, over a wire that is lent to it. What is left to us is
//! what lettre does not say: HELO, and answers to a login's unusual questions.

use std::net::SocketAddr;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Auth, Starttls};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::loan::{Loan, Mute};
use super::login::{Answers, no_login, without_secret};
use super::offers::Offers;
use super::tls::Tls;
use super::wire::{Silence, Stream, Wire, words};
use crate::model::attempt::{Broken, Phase, Reply};
use crate::settings::transport::{Login, Security, SmtpSettings};

/// What is needed to open one connection.
pub struct Opening<'a> {
    pub settings: &'a SmtpSettings,
    /// `None` with [`Security::Plain`].
    pub tls: Option<&'a Tls>,
    /// Our name.
    pub hello: &'a str,
}

impl Opening<'_> {
    /// Finds the server, connects, greets and logs in.
    pub async fn open(&self) -> Result<(Wire, Offers), Broken> {
        let (stream, peer) = self.dial().await?;
        let is_local = peer.ip().is_loopback();
        match (self.settings.security, self.tls) {
            (Security::Implicit, Some(tls)) => {
                let stream = tls.wrap(stream, self.patience()).await?;
                self.greet(stream, is_local).await
            }
            _ => self.greet(stream, is_local).await,
        }
    }

    fn patience(&self) -> Duration {
        self.settings.timeouts.greeting
    }

    async fn dial(&self) -> Result<(TcpStream, SocketAddr), Broken> {
        let patience = self.settings.timeouts.connect;
        let addresses = timeout(patience, self.look_up())
            .await
            .unwrap_or_else(|_| Err(Broken::cut(Phase::Connect, self.unfound("no answer in time"))))?;
        // A first address that leads nowhere must leave time for the others.
        let share = patience / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let mut last = Broken::hopeless(Phase::Connect, self.unfound("it has no address"));
        for address in addresses {
            match self.dial_one(address, share).await {
                Ok(stream) => return Ok((stream, address)),
                Err(broken) => last = broken,
            }
        }
        Err(last)
    }

    async fn look_up(&self) -> Result<Vec<SocketAddr>, Broken> {
        let found = lookup_host((self.settings.host.as_str(), self.settings.port)).await;
        found.map(Iterator::collect).map_err(|error| {
            let text = error.to_string();
            // Resolvers tell "ask again" from "there is none" in words only.
            let may_pass = text.contains("emporary failure") || text.contains("ry again");
            Broken { may_pass, ..Broken::cut(Phase::Connect, self.unfound(&text)) }
        })
    }

    fn unfound(&self, why: &str) -> String {
        format!("the server `{}` is not found: {why}", self.settings.host)
    }

    async fn dial_one(&self, address: SocketAddr, patience: Duration) -> Result<TcpStream, Broken> {
        let fail = |why: String| {
            let SmtpSettings { host, port, .. } = self.settings;
            Broken::cut(Phase::Connect, format!("no connection to {host}, port {port}: {why}"))
        };
        let stream = match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(fail(error.to_string())),
            Err(_) => return Err(fail(format!("no answer within {}", words(patience)))),
        };
        // With Nagle's algorithm the end of a letter waits for a delayed acknowledgement, some 40 ms.
        stream.set_nodelay(true).map_err(|error| fail(error.to_string()))?;
        Ok(stream)
    }

    /// Everything after the connection (and, on port 465, its TLS) stands.
    pub async fn greet(&self, stream: impl Stream, is_local: bool) -> Result<(Wire, Offers), Broken> {
        let is_tls = self.settings.security == Security::Implicit;
        let wire = if is_tls { Wire::over_tls(stream) } else { Wire::new(stream) };
        let mut talk = self.hello(Loan::new(wire, self.patience())).await?;
        let mut is_private = is_local || is_tls;
        if let (Security::StartTls, Some(tls)) = (self.settings.security, self.tls) {
            let loan = Loan::new(self.start_tls(talk, tls).await?, self.patience());
            // RFC 3207 4.2: no greeting comes again, and lettre awaits one. What was offered in the clear may
            // have been said by anybody.
            loan.foretell(Reply::new(220, "inside TLS"));
            talk = self.hello(loan).await?;
            is_private = true;
        }
        match &self.settings.login {
            Some(_) if !is_private => {
                Err(Broken::hopeless(Phase::Login, "a password is not sent without TLS"))
            }
            Some(login) => {
                let in_login = |broken| without_secret(broken, login);
                self.log_in(talk, login).await.map_err(in_login)
            }
            None => Ok(talk.end()),
        }
    }

    /// The greeting and EHLO.
    async fn hello(&self, loan: Loan) -> Result<Talk, Broken> {
        let name = ClientId::Domain(self.hello.to_owned());
        let connected = AsyncSmtpConnection::connect_with_transport(Box::new(loan.lend()), &name).await;
        let heard = loan.heard();
        if let Some(mute) = loan.silence() {
            return Err(self.explain(mute, heard.is_empty()));
        }
        let mut heard = heard.into_iter();
        expect(Phase::Connect, heard.next(), 220, &connected)?;
        let answer = heard.next();
        if answer.as_ref().is_some_and(|reply| matches!(reply.code, 500..=504)) {
            drop(connected);
            return self.hello_of_old(loan.end()).await;
        }
        let offers = Offers::parse(&expect(Phase::Connect, answer, 250, &connected)?);
        let connection = Some(connected.map_err(|error| given_up(Phase::Connect, &error))?);
        Ok(Talk { connection, loan, offers })
    }

    fn explain(&self, mute: Mute, is_greeting: bool) -> Broken {
        let is_slow = matches!(mute.silence, Silence::TimedOut(_));
        let mut broken = cut(Phase::Connect, mute);
        if is_greeting && is_slow && self.settings.security != Security::Implicit {
            broken.cause.push_str(" (`smtps://` is for servers that expect TLS at once)");
        }
        broken
    }

    /// A server without extensions is greeted the old way (RFC 5321 4.1.4), which lettre does not know.
    async fn hello_of_old(&self, mut wire: Wire) -> Result<Talk, Broken> {
        let reply = self.exchange(&mut wire, Phase::Connect, &format!("HELO {}\r\n", self.hello)).await?;
        if reply.code != 250 {
            return Err(Broken::replied(Phase::Connect, reply));
        }
        let loan = Loan::new(wire, self.patience());
        Ok(Talk { connection: None, loan, offers: Offers::default() })
    }

    /// Gives a wire inside TLS.
    async fn start_tls(&self, mut talk: Talk, tls: &Tls) -> Result<Wire, Broken> {
        let Some(connection) = talk.connection.as_mut().filter(|_| talk.offers.starttls) else {
            return Err(Broken::hopeless(
                Phase::Tls,
                "the server does not offer STARTTLS, and nothing is sent in the clear",
            ));
        };
        let said = connection.command(Starttls).await;
        expect(Phase::Tls, talk.answers(Phase::Tls)?.pop(), 220, &said)?;
        let (wire, _) = talk.end();
        let stream = wire.into_stream().ok_or_else(|| {
            Broken::hopeless(
                Phase::Tls,
                "somebody spoke between STARTTLS and TLS: the connection is not safe",
            )
        })?;
        Ok(Wire::over_tls(tls.wrap(stream, self.patience()).await?))
    }

    async fn log_in(&self, mut talk: Talk, login: &Login) -> Result<(Wire, Offers), Broken> {
        let answers = Answers::new(login, &talk.offers)?;
        let connection = talk.connection.as_mut().ok_or_else(no_login)?;
        let said = ask_in(connection, &answers).await;
        let mut heard = talk.answers(Phase::Login)?;
        // lettre has answered every question but the last; what it does not understand it leaves to us.
        let turn = heard.len().saturating_sub(1);
        let mut reply = match (heard.pop(), said) {
            (Some(reply), _) => reply,
            (None, Err(error)) => return Err(given_up(Phase::Login, &error)),
            (None, Ok(_)) => return Err(no_login()),
        };
        let (mut wire, offers) = talk.end();
        for step in answers.steps.iter().skip(turn) {
            if reply.code != 334 {
                break;
            }
            reply = self.exchange(&mut wire, Phase::Login, &format!("{step}\r\n")).await?;
        }
        match reply.code {
            200..300 => Ok((wire, offers)),
            _ => Err(Broken::replied(Phase::Login, reply)),
        }
    }

    async fn exchange(&self, wire: &mut Wire, phase: Phase, command: &str) -> Result<Reply, Broken> {
        let stuck = wire.write(command.as_bytes(), self.patience()).await.err().map(|stuck| stuck.cause);
        wire.read(self.patience()).await.map_err(|silence| cut(phase, Mute { stuck, silence }))
    }
}

/// AUTH and what follows, as far as lettre understands the questions.
async fn ask_in(connection: &mut AsyncSmtpConnection, answers: &Answers) -> Result<Response, Error> {
    let Answers { way, credentials, .. } = answers;
    if connection.server_info().supports_auth_mechanism(*way) {
        return connection.auth(&[*way], credentials).await;
    }
    // One that was set is tried although lettre saw no offer of it.
    connection.command(Auth::new(*way, credentials.clone(), None)?).await
}

/// A server that was greeted.
struct Talk {
    /// `None` if it was greeted without lettre.
    connection: Option<AsyncSmtpConnection>,
    loan: Loan,
    offers: Offers,
}

impl Talk {
    /// What the server said since the last time.
    fn answers(&self, phase: Phase) -> Result<Vec<Reply>, Broken> {
        let heard = self.loan.heard();
        self.loan.silence().map_or(Ok(heard), |mute| Err(cut(phase, mute)))
    }

    fn end(self) -> (Wire, Offers) {
        drop(self.connection);
        (self.loan.end(), self.offers)
    }
}

/// A server that speaks another protocol will not change its mind; all else may pass.
fn cut(phase: Phase, Mute { stuck, silence }: Mute) -> Broken {
    let may_pass = stuck.is_some() || !matches!(silence, Silence::Garbled(_));
    Broken { may_pass, ..Broken::cut(phase, stuck.unwrap_or_else(|| silence.to_string())) }
}

/// `said` is what lettre made of it, which counts only where there is no reply.
fn expect<T>(
    phase: Phase,
    reply: Option<Reply>,
    code: u16,
    said: &Result<T, Error>,
) -> Result<Reply, Broken> {
    match (reply, said) {
        (Some(reply), _) if reply.code == code => Ok(reply),
        (Some(reply), _) => Err(Broken::replied(phase, reply)),
        (None, Err(error)) => Err(given_up(phase, error)),
        (None, Ok(_)) => Err(Broken::hopeless(phase, "the server is out of step")),
    }
}

/// lettre stopped although the server went on.
fn given_up(phase: Phase, error: &Error) -> Broken {
    Broken::hopeless(phase, format!("the conversation cannot go on: {error}"))
}
