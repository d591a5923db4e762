//! The keys that sign the letters of a sender, opened.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::Desk;
use crate::commands::Failure;
use crate::compose::dkim::Signer;
use crate::compose::dkim::key::{KeyError, PrivateKey};
use crate::model::address::Domain;
use crate::model::finding::Explain;
use crate::model::source::Place;
use crate::settings::dkim::{DkimSettings, KeySource, fitting};
use crate::settings::lost::keeps_signature;
use crate::workspace::shown_path;

/// No key is near this.
const LARGEST_KEY: u64 = 64 * 1024;

/// A key of the settings that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct NoKey {
    message: String,
    help: Option<String>,
    place: Option<Place>,
}

impl Explain for NoKey {
    fn place(&self) -> Option<Place> {
        self.place.clone()
    }

    fn help(&self) -> Option<String> {
        self.help.clone()
    }
}

impl Desk {
    /// Who signs letters from `sender`; nobody where the settings name no key for that domain, or the transport
    /// changes what is signed: a broken signature is worse than none. Fails if a key that should sign cannot be
    /// used.
    pub fn signers(&self, sender: &Domain) -> Result<Vec<Signer>, Failure> {
        if !keeps_signature(&self.settings.transport.transport) {
            return Ok(Vec::new());
        }
        let fitting = fitting(&self.settings.dkim, sender).into_iter();
        let signers = fitting.map(|settings| signer(settings, settings.domain.as_ref().unwrap_or(sender)));
        let signers = signers.collect::<Result<Vec<_>, _>>()?;
        for signer in &signers {
            self.detail(format!("letters are signed by {}", signer.dns_name()));
        }
        Ok(signers)
    }
}

/// The key of one table, for letters from `domain`.
pub fn signer(settings: &DkimSettings, domain: &Domain) -> Result<Signer, Failure> {
    let key = open(&settings.key).map_err(|(message, help)| NoKey {
        message,
        help,
        place: settings.place.clone(),
    })?;
    Ok(Signer { domain: domain.clone(), selector: settings.selector.clone(), key: Arc::new(key) })
}

/// The key, or what is wrong with it and what to do.
fn open(source: &KeySource) -> Result<PrivateKey, (String, Option<String>)> {
    match source {
        KeySource::Missing { message, help } => Err((message.clone(), Some(help.clone()))),
        KeySource::Text { named, text } => PrivateKey::parse(text.expose_secret())
            .map_err(|error| (format!("{named} {error}"), error.help())),
        KeySource::File(path) => from_file(path),
    }
}

fn from_file(path: &Path) -> Result<PrivateKey, (String, Option<String>)> {
    let shown = shown_path(path).display().to_string();
    let bytes = read(path).map_err(|error| {
        let help = "correct the path, or make a key with `courant dkim keygen`";
        (format!("the DKIM key {shown} cannot be read: {error}"), Some(help.to_owned()))
    })?;
    let key = std::str::from_utf8(&bytes).map_err(|_| KeyError::NoKey).and_then(PrivateKey::parse);
    key.map_err(|error| (format!("{shown} {error}"), error.help()))
}

fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)?.take(LARGEST_KEY).read_to_end(&mut bytes)?;
    Ok(bytes)
}
