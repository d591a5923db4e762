//! Mails in a mailbox on another machine: read in small batches; what a batch says is on disk before its mails are
//! marked, and they are marked before it is remembered that they were read. So a connection that drops at any time
//! loses nothing, and what is read twice counts once.

use std::collections::HashSet;
use std::path::Path;

use super::collect::{Round, TOGETHER, Trouble};
use super::source::{Fetched, Origin};
use crate::commands::Failure;
use crate::inbound::mailbox::Mail;
use crate::inbound::remote::{Entry, Inbox};
use crate::ledger::rows::Position;
use crate::ledger::{Ledger, LedgerError};
use crate::settings::remote::{Done, Remote};

/// Reads what was not read yet, or everything `again`; the name of the mailbox.
pub async fn read(round: &mut Round<'_>, remote: &Remote, again: bool) -> Result<String, Failure> {
    let failed = |trouble: Trouble| trouble.at(Path::new(&remote.host));
    let mut inbox = Inbox::open(remote).await?;
    visit(round, remote, &mut inbox, again).await.map_err(failed)?;
    inbox.close().await?;
    Ok(remote.name())
}

/// The same in an open mailbox.
pub async fn visit(
    round: &mut Round<'_>,
    remote: &Remote,
    inbox: &mut Inbox,
    again: bool,
) -> Result<(), Trouble> {
    let mut memory = Memory::of(round.ledger, remote, inbox, again)?;
    let listed = inbox.list(memory.position).await?;
    for batch in memory.unread(listed)?.chunks(TOGETHER) {
        let place = |entry: &Entry| match entry.uidl.as_str() {
            "" => format!("{}/{} #{}", remote.host, remote.folder, entry.number),
            name => format!("{} #{name}", remote.host),
        };
        inbox
            .fetch::<Trouble>(batch, &mut |entry, bytes| {
                let mail = Mail { place: place(entry), bytes };
                round.take(&Fetched { mail, origin: Origin::Mailbox(entry.number) })
            })
            .await?;
        let understood: HashSet<Origin> = round.write()?.into_iter().collect();
        let is_understood = |entry: &&Entry| understood.contains(&Origin::Mailbox(entry.number));
        let finished: Vec<Entry> = batch.iter().filter(is_understood).cloned().collect();
        inbox.finish(&finished, &remote.access.done).await?;
        memory.keep(batch, &finished)?;
    }
    Ok(())
}

/// What the ledger knows of a mailbox.
struct Memory<'a> {
    ledger: &'a Ledger,
    name: String,
    /// Whether mails that were understood are gone when the connection is closed.
    deletes: bool,
    /// By IMAP.
    validity: Option<u32>,
    position: Option<Position>,
    /// By POP3.
    read: HashSet<String>,
}

impl<'a> Memory<'a> {
    fn of(
        ledger: &'a Ledger,
        remote: &Remote,
        inbox: &Inbox,
        again: bool,
    ) -> Result<Memory<'a>, LedgerError> {
        let (name, validity) = (remote.name(), inbox.validity());
        let position = if again { None } else { ledger.read_up_to(&name)? };
        let read = if again || validity.is_some() { HashSet::new() } else { ledger.mails_read(&name)? };
        Ok(Memory { ledger, name, deletes: remote.access.done == Done::Delete, validity, position, read })
    }

    /// Those that were not read; what is gone from the mailbox is forgotten.
    fn unread(&mut self, listed: Vec<Entry>) -> Result<Vec<Entry>, LedgerError> {
        if self.validity.is_none() && !self.read.is_empty() {
            let there: HashSet<&str> = listed.iter().map(|entry| entry.uidl.as_str()).collect();
            let gone = self.read.iter().map(String::as_str).filter(|name| !there.contains(name));
            self.ledger.note_mails_read(&self.name, [], gone)?;
        }
        Ok(listed
            .into_iter()
            .filter(|entry| entry.uidl.is_empty() || !self.read.contains(&entry.uidl))
            .collect())
    }

    fn keep(&self, batch: &[Entry], finished: &[Entry]) -> Result<(), LedgerError> {
        match (self.validity, batch.last()) {
            (Some(validity), Some(last)) => {
                self.ledger.note_read_up_to(&self.name, Position { validity, last: last.number })
            }
            (Some(_), None) => Ok(()),
            // A deletion holds only once the connection is closed in order; until then the mail may be back.
            (None, _) => {
                let stays = |entry: &&Entry| !(self.deletes && finished.contains(entry));
                let names = batch.iter().filter(stays).map(|entry| entry.uidl.as_str());
                self.ledger.note_mails_read(&self.name, names, [])
            }
        }
    }
}
