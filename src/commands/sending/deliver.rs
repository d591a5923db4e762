//! Sends what is open of a frozen edition. Nothing is rendered here: the ledger holds what goes out.

use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::commands::desk::Desk;
use crate::commands::sending::Terms;
use crate::commands::sending::halt::AskedBy;
use crate::commands::sending::office::Office;
use crate::commands::sending::pace::pace;
use crate::commands::sending::progress::Reporter;
use crate::commands::sending::secret::secret;
use crate::commands::sending::way::Way;
use crate::commands::{Exit, Failure, Plain};
use crate::compose::press::{Press, Stamper};
use crate::dispatch::{self, DispatchError, Job, ReturnPath, Summary};
use crate::ledger::rows::EditionRow;
use crate::model::letter::Edition;
use crate::policy::retry::Schedule;
use crate::settings::transport::TransportKind;
use crate::token::{Purpose, Secret};
use crate::transport::Transport;

/// What is to be sent, and how.
pub struct Errand<'a> {
    pub desk: &'a Desk,
    pub office: &'a Office,
    pub row: &'a EditionRow,
    pub terms: &'a Terms,
    /// Whether `courant run` was not to send it before: it was new, or behind a fence.
    pub is_held_back: bool,
}

/// What became of a run, and who ended it if somebody did.
pub struct Delivered {
    pub summary: Summary,
    pub asked: AskedBy,
}

/// Delivers under the eyes of the person: with a bar on a terminal, and obeying signals.
pub async fn deliver(errand: &Errand<'_>) -> Result<Delivered, Failure> {
    let edition = errand.office.ledger.load_edition(errand.row.id)?;
    let secret = secret(errand.desk, &errand.office.ledger, errand.row.realm, errand.terms.new_secret)?;
    let way = Way::open(&errand.desk.settings.transport.transport, Some(&errand.office.ledger))?;
    errand.office.ledger.set_transport(errand.row.id, &errand.desk.settings.transport.transport.name)?;
    match way {
        Way::Outbox(outbox) => run(errand, secret, &edition, outbox).await,
        Way::Smtp(smtp) => run(errand, secret, &edition, smtp).await,
        Way::Http(http) => run(errand, secret, &edition, http).await,
    }
}

async fn run<T: Transport>(
    errand: &Errand<'_>,
    secret: Secret,
    edition: &Edition,
    transport: Arc<T>,
) -> Result<Delivered, Failure> {
    let mut reporter = Reporter::new(errand.desk, errand.row, &errand.office.ledger.counts(errand.row.id)?);
    let listener = errand.office.listen(errand.desk)?;
    let job = errand.job(secret, edition, transport)?;
    listener.begin_sending();
    let ended = dispatch::run(job, listener.halt.clone(), &mut |progress| reporter.show(progress)).await;
    reporter.finish();
    let summary = ended.map_err(|error| broken_off(error, errand))?;
    Ok(Delivered { summary, asked: listener.asked_by() })
}

impl Errand<'_> {
    fn job<T: Transport>(
        &self,
        secret: Secret,
        edition: &Edition,
        transport: Arc<T>,
    ) -> Result<Job<T>, Failure> {
        let (settings, terms) = (&self.desk.settings, self.terms);
        let way = &settings.transport.transport;
        Ok(Job {
            ledger: self.office.ledger.clone(),
            edition: self.row.id,
            press: Arc::new(self.press(edition)?),
            stamper: stamper(secret, self.row, edition),
            transport,
            transport_name: way.name.as_str().into(),
            return_path: self.return_path(edition),
            connections: connections(way.couriers(), terms.limit),
            pace: pace(self.desk, terms.rate),
            choice: terms.choice.clone(),
            limit: terms.limit,
            canary: terms.canary,
            schedule: Schedule {
                waits: settings.send.retry_after.clone(),
                retry_for: settings.send.retry_for,
            },
            wait: terms.wait,
            on_uncertain: terms.on_uncertain,
            seed: seed(),
        })
    }

    /// Providers have return paths of their own, and an outbox sends nothing back.
    fn return_path(&self, edition: &Edition) -> ReturnPath {
        let settings = &self.desk.settings;
        match (&settings.mailbox.address, &settings.transport.transport.kind) {
            (Some(mailbox), TransportKind::Smtp(_)) => ReturnPath::Own(mailbox.clone()),
            (None, _) | (Some(_), TransportKind::Http(_) | TransportKind::Outbox(_)) => {
                ReturnPath::Same(edition.from.address.clone())
            }
        }
    }

    /// With the keys of today: those are not frozen with the letters.
    fn press(&self, edition: &Edition) -> Result<Press, Failure> {
        let signers = self.desk.signers(edition.from.address.domain())?;
        Ok(Press::new(edition)?.signed_by(signers))
    }
}

/// Stamps for an edition's letters.
pub fn stamper(secret: Secret, row: &EditionRow, edition: &Edition) -> Stamper {
    Stamper::new(secret, edition, row.hashes.content.clone(), Purpose::Unsubscribe)
}

fn connections(wanted: NonZeroUsize, limit: Option<u64>) -> NonZeroUsize {
    let most = limit.and_then(|limit| usize::try_from(limit).ok()).and_then(NonZeroUsize::new);
    most.map_or(wanted, |most| wanted.min(most))
}

/// For jitter and for the order of letters: different from run to run.
pub fn seed() -> u64 {
    let mut bytes = [0; 8];
    // Without randomness the clock spreads runs well enough.
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => jiff::Timestamp::now().as_nanosecond() as u64,
    }
}

fn broken_off(error: DispatchError, errand: &Errand<'_>) -> Failure {
    let again = format!("courant send {}", errand.row.issue);
    let help = match &error {
        DispatchError::Ledger(_) => format!(
            "sending stopped at once, so that nothing leaves unrecorded; free the disk or mend the ledger, \
             then `{again}` goes on: the letters that were on the wire are named then"
        ),
        DispatchError::Fell => format!(
            "report what it printed; `{again}` goes on, and names whoever a letter was on the wire for"
        ),
        DispatchError::Press(_) => {
            format!("`courant check {}` names everyone it would hit", errand.row.issue)
        }
    };
    let error = Plain { message: error.to_string(), help: Some(help) };
    Failure { error: Box::new(error), exit: Exit::Uncertain }
}
