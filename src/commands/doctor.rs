//! `courant doctor`: whether the way out works, before anybody is written to.

use std::path::Path;

use crate::commands::desk::Desk;
use crate::commands::sending::ready::Ready;
use crate::commands::{Exit, Failure, Global, Plain, test};
use crate::compose::front_matter::parse_issue;
use crate::ledger::rows::Without;
use crate::model::address::Address;
use crate::model::attempt::{Broken, Outcome, Phase};
use crate::model::checkup::{Checkup, Health};
use crate::model::source::Source;
use crate::model::subscriber::{Fields, Subscriber};
use crate::report::checkup;
use crate::settings::http::HttpSettings;
use crate::settings::transport::{SmtpSettings, TransportKind};
use crate::transport::http::account::Account;
use crate::transport::http::health;
use crate::transport::smtp::Smtp;
use crate::transport::{Session, Transport};

/// Prove that letters can leave, without sending any
///
/// For a provider's API: its key, the domain of the sender, what is left of the quota, and the clock of this machine.
/// For a mail server: name, connection, TLS and login. Nothing is sent and nothing is changed, unless a probe is
/// asked for. Ends with 2 where something failed, else with 0; 1 where the settings cannot be read.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// A name from [transports.NAME], or a URL; else the transport of the settings
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<String>,
    /// Send one short letter to yourself (`preview_to`), which proves the rest
    #[arg(long)]
    send_probe: bool,
}

/// What a probe says.
const PROBE: &str = "---\ntitle: A probe of courant\npreheader: It proves that letters leave by this transport\n\
    slug: courant-probe\n---\n\n# A probe\n\n`courant doctor --send-probe` sent this letter. It came through.\n";

impl Doctor {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_with(global, self.transport.as_deref())?;
        let mut found = look(&desk).await?;
        if self.send_probe && !has_failed(&found) {
            found.extend(probe(&desk).await?);
        }
        let name = &desk.settings.transport.transport.name;
        desk.answer(|| checkup::human(name, &found), || checkup::json(name, &found))?;
        Ok(if has_failed(&found) { Exit::Findings } else { Exit::Done })
    }
}

fn has_failed(found: &[Checkup]) -> bool {
    found.iter().any(|it| it.health == Health::Failed)
}

async fn look(desk: &Desk) -> Result<Vec<Checkup>, Failure> {
    match &desk.settings.transport.transport.kind {
        TransportKind::Outbox(path) => {
            let words = format!("letters stay on this machine, in {}", path.display());
            Ok(vec![Checkup::ok("connection", words)])
        }
        TransportKind::Smtp(smtp) => Ok(vec![server(smtp).await]),
        TransportKind::Http(http) => provider(desk, http).await,
    }
}

async fn provider(desk: &Desk, http: &HttpSettings) -> Result<Vec<Checkup>, Failure> {
    let from = desk.settings.from.as_ref().ok_or_else(no_sender)?;
    match Account::new(http) {
        Ok(account) => Ok(health::look(&account, &from.address).await),
        Err(broken) => Ok(vec![Checkup::failed("connection", broken.to_string(), LOOK)]),
    }
}

fn no_sender() -> Plain {
    Plain::new(
        "nobody is named as the sender, whose domain could be asked about",
        "write FROM=Name <you@your-domain> into .env, or `from` into courant.toml",
    )
}

const LOOK: &str = "look at the settings of the transport in courant.toml and .env";

/// A whole opening: name, connection, greeting, TLS, login.
async fn server(settings: &SmtpSettings) -> Checkup {
    let place = format!("{}:{}", settings.host, settings.port);
    let opened = match Smtp::new(settings) {
        Ok(smtp) => smtp.connect().await,
        Err(broken) => Err(broken),
    };
    match opened {
        Ok(session) => {
            session.close().await;
            let login =
                if settings.login.is_some() { ", and the login is good" } else { "; it asks for no login" };
            Checkup::ok("connection", format!("{place} answers{login}"))
        }
        Err(broken) => failed(&place, &broken),
    }
}

fn failed(place: &str, broken: &Broken) -> Checkup {
    let (what, help) = match broken.phase {
        Phase::Login => (
            "key",
            "check user and password; many providers want an app password, see docs/providers/smtp.md",
        ),
        Phase::Tls => (
            "tls",
            "smtps:// is for port 465, smtp+starttls:// for 587; `tls_ca` trusts a certificate of your own",
        ),
        Phase::Connect | Phase::Sender | Phase::Recipient | Phase::Data | Phase::Body | Phase::Answer => {
            ("connection", "check host and port; networks of homes and offices often block port 25")
        }
    };
    Checkup::failed(what, format!("{place}: {broken}"), help)
}

/// A letter on the same road as all others, to the author.
async fn probe(desk: &Desk) -> Result<Vec<Checkup>, Failure> {
    let ledger = test::ledger(desk)?;
    let issue = parse_issue(Source::new(Path::new("probe.md"), PROBE))?;
    let ready = Ready::make(desk, issue, Without::Nobody)?;
    let mut found = Vec::new();
    for to in test::recipients(desk, &[])? {
        let outcome = test::send(desk, &ledger, &ready, &reader(&to), &to).await?;
        found.push(told(desk, &to, &outcome));
    }
    Ok(found)
}

fn reader(to: &Address) -> Subscriber {
    Subscriber { address: to.clone(), name: None, fields: Fields::new() }
}

fn told(desk: &Desk, to: &Address, outcome: &Outcome) -> Checkup {
    let (words, _) = test::words(desk, to, outcome);
    let words = words.trim_end_matches('.').to_owned();
    match outcome {
        Outcome::Accepted(_) => Checkup::ok("probe", words),
        Outcome::Deferred(_) | Outcome::Uncertain(_) => {
            Checkup::warning("probe", words, "look into your mailbox, or try again in a moment")
        }
        Outcome::Refused(_) | Outcome::Barred(..) | Outcome::NotSent(_) => {
            Checkup::failed("probe", words, LOOK)
        }
    }
}
