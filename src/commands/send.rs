//! `courant send`: check, plan, confirm, freeze, deliver, report.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::commands::desk::Desk;
use crate::commands::roll;
use crate::commands::sending::first::{self, Consent};
use crate::commands::sending::office::{NewLedger, Office};
use crate::commands::sending::ready::{self, Ready};
use crate::commands::sending::resume::More;
use crate::commands::sending::{Terms, resume};
use crate::commands::test::Test;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::ledger::rows::{Choice, EditionRow, Selection, Without};
use crate::model::address::Address;
use crate::model::delivery::{Counts, Realm, State};
use crate::model::issue::Issue;
use crate::report::status;
use crate::report::words::counted;
use crate::settings::transport::Rate;
use crate::settings::{OnUncertain, values};

/// Send an issue to its subscribers
///
/// Checks the issue, shows the plan, asks, freezes the edition together with its audience, and delivers. Run the
/// same command again after a crash or Ctrl-C: everybody gets the issue once. Without SMTP_URL the letters go
/// to the outbox, a folder in the workspace, and nobody is reached.
#[derive(Debug, clap::Args)]
pub struct Send {
    /// A path, an id, or a number
    pub issue: String,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Check and plan, but freeze and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Send the proof to yourself instead; the same as `courant test`
    #[arg(long)]
    pub preview: bool,
    /// Begin at most N letters; `courant run` leaves the rest to your next send
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Only this subscriber's letter
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub only: Option<Address>,
    /// With --only: send it once more, as a new letter, to somebody who never got it
    #[arg(long, requires = "only")]
    pub again: bool,
    /// Also to those who joined the lists since the issue went out
    #[arg(long)]
    pub also_new: bool,
    /// Send N letters first, and the rest only if those went well
    #[arg(long, value_name = "N")]
    pub canary: Option<NonZeroU64>,
    /// At most so fast, such as 50/s or 2000/h
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<Rate>,
    /// Wait this long before the first letter, such as 10s or 5min
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub delay: Option<Duration>,
    /// What becomes of letters whose answer never came
    #[arg(long, value_name = "POLICY")]
    pub on_uncertain: Option<Policy>,
    /// The issue has changed since it was frozen: go on with the frozen text
    #[arg(long, conflicts_with = "as_new")]
    pub frozen: bool,
    /// The issue has changed since it was frozen: send the new text to those who do not have the old one
    #[arg(long)]
    pub as_new: bool,
    /// Send by this transport: a name or a URL
    #[arg(long, value_name = "URL")]
    pub transport: Option<String>,
    /// Do not visit links while checking
    #[arg(long)]
    pub offline: bool,
    /// The first live send from this ledger is meant
    #[arg(long)]
    pub new_ledger: bool,
    /// Go on although the secret of earlier letters is lost: their links to unsubscribe die, and those that count clicks
    #[arg(long)]
    pub new_secret: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Policy {
    /// Nobody twice: leave them for you to settle
    Hold,
    /// Nobody missing: send them again with the same Message-ID
    Resend,
}

impl From<Policy> for OnUncertain {
    fn from(policy: Policy) -> OnUncertain {
        match policy {
            Policy::Hold => OnUncertain::Hold,
            Policy::Resend => OnUncertain::Resend,
        }
    }
}

impl Send {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        if self.preview {
            return Test::of(self).run(global).await;
        }
        let desk = Desk::open_workspace(global, self.transport.as_deref())?;
        let new_ledger = match (self.dry_run, self.new_ledger) {
            (true, _) => NewLedger::NotNeeded,
            (false, true) => NewLedger::Agreed,
            (false, false) => NewLedger::Ask,
        };
        let office = Office::open(&desk, &format!("courant send {}", self.issue), new_ledger)?;
        let issue = desk.issue(&self.issue)?;
        match office.ledger.edition_of(&issue.id, office.realm)? {
            Some(row) if !self.as_new || is_its_text(&desk, &office, &issue, &row)? => {
                self.resume(&desk, &office, issue, &row).await
            }
            older => self.first(&desk, &office, issue, older).await,
        }
    }

    async fn first(
        &self,
        desk: &Desk,
        office: &Office,
        issue: Issue,
        older: Option<EditionRow>,
    ) -> Result<Exit, Failure> {
        refuse_draft(&issue, office.realm)?;
        self.refuse_what_needs_an_edition(&issue, older.as_ref())?;
        let without = if older.is_some() { Without::Reached } else { Without::Nobody };
        let ready = Ready::make(desk, issue, without)?;
        roll::read(desk, &office.ledger, &ready.lists, self.yes)?;
        let consent = Consent {
            yes: self.yes,
            dry_run: self.dry_run,
            offline: self.offline,
            delay: self.delay,
            by_cron: false,
            replaces: older.map(|row| row.id),
        };
        first::send(desk, office, &ready, &consent, &self.terms(desk)).await
    }

    async fn resume(
        &self,
        desk: &Desk,
        office: &Office,
        issue: Issue,
        row: &EditionRow,
    ) -> Result<Exit, Failure> {
        let drift = if self.frozen { None } else { resume::drifted(desk, &issue, row)? };
        if let Some(drift) = drift {
            return self.met_drift(desk, office, row, drift);
        }
        let terms = self.terms(desk);
        let selection = self.selection(desk, office, &issue)?;
        let more = self.more(desk, office, row, &selection)?;
        let counts = office.ledger.counts(row.id)?;
        let is_left = is_left(desk, office, row, &counts)? || self.resends(desk, office, row)?;
        if more.letters() == 0 && !is_left {
            let joined = resume::joined(&office.ledger, &selection)?;
            return resume::tell_complete(desk, &office.ledger, row, &counts, joined);
        }
        if self.dry_run {
            return self.tell_dry_run(desk, row, &counts, more);
        }
        resume::confirm(desk, row, &counts, more, self.yes)?;
        resume::add(desk, &office.ledger, row, more, (&terms.choice, &selection))?;
        resume::go_on(desk, office, row, &terms).await
    }

