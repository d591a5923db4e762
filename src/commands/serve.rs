//! `courant serve`: answers readers, their links and what providers tell, shows the archive, and reads what comes back by
//! mail.

mod crew;
mod postman;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use crew::Crew;
use serde_json::json;
use tokio::sync::{Notify, watch};

use crate::commands::bounces::watch::watch;
use crate::commands::desk::{Desk, say_always, write_out};
use crate::commands::sending::halt::Listener;
use crate::commands::sending::secret;
use crate::commands::{Exit, Failure, Global, Plain, readers};
use crate::inbound::webhook::sns::Sns;
use crate::ledger::{Ledger, LedgerError};
use crate::model::attempt::Outcome;
use crate::model::provider::Provider;
use crate::settings::mailbox::Source;
use crate::settings::remote::Remote;
use crate::settings::webhooks::{Credential, Hook};
use crate::web::serve::{
    Archive, Counters, Door, Hooks, Keeper, Letters, Metrics, Note, Open, Opened, Readers, Server, Shut,
    Site, Snapshots, Tracker,
};
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
        let hooks = desk.settings.webhooks.ready()?;
        desk.settings.mailbox.ready()?;
        let has_pages = desk.settings.site.base_url.is_some() || desk.settings.archive.is_on;
        if hooks.is_empty() && !has_pages && own_mailbox(&desk).is_none() {
            return Err(nothing_to_serve().into());
        }
        let sns = sns_of(&hooks)?;
        let archive = archive(&desk);
        let (dress, offered) = (Arc::new(readers::dress(&desk)?), readers::offered(&desk)?);
        let wake = Arc::new(Notify::new());
        let counters = Arc::new(Counters::default());
        let told = counted(Arc::clone(&counters), teller(desk.verbose > 0, Arc::clone(&wake)));
        let postman = postman::postman(&desk, &offered, &dress, &told, &wake)?;
        let server = Server::bind(self.listen).await?;
        let form = postman.as_ref().map(|_| "/subscribe");
        welcome(&desk, &server, &hooks, form, archive.as_ref())?;
        let (keeper, thread) = Keeper::start(opener(&desk), Arc::clone(&told)).map_err(no_thread)?;
        let (door, doorkeeper) = Door::start(opener(&desk), Arc::clone(&told)).map_err(no_thread)?;
        let settings = desk.settings.tracking.clone();
        let (tracker, [guide, scribe]) =
            Tracker::start([opener(&desk), opener(&desk)], settings, &told).map_err(no_thread)?;
        let hooks = Hooks { hooks, sns, keeper, listener: told };
        let (below, joining) = (readers::below(&desk), readers::joining(&desk, &offered));
        let readers = Readers { door, dress, below, joining };
        let metrics = metrics(&desk, counters);
        let site = Site { hooks, readers, metrics, tracker, archive };
        let mut crew = Crew::default();
        if let Some(postman) = postman {
            crew.hire(|end| postman.work(end));
        }
        crew.hire(|end| watch_mailbox(desk, end));
        server.serve(site, crew.ended(async { drop(listener.halt.changed().await) })).await;
        let is_well = crew.finish().await;
        // What was taken is on disk before the process ends.
        let threads = [thread, doorkeeper, guide, scribe];
        let number_broken = move || threads.into_iter().filter_map(|thread| thread.join().err()).count();
        match tokio::task::spawn_blocking(number_broken).await {
            Ok(0) if is_well => Ok(Exit::Done),
            Ok(_) | Err(_) => Err(broken().into()),
        }
    }
}

