//! `courant bounces collect`: what came back by mail, into the ledger.

use std::io;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;

use super::claims;
use super::finder::{Finder, Leaver};
use super::source::{self, Fetched, Origin};
use super::{remote, shown, unreadable};
use crate::commands::desk::{Desk, say_always};
use crate::commands::{Exit, Failure, Global, Plain, roll};
use crate::inbound::notice::{self, About, Action, Feedback, Kind, LONGEST, Notice};
use crate::ledger::rows::{Claim, ClaimKind, Evidence, Incoming, MailTaken, Teller};
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::{Address, AddressKey};
use crate::model::event::{Kind as Told, ProviderEvent, Said};
use crate::policy::bounce::Class;
use crate::report::collected::{self as words, Collected, Suppressed};
use crate::report::status::printable;
use crate::settings::mailbox::Source;

/// Write down what came back by mail: bounces, complaints, requests to unsubscribe
#[derive(Debug, clap::Args)]
pub struct Collect {
    /// A mailbox (imaps://USER@HOST/FOLDER, pop3s://USER@HOST), a Maildir, an mbox, a mail or a folder of mails; - is
    /// standard input [default: `[mailbox] source`]
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Read a mailbox from its beginning, also what was read before
    #[arg(long)]
    again: bool,
}

impl Collect {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, None)?;
        let sources = self.sources(&desk)?;
        let Some(ledger) = roll::open(&desk)? else {
            return Err(Plain::new("nothing was sent yet", "send an issue first: courant send ISSUE").into());
        };
        let (collected, ended) = collect(&desk, &ledger, &sources, self.again).await;
        if ended.is_ok() || !collected.is_empty() {
            tell(&desk, &ledger, &collected)?;
        }
        ended.map(|()| Exit::Done)
    }

    fn sources(&self, desk: &Desk) -> Result<Vec<Source>, Failure> {
        let mailbox = &desk.settings.mailbox;
        if !self.sources.is_empty() {
            return Ok(self.sources.iter().map(|text| mailbox.named(text)).collect::<Result<_, _>>()?);
        }
        let own = mailbox.ready()?.cloned().ok_or_else(|| {
            Plain::new(
                "no mailbox is named",
                "name a mailbox, a Maildir, an mbox or a mail, or write `source` into [mailbox] of courant.toml",
            )
        });
        Ok(vec![own?])
    }
}

/// What was read, and what waits for an answer; on a terminal it asks for that.
fn tell(desk: &Desk, ledger: &Ledger, collected: &Collected) -> Result<(), Failure> {
    let open = ledger.open_claims()?;
    let asks = !open.is_empty() && !desk.json() && desk.is_attended();
    let listed = if asks { &[] } else { open.as_slice() };
    desk.answer(|| words::human(collected, listed), || words::json(collected, &open))?;
    if asks { claims::ask_for_each(desk, ledger, &open) } else { Ok(()) }
}

/// Reads all mails of the sources into the ledger; of mailboxes on other machines those that were not read, unless
/// `again`. What was written down before an error stays written down, and is handed back with it.
pub async fn collect(
    desk: &Desk,
    ledger: &Ledger,
    sources: &[Source],
    again: bool,
) -> (Collected, Result<(), Failure>) {
    match Round::new(desk, ledger) {
        Ok(mut round) => {
            let ended = read_all(&mut round, sources, again).await;
            (round.told, ended)
        }
        Err(failure) => (Collected::default(), Err(failure)),
    }
}

async fn read_all(round: &mut Round<'_>, sources: &[Source], again: bool) -> Result<(), Failure> {
    for source in sources {
        let before = round.told.mails();
        let name = match source {
            Source::Path(path, is_marked) => round.read_path(path, *is_marked)?,
            Source::Remote(remote) => remote::read(round, remote, again).await?,
        };
        round.desk.detail(format!("{} mails in {name}", round.told.mails() - before));
    }
    Ok(())
}

/// Under this subject the ledger remembers which mails could not be read.
const WITHHELD: &str = "mails that were not handed out";

/// Tells a person who asked for nothing of the mails that could not be read; once, where they are tried again and again.
pub fn tell_of_withheld(ledger: &Ledger, collected: &Collected) -> Result<(), LedgerError> {
    let all: Vec<String> = collected.withheld.iter().map(words::withheld).collect();
    if all.is_empty() {
        return ledger.forget_note(WITHHELD);
    }
    if ledger.note_changed(WITHHELD, &all.join("\n"))? {
        all.iter().for_each(|one| say_always(one));
    }
    Ok(())
}

