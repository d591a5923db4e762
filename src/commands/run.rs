//! `courant run`: what cron calls. Due issues and deferred letters, under one lock; silent when idle.

use jiff::{SignedDuration, Timestamp};

use crate::commands::bounces::collect::{collect, tell_of_withheld};
use crate::commands::desk::{Desk, say_always};
use crate::commands::events::pull_events;
use crate::commands::sending::Terms;
use crate::commands::sending::deliver::Errand;
use crate::commands::sending::finish::{deliver_and_tell, is_held_back, worse};
use crate::commands::sending::first::{self, Consent};
use crate::commands::sending::office::{NewLedger, Office};
use crate::commands::sending::ready::Ready;
use crate::commands::sending::way::refuse_default_outbox;
use crate::commands::{Exit, Failure, Global, Plain, roll};
use crate::ledger::rows::{Claim, EditionRow, Without};
use crate::ledger::{Ledger, LedgerError};
use crate::model::delivery::State;
use crate::model::issue::Issue;
use crate::report::collected::{Collected, suppressed, to_be_answered};
use crate::report::problem;
use crate::report::words::{duration, moment};
use crate::settings::transport::TransportKind;

/// Send what is due: for cron
///
/// Reads what came back by mail and asks the provider what became of letters, where the settings
/// say so. Then sends issues whose `send_at` has come and goes on with letters that were put off or
/// interrupted. Says nothing when there is nothing to do or another run is at work, and says the
/// same thing only once. Name the workspace with -C, since cron starts elsewhere:
///
///   */5 * * * *  courant -C /home/ada/newsletter run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Run {
    /// Send by this transport: a name or a URL
    #[arg(long, value_name = "URL")]
    transport: Option<String>,
}

impl Run {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_for_cron(global, self.transport.as_deref())?;
        // Whoever bounced, complained or left since the last run gets none of what is sent now.
        collect_mail(&desk).await?;
        ask_for_events(&desk).await?;
        send_what_is_due(&desk).await
    }
}

async fn send_what_is_due(desk: &Desk) -> Result<Exit, Failure> {
    let Some(due) = Due::find(desk)? else { return Ok(Exit::Done) };
    refuse_default_outbox(desk, "there is something to send")?;
    let office = match Office::open(desk, "courant run", NewLedger::Never) {
        Err(failure) if failure.exit == Exit::Locked => return Ok(Exit::Done),
        office => office?,
    };
    Shift { desk, office: &office }.work(due).await
}

/// Under this subject the ledger remembers why the provider could not be asked.
const NOT_ASKED: &str = "events not pulled";

/// Asks what became of letters, where the transport says so. A failure is told once, and ends nothing: the next run
/// asks for the same.
async fn ask_for_events(desk: &Desk) -> Result<(), Failure> {
    let TransportKind::Http(settings) = &desk.settings.transport.transport.kind else { return Ok(()) };
    let ledger = match settings.pulls {
        true => roll::open(desk)?,
        false => None,
    };
    let Some(ledger) = ledger else { return Ok(()) };
    match pull_events(desk, &ledger, settings).await {
        Ok(pulled) => match pulled.stays() {
            None => ledger.forget_note(NOT_ASKED)?,
            Some(stays) if ledger.note_changed(NOT_ASKED, &stays)? => say_always(&stays),
            Some(_) => {}
        },
        Err(failure) if ledger.note_changed(NOT_ASKED, &failure.error.to_string())? => {
            say_always(problem::problem(&*failure.error, desk.colour_of_errors).trim_end());
        }
        Err(_) => {}
    }
    Ok(())
}

/// Under this subject the ledger remembers why the mailbox could not be read.
const NOT_COLLECTED: &str = "mail not collected";

