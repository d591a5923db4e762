//! The transport that was chosen, opened.

use std::net::IpAddr;
use std::sync::Arc;

use crate::commands::Plain;
use crate::commands::desk::Desk;
use crate::ledger::Ledger;
use crate::model::attempt::Broken;
use crate::model::finding::Explain;
use crate::settings::ChosenBy;
use crate::settings::transport::{TransportKind, TransportSettings};
use crate::transport::http::Http;
use crate::transport::outbox::Outbox;
use crate::transport::smtp::Smtp;

/// A transport ready for a run.
pub enum Way {
    Outbox(Arc<Outbox>),
    Smtp(Arc<Smtp>),
    Http(Arc<Http>),
}

/// The transport cannot even be prepared.
#[derive(Debug, thiserror::Error)]
#[error("the transport `{name}` cannot be used: {broken}")]
pub struct NoWay {
    name: String,
    broken: Broken,
}

impl Explain for NoWay {
    fn help(&self) -> Option<String> {
        Some("look at its settings in courant.toml, or name another with --transport".to_owned())
    }
}

impl Way {
    /// `ledger` is the one whose letters it will carry; a proof needs none.
    pub fn open(settings: &TransportSettings, ledger: Option<&Ledger>) -> Result<Way, NoWay> {
        let opened = match &settings.kind {
            TransportKind::Outbox(folder) => Outbox::new(folder).map(|outbox| Way::Outbox(Arc::new(outbox))),
            TransportKind::Smtp(smtp) => Smtp::new(smtp).map(|smtp| Way::Smtp(Arc::new(smtp))),
            TransportKind::Http(http) => {
                Http::new(settings, http, ledger.cloned()).map(|http| Way::Http(Arc::new(http)))
            }
        };
        opened.map_err(|broken| NoWay { name: settings.name.clone(), broken })
    }
}

/// Where nobody watches, an outbox that nobody named is none: a lost `.env` must not mark anybody as reached. `why` says
/// what would leave.
pub fn refuse_default_outbox(desk: &Desk, why: &str) -> Result<(), Plain> {
    if desk.settings.transport.by != ChosenBy::Default {
        return Ok(());
    }
    Err(Plain {
        message: format!("{why}, but no transport is named"),
        help: Some(
            "set SMTP_URL in .env; to rehearse into the outbox, write `transport = \"outbox:outbox\"` into courant.toml"
                .to_owned(),
        ),
    })
}

/// Whether letters stay on this machine: a test server, or an outbox.
pub fn stays_here(settings: &TransportSettings) -> bool {
    match &settings.kind {
        TransportKind::Outbox(_) => true,
        TransportKind::Smtp(smtp) => {
            let host = smtp.host.trim_start_matches('[').trim_end_matches(']');
            host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        TransportKind::Http(http) => http.is_loopback(),
    }
}
