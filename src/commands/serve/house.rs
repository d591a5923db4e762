//! What a workspace serves: everything that can be refused is refused here, before anybody is answered.

use std::sync::Arc;

use super::opener;
use super::postman::{Sender, sender};
use super::told::Told;
use crate::commands::desk::Desk;
use crate::commands::{Failure, Plain, readers};
use crate::inbound::webhook::sns::Sns;
use crate::ledger::Ledger;
use crate::model::provider::Provider;
use crate::settings::mailbox::Source;
use crate::settings::remote::Remote;
use crate::settings::webhooks::{Credential, Hook};
use crate::web::serve::{Archive, Counters, Metrics, Parts, Site, Snapshots, Threads, newest_letters};
use crate::workspace::Workspace;

/// What is served, and who works beside it.
pub struct House {
    pub parts: Parts,
    pub told: Told,
    /// Sends the mails that ask to confirm, where there is a form.
    pub sender: Option<Sender>,
    /// The mailbox that is read, where it is on another machine.
    pub mailbox: Option<Remote>,
}

impl House {
    pub fn of(desk: &Desk) -> Result<House, Failure> {
        let hooks = desk.settings.webhooks.ready()?;
        let mailbox = match desk.settings.mailbox.ready()? {
            Some(Source::Remote(remote)) => Some(remote.as_ref().clone()),
            Some(Source::Path(..)) | None => None,
        };
        let has_pages = desk.settings.site.base_url.is_some() || desk.settings.archive.is_on;
        if hooks.is_empty() && !has_pages && mailbox.is_none() {
            return Err(nothing_to_serve().into());
        }
        let told = Told::new(desk.verbose > 0);
        let (offered, dress) = (readers::offered(desk)?, Arc::new(readers::dress(desk)?));
        let sender = sender(desk, &offered, &dress, &told)?;
        let parts = Parts {
            sns: sns_of(&hooks)?,
            hooks,
            dress,
            below: readers::below(desk),
            joining: readers::joining(desk, &offered),
            tracking: desk.settings.tracking.clone(),
            metrics: metrics(desk, &told.counters),
            soft: desk.settings.soft,
            archive: archive(desk),
        };
        Ok(House { parts, told, sender, mailbox })
    }
}

/// Starts what writes down what comes.
pub fn site(desk: &Desk, parts: Parts, told: &Told) -> Result<(Site, Threads), Plain> {
    Site::start(parts, || opener(desk), &told.listener).map_err(no_thread)
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

/// The way to Amazon, where it is needed.
fn sns_of(hooks: &std::collections::BTreeMap<Provider, Hook>) -> Result<Sns, Plain> {
    match hooks.contains_key(&Provider::Ses) {
        true => Sns::new().map_err(|error| Plain { message: error.to_string(), help: None }),
        false => Ok(Sns::default()),
    }
}

/// The archive, if the settings have one, whether it was built or not.
fn archive(desk: &Desk) -> Option<Archive> {
    let settings = &desk.settings.archive;
    let archive = || Archive::new(desk.archive_folder(), settings.url.as_deref(), &readers::below(desk));
    settings.is_on.then(archive)
}

/// What `/metrics` tells. The ledger is opened for each reading: there may be none yet, or another one by then.
fn metrics(desk: &Desk, counters: &Arc<Counters>) -> Metrics {
    let workspace = Workspace::new(desk.workspace.root().to_path_buf());
    let read = move || {
        let path = workspace.ledger_path();
        if !path.exists() {
            return Ok(Vec::new());
        }
        Ledger::open(&path).and_then(|ledger| newest_letters(&ledger)).map_err(|error| error.to_string())
    };
    let token = desk.settings.metrics_token.clone().map(Credential::Bearer);
    Metrics { token, counters: Arc::clone(counters), snapshots: Snapshots::new(Box::new(read)) }
}

fn no_thread(error: std::io::Error) -> Plain {
    Plain { message: format!("no thread can be started: {error}"), help: None }
}