/// Reads what came back by mail, where the settings name a mailbox. Who is left in peace for it is said once; so is a
/// failure, which ends nothing: the next run reads the same.
async fn collect_mail(desk: &Desk) -> Result<(), Failure> {
    if matches!(desk.settings.mailbox.source, Ok(None)) {
        return Ok(());
    }
    let Some(ledger) = roll::open(desk)? else { return Ok(()) };
    let (collected, ended) = collect_from_own(desk, &ledger).await;
    collected.suppressed.iter().for_each(|one| say_always(&suppressed(one)));
    tell_of_withheld(&ledger, &collected)?;
    tell_of_claims(&ledger)?;
    match ended {
        Ok(()) => ledger.forget_note(NOT_COLLECTED)?,
        Err(failure) if ledger.note_changed(NOT_COLLECTED, &failure.error.to_string())? => {
            say_always(problem::problem(&*failure.error, desk.colour_of_errors).trim_end());
        }
        Err(_) => {}
    }
    Ok(())
}

async fn collect_from_own(desk: &Desk, ledger: &Ledger) -> (Collected, Result<(), Failure>) {
    match desk.settings.mailbox.ready() {
        Ok(Some(source)) => collect(desk, ledger, std::slice::from_ref(source), false).await,
        Ok(None) => (Collected::default(), Ok(())),
        Err(error) => (Collected::default(), Err(error.into())),
    }
}

/// Under this subject the ledger remembers which claims the person was told of.
const CLAIMS: &str = "claims to be answered";

/// What mails say that nobody has proven waits for a person, who is told when there is more of it.
fn tell_of_claims(ledger: &Ledger) -> Result<(), Failure> {
    let open = ledger.open_claims()?;
    if open.is_empty() {
        return Ok(ledger.forget_note(CLAIMS)?);
    }
    let known = ledger.note(CLAIMS)?.unwrap_or_default();
    let is_known = |claim: &Claim| known.lines().any(|line| line == claim.dedupe);
    let all: Vec<&str> = open.iter().map(|claim| claim.dedupe.as_str()).collect();
    if !open.iter().all(is_known) {
        say_always(&to_be_answered(&open));
    }
    ledger.note_changed(CLAIMS, &all.join("\n"))?;
    Ok(())
}

/// What there may be to do, found without the lock.
struct Due {
    /// With a `send_at` that has come, or that cannot be read.
    issues: Vec<Result<Issue, Failure>>,
}

impl Due {
    /// `None` if there is certainly nothing to do: no issue waits for its time and the ledger, if there is
    /// one, has no open letter but those that are stopped.
    fn find(desk: &Desk) -> Result<Option<Due>, Failure> {
        let now = desk.now();
        let issues: Vec<_> =
            desk.issues()?.into_iter().filter(|issue| may_be_due(desk, issue, now)).collect();
        let is_idle = issues.is_empty() && !has_open_letters(desk)?;
        Ok((!is_idle).then_some(Due { issues }))
    }
}

fn may_be_due(desk: &Desk, issue: &Result<Issue, Failure>, now: Timestamp) -> bool {
    match issue {
        Ok(issue) if issue.front.draft => false,
        Ok(issue) => match desk.send_at(issue) {
            Ok(Some(at)) => at <= now,
            Ok(None) => false,
            Err(_) => true,
        },
        Err(_) => true,
    }
}

