//! Mails in a mailbox on another machine: read in small batches; what a batch says is on disk before its mails are
//! marked, and they are marked before it is remembered that they were read. So a connection that drops at any time
//! loses nothing, and what is read twice counts once.

use std::collections::HashSet;

use super::collect::{Round, TOGETHER};
use super::source::{Fetched, Origin};
use crate::commands::Failure;
use crate::inbound::mailbox::Mail;
use crate::inbound::remote::{self, Entry, Inbox, RemoteError};
use crate::ledger::rows::Position;
use crate::ledger::{Ledger, LedgerError};
use crate::report::collected::Withheld;
use crate::settings::remote::{Done, Remote};

/// Reads what was not read yet, or everything `again`; the name of the mailbox.
pub async fn read(round: &mut Round<'_>, remote: &Remote, again: bool) -> Result<String, Failure> {
    let mut inbox = Inbox::open(remote).await?;
    let refusal = visit(round, remote, &mut inbox, again).await?;
    inbox.close().await?;
    refusal.map_or_else(|| Ok(remote.name()), |refusal| Err(refusal.into()))
}

/// The same in an open mailbox. If the server refused to mark, move or delete mails, all are read nevertheless, and
/// this is what it said first.
pub async fn visit(
    round: &mut Round<'_>,
    remote: &Remote,
    inbox: &mut Inbox,
    again: bool,
) -> Result<Option<RemoteError>, Failure> {
    let memory = Memory::of(round.ledger, remote, inbox, again)?;
    let listed = inbox.list(memory.position()).await?;
    let mut refusal = None;
    for batch in memory.unread(listed)?.chunks(TOGETHER) {
        let mut got = read_batch(round, remote, inbox, batch).await?;
        match inbox.finish(&got.understood, &remote.access.done).await {
            Ok(()) => {}
            Err(error @ RemoteError::Refused { .. }) => {
                got.understood.clear();
                refusal.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
        memory.keep(batch, &got)?;
    }
    Ok(refusal)
}

/// What came of a batch.
struct Got {
    read: Vec<Entry>,
    /// What they say is written down.
    understood: Vec<Entry>,
}

async fn read_batch(
    round: &mut Round<'_>,
    remote: &Remote,
    inbox: &mut Inbox,
    entries: &[Entry],
) -> Result<Got, Failure> {
    let mut batch = Batch { round, remote, read: Vec::new(), withheld: Vec::new() };
    let fetched = batch.fetch_all(inbox, entries).await;
    let Batch { round, read, withheld, .. } = batch;
    // What came before an error counts all the same.
    let written: HashSet<Origin> = round.write()?.into_iter().collect();
    fetched?;
    refuse_if_none(remote, &read, &withheld)?;
    let told = |one: remote::Withheld| Withheld { place: place(remote, &one.entry), why: one.why };
    round.told.withheld.extend(withheld.into_iter().map(told));
    let is_written = |entry: &&Entry| written.contains(&Origin::Mailbox(entry.number));
    let understood = read.iter().filter(is_written).cloned().collect();
    Ok(Got { read, understood })
}

/// Why mails could not be fetched.
enum Trouble {
    Remote(RemoteError),
    Ledger(LedgerError),
}

impl From<RemoteError> for Trouble {
    fn from(error: RemoteError) -> Trouble {
        Trouble::Remote(error)
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Trouble {
        Trouble::Ledger(error)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Remote(error) => error.into(),
            Trouble::Ledger(error) => error.into(),
        }
    }
}

/// A batch while it is read.
struct Batch<'b, 'a> {
    round: &'b mut Round<'a>,
    remote: &'b Remote,
    read: Vec<Entry>,
    withheld: Vec<remote::Withheld>,
}

impl Batch<'_, '_> {
    /// Some servers break down at a mail that they cannot read: the rest is asked for in a new connection. By POP3 its
    /// numbers would be others.
    async fn fetch_all(&mut self, inbox: &mut Inbox, entries: &[Entry]) -> Result<(), Trouble> {
        match self.fetch(inbox, entries).await {
            Err(Trouble::Remote(RemoteError::Ended { .. })) if inbox.validity().is_some() => {
                self.open_again(inbox).await?;
                self.fetch_one_by_one(inbox, entries).await
            }
            other => other,
        }
    }

    /// Where the server breaks down at two in a row, it is not for one of them.
    async fn fetch_one_by_one(&mut self, inbox: &mut Inbox, entries: &[Entry]) -> Result<(), Trouble> {
        let (mut broke, read) = (false, self.read.clone());
        for entry in entries.iter().filter(|entry| !read.contains(entry)) {
            match self.fetch(inbox, std::slice::from_ref(entry)).await {
                Err(Trouble::Remote(RemoteError::Ended { why, .. })) if !broke => {
                    self.withheld.push(remote::Withheld { entry: entry.clone(), why });
                    self.open_again(inbox).await?;
                    broke = true;
                }
                fetched => {
                    fetched?;
                    broke = false;
                }
            }
        }
        Ok(())
    }

    async fn fetch(&mut self, inbox: &mut Inbox, entries: &[Entry]) -> Result<(), Trouble> {
        let Batch { round, remote, read, withheld } = self;
        let kept = inbox
            .fetch::<Trouble>(entries, &mut |entry, bytes| {
                let mail = Mail { place: place(remote, entry), bytes };
                round.take(&Fetched { mail, origin: Origin::Mailbox(entry.number) })?;
                read.push(entry.clone());
                Ok(())
            })
            .await?;
        withheld.extend(kept);
        Ok(())
    }

    async fn open_again(&self, inbox: &mut Inbox) -> Result<(), RemoteError> {
        let before = inbox.validity();
        *inbox = Inbox::open(self.remote).await?;
        if inbox.validity() == before {
            return Ok(());
        }
        let (host, why) = (self.remote.host.clone(), "the folder was made anew meanwhile".to_owned());
        Err(RemoteError::Cut { host, why })
    }
}

fn place(remote: &Remote, entry: &Entry) -> String {
    match entry.uidl.as_str() {
        "" => format!("{}/{} #{}", remote.host, remote.folder, entry.number),
        name => format!("{} #{name}", remote.host),
    }
}

/// A server that hands out none of several mails is in trouble, and they with it: they are read another time.
fn refuse_if_none(remote: &Remote, read: &[Entry], withheld: &[remote::Withheld]) -> Result<(), RemoteError> {
    match withheld {
        [first, _, ..] if read.is_empty() => {
            let (host, said) = (remote.host.clone(), first.why.clone());
            Err(RemoteError::Refused { host, what: "to hand out the mails", said })
        }
        _ => Ok(()),
    }
}

/// What the ledger knows of a mailbox.
struct Memory<'a> {
    ledger: &'a Ledger,
    name: String,
    known: Known,
}

enum Known {
    /// By IMAP: the validity of its numbers, and up to where it was read.
    UpTo { validity: u32, position: Option<Position> },
    /// By POP3: what was read, and whether mails that were understood are gone when the connection is closed.
    Names { read: HashSet<String>, deletes: bool },
}

impl<'a> Memory<'a> {
    fn of(
        ledger: &'a Ledger,
        remote: &Remote,
        inbox: &Inbox,
        again: bool,
    ) -> Result<Memory<'a>, LedgerError> {
        let name = remote.name();
        let known = match inbox.validity() {
            Some(validity) => {
                let position = if again { None } else { ledger.read_up_to(&name)? };
                Known::UpTo { validity, position }
            }
            None => {
                let read = if again { HashSet::new() } else { ledger.mails_read(&name)? };
                Known::Names { read, deletes: remote.access.done == Done::Delete }
            }
        };
        Ok(Memory { ledger, name, known })
    }

    fn position(&self) -> Option<Position> {
        match &self.known {
            Known::UpTo { position, .. } => *position,
            Known::Names { .. } => None,
        }
    }

    /// Those that were not read; what is gone from the mailbox is forgotten.
    fn unread(&self, listed: Vec<Entry>) -> Result<Vec<Entry>, LedgerError> {
        let Known::Names { read, .. } = &self.known else { return Ok(listed) };
        let there: HashSet<&str> = listed.iter().map(|entry| entry.uidl.as_str()).collect();
        let gone = read.iter().map(String::as_str).filter(|name| !there.contains(name));
        self.ledger.note_mails_read(&self.name, [], gone)?;
        Ok(listed.into_iter().filter(|entry| !read.contains(&entry.uidl)).collect())
    }

    /// By POP3 what did not come is asked for again.
    fn keep(&self, batch: &[Entry], got: &Got) -> Result<(), LedgerError> {
        match (&self.known, batch.last()) {
            (Known::UpTo { validity, .. }, Some(last)) => {
                let position = Position { validity: *validity, last: last.number };
                self.ledger.note_read_up_to(&self.name, position)
            }
            (Known::UpTo { .. }, None) => Ok(()),
            // A deletion holds only once the connection is closed in order; until then the mail may be back.
            (Known::Names { deletes, .. }, _) => {
                let stays = |entry: &&Entry| !(*deletes && got.understood.contains(entry));
                let names = got.read.iter().filter(stays).map(|entry| entry.uidl.as_str());
                self.ledger.note_mails_read(&self.name, names, [])
            }
        }
    }
}