    /// What is to be added to the edition: looked up now, written down only after the yes.
    fn more(
        &self,
        desk: &Desk,
        office: &Office,
        row: &EditionRow,
        selection: &Selection,
    ) -> Result<More, Failure> {
        let choice = self.terms(desk).choice;
        if !self.also_new {
            resume::refuse_stranger(&office.ledger, row, &choice)?;
        }
        let again = self.again && resume::is_again(&office.ledger, row, &choice)?;
        let joined = if self.also_new { resume::joined(&office.ledger, selection)? } else { 0 };
        if self.also_new && joined == 0 {
            desk.say("Nobody joined since.");
        }
        Ok(More { again, joined })
    }

    fn tell_dry_run(
        &self,
        desk: &Desk,
        row: &EditionRow,
        counts: &Counts,
        more: More,
    ) -> Result<Exit, Failure> {
        let open = counts.open() + more.letters();
        let letters = self.terms(desk).part_of(open).unwrap_or(open);
        desk.say(format!("This was a dry run: {} would go out.", counted(letters, "letter", "letters")));
        if desk.json() {
            desk.print(status::json(row, counts).to_string())?;
        }
        Ok(Exit::Done)
    }

    /// A finished edition may be edited in peace; an unfinished one must not change unseen.
    fn met_drift(
        &self,
        desk: &Desk,
        office: &Office,
        row: &EditionRow,
        drift: Plain,
    ) -> Result<Exit, Failure> {
        let counts = office.ledger.counts(row.id)?;
        let is_asked_for_more = self.also_new || self.again || self.resends(desk, office, row)?;
        if counts.open() > 0 || is_asked_for_more {
            return Err(drift.into());
        }
        desk.say(format!("{drift}; that changes nothing for those who have it."));
        resume::tell_complete(desk, &office.ledger, row, &counts, 0)
    }

    /// Whether uncertain letters are to go out again: only by the transport that may have them.
    fn resends(&self, desk: &Desk, office: &Office, row: &EditionRow) -> Result<bool, Failure> {
        if self.terms(desk).on_uncertain == OnUncertain::Hold {
            return Ok(false);
        }
        let own = &desk.settings.transport.transport.name;
        let uncertain = office.ledger.in_state(row.id, State::Uncertain, usize::MAX)?;
        Ok(uncertain.iter().any(|story| story.attempts.last().is_some_and(|last| last.transport == *own)))
    }

    /// The lists as they are now, for those who joined. Only read: what is frozen stays as it is.
    fn selection(&self, desk: &Desk, office: &Office, issue: &Issue) -> Result<Selection, Failure> {
        let lists = desk.lists(issue)?;
        if self.also_new {
            roll::read(desk, &office.ledger, &lists, self.yes)?;
        }
        ready::selection(desk, issue, &lists, Without::Listed)
    }

    fn terms(&self, desk: &Desk) -> Terms {
        let usual = Terms::of(&desk.settings);
        Terms {
            choice: self.only.as_ref().map_or(Choice::Everyone, |only| Choice::Only(only.key())),
            limit: self.limit,
            rate: self.rate,
            on_uncertain: self.on_uncertain.map_or(usual.on_uncertain, OnUncertain::from),
            canary: self.canary,
            new_secret: self.new_secret,
            ..usual
        }
    }

    fn refuse_what_needs_an_edition(&self, issue: &Issue, older: Option<&EditionRow>) -> Result<(), Plain> {
        let flag = match (self.again, self.also_new, self.frozen) {
            _ if older.is_some() => return Ok(()),
            (true, _, _) => "--again",
            (_, true, _) => "--also-new",
            (_, _, true) => "--frozen",
            _ => return Ok(()),
        };
        Err(Plain {
            message: format!("{flag} is for an issue that went out, and {} has not", issue.id),
            help: Some(format!("`courant send {}` sends it", issue.id)),
        })
    }
}

/// Whether `--as-new` was said before and its text is frozen already: then the same command goes on with it.
/// Those whose letters were given up are reached by a new edition, whatever its text.
fn is_its_text(desk: &Desk, office: &Office, issue: &Issue, row: &EditionRow) -> Result<bool, Failure> {
    let counts = office.ledger.counts(row.id)?;
    let gave_up = counts.get(State::Stopped) + counts.get(State::Expired) > 0;
    Ok(!gave_up && resume::drifted(desk, issue, row)?.is_none())
}

fn refuse_draft(issue: &Issue, realm: Realm) -> Result<(), Plain> {
    if !issue.front.draft || realm == Realm::Rehearsal {
        return Ok(());
    }
    Err(Plain {
        message: format!("{} is a draft", issue.id),
        help: Some("take `draft: true` out of its front matter when it is ready".to_owned()),
    })
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}

fn rate(text: &str) -> Result<Rate, String> {
    values::rate(text).ok_or_else(|| "write a rate such as 50/s, 2000/h or 50000/day".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    values::duration(text).ok_or_else(|| "write a time such as 10s, 5 min or 2h".to_owned())
}

/// Whether letters wait to be begun, or a run that is gone left some in a call that may be made again.
fn is_left(desk: &Desk, office: &Office, row: &EditionRow, counts: &Counts) -> Result<bool, Failure> {
    Ok(counts.open() > 0 || office.ledger.has_calls(row.id, desk.now())?)
}
