//! `courant serve`: answers readers, their links and what providers tell, shows the archive, and reads what comes back by
//! mail.

mod crew;
mod house;
mod postman;
mod told;
mod welcome;

use std::net::{Ipv4Addr, SocketAddr};

use crew::Crew;
use house::House;
use tokio::sync::watch;
use welcome::Welcome;

use crate::commands::bounces::watch::watch;
use crate::commands::desk::Desk;
use crate::commands::sending::halt::Listener;
use crate::commands::sending::secret;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::ledger::Ledger;
use crate::settings::remote::Remote;
use crate::web::serve::{Open, Opened, Server, Shut};
use crate::workspace::Workspace;

/// Let readers subscribe, choose and unsubscribe, lead their clicks on, and take the webhooks of providers
///
/// Answers BASE_URL/u/TOKEN, the unsubscribe link of every letter: a page with a button, and the one click of mailbox
/// providers (RFC 8058). Answers BASE_URL/p/TOKEN, where readers choose what they get, and BASE_URL/subscribe, the form of
/// [subscribe], whose mails it sends and whose links, BASE_URL/confirm/TOKEN, it answers. Leads on whoever follows
/// BASE_URL/c/… of a letter whose clicks are counted, and answers its picture, BASE_URL/o/…. Answers POST /webhooks/NAME
/// for each provider that courant.toml has a table [webhooks.NAME] for, GET /health, and GET /metrics where METRICS_TOKEN
/// is set. An event is on disk before the provider hears that it was taken. With a table [archive] it shows what
/// `courant archive build` made. Where `source` of [mailbox] is a mailbox on another machine, it reads what comes back as
/// it comes. It speaks plain HTTP: a server in front of it does TLS. It may run while letters are sent.
/// docs/unsubscribe.md, docs/subscribe.md, docs/tracking.md, docs/webhooks.md, docs/archive.md and docs/bounces.md go
/// through it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Serve {
    /// Where to listen: an address or a port; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8025", value_parser = address)]
    listen: SocketAddr,
}

const EXAMPLES: &str = "\
Examples:
  courant serve                          behind a web server on this machine
  courant serve --listen 0.0.0.0:8025    in a container";

fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").unwrap_or(text).parse().ok();
    let local = port.map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    text.parse().ok().or(local).ok_or_else(|| "write it as 127.0.0.1:8025, or a port alone".to_owned())
}

impl Serve {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let no_signals = |error| Plain { message: format!("signals cannot be heard: {error}"), help: None };
        let mut listener = Listener::start(|| {}).map_err(no_signals)?;
        let desk = Desk::open_workspace(global, None)?;
        let house = House::of(&desk)?;
        let server = Server::bind(self.listen).await?;
        Welcome::of(&desk, &house, format!("http://{}", server.address())).say(desk.json())?;
        let House { parts, told, sender, mailbox } = house;
        let (site, threads) = house::site(&desk, parts, &told)?;
        let mut crew = Crew::default();
        if let Some(sender) = sender {
            crew.hire(|end| sender.work(end));
        }
        if let Some(remote) = mailbox {
            crew.hire(|end| watch_mailbox(desk, remote, end));
        }
        server.serve(site, crew.ended(async { drop(listener.halt.changed().await) })).await;
        let is_well = crew.finish().await;
        // What was taken is on disk before the process ends.
        if threads.join().await && is_well { Ok(Exit::Done) } else { Err(broken().into()) }
    }
}

/// Reads what comes back by mail until `end` says so.
async fn watch_mailbox(desk: Desk, remote: Remote, mut end: watch::Receiver<bool>) {
    tokio::select! {
        () = watch(&desk, &remote) => {}
        _ = end.wait_for(|end| *end) => {}
    }
}

fn broken() -> Plain {
    Plain::new(
        "what writes events down broke: this is a mistake in Courant",
        "start it again: providers come again with what was not taken",
    )
}

/// Opens the ledger and the secret anew: neither need be there before the first letter, and a key may be added.
fn opener(desk: &Desk) -> Open {
    let workspace = Workspace::new(desk.workspace.root().to_path_buf());
    let own = desk.settings.secret.clone();
    Box::new(move || {
        let ledger = Ledger::open(&workspace.ledger_path())?;
        let secret = secret::existing_in(&workspace, own.as_ref());
        let secret = secret.map_err(|error| Shut::Trouble(error.to_string()))?;
        let none = || Shut::New("there is no secret yet: nothing was sent".to_owned());
        Ok(Opened { ledger, secret: secret.ok_or_else(none)? })
    })
}
