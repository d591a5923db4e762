//! `courant reconcile`: what became of the letters that no answer came for.
//!
//! It takes the workspace's lock: while a run is alive, its conductor alone says where a letter is, and one that is
//! being sent right now is in no doubt yet. So whoever runs it during a send hears who is sending, and with the
//! lock in hand it also names what a crash left on the wire.

mod asking;
mod doubt;
mod evidence;
mod log;
mod reports;
mod search;

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::commands::desk::Desk;
use crate::commands::sending::office::take_lock;
use crate::commands::status::{issue_id, never_sent};
use crate::commands::{Exit, Failure, Global, Plain, roll};
use crate::ledger::Ledger;
use crate::ledger::rows::{EditionRow, Resolution};
use crate::model::address::Address;
use crate::model::delivery::Realm;
use crate::model::event::Fate;
use crate::model::issue::IssueId;
use crate::report::reconcile::{self as words, Case, Ended};
use crate::report::words::moment;
use doubt::{Doubt, Doubts};
use evidence::{Evidence, Word};

/// Settle the letters that no answer came for
///
/// A letter is uncertain when all of it had left and no answer came, or when the program was killed just then: it may
/// have arrived or not, and it is never sent again behind your back. This finds out from the log of your mail
/// server, from the delivery reports in your mailbox or from the provider's search, or takes your word. What arrived counts as accepted,
/// delivered or bounced; what did not is planned again, and the next `courant send` sends it, with the same
/// Message-ID. Without any of these, it lists what is uncertain, and on a terminal it asks for each.
///
/// Ends with 4 while something is uncertain, with 0 when nothing is, and with 5 during a send.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  courant reconcile 12                          what is uncertain, one by one\n  \
    courant reconcile 12 --log /var/log/mail.log  by the log of the mail server (Postfix)\n  \
    courant reconcile 12 --log /var/log/mail.log* rotated ones too, also packed by gzip\n  \
    courant reconcile 12 --dsn Maildir/           by delivery reports: a mail, an mbox, a Maildir\n  \
    courant reconcile 12 --search                 by the search of the provider's API\n  \
    courant reconcile 12 --arrived ada@example.org --rest not-arrived"
)]
pub struct Reconcile {
    /// A path, an id or a number; without it, every issue that has uncertain letters
    #[arg(value_name = "ISSUE")]
    issue: Option<String>,
    /// Look for the letters in this log of Postfix; - is standard input
    #[arg(long, value_name = "FILE", num_args = 1..)]
    log: Vec<PathBuf>,
    /// The time zone of a log whose stamps name none, such as Europe/Berlin; else that of this machine
    #[arg(long, value_name = "ZONE", requires = "log", value_parser = zone)]
    log_zone: Option<TimeZone>,
    /// Look for delivery reports in this mail, mbox or folder of mails; - is standard input
    #[arg(long, value_name = "PATH", num_args = 1..)]
    dsn: Vec<PathBuf>,
    /// Look for the letters by the search of the provider that they went by
    #[arg(long)]
    search: bool,
    /// Whose search: a name from [transports.NAME], or a URL; else the transport of the settings
    #[arg(long, value_name = "TRANSPORT", requires = "search")]
    transport: Option<String>,
    /// Their letter arrived: count it as accepted
    #[arg(long, value_name = "ADDRESS", num_args = 1.., requires = "issue", value_parser = address)]
    arrived: Vec<Address>,
    /// Their letter did not arrive: plan it again
    #[arg(long, value_name = "ADDRESS", num_args = 1.., requires = "issue", value_parser = address)]
    not_arrived: Vec<Address>,
    /// What happened to all the others
    #[arg(long, value_name = "WHAT", requires = "issue")]
    rest: Option<Rest>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Say what would be settled, and settle nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Rest {
    /// They have it
    Arrived,
    /// They do not: send it again
    NotArrived,
}

impl Rest {
    fn fate(self) -> Fate {
        match self {
            Rest::Arrived => Fate::Accepted,
            Rest::NotArrived => Fate::NotArrived,
        }
    }
}

impl Reconcile {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, self.transport.as_deref())?;
        let Some(ledger) = roll::open(&desk)? else {
            return self.nothing_was_sent(&desk);
        };
        let rows = self.editions(&desk, &ledger)?;
        let _lock = take_lock(&desk, "courant reconcile")?;
        let doubts = Doubts::read(&desk, &ledger, &rows, self.dry_run)?;
        self.refuse_strangers(&doubts, &rows)?;
        if doubts.all.is_empty() {
            return self.tell(&desk, &doubts, &Evidence::default(), &[]);
        }
        let mut evidence = self.gather(&desk, &ledger, &doubts).await?;
        let settled = self.settle(&desk, &ledger, &doubts, &mut evidence)?;
        self.tell(&desk, &doubts, &evidence, &settled)
    }

    /// Every edition of the issue, the older ones too: what a text replaced left uncertain still is.
    fn editions(&self, desk: &Desk, ledger: &Ledger) -> Result<Vec<EditionRow>, Failure> {
        let live: Vec<EditionRow> =
            ledger.editions()?.into_iter().filter(|row| row.realm == Realm::Live).collect();
        let Some(name) = &self.issue else { return Ok(live) };
        let issue = issue_id(desk, ledger, name)?;
        let rows: Vec<EditionRow> = live.into_iter().filter(|row| row.issue == issue).collect();
        if rows.is_empty() { Err(never_sent(&issue).into()) } else { Ok(rows) }
    }

    fn nothing_was_sent(&self, desk: &Desk) -> Result<Exit, Failure> {
        if let Some(name) = &self.issue {
            return Err(never_sent(&desk.issue(name)?.id).into());
        }
        self.tell(desk, &Doubts::default(), &Evidence::default(), &[])
    }

    /// A mistyped address must not look settled.
    fn refuse_strangers(&self, doubts: &Doubts, rows: &[EditionRow]) -> Result<(), Failure> {
        for address in self.arrived.iter().chain(&self.not_arrived) {
            if doubts.of(address).next().is_none() {
                let issue = &rows.first().expect("an issue was named, and it was sent").issue;
                return Err(not_uncertain(address, issue).into());
            }
        }
        let twice =
            self.arrived.iter().find(|one| self.not_arrived.iter().any(|other| one.key() == other.key()));
        twice.map_or(Ok(()), |address| Err(both(address).into()))
    }

    /// What every source says; the flags in the order of their weight.
    async fn gather(&self, desk: &Desk, ledger: &Ledger, doubts: &Doubts) -> Result<Evidence, Failure> {
        let mut evidence = Evidence::default();
        let mut read = Vec::new();
        if !self.dsn.is_empty() {
            read.extend(reports::consult(doubts, &self.dsn, &mut evidence)?);
        }
        if !self.log.is_empty() {
            let zone = self.log_zone.as_ref();
            read.extend(log::consult(desk, ledger, doubts, &self.log, zone, &mut evidence)?);
        }
        if self.search {
            read.extend(search::consult(desk, ledger, doubts, &mut evidence).await?);
        }
        read.iter().for_each(|line| desk.say(format!("Read {line}.")));
        self.take_the_persons_word(doubts, &mut evidence);
        Ok(evidence)
    }

    fn take_the_persons_word(&self, doubts: &Doubts, evidence: &mut Evidence) {
        for (addresses, fate) in [(&self.arrived, Fate::Accepted), (&self.not_arrived, Fate::NotArrived)] {
            for doubt in addresses.iter().flat_map(|address| doubts.of(address)) {
                evidence.say(doubt.story.delivery, Word::by_hand(fate));
            }
        }
        for doubt in self.rest.iter().flat_map(|_| &doubts.all) {
            let fate = self.rest.map_or(Fate::Accepted, Rest::fate);
            if evidence.word(doubt.story.delivery).is_none() {
                evidence.say(doubt.story.delivery, Word::by_hand(fate));
            }
        }
    }

    /// Writes down what stands written at once, and the rest after a yes. What was settled.
    fn settle(
        &self,
        desk: &Desk,
        ledger: &Ledger,
        doubts: &Doubts,
        evidence: &mut Evidence,
    ) -> Result<Vec<Resolution>, Failure> {
        if self.asks_for_each(desk) {
            desk.say(words::listing(&self.case(desk, doubts, evidence, &[])));
            asking::one_by_one(doubts, evidence)?;
        } else if !self.yes && !self.dry_run {
            asking::for_a_yes(desk, doubts, evidence)?;
        }
        let resolutions: Vec<Resolution> = doubts
            .all
            .iter()
            .filter_map(|doubt| Some(evidence.word(doubt.story.delivery)?.resolution(doubt.story.delivery)))
            .collect();
        refuse_what_the_provider_knows(desk, ledger, doubts, &resolutions)?;
        if !self.dry_run && !resolutions.is_empty() {
            ledger.settle_uncertain(&resolutions, desk.now())?;
        }
        Ok(resolutions)
    }

    /// Nothing was said on the command line, and there is somebody to ask.
    fn asks_for_each(&self, desk: &Desk) -> bool {
        let is_told = self.search
            || !self.log.is_empty()
            || !self.dsn.is_empty()
            || !self.arrived.is_empty()
            || !self.not_arrived.is_empty();
        !is_told && self.rest.is_none() && !self.dry_run && !self.yes && !desk.json() && desk.is_attended()
    }

    fn case<'a>(
        &self,
        desk: &'a Desk,
        doubts: &'a Doubts,
        evidence: &'a Evidence,
        settled: &'a [Resolution],
    ) -> Case<'a> {
        let letter = |doubt: &'a Doubt| words::Letter {
            issue: &doubt.issue,
            story: &doubt.story,
            message_id: doubt.message_id.as_deref(),
            ended: match settled.iter().find(|resolution| resolution.delivery == doubt.story.delivery) {
                Some(resolution) => Ended::Settled(resolution),
                None => Ended::Open(evidence.whys(doubt.story.delivery)),
            },
        };
        let letters = doubts.all.iter().map(letter).collect();
        Case { letters, dry_run: self.dry_run, zone: &desk.settings.site.timezone }
    }

    fn tell(
        &self,
        desk: &Desk,
        doubts: &Doubts,
        evidence: &Evidence,
        settled: &[Resolution],
    ) -> Result<Exit, Failure> {
        let case = self.case(desk, doubts, evidence, settled);
        desk.answer(|| words::human(&case), || words::json(&case))?;
        let left = if self.dry_run { doubts.all.len() } else { doubts.all.len() - settled.len() };
        Ok(if left > 0 { Exit::Uncertain } else { Exit::Done })
    }
}

