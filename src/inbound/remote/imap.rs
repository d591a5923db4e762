//! IMAP: one folder, its mails by their UIDs. Mails are read with PEEK, so that reading alone marks none.

use std::collections::HashSet;
use std::time::Duration;

use async_imap::error::Error;
use async_imap::imap_proto::{
    AttributeValue, Capability, MailboxDatum, Outcome, RequestId, Response, ResponseCode, Status,
};
use async_imap::{Authenticator, Client, Session};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::overheard::Overheard;
use super::token::{self, Ready};
use super::wire::{self, cut, encrypt, guarded, said, within};
use super::{Entry, Position, RemoteError, Take, Withheld, utf7};
use crate::inbound::notice::LONGEST;
use crate::settings::remote::{Done, Remote};
use crate::settings::transport::Security;

/// Servers may forget who says nothing for 30 minutes (RFC 2177), and what stands between often does so earlier.
const IDLE: Duration = Duration::from_secs(10 * 60);

pub struct Imap {
    session: Session<Overheard>,
    host: String,
    can: HashSet<String>,
    pub(super) validity: u32,
    /// So many mails are in the folder.
    exist: u32,
    /// More came since they were listed.
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
        let (host, can) = (remote.host.clone(), HashSet::new());
        let mut imap = Imap { session, host, can, validity: 0, exist: 0, has_news: false, is_leaving: false };
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
        let answer = self.run(&command, &mut each).await?;
        // What is there already is listed first.
        self.has_news = false;
        self.validity = match answer {
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
        let (mut found, answer) = self.uids(&format!("{}:*", last.saturating_add(1))).await?;
        self.must("to list the mails", answer)?;
        // `n:*` names the newest mail, too, where n is beyond it (RFC 3501 6.4.8).
        found.retain(|uid| *uid > last);
        found.sort_unstable();
        found.dedup();
        let entry = |number| Entry { number, uidl: String::new(), size: 0 };
        Ok(found.into_iter().map(entry).collect())
    }

