//! The secret of the workspace: the one there is, or a new one where that breaks nothing.

use secrecy::{ExposeSecret, SecretString};

use crate::commands::desk::Desk;
use crate::commands::{Failure, Plain};
use crate::ledger::Ledger;
use crate::model::delivery::Realm;
use crate::token::{Secret, TokenError};
use crate::workspace::Workspace;

/// Under this subject the ledger remembers which key its live letters were signed with.
const NOTE: &str = "secret";

/// `COURANT_SECRET`, else the workspace's file, else a new one. A live send with another secret than the
/// letters before would kill their unsubscribe links: it is refused until `accept_new`.
pub fn secret(desk: &Desk, ledger: &Ledger, realm: Realm, accept_new: bool) -> Result<Secret, Failure> {
    let known = ledger.note(NOTE)?;
    let found = existing(desk)?;
    if realm == Realm::Live && !accept_new {
        refuse_if_lost(known.as_deref(), found.as_ref())?;
    }
    let secret = match found {
        Some(secret) => secret,
        None => Secret::create(&desk.workspace.secret_path())?,
    };
    if realm == Realm::Live {
        ledger.note_changed(NOTE, &secret.fingerprint())?;
    }
    Ok(secret)
}

/// The secret that the letters of this ledger were made with; a failure where it is not there.
pub fn of_letters(desk: &Desk, ledger: &Ledger) -> Result<Secret, Failure> {
    let found = existing(desk)?;
    refuse_if_lost(ledger.note(NOTE)?.as_deref(), found.as_ref())?;
    Ok(found
        .ok_or_else(|| Plain::new("there is no secret", "put .courant/secret (or COURANT_SECRET) back"))?)
}

/// The secret, if there is one.
pub fn existing(desk: &Desk) -> Result<Option<Secret>, Failure> {
    Ok(existing_in(&desk.workspace, desk.settings.secret.as_ref())?)
}

/// The same: `own` is `COURANT_SECRET`.
pub fn existing_in(workspace: &Workspace, own: Option<&SecretString>) -> Result<Option<Secret>, TokenError> {
    match own {
        Some(text) => Ok(Some(Secret::from_text(text.expose_secret())?)),
        None => Secret::open(&workspace.secret_path()),
    }
}

fn refuse_if_lost(known: Option<&str>, found: Option<&Secret>) -> Result<(), Plain> {
    let Some(known) = known else { return Ok(()) };
    if found.is_some_and(|secret| secret.knows(known)) {
        return Ok(());
    }
    Err(Plain {
        message: "the secret that signed earlier letters is gone, so their links to unsubscribe, and those that count \
                  clicks, would die"
            .to_owned(),
        help: Some(
            "put .courant/secret (or COURANT_SECRET) back; `--new-secret` goes on without it".to_owned(),
        ),
    })
}