/// A call that may be made again brings all of its letters or none: another of one of them could be a second one.
fn refuse_what_the_provider_knows(
    desk: &Desk,
    ledger: &Ledger,
    doubts: &Doubts,
    resolutions: &[Resolution],
) -> Result<(), Failure> {
    let now = desk.now();
    for resolution in resolutions.iter().filter(|resolution| resolution.fate == Fate::NotArrived) {
        let Some(until) = ledger.kept_until(resolution.delivery, now)? else { continue };
        let is_it = |doubt: &&Doubt| doubt.story.delivery == resolution.delivery;
        let doubt = doubts.all.iter().find(is_it).expect("what is settled was in doubt");
        return Err(known_elsewhere(doubt, &moment(until, &desk.settings.site.timezone)).into());
    }
    Ok(())
}

fn known_elsewhere(doubt: &Doubt, until: &str) -> Plain {
    let (address, issue) = (&doubt.story.address, &doubt.issue);
    Plain::new(
        format!("the provider can be asked until {until} what became of the letter to {address}"),
        format!(
            "`courant send {issue}` asks it, and cannot send anybody a second one; what it does not know then can be \
             settled here after {until}; nothing was changed"
        ),
    )
}

fn not_uncertain(address: &Address, issue: &IssueId) -> Plain {
    Plain::new(
        format!("{address} has no uncertain letter of {issue}, so that there is nothing to settle"),
        format!("`courant status {issue} --why {address}` says what became of theirs; nothing was changed"),
    )
}

fn both(address: &Address) -> Plain {
    Plain::new(format!("{address} is named with --arrived and with --not-arrived"), "name them once")
}

fn zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| "write a time zone such as Europe/Berlin or UTC".to_owned())
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}
