//! `courant preview`: an issue in the browser while it is written.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;
use tokio::sync::{broadcast, mpsc};

use crate::commands::desk::Desk;
use crate::commands::sending::halt::Listener;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::compose::front_matter::parse_issue;
use crate::model::address::Address;
use crate::web::preview::{Server, listen_address};

mod absolute;
mod anatomy;
mod arrivals;
mod boxes;
mod census;
mod checking;
mod draft;
mod index;
mod made;
mod maker;
mod seen;
mod sinking;
mod testing;
mod trouble;
mod visiting;
mod watching;
mod who;

use boxes::{Mailbox, OUTBOX};
use index::newest;
use maker::{Maker, Opening};
use sinking::Sinking;

/// Show an issue in the browser while it is written
///
/// The page shows the letter of any subscriber, byte for byte as it would be sent, with what `check` finds, and
/// follows every change of the issue, its template, images, lists and settings. It works offline and is served on
/// this machine alone, unless --listen says otherwise: then the address holds a token.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Preview {
    /// A path, an id, or a number; `-` reads standard input. Without it: the newest
    issue: Option<String>,
    /// Where to serve the page: an address or a port; port 0 is any that is free [default: 127.0.0.1:8026, or the
    /// next free port]
    #[arg(long, value_name = "ADDRESS", value_parser = listening)]
    listen: Option<SocketAddr>,
    /// Put a token into the address on this machine, too
    #[arg(long)]
    token: bool,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// Begin with the letter of this subscriber
    #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
    seen_as: Option<Address>,
    /// Do not visit links
    #[arg(long)]
    offline: bool,
    /// Check for this transport, and send tests by it: a name or a URL
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<String>,
    /// Send tests into a sink on this machine, whose letters the page shows until it ends
    #[arg(long)]
    sink: bool,
    /// Show the letters in this folder, too: a Maildir, or a folder of .eml files as `courant sink --keep` makes; may be
    /// repeated
    #[arg(long = "box", value_name = "DIR")]
    boxes: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  courant preview --open              the newest issue, in the browser
  courant preview draft.md            any Markdown file; no workspace is needed
  courant preview --sink              tests go nowhere but into the page
  courant preview 12 --listen 0.0.0.0 on the phone, too: open the address that is printed";

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}

fn listening(text: &str) -> Result<SocketAddr, String> {
    listen_address(text).map_err(|error| match crate::model::finding::Explain::help(&error) {
        Some(help) => format!("{error}: {help}"),
        None => error.to_string(),
    })
}

/// So many questions may wait, and so many events for a page that is slow.
const WAITING: usize = 256;

impl Preview {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let no_signals = |error| Plain { message: format!("signals cannot be heard: {error}"), help: None };
        let mut listener = Listener::start(|| {}).map_err(no_signals)?;
        let desk = Desk::open_with(global, self.transport.as_deref())?;
        let sinking = if self.sink { Some(Sinking::start().await?) } else { None };
        let opening = self.opening(global, &desk, sinking.as_ref())?;
        let server = Server::bind(self.listen, self.token).await?;
        let (asks, questions) = mpsc::channel(WAITING);
        let (events, _) = broadcast::channel(WAITING);
        let named = opening.named();
        let quiet = desk.quiet;
        let maker = Maker::start(opening, desk, questions, events.clone())?;
        self.welcome(global, &server, &named, quiet)?;
        let served = server.serve(asks, events, async move { drop(listener.halt.changed().await) }).await;
        maker.abort();
        drop(sinking);
        served?;
        Ok(Exit::Done)
    }

    /// Which issue, and from where.
    fn opening(&self, global: &Global, desk: &Desk, sinking: Option<&Sinking>) -> Result<Opening, Failure> {
        let mut opening = Opening {
            global: global.clone(),
            transport: self.transport.clone(),
            offline: self.offline,
            seen_as: self.seen_as.clone(),
            path: PathBuf::new(),
            typed: None,
            sink: sinking.map(Sinking::url),
            boxes: self.boxes(sinking)?,
        };
        match self.issue.as_deref() {
            Some("-") => opening.typed = Some(parse_issue(desk.workspace.read_standard_input()?)?),
            Some(name) => opening.path = found(&desk.workspace.find_issue(name)?)?,
            None => {
                desk.settings.require_root()?;
                opening.path = found(&newest(desk)?)?;
            }
        }
        Ok(opening)
    }

    /// The boxes that were asked for, each with a name of its own.
    fn boxes(&self, sinking: Option<&Sinking>) -> Result<Vec<Mailbox>, Failure> {
        let sink =
            sinking.map(|sinking| Mailbox::new("sink", sinking.folder(), "the sink of this preview, in"));
        let mut boxes: Vec<Mailbox> = sink.into_iter().collect();
        for folder in &self.boxes {
            if !folder.is_dir() {
                let message = format!("there is no folder {}", folder.display());
                return Err(Plain::new(message, "name one that holds letters with --box").into());
            }
            let folder = found(folder)?;
            let mut name =
                folder.file_name().map_or("box".into(), |name| name.to_string_lossy().into_owned());
            while name == OUTBOX || boxes.iter().any(|known| known.name == name) {
                name.push('+');
            }
            boxes.push(Mailbox::new(name, &folder, "the folder"));
        }
        Ok(boxes)
    }

    fn welcome(&self, global: &Global, server: &Server, named: &str, quiet: bool) -> Result<(), Failure> {
        let url = server.url();
        match global.json {
            true => crate::commands::desk::write_out(format!("{}\n", json!({ "url": url })).as_bytes())?,
            false => {
                let moved = if server.moved { ", since the usual port is taken" } else { "" };
                let words = format!("Preview of {named} on {url}{moved} (Ctrl-C ends it)\n");
                crate::commands::desk::write_out(words.as_bytes())?;
            }
        }
        if self.open && !browse(&url) && !quiet {
            crate::commands::desk::say_always("note: no browser could be started; open the address by hand");
        }
        Ok(())
    }
}

fn found(path: &Path) -> Result<PathBuf, Plain> {
    absolute::absolute(path).map_err(|error| {
        Plain::new(format!("{} cannot be found: {error}", path.display()), "name it by its whole path")
    })
}

/// Whether somebody was asked to show the page.
fn browse(url: &str) -> bool {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}