    /// Those of a set that are there.
    async fn uids(&mut self, set: &str) -> Result<(Vec<u32>, Result<(), No>), RemoteError> {
        let mut found = Vec::new();
        let mut each = |response: &Response<'_>| {
            found.extend(uid_in(response));
            Ok::<(), RemoteError>(())
        };
        let answer = self.run(&format!("UID FETCH {set} (UID)"), &mut each).await?;
        Ok((found, answer))
    }

    /// Some servers refuse a whole batch for one mail that they cannot read, others leave it out: what is missing and
    /// still there is asked for once more, one by one.
    pub(super) async fn fetch<E: From<RemoteError>>(
        &mut self,
        entries: &[Entry],
        take: Take<'_, E>,
    ) -> Result<Vec<Withheld>, E> {
        let (mut got, mut withheld) = (HashSet::new(), Vec::new());
        drop(self.hand_out(entries, &mut got, take).await?);
        for entry in self.left_of(entries, &got).await? {
            let answer = self.hand_out(std::slice::from_ref(&entry), &mut got, take).await?;
            if !got.contains(&entry.number) {
                let why = answer.err().map_or_else(|| "it does not come".to_owned(), |no| no.said);
                withheld.push(Withheld { entry, why });
            }
        }
        Ok(withheld)
    }

    /// Gives each mail that comes to `take`, once.
    async fn hand_out<E: From<RemoteError>>(
        &mut self,
        entries: &[Entry],
        got: &mut HashSet<u32>,
        take: Take<'_, E>,
    ) -> Result<Result<(), No>, E> {
        let command = format!("UID FETCH {} (UID BODY.PEEK[]<0.{LONGEST}>)", ranges(entries));
        let mut each = |response: &Response<'_>| {
            let (Some(uid), Some(body)) = (uid_in(response), body_in(response)) else { return Ok(()) };
            match entries.iter().find(|entry| entry.number == uid).filter(|_| got.insert(uid)) {
                Some(entry) => take(entry, body.to_vec()),
                None => Ok(()),
            }
        };
        self.run(&command, &mut each).await
    }

    /// Those that did not come and are not gone either.
    async fn left_of(&mut self, entries: &[Entry], got: &HashSet<u32>) -> Result<Vec<Entry>, RemoteError> {
        let mut left: Vec<Entry> =
            entries.iter().filter(|entry| !got.contains(&entry.number)).cloned().collect();
        if !left.is_empty() {
            let (there, answer) = self.uids(&ranges(&left)).await?;
            left.retain(|entry| answer.is_err() || there.contains(&entry.number));
        }
        Ok(left)
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
        if self.is_idling(&id).await? {
            self.hear_news().await?;
            let host = &self.host;
            let said = within(host, self.session.run_command_untagged("DONE")).await?;
            said.map_err(|error| cut(host, &error))?;
            while self.hear(|response| end_of(response, &id).is_none()).await? {}
        } else {
            self.can.remove("IDLE");
        }
        Ok(())
    }

    async fn hear_news(&mut self) -> Result<(), RemoteError> {
        let news = async {
            while !self.has_news {
                self.read(|_| ()).await?;
            }
            Ok(())
        };
        timeout(IDLE, news).await.unwrap_or(Ok(()))
    }

    /// Whether the server waits with us; else the command has ended.
    async fn is_idling(&mut self, id: &RequestId) -> Result<bool, RemoteError> {
        loop {
            let (waits, has_ended) = self
                .hear(|response| (matches!(response, Response::Continue(_)), end_of(response, id).is_some()))
                .await?;
            if waits || has_ended {
                return Ok(waits);
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
                end_of(response, &id).map_or_else(|| each(response).map(|()| None), |no| Ok(Some(no)))
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
        let Imap { session, host, .. } = self;
        let read = guarded(host, session.read_response()).await?.map_err(|error| broken(host, &error))?;
        let data = read.ok_or_else(|| ended(host, CLOSED.to_owned()))?;
        match data.parsed() {
            Response::Data { status: Status::Bye, outcome } if !self.is_leaving => {
                return Err(ended(&self.host, text_of(outcome)));
            }
            Response::MailboxData(MailboxDatum::Exists(number)) => {
                self.has_news |= *number > self.exist;
                self.exist = *number;
            }
            Response::Expunge(_) => self.exist = self.exist.saturating_sub(1),
            _ => {}
        }
        Ok(look(data.parsed()))
    }
}

/// How the command of this tag ended, if this is its last line.
fn end_of(response: &Response<'_>, id: &RequestId) -> Option<Result<(), No>> {
    match response {
        Response::Done { tag, status, outcome } if tag == id => Some(verdict(status, outcome)),
        _ => None,
    }
}

/// Connects as far as a login may be said.
async fn greeted(remote: &Remote) -> Result<Client<Overheard>, RemoteError> {
    let (host, mut wire) = (&remote.host, wire::connect(remote).await?);
    if remote.security == Security::Implicit {
        wire = encrypt(remote, wire).await?;
    }
    let mut client = Client::new(Overheard::new(wire));
    let greeting = within(host, guarded(host, client.read_response())).await??;
    match greeting.map_err(|error| broken(host, &error))?.as_ref().map(|data| data.parsed()) {
        Some(Response::Data { status: Status::Ok, .. }) => {}
        Some(Response::Data { outcome, .. }) => return Err(cut(host, &text_of(outcome))),
        Some(_) => return Err(garbled(host, "no greeting of IMAP")),
        None => return Err(ended(host, CLOSED.to_owned())),
    }
    if remote.security != Security::StartTls {
        return Ok(client);
    }
    within(host, guarded(host, client.run_command_and_check_ok("STARTTLS", None)))
        .await??
        .map_err(|_| RemoteError::NoTls { host: host.clone() })?;
    // What came in the clear is forgotten with the client that read it.
    let wire = encrypt(remote, client.into_inner().into_wire()).await?;
    Ok(Client::new(Overheard::new(wire)))
}

async fn log_in(remote: &Remote, client: Client<Overheard>) -> Result<Session<Overheard>, RemoteError> {
    let (host, user) = (&remote.host, &remote.user);
    let proof = token::ready(remote).await?;
    let entering = async {
        match proof {
            Ready::Token(token) => client.authenticate("XOAUTH2", Once(token::xoauth2(user, &token))).await,
            Ready::Password(password) if user.is_ascii() && password.expose_secret().is_ascii() => {
                client.login(user, password.expose_secret()).await
            }
            Ready::Password(password) => {
                client.authenticate("PLAIN", Once(token::plain(user, &password))).await
            }
        }
    };
    let entered = within(host, guarded(host, entering)).await??;
    entered.map_err(|(error, client)| not_entered(host, error, client.into_inner().goodbye()))
}

fn not_entered(host: &str, error: Error, goodbye: Option<&str>) -> RemoteError {
    let login = |said: String| RemoteError::Login { host: host.to_owned(), said };
    match (error, goodbye) {
        (Error::No(said) | Error::Bad(said), _) => login(information(&said)),
        (Error::Validate(_), _) => login("user and password are one line each".to_owned()),
        (_, Some(why)) => cut(host, &why),
        (Error::Io(error), None) => broken(host, &error),
        (other, None) => cut(host, &other),
    }
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
    match error.kind() {
        std::io::ErrorKind::Other => garbled(host, &line_in(&error.to_string())),
        std::io::ErrorKind::UnexpectedEof => ended(host, CLOSED.to_owned()),
        _ => cut(host, error),
    }
}

/// The line that the reader of IMAP could not read: it shows its own state, and behind that all that it had heard.
fn line_in(text: &str) -> String {
    let Some((_, heard)) = text.split_once(" during parsing of \"") else { return text.to_owned() };
    heard.trim_end_matches('"').split("\\r\\n").next().unwrap_or_default().to_owned()
}

const CLOSED: &str = "the server closed it";

fn ended(host: &str, why: String) -> RemoteError {
    RemoteError::Ended { host: host.to_owned(), why }
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

/// `None` also for a body that is NIL, which is none.
fn body_in<'a>(response: &'a Response<'_>) -> Option<&'a [u8]> {
    let Response::Fetch(_, attributes) = response else { return None };
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::BodySection { section: None, data, .. } => data.as_deref(),
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
