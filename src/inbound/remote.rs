//! Mailboxes on other machines, by IMAP (RFC 9051, and RFC 3501 before it) and POP3 (RFC 1939): which mails are there
//! that were not read, the start of each, and a mark on those that were understood.
//!
//! It never decides what a mail means, and deletes nothing unless the settings say so.

mod imap;
mod overheard;
mod pop3;
#[cfg(test)]
mod tests;
mod token;
mod utf7;
mod wire;

use crate::ledger::rows::Position;
use crate::model::finding::Explain;
use crate::settings::remote::{Done, Protocol, Remote};
use imap::Imap;
use pop3::Pop3;

/// Why a mailbox could not be read. None of them quotes the login.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RemoteError {
    #[error("{host} cannot be reached: {why}")]
    Unreachable { host: String, why: String },
    #[error("{0}")]
    Tls(String),
    #[error("{host} offers no TLS on this port")]
    NoTls { host: String },
    #[error("{host} does not take the login: {said}")]
    Login { host: String, said: String },
    #[error("there is no password for the mailbox at {host}")]
    NoProof { host: String },
    #[error("`token_command` gave no token: {why}")]
    NoToken { why: String },
    #[error("{host} has no folder `{folder}`: {said}")]
    NoFolder { host: String, folder: String, said: String },
    #[error("the connection to {host} broke: {why}")]
    Cut { host: String, why: String },
    /// The server ended it, for whatever reason; nothing else did.
    #[error("the connection to {host} broke: {why}")]
    Ended { host: String, why: String },
    #[error("{host} did not answer in time")]
    Slow { host: String },
    /// A whole command was refused.
    #[error("{host} refused {what}: {said}")]
    Refused { host: String, what: &'static str, said: String },
    #[error("{host} says what cannot be understood: {said}")]
    Garbled { host: String, said: String },
}

impl Explain for RemoteError {
    fn help(&self) -> Option<String> {
        let help = match self {
            RemoteError::Unreachable { .. } => "see that host and port in `source` of [mailbox] are right",
            RemoteError::Tls(_) => {
                "see that the host is the one in the certificate, or name its authority with `tls_ca`"
            }
            RemoteError::NoTls { .. } => "use imaps:// or pop3s://, which are TLS from the start",
            RemoteError::Login { .. } => {
                "see that user and password are right; many hosts want a password of its own for programs, or `token_command`"
            }
            RemoteError::NoProof { .. } => {
                "set password = \"${MAILBOX_PASSWORD}\" or token_command in [mailbox], or write it into the URL"
            }
            RemoteError::NoToken { .. } => {
                "run the command of `token_command` by hand: it has to print a token and nothing else"
            }
            RemoteError::NoFolder { .. } => {
                "name one that is there at the end of the URL: imaps://USER@HOST/INBOX"
            }
            RemoteError::Cut { .. } | RemoteError::Ended { .. } | RemoteError::Slow { .. } => {
                "what was read is written down; run the same command again for the rest"
            }
            RemoteError::Refused { .. } | RemoteError::Garbled { .. } => {
                "what was read is written down, and the next run reads the rest; `done = \"leave\"` in [mailbox] asks the server to change nothing"
            }
        };
        Some(help.to_owned())
    }
}

/// A mail in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// By IMAP its UID, by POP3 its number in this session.
    pub number: u32,
    /// By POP3, what it is called in every session.
    pub uidl: String,
    /// In octets; by IMAP it is not asked for.
    pub size: u64,
}

/// A mail that is there and that the server does not hand out.
#[derive(Debug)]
pub struct Withheld {
    pub entry: Entry,
    /// In the server's words.
    pub why: String,
}

/// What is done with the start of each mail.
pub type Take<'a, E> = &'a mut dyn FnMut(&Entry, Vec<u8>) -> Result<(), E>;

/// An open mailbox.
pub enum Inbox {
    Imap(Box<Imap>),
    Pop3(Box<Pop3>),
}

impl Inbox {
    /// Connects, and logs in. A cancelled call leaves nothing behind.
    pub async fn open(remote: &Remote) -> Result<Inbox, RemoteError> {
        if remote.access.proof.is_none() {
            return Err(RemoteError::NoProof { host: remote.host.clone() });
        }
        match remote.protocol {
            Protocol::Imap => Ok(Inbox::Imap(Box::new(Imap::open(remote).await?))),
            Protocol::Pop3 => Ok(Inbox::Pop3(Box::new(Pop3::open(remote).await?))),
        }
    }

    /// Under which validity the numbers are, by IMAP.
    pub fn validity(&self) -> Option<u32> {
        match self {
            Inbox::Imap(imap) => Some(imap.validity),
            Inbox::Pop3(_) => None,
        }
    }

    /// The mails after that position, all of them without one or with an older validity; by POP3 always all.
    pub async fn list(&mut self, after: Option<Position>) -> Result<Vec<Entry>, RemoteError> {
        match self {
            Inbox::Imap(imap) => imap.list(after).await,
            Inbox::Pop3(pop3) => pop3.list().await,
        }
    }

    /// The first [`LONGEST`](super::notice::LONGEST) octets of each mail that is still there, one in memory at a time;
    /// those that the server keeps to itself. After an error the mailbox must not be used any more.
    pub async fn fetch<E: From<RemoteError>>(
        &mut self,
        entries: &[Entry],
        take: Take<'_, E>,
    ) -> Result<Vec<Withheld>, E> {
        match self {
            Inbox::Imap(imap) => imap.fetch(entries, take).await,
            Inbox::Pop3(pop3) => pop3.fetch(entries, take).await,
        }
    }

    /// Does with mails what the settings say is done with those that were understood.
    pub async fn finish(&mut self, entries: &[Entry], done: &Done) -> Result<(), RemoteError> {
        match self {
            _ if entries.is_empty() => Ok(()),
            Inbox::Imap(imap) => imap.finish(entries, done).await,
            Inbox::Pop3(pop3) => pop3.finish(entries, done).await,
        }
    }

    /// Whether the server tells of new mail by itself.
    pub fn can_wait(&self) -> bool {
        match self {
            Inbox::Imap(imap) => imap.can_idle(),
            Inbox::Pop3(_) => false,
        }
    }

    /// Waits until there is mail that was not listed, or for some minutes, which may be none. A server that does not
    /// want to wait after all is one that [cannot](Inbox::can_wait).
    pub async fn wait(&mut self) -> Result<(), RemoteError> {
        match self {
            Inbox::Imap(imap) if imap.has_news() => Ok(()),
            Inbox::Imap(imap) => imap.idle().await,
            Inbox::Pop3(_) => Ok(()),
        }
    }

    /// Says goodbye. By POP3 this is what makes deletions hold.
    pub async fn close(self) -> Result<(), RemoteError> {
        match self {
            Inbox::Imap(imap) => {
                imap.close().await;
                Ok(())
            }
            Inbox::Pop3(pop3) => pop3.close().await,
        }
    }
}
