//! What proves that the mailbox is ours, ready to be said.

use std::process::Stdio;

use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;

use super::RemoteError;
use super::wire::within;
use crate::settings::remote::{Proof, Remote};

/// A password, or a token for XOAUTH2.
pub(super) enum Ready {
    Password(SecretString),
    Token(SecretString),
}

pub(super) async fn ready(remote: &Remote) -> Result<Ready, RemoteError> {
    match &remote.access.proof {
        Some(Proof::Password(password)) => Ok(Ready::Password(password.clone())),
        Some(Proof::Token(token)) => Ok(Ready::Token(token.clone())),
        Some(Proof::TokenCommand(command)) => Ok(Ready::Token(printed(remote, command).await?)),
        None => Err(RemoteError::NoProof { host: remote.host.clone() }),
    }
}

/// What the command prints, without the ends of lines.
async fn printed(remote: &Remote, command: &str) -> Result<SecretString, RemoteError> {
    let no_token = |why: String| RemoteError::NoToken { why };
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).kill_on_drop(true);
    let output =
        within(&remote.host, shell.output()).await.map_err(|_| no_token("it does not end".to_owned()))?;
    let output = output.map_err(|error| no_token(error.to_string()))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        let line = told.lines().next().unwrap_or_default();
        return Err(no_token(super::wire::said(&format!("{}: {line}", output.status))));
    }
    let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match token.is_empty() || token.chars().any(|c| c.is_control() || c == ' ') {
        true => Err(no_token("it printed none, or more than one line".to_owned())),
        false => Ok(SecretString::from(token)),
    }
}

/// The words of XOAUTH2, which is Google's and Microsoft's form of RFC 7628.
pub(super) fn xoauth2(user: &str, token: &SecretString) -> String {
    format!("user={user}\x01auth=Bearer {}\x01\x01", token.expose_secret())
}

/// The words of PLAIN (RFC 4616).
pub(super) fn plain(user: &str, password: &SecretString) -> String {
    format!("\0{user}\0{}", password.expose_secret())
}