fn has_open_letters(desk: &Desk) -> Result<bool, Failure> {
    let ledger = match Ledger::open(&desk.workspace.ledger_path()) {
        Err(LedgerError::Missing { .. }) => return Ok(false),
        ledger => ledger?,
    };
    let realm = desk.settings.transport.transport.realm();
    for row in ledger.editions()?.iter().filter(|row| row.realm == realm) {
        let may_begin = ledger.counts(row.id)?.open() > 0 && !is_held_back(&ledger, row)?;
        if may_begin || was_left(&ledger, row, desk.now())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a run that is gone left letters on the wire, or a call that may be made again; behind a fence none is.
fn was_left(ledger: &Ledger, row: &EditionRow, now: Timestamp) -> Result<bool, LedgerError> {
    let on_the_wire = ledger.counts(row.id)?.get(State::Sending) > 0;
    Ok(on_the_wire || ledger.fence(row.id)?.is_none() && ledger.has_calls(row.id, now)?)
}

/// One `courant run`, under the lock.
struct Shift<'a> {
    desk: &'a Desk,
    office: &'a Office,
}

impl Shift<'_> {
    async fn work(&self, due: Due) -> Result<Exit, Failure> {
        let mut worst = self.go_on().await?;
        for issue in due.issues {
            if self.office.is_halted() {
                return Ok(worse(worst, Exit::WorkRemains));
            }
            let (about, ended) = match issue {
                Ok(issue) => (issue.id.to_string(), self.begin(issue).await),
                Err(failure) => (failure.error.to_string(), Err(failure)),
            };
            worst = worse(worst, self.once(&about, ended)?);
        }
        Ok(worst)
    }

    /// Letters of earlier runs that can be begun now.
    async fn go_on(&self) -> Result<Exit, Failure> {
        let mut worst = Exit::Done;
        for row in self.office.ledger.editions()? {
            if self.office.is_halted() {
                return Ok(worse(worst, Exit::WorkRemains));
            }
            if row.realm == self.office.realm && self.has_work(&row)? {
                let ended = self.deliver(&row).await;
                worst = worse(worst, self.once(&row.issue.to_string(), ended)?);
            }
        }
        Ok(worst)
    }

    /// Whether something can be begun, or a run that is gone left letters on the wire, which are named then.
    fn has_work(&self, row: &EditionRow) -> Result<bool, Failure> {
        let ledger = &self.office.ledger;
        let is_held_back = is_held_back(ledger, row)?;
        let can_begin = ledger.can_begin(row.id, self.desk.now())?;
        Ok(was_left(ledger, row, self.desk.now())? || !is_held_back && can_begin)
    }

    async fn deliver(&self, row: &EditionRow) -> Result<Exit, Failure> {
        let is_held_back = is_held_back(&self.office.ledger, row)?;
        // What a dead run left on the wire is named; the rest is for the person who held it back.
        let limit = is_held_back.then_some(0);
        let terms = Terms { limit, ..self.terms() };
        deliver_and_tell(&Errand { desk: self.desk, office: self.office, row, terms: &terms, is_held_back })
            .await
    }

    /// What is not due now is left to the next run.
    fn terms(&self) -> Terms {
        Terms { wait: std::time::Duration::ZERO, by_hand: false, ..Terms::of(&self.desk.settings) }
    }

    /// An issue whose time has come.
    async fn begin(&self, issue: Issue) -> Result<Exit, Failure> {
        let Some(at) = self.desk.send_at(&issue)? else { return Ok(Exit::Done) };
        if self.office.ledger.edition_of(&issue.id, self.office.realm)?.is_some() {
            return Ok(Exit::Done);
        }
        self.refuse_if_late(&issue, at)?;
        let ready = Ready::make(self.desk, issue, Without::Nobody)?;
        roll::read(self.desk, &self.office.ledger, &ready.lists, false)?;
        let consent = Consent { yes: true, by_cron: true, ..Consent::default() };
        first::send(self.desk, self.office, &ready, &consent, &self.terms()).await
    }

    fn refuse_if_late(&self, issue: &Issue, at: Timestamp) -> Result<(), Plain> {
        let late = self.desk.now().duration_since(at);
        let most = self.desk.settings.send.max_late;
        if late <= SignedDuration::try_from(most).unwrap_or(SignedDuration::MAX) {
            return Ok(());
        }
        Err(Plain {
            message: format!(
                "{} was due {}, more than {} ago, and is held back",
                issue.id,
                moment(at, &self.desk.settings.site.timezone),
                duration(most)
            ),
            help: Some(format!("`courant send {}` sends it now; a new `send_at` lets it wait", issue.id)),
        })
    }

    /// A failure holds its issue, not the others, and is told once: until it changes, or comes back after it
    /// was mended.
    fn once(&self, about: &str, ended: Result<Exit, Failure>) -> Result<Exit, Failure> {
        let subject = format!("run: {about}");
        let failure = match ended {
            Ok(exit) => {
                return self.office.ledger.forget_note(&subject).map(|()| exit).map_err(Failure::from);
            }
            Err(failure) => failure,
        };
        let text = problem::problem(failure.error.as_ref(), self.desk.colour_of_errors);
        if self.office.ledger.note_changed(&subject, &text)? {
            say_always(text.trim_end());
            return Ok(failure.exit);
        }
        Ok(Exit::Done)
    }
}