/// So many mails are one commit.
pub(super) const TOGETHER: usize = 256;
/// So much of a mail is kept.
const KEPT: usize = 64 * 1024;

/// One reading of mails, from wherever they come.
pub(super) struct Round<'a> {
    desk: &'a Desk,
    pub(super) ledger: &'a Ledger,
    finder: Finder<'a>,
    batch: Vec<Item>,
    claims: Vec<Claim>,
    pub(super) told: Collected,
}

/// A mail that tells something of a letter or of a reader.
struct Item {
    incoming: Incoming,
    place: String,
    origin: Origin,
}

/// Why the reading of files ended early; what was written by then stays written.
enum Trouble {
    File(io::Error),
    Ledger(LedgerError),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::File(error)
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Trouble {
        Trouble::Ledger(error)
    }
}

impl Trouble {
    fn at(self, source: &Path) -> Failure {
        match self {
            Trouble::File(error) => unreadable(source, &error).into(),
            Trouble::Ledger(error) => error.into(),
        }
    }
}

impl<'a> Round<'a> {
    pub(super) fn new(desk: &'a Desk, ledger: &'a Ledger) -> Result<Round<'a>, Failure> {
        let (finder, told) = (Finder::new(desk, ledger)?, Collected::default());
        Ok(Round { desk, ledger, finder, batch: Vec::new(), claims: Vec::new(), told })
    }

    /// Reads files; what is shown of them as a name.
    fn read_path(&mut self, source: &Path, is_marked: bool) -> Result<String, Failure> {
        let read = source::each(source, &mut |fetched| {
            self.take(&fetched)?;
            if self.is_full() { self.write_and_mark(is_marked) } else { Ok(()) }
        });
        let written = self.write_and_mark(is_marked);
        read.and(written).map_err(|trouble: Trouble| trouble.at(source))?;
        Ok(shown(source))
    }

    fn write_and_mark(&mut self, is_marked: bool) -> Result<(), Trouble> {
        for origin in self.write()? {
            match origin {
                Origin::Maildir(path) if is_marked => source::mark(&path)?,
                Origin::Maildir(_) | Origin::Unmarkable | Origin::Mailbox(_) => {}
            }
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.batch.len() + self.claims.len() >= TOGETHER
    }

    /// What a mail says waits until [`Round::write`].
    pub(super) fn take(&mut self, fetched: &Fetched) -> Result<(), LedgerError> {
        let notice = notice::read(&fetched.mail.bytes);
        self.told.count(notice.kind);
        let incoming = match notice.kind {
            Kind::Unsubscribe => self.leaving(&notice, fetched)?,
            Kind::Bounce | Kind::Delay | Kind::Delivered | Kind::Complaint => self.about(&notice, fetched)?,
            Kind::UnsubscribeInWords => {
                self.asking(&notice, fetched)?;
                None
            }
            Kind::AutoReply | Kind::ChallengeResponse | Kind::Receipt | Kind::Human | Kind::Unknown => None,
        };
        if let Some(incoming) = incoming {
            let (place, origin) = (fetched.mail.place.clone(), fetched.origin.clone());
            self.batch.push(Item { incoming, place, origin });
        }
        Ok(())
    }

    /// Somebody asks in words to be left in peace; what follows from it is for a person to say.
    fn asking(&mut self, notice: &Notice, fetched: &Fetched) -> Result<(), LedgerError> {
        self.told.asking.push(fetched.mail.place.clone());
        if let Some(key) = self.finder.asker(notice)? {
            let from = notice.author.as_deref().filter(|author| !key.is_of(author));
            let from = from.map_or(String::new(), |author| format!("{author} writes "));
            let words = format!("{from}“{}”", printable(&notice.subject));
            self.claim(ClaimKind::Unsubscribed, key, words, fetched);
        }
        Ok(())
    }

    /// A report that has nothing of a letter of ours. One that names a reader is counted, and one that would end
    /// their subscription is for a person to say: anybody can write such a mail.
    fn unproven(&mut self, notice: &Notice, fetched: &Fetched) -> Result<(), LedgerError> {
        let Some(letter) = self.finder.by_address(notice)? else {
            self.told.unmatched += 1;
            return Ok(());
        };
        self.told.unconfirmed += 1;
        let key = letter.address.key();
        if let Some(about) = notice.about_whom(&key).filter(|about| is_hard(about)) {
            self.claim(ClaimKind::Bounced, key, verdict(about), fetched);
        }
        Ok(())
    }

    fn claim(&mut self, kind: ClaimKind, key: AddressKey, words: String, fetched: &Fetched) {
        let (dedupe, place) = (fingerprint(&fetched.mail.bytes), fetched.mail.place.clone());
        self.claims.push(Claim { dedupe, kind, key, words, place, at: self.desk.now() });
    }

    /// What a notice says of the letter that it is about.
    fn about(&mut self, notice: &Notice, fetched: &Fetched) -> Result<Option<Incoming>, LedgerError> {
        let Some(found) = self.finder.find(notice)? else {
            self.unproven(notice, fetched)?;
            return Ok(None);
        };
        let about = notice.about_whom(&found.letter.address.key());
        let Some((about, kind)) = about.and_then(|about| Some((about, told(about, notice)?))) else {
            self.told.unmatched += 1;
            return Ok(None);
        };
        let evidence = Evidence { basis: found.basis, words: verdict(about), person: None };
        let event = self.event(fetched, kind, found.letter.address.clone(), about.said.clone());
        let delivery = Some(found.letter.delivery);
        Ok(Some(Incoming { teller: Teller::Mail(evidence), event, delivery, nonce: None }))
    }

    /// Somebody who unsubscribes by our own link.
    fn leaving(&mut self, notice: &Notice, fetched: &Fetched) -> Result<Option<Incoming>, LedgerError> {
        let (address, lists) = match self.finder.leaver(notice)? {
            Leaver::Person(address, lists) => (address, lists),
            Leaver::Proof => {
                self.told.proofs += 1;
                return Ok(None);
            }
            Leaver::Forged => {
                self.told.forged += 1;
                return Ok(None);
            }
        };
        let words = "asked to unsubscribe".to_owned();
        let evidence = Evidence { basis: "by its token", words, person: Some(lists) };
        let event = self.event(fetched, Told::Unsubscribed, address, Said::default());
        Ok(Some(Incoming { teller: Teller::Mail(evidence), event, delivery: None, nonce: None }))
    }

    fn event(&self, fetched: &Fetched, kind: Told, address: Address, said: Said) -> ProviderEvent {
        let bytes = &fetched.mail.bytes;
        ProviderEvent {
            dedupe: fingerprint(bytes),
            word: kind.name().to_owned(),
            kind,
            at: self.desk.now(),
            address: Some(address),
            token: None,
            said,
            raw: String::from_utf8_lossy(&bytes[..bytes.len().min(KEPT)]).into_owned(),
        }
    }

    /// What waits goes into the ledger. The mails that are written down with it, now or before.
    pub(super) fn write(&mut self) -> Result<Vec<Origin>, LedgerError> {
        self.ledger.take_claims(&std::mem::take(&mut self.claims))?;
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let incoming: Vec<Incoming> = batch.iter().map(|item| item.incoming.clone()).collect();
        let taken = self.ledger.take_mail(&incoming, &self.desk.settings.soft, self.desk.now())?;
        let origins = batch.iter().map(|item| item.origin.clone()).collect();
        batch.into_iter().zip(taken).for_each(|(item, taken)| self.note(item, taken));
        Ok(origins)
    }

    fn note(&mut self, item: Item, taken: MailTaken) {
        match taken.is_new {
            true => self.told.new += 1,
            false => self.told.known += 1,
        }
        let address = item.incoming.event.address;
        if let Some(((reason, evidence), address)) = taken.suppressed.zip(address) {
            self.told.suppressed.push(Suppressed { address, reason, evidence, place: item.place });
        }
    }
}

