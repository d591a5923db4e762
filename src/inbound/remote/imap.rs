//! IMAP: one folder, its mails by their UIDs. Mails are read with PEEK, so that reading alone marks none.

use std::collections::HashSet;
use std::time::Duration;

use async_imap::imap_proto::{
    AttributeValue, Capability, MailboxDatum, Outcome, RequestId, Response, ResponseCode, Status,
};
use async_imap::{Authenticator, Client, Session};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::token::{self, Ready};
use super::wire::{self, Wire, cut, encrypt, said, within};
use super::{Entry, Position, RemoteError, Take, utf7};
use crate::inbound::notice::LONGEST;
use crate::settings::remote::{Done, Remote};
use crate::settings::transport::Security;

/// Servers may forget who says nothing for 30 minutes (RFC 2177), and what stands between often does so earlier.
const IDLE: Duration = Duration::from_secs(10 * 60);

pub struct Imap {
    session: Session<Wire>,
    host: String,
    can: HashSet<String>,
    pub(super) validity: u32,
    /// The server told of mails since they were listed.
    has_news: bool,
    is_leaving: bool,
}

/// An answer to a whole command that is not OK.
struct No {
    said: String,
    may_create: bool,
}

type Answer = Result<Result<(), No>, RemoteError>;

impl Imap {
    pub(super) async fn open(remote: &Remote) -> Result<Imap, RemoteError> {
        let session = log_in(remote, greeted(remote).await?).await?;
        let host = remote.host.clone();
        let mut imap =
            Imap { session, host, can: HashSet::new(), validity: 0, has_news: false, is_leaving: false };
        imap.ask_what_it_can().await?;
        imap.select(&remote.folder).await?;
        Ok(imap)
    }

    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }

    pub(super) fn can_idle(&self) -> bool {
        self.can.contains("IDLE")
    }

    async fn ask_what_it_can(&mut self) -> Result<(), RemoteError> {
        let mut can = HashSet::new();
        let mut each = |response: &Response<'_>| {
            if let Response::Capabilities(all) = response {
                can.extend(all.iter().filter_map(name_of));
            }
            Ok::<(), RemoteError>(())
        };
        let answer = self.run("CAPABILITY", &mut each).await?;
        self.must("to say what it can", answer)?;
        self.can = can;
        Ok(())
    }

    async fn select(&mut self, folder: &str) -> Result<(), RemoteError> {
        let mut validity = 0;
        let command = format!("SELECT {}", utf7::quoted(folder));
        let mut each = |response: &Response<'_>| {
            if let Response::Data { outcome, .. } = response
                && let Some(ResponseCode::UidValidity(found)) = &outcome.code
            {
                validity = *found;
            }
            Ok::<(), RemoteError>(())
        };
        self.validity = match self.run(&command, &mut each).await? {
            Ok(()) => validity,
            Err(No { said, .. }) => {
                return Err(RemoteError::NoFolder {
                    host: self.host.clone(),
                    folder: folder.to_owned(),
                    said,
                });
            }
        };
        Ok(())
    }

    pub(super) async fn list(&mut self, after: Option<Position>) -> Result<Vec<Entry>, RemoteError> {
        self.has_news = false;
        let last = after.filter(|after| after.validity == self.validity).map_or(0, |after| after.last);
        let mut found = Vec::new();
        let command = format!("UID FETCH {}:* (UID)", last.saturating_add(1));
        let mut each = |response: &Response<'_>| {
            // `n:*` names the newest mail, too, where n is beyond it (RFC 3501 6.4.8).
            if let Some(number) = uid_in(response).filter(|uid| *uid > last) {
                found.push(Entry { number, uidl: String::new(), size: 0 });
            }
            Ok::<(), RemoteError>(())
        };
        let answer = self.run(&command, &mut each).await?;
        self.must("to list the mails", answer)?;
        found.sort_unstable_by_key(|entry: &Entry| entry.number);
        found.dedup();
        Ok(found)
    }

    pub(super) async fn fetch<E: From<RemoteError>>(
        &mut self,
        entries: &[Entry],
        take: Take<'_, E>,
    ) -> Result<(), E> {
        let command = format!("UID FETCH {} (UID BODY.PEEK[]<0.{LONGEST}>)", ranges(entries));
        let mut each = |response: &Response<'_>| match (uid_in(response), body_in(response)) {
            (Some(uid), Some(body)) => match entries.iter().find(|entry| entry.number == uid) {
                Some(entry) => take(entry, body.to_vec()),
                None => Ok(()),
            },
            _ => Ok(()),
        };
        let answer = self.run(&command, &mut each).await?;
        Ok(self.must("to hand out the mails", answer)?)
    }

    pub(super) async fn finish(&mut self, entries: &[Entry], done: &Done) -> Result<(), RemoteError> {
        let set = ranges(entries);
        match done {
            Done::Leave => Ok(()),
            Done::Mark => {
                self.plain(&format!("UID STORE {set} +FLAGS.SILENT (\\Seen)"), "to mark mails as read").await
            }
            Done::Delete => self.delete(&set).await,
            Done::Move(folder) => self.move_to(&set, folder).await,
        }
    }

    /// What others have marked as deleted stays: without UIDPLUS, ours stay with them, marked.
    async fn delete(&mut self, set: &str) -> Result<(), RemoteError> {
        self.plain(&format!("UID STORE {set} +FLAGS.SILENT (\\Seen \\Deleted)"), "to delete mails").await?;
        match self.can.contains("UIDPLUS") {
            true => self.plain(&format!("UID EXPUNGE {set}"), "to delete mails").await,
            false => Ok(()),
        }
    }

    async fn move_to(&mut self, set: &str, folder: &str) -> Result<(), RemoteError> {
        let (can_move, quoted) = (self.can.contains("MOVE"), utf7::quoted(folder));
        let command = format!("UID {} {set} {quoted}", if can_move { "MOVE" } else { "COPY" });
        if let Err(no) = self.tell(&command).await? {
            if !no.may_create {
                return Err(self.refused("to move mails", no.said));
            }
            self.plain(&format!("CREATE {quoted}"), "to make the folder for mails that were read").await?;
            self.plain(&command, "to move mails").await?;
        }
        if can_move { Ok(()) } else { self.delete(set).await }
    }

    /// Until the server tells of a mail that was not listed, or for [`IDLE`].
    pub(super) async fn idle(&mut self) -> Result<(), RemoteError> {
        let id = self.send("IDLE").await?;
        if let Some(answer) = self.is_idling(&id).await? {
            let said = answer.map_or_else(|no| no.said, |()| "it does not wait".to_owned());
            return Err(self.refused("to wait with us for new mail", said));
        }
        let news = async {
            while !self.has_news {
                self.read(|_| ()).await?;
            }
            Ok::<(), RemoteError>(())
        };
        timeout(IDLE, news).await.unwrap_or(Ok(()))?;
        let host = &self.host;
        let said = within(host, self.session.run_command_untagged("DONE")).await?;
        said.map_err(|error| cut(host, &error))?;
        while self.hear(|response| ended(response, &id).is_none()).await? {}
        Ok(())
    }

    /// `None` once the server waits with us, else why it does not.
    async fn is_idling(&mut self, id: &RequestId) -> Result<Option<Result<(), No>>, RemoteError> {
        loop {
            let (waits, answer) = self
                .hear(|response| (matches!(response, Response::Continue(_)), ended(response, id)))
                .await?;
            if waits || answer.is_some() {
                return Ok(answer);
            }
        }
    }

    /// Nothing depends on whether it is heard.
    pub(super) async fn close(mut self) {
        self.is_leaving = true;
        let _ = self.tell("LOGOUT").await;
    }

    async fn plain(&mut self, command: &str, what: &'static str) -> Result<(), RemoteError> {
        let answer = self.tell(command).await?;
        self.must(what, answer)
    }

    fn must(&self, what: &'static str, answer: Result<(), No>) -> Result<(), RemoteError> {
        answer.map_err(|no| self.refused(what, no.said))
    }

    fn refused(&self, what: &'static str, said: String) -> RemoteError {
        RemoteError::Refused { host: self.host.clone(), what, said }
    }

    async fn tell(&mut self, command: &str) -> Answer {
        self.run(command, &mut |_| Ok(())).await
    }

    /// One command and its answer; each line before the last goes to `each`.
    async fn run<E: From<RemoteError>>(
        &mut self,
        command: &str,
        each: &mut dyn FnMut(&Response<'_>) -> Result<(), E>,
    ) -> Result<Result<(), No>, E> {
        let id = self.send(command).await?;
        loop {
            let heard = self.hear(|response| {
                ended(response, &id).map_or_else(|| each(response).map(|()| None), |no| Ok(Some(no)))
            });
            if let Some(answer) = heard.await?? {
                return Ok(answer);
            }
        }
    }

    async fn send(&mut self, command: &str) -> Result<RequestId, RemoteError> {
        let Imap { session, host, .. } = self;
        let sent = within(host, session.run_command(command)).await?;
        sent.map_err(|error| cut(host, &error))
    }

    /// What `look` makes of the next line of the server, which does not take its time.
    async fn hear<T>(&mut self, look: impl FnOnce(&Response<'_>) -> T) -> Result<T, RemoteError> {
        let host = self.host.clone();
        within(&host, self.read(look)).await?
    }

    /// The same however long it takes. A line that was not heard to its end when this is cancelled is heard later.
    async fn read<T>(&mut self, look: impl FnOnce(&Response<'_>) -> T) -> Result<T, RemoteError> {
        let read = self.session.read_response().await.map_err(|error| broken(&self.host, &error))?;
        let data = read.ok_or_else(|| cut(&self.host, &"the server closed it"))?;
        match data.parsed() {
            Response::Data { status: Status::Bye, outcome } if !self.is_leaving => {
                return Err(cut(&self.host, &text_of(outcome)));
            }
            Response::MailboxData(MailboxDatum::Exists(_)) => self.has_news = true,
            _ => {}
        }
        Ok(look(data.parsed()))
    }
}

/// How the command of this tag ended, if this is its last line.
fn ended(response: &Response<'_>, id: &RequestId) -> Option<Result<(), No>> {
    match response {
        Response::Done { tag, status, outcome } if tag == id => Some(verdict(status, outcome)),
        _ => None,
    }
}

/// Connects as far as a login may be said.
async fn greeted(remote: &Remote) -> Result<Client<Wire>, RemoteError> {
    let (host, mut wire) = (&remote.host, wire::connect(remote).await?);
    if remote.security == Security::Implicit {
        wire = encrypt(remote, wire).await?;
    }
    let mut client = Client::new(wire);
    let greeting = within(host, client.read_response()).await?.map_err(|error| broken(host, &error))?;
    match greeting.as_ref().map(|data| data.parsed()) {
        Some(Response::Data { status: Status::Ok, .. }) => {}
        Some(Response::Data { outcome, .. }) => return Err(cut(host, &text_of(outcome))),
        Some(_) => return Err(garbled(host, "no greeting of IMAP")),
        None => return Err(cut(host, &"the server closed it")),
    }
    if remote.security != Security::StartTls {
        return Ok(client);
    }
    within(host, client.run_command_and_check_ok("STARTTLS", None))
        .await?
        .map_err(|_| RemoteError::NoTls { host: host.clone() })?;
    // What came in the clear is forgotten with the client that read it.
    Ok(Client::new(encrypt(remote, client.into_inner()).await?))
}

async fn log_in(remote: &Remote, client: Client<Wire>) -> Result<Session<Wire>, RemoteError> {
    let (host, user) = (&remote.host, &remote.user);
    let entered = match token::ready(remote).await? {
        Ready::Token(token) => {
            within(host, client.authenticate("XOAUTH2", Once(token::xoauth2(user, &token)))).await?
        }
        Ready::Password(password) if user.is_ascii() && password.expose_secret().is_ascii() => {
            within(host, client.login(user, password.expose_secret())).await?
        }
        Ready::Password(password) => {
            within(host, client.authenticate("PLAIN", Once(token::plain(user, &password)))).await?
        }
    };
    entered.map_err(|(error, _)| match error {
        async_imap::error::Error::No(said) | async_imap::error::Error::Bad(said) => {
            RemoteError::Login { host: host.clone(), said: information(&said) }
        }
        other => cut(host, &other),
    })
}

/// Says its words once. What a server asks after that is why it refuses, and wants an empty answer.
struct Once(String);

impl Authenticator for Once {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        std::mem::take(&mut self.0)
    }
}

/// What the server said, out of `code: None, info: Some("…")`.
fn information(text: &str) -> String {
    let within = text.split_once("info: Some(\"").and_then(|(_, rest)| rest.strip_suffix("\")"));
    said(within.unwrap_or(text))
}

fn verdict(status: &Status, outcome: &Outcome<'_>) -> Result<(), No> {
    match status {
        Status::Ok | Status::PreAuth => Ok(()),
        Status::No | Status::Bad | Status::Bye => Err(No {
            said: text_of(outcome),
            may_create: matches!(outcome.code, Some(ResponseCode::TryCreate)),
        }),
    }
}

fn text_of(outcome: &Outcome<'_>) -> String {
    said(outcome.information.as_deref().unwrap_or("no reason is given"))
}

fn broken(host: &str, error: &std::io::Error) -> RemoteError {
    // The reader of IMAP tells of what it could not read by this kind alone, with the text, which may be long.
    match error.kind() {
        std::io::ErrorKind::Other => garbled(host, &error.to_string()),
        _ => cut(host, error),
    }
}

fn garbled(host: &str, text: &str) -> RemoteError {
    RemoteError::Garbled { host: host.to_owned(), said: said(text) }
}

fn name_of(capability: &Capability<'_>) -> Option<String> {
    match capability {
        Capability::Atom(name) => Some(name.to_ascii_uppercase()),
        Capability::Imap4rev1 | Capability::Auth(_) => None,
    }
}

fn uid_in(response: &Response<'_>) -> Option<u32> {
    let Response::Fetch(_, attributes) = response else { return None };
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

fn body_in<'a>(response: &'a Response<'_>) -> Option<&'a [u8]> {
    let Response::Fetch(_, attributes) = response else { return None };
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::BodySection { section: None, data, .. } => Some(data.as_deref().unwrap_or_default()),
        _ => None,
    })
}

/// UIDs in order as `1:3,7`.
fn ranges(entries: &[Entry]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for entry in entries {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == entry.number => *last = entry.number,
            _ => ranges.push((entry.number, entry.number)),
        }
    }
    let written = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}:{last}"),
    });
    written.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_range() {
        let entries = |all: &[u32]| -> Vec<Entry> {
            all.iter().map(|number| Entry { number: *number, uidl: String::new(), size: 0 }).collect()
        };
        assert_eq!(ranges(&entries(&[1, 2, 3, 7, 9, 10])), "1:3,7,9:10");
        assert_eq!(ranges(&entries(&[4])), "4");
    }

    #[test]
    fn a_refused_login_says_what_the_server_said() {
        assert_eq!(information("code: None, info: Some(\"[AUTH] wrong\")"), "[AUTH] wrong");
        assert_eq!(information("what"), "what");
    }
}