/// Reads what comes back by mail until `end` says so, where the settings name a mailbox on another machine.
async fn watch_mailbox(desk: Desk, mut end: watch::Receiver<bool>) {
    let watching = async {
        match own_mailbox(&desk) {
            Some(remote) => watch(&desk, remote).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = watching => {}
        _ = end.wait_for(|end| *end) => {}
    }
}

fn own_mailbox(desk: &Desk) -> Option<&Remote> {
    match &desk.settings.mailbox.source {
        Some(Source::Remote(remote)) => Some(remote),
        Some(Source::Path(..) | Source::Missing { .. }) | None => None,
    }
}

fn nothing_to_serve() -> Plain {
    Plain::new(
        "courant.toml has no `base_url` for the links of letters, names no provider whose webhooks are taken, no \
         archive and no mailbox on another machine",
        "set base_url = \"https://…\" (docs/unsubscribe.md), or add a table such as [webhooks.resend] with \
         secret = \"${RESEND_WEBHOOK_SECRET}\" (docs/webhooks.md), [archive] (docs/archive.md) or [mailbox] with \
         source = \"imaps://…\" (docs/bounces.md)",
    )
}

/// So many issues are told of, the newest first.
const MEASURED: usize = 10;

/// What `/metrics` tells. The ledger is opened for each reading: there may be none yet, or another one by then.
fn metrics(desk: &Desk, counters: Arc<Counters>) -> Metrics {
    let workspace = Workspace::new(desk.workspace.root().to_path_buf());
    let read = move || {
        let path = workspace.ledger_path();
        if !path.exists() {
            return Ok(Vec::new());
        }
        Ledger::open(&path).and_then(|ledger| newest(&ledger)).map_err(|error| error.to_string())
    };
    let token = desk.settings.metrics_token.clone().map(Credential::Bearer);
    Metrics { token, counters, snapshots: Snapshots::new(Box::new(read)) }
}

/// The newest edition of each issue.
fn newest(ledger: &Ledger) -> Result<Vec<Letters>, LedgerError> {
    let mut seen = BTreeSet::new();
    let mut editions = ledger.editions()?;
    editions.retain(|edition| seen.insert((edition.issue.0.clone(), edition.realm.name())));
    editions.truncate(MEASURED);
    let letters = editions.into_iter().map(|edition| {
        let counts = ledger.counts(edition.id)?;
        Ok(Letters { issue: edition.issue.0, realm: edition.realm, counts })
    });
    letters.collect()
}

fn counted(
    counters: Arc<Counters>,
    told: Arc<dyn Fn(Note<'_>) + Send + Sync>,
) -> Arc<dyn Fn(Note<'_>) + Send + Sync> {
    Arc::new(move |note| {
        counters.hear(&note);
        told(note);
    })
}

/// The archive, if the settings have one, whether it was built or not.
fn archive(desk: &Desk) -> Option<Archive> {
    let settings = &desk.settings.archive;
    let archive = || Archive::new(desk.archive_folder(), settings.url.as_deref(), &readers::below(desk));
    settings.is_on.then(archive)
}

fn broken() -> Plain {
    Plain::new(
        "what writes events down broke: this is a mistake in Courant",
        "start it again: providers come again with what was not taken",
    )
}

fn no_thread(error: std::io::Error) -> Plain {
    Plain { message: format!("no thread can be started: {error}"), help: None }
}

/// The way to Amazon, where it is needed.
fn sns_of(hooks: &std::collections::BTreeMap<Provider, Hook>) -> Result<Sns, Plain> {
    match hooks.contains_key(&Provider::Ses) {
        true => Sns::new().map_err(|error| Plain { message: error.to_string(), help: None }),
        false => Ok(Sns::default()),
    }
}

fn welcome(
    desk: &Desk,
    server: &Server,
    hooks: &std::collections::BTreeMap<Provider, Hook>,
    form: Option<&str>,
    archive: Option<&Archive>,
) -> Result<(), Failure> {
    let url = format!("http://{}", server.address());
    let paths: Vec<String> =
        hooks.keys().map(|provider| format!("{url}/webhooks/{}", provider.name())).collect();
    let page = format!("{url}/u/");
    let form = form.map(|path| format!("{url}{path}"));
    let archive = archive.map(|archive| format!("{url}{}", archive.path()));
    let mailbox = own_mailbox(desk).map(Remote::name);
    let transport = form.as_ref().map(|_| &desk.settings.transport.transport.name);
    let text = match desk.json() {
        true => {
            let said = json!({
                "url": url, "unsubscribe": page, "subscribe": form, "archive": archive, "webhooks": paths,
                "mailbox": mailbox, "transport": transport,
            });
            format!("{said}\n")
        }
        false => {
            let all = form.iter().chain(&archive).chain(&paths);
            let all: String = all.map(|path| format!("  {path}\n")).collect();
            let what = if paths.is_empty() { "" } else { " and webhooks" };
            let sent = transport
                .map_or(String::new(), |name| format!("Mails that ask to confirm leave through {name}\n"));
            let read = mailbox.map_or(String::new(), |name| format!("Reading the mailbox {name}\n"));
            format!("Answering unsubscribe links{what} (Ctrl-C ends it):\n  {page}TOKEN\n{all}{sent}{read}")
        }
    };
    Ok(write_out(text.as_bytes())?)
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

/// Says each trouble once in a row, each kind of refusal and of loss once, and with `-v` everything. Wakes whoever sends mails.
fn teller(verbose: bool, wake: Arc<Notify>) -> Arc<dyn Fn(Note<'_>) + Send + Sync> {
    let (last, said) = (Mutex::new(None::<String>), Mutex::new(BTreeSet::<String>::new()));
    let once = move |words: &str| {
        let is_new = said.lock().unwrap_or_else(PoisonError::into_inner).insert(words.to_owned());
        if is_new || verbose {
            say_always(words);
        }
    };
    Arc::new(move |note| match note {
        Note::Taken(provider, taken) => {
            *last.lock().unwrap_or_else(PoisonError::into_inner) = None;
            if verbose {
                say_always(&format!("- {}: {} new, {} known", provider.name(), taken.new, taken.known));
            }
        }
        Note::Refused(provider, refused) => once(&format!("refused: {}: {refused}", provider.name())),
        Note::Left | Note::Stayed | Note::Chose | Note::Joined | Note::Asked => {
            *last.lock().unwrap_or_else(PoisonError::into_inner) = None;
            if matches!(note, Note::Asked) {
                wake.notify_one();
            }
            if verbose {
                say_always(&format!("- {}", deed(&note)));
            }
        }
        Note::Mailed(Outcome::Accepted(_)) if !verbose => {}
        Note::Mailed(outcome) => {
            say_always(&format!("- a mail that asks to confirm: {}", outcome.name()));
        }
        Note::Stranger => say_always(
            "somebody unsubscribed whom this ledger does not know: nothing could be written down. \
             If their row is in a file of subscribers/, take it out",
        ),
        Note::Lost(_) => once(
            "opens and clicks are lost: they cannot be written down as fast as they come \
             (`courant_hits_lost_total` of /metrics says how many)",
        ),
        Note::Full(most) => once(&format!(
            "the form is shut while {most} mails that ask to confirm wait to leave: \
             `courant_subscriptions_total` of /metrics says how many were turned away"
        )),
        Note::Trouble(why) => {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.as_deref() != Some(why) {
                say_always(&format!(
                    "trouble: {why}; who asked is told to come again, and what waits is tried again"
                ));
                *last = Some(why.to_owned());
            }
        }
    })
}

fn deed(note: &Note<'_>) -> &'static str {
    match note {
        Note::Left => "a reader unsubscribed",
        Note::Stayed => "a reader took it back",
        Note::Chose => "a reader chose what they get",
        Note::Asked => "somebody asked to subscribe",
        Note::Joined => "somebody confirmed a subscription",
        Note::Taken(..) | Note::Refused(..) | Note::Mailed(_) | Note::Stranger => "",
        Note::Lost(_) | Note::Full(_) | Note::Trouble(_) => "",
    }
}