fn is_hard(about: &About) -> bool {
    about.action == Action::Failed && about.verdict.class == Class::Hard
}

/// `None` if there is nothing to write down.
fn told(about: &About, notice: &Notice) -> Option<Told> {
    match about.action {
        Action::Failed => failed(about.verdict.class),
        Action::Delayed => Some(Told::Deferred),
        Action::Delivered | Action::Relayed | Action::Expanded => Some(Told::Delivered),
        Action::Complained => Some(complained(notice.feedback)),
    }
}

fn failed(class: Class) -> Option<Told> {
    match class {
        Class::Hard => Some(Told::BouncedHard),
        Class::Soft => Some(Told::BouncedSoft),
        Class::Policy | Class::Unknown => Some(Told::Failed),
        Class::NotABounce => None,
    }
}

/// Only what a person means against the letter is a complaint.
fn complained(feedback: Option<Feedback>) -> Told {
    match feedback {
        None | Some(Feedback::Abuse | Feedback::Fraud) => Told::Complained,
        Some(Feedback::OptOut) => Told::Unsubscribed,
        Some(other @ (Feedback::NotSpam | Feedback::Virus | Feedback::AuthFailure | Feedback::Other)) => {
            Told::Unknown(other.name().to_owned())
        }
    }
}

/// `hard, no such user (“user unknown”)`.
fn verdict(about: &About) -> String {
    let found = &about.verdict;
    let quoted =
        if found.words.is_empty() { String::new() } else { format!(" (“{}”)", printable(&found.words)) };
    match about.action {
        Action::Complained => format!("complaint{quoted}"),
        Action::Failed | Action::Delayed | Action::Delivered | Action::Relayed | Action::Expanded => {
            format!("{}, {}{quoted}", found.class.name(), found.reason.name())
        }
    }
}

/// What differs between two copies of one mail: the way that each went, and what mailboxes note.
const OF_THE_COPY: [&str; 9] = [
    "received",
    "return-path",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "status",
    "x-status",
    "x-uid",
];

/// So much of a mail counts that is longer than what is read of one: how much of it is read depends on its ends of lines.
const OF_A_LONG_ONE: usize = 1024 * 1024;

/// The same for every copy of a mail, whatever its ends of lines.
fn fingerprint(mail: &[u8]) -> String {
    let (mut hash, mut is_head, mut is_left_out) = (Context::new(&SHA256), true, false);
    let mut left = if is_long(mail) { OF_A_LONG_ONE } else { usize::MAX };
    for line in mail.trim_ascii().split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end()) {
        is_head &= !line.is_empty();
        if is_head && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default().to_ascii_lowercase();
            is_left_out = OF_THE_COPY.iter().any(|known| known.as_bytes() == name);
        }
        if !(is_head && is_left_out) && left > 0 {
            let line = &line[..line.len().min(left)];
            hash.update(line);
            hash.update(b"\n");
            left = left.saturating_sub(line.len() + 1);
        }
    }
    HEXLOWER.encode(hash.finish().as_ref())
}

/// Whether it is cut off in a mailbox, where each line ends with two octets.
fn is_long(mail: &[u8]) -> bool {
    let ends = || mail.iter().filter(|byte| **byte == b'\n').count();
    let returns = || mail.windows(2).filter(|pair| *pair == b"\r\n").count();
    mail.len() >= LONGEST || (mail.len() * 2 >= LONGEST && mail.len() + ends() - returns() >= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_one_mail_are_alike_and_two_mails_are_not() {
        let one = b"Received: by a\n\tat noon\nSubject: x\n\nReceived: text\n";
        let copy = b"Delivered-To: us\r\nSubject: x\r\n\r\nReceived: text\r\n\r\n";
        assert_eq!(fingerprint(one), fingerprint(copy));
        assert_ne!(fingerprint(one), fingerprint(b"Subject: x\n\nReceived: other\n"));
        assert_ne!(fingerprint(one), fingerprint(b"Subject: y\n\nReceived: text\n"));
    }

    #[test]
    fn copies_of_a_long_mail_are_alike_wherever_they_are_cut_off() {
        for lines in [60_000, 68_500, 70_000, 200_000] {
            let long = format!("Subject: x\n\n{}", format!("{}\n", "x".repeat(60)).repeat(lines));
            let read = |mail: &[u8]| mail[..mail.len().min(LONGEST)].to_vec();
            let [one, copy] = [long.clone(), long.replace('\n', "\r\n")].map(|mail| read(mail.as_bytes()));
            assert_eq!(fingerprint(&one), fingerprint(&copy), "{lines}");
            let other = long.replace("Subject: x", "Subject: y");
            assert_ne!(fingerprint(&one), fingerprint(&read(other.as_bytes())), "{lines}");
        }
    }

    #[test]
    fn what_nobody_meant_against_a_letter_is_no_complaint() {
        assert_eq!(complained(Some(Feedback::Abuse)), Told::Complained);
        assert_eq!(complained(Some(Feedback::OptOut)), Told::Unsubscribed);
        for other in [Feedback::NotSpam, Feedback::AuthFailure, Feedback::Virus, Feedback::Other] {
            assert_eq!(complained(Some(other)), Told::Unknown(other.name().to_owned()));
        }
    }
}
