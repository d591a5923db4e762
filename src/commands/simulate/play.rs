//! Sends what was frozen, as `send` does, and starts again where a run stops, as its author would.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::PATIENCE;
use super::stage::Stage;
use crate::commands::desk::{Desk, say_always};
use crate::commands::sending::deliver::stamper;
use crate::commands::sending::halt::Listener;
use crate::commands::sending::pace::pace;
use crate::commands::sending::progress::{Bar, Reporter};
use crate::commands::{Exit, Failure, Plain};
use crate::compose::press::{Press, Stamper};
use crate::dispatch::{self, End, Gate, Job, ReturnPath};
use crate::ledger::rows::{Choice, EditionRow, Standing};
use crate::model::address::Address;
use crate::policy::retry::Schedule;
use crate::settings::OnUncertain;
use crate::settings::transport::{SmtpSettings, Timeouts, TransportKind};
use crate::transport::smtp::Smtp;

/// Waits before a letter is tried again: short, so that a simulation ends.
const RETRIES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// A letter that is deferred for so long expires.
const RETRY_FOR: Duration = Duration::from_secs(60);
/// What the ledger calls the way.
pub const TRANSPORT: &str = "the simulated server";
/// Starts in a row that reach nobody, after which it is given up.
const FRUITLESS: u32 = 3;

/// An edition and the way it is sent.
pub struct Play<'a> {
    pub desk: &'a Desk,
    pub stage: &'a Stage,
    pub row: EditionRow,
    pub connections: NonZeroUsize,
    pub seed: u64,
    press: Arc<Press>,
    stamper: Stamper,
    transport: Arc<Smtp>,
    sender: Address,
}

/// How it went.
pub struct Played {
    pub took: Duration,
    /// Why runs stopped that were started again, in order.
    pub stops: Vec<String>,
    pub is_interrupted: bool,
    /// How often the sending process was killed.
    pub kills: u32,
}

impl<'a> Play<'a> {
    pub fn new(
        desk: &'a Desk,
        stage: &'a Stage,
        row: EditionRow,
        connections: Option<NonZeroUsize>,
        seed: u64,
    ) -> Result<Play<'a>, Failure> {
        let frozen = stage.ledger.load_edition(row.id)?;
        let sender = frozen.from.address.clone();
        Ok(Play {
            desk,
            stage,
            press: Arc::new(Press::new(&frozen)?.signed_by(desk.signers(sender.domain())?)),
            stamper: stamper(stage.secret.clone(), &row, &frozen),
            transport: Arc::new(transport(desk)?),
            sender,
            connections: connections.unwrap_or(desk.settings.transport.transport.connections),
            seed,
            row,
        })
    }

    /// The Message-ID that this letter has on every attempt.
    pub fn message_id(&self, letter: &Standing) -> String {
        self.stamper.stamp(&letter.key, letter.again, Timestamp::UNIX_EPOCH).message_id
    }

    /// Until nothing is left to do, or starting again does not help.
    pub async fn run(&self) -> Result<Played, Failure> {
        let begun = Instant::now();
        let listener = self.listen()?;
        let (mut stops, mut fruitless) = (Vec::new(), 0);
        let is_interrupted = loop {
            let before = self.stage.ledger.counts(self.row.id)?.open();
            let end = self.act(&listener).await?;
            let after = self.stage.ledger.counts(self.row.id)?.open();
            fruitless = if after < before { 0 } else { fruitless + 1 };
            match end {
                End::Complete | End::Limited => break false,
                End::Interrupted | End::Stopped => break true,
                End::Deferred(until) | End::Paced { until, by: _ } => self.wait(until, &listener).await,
                End::Barred(broken) => stops.push(format!("the server did not want us: {broken}")),
                End::Gate { by, .. } => stops.push(gate(by)),
            }
            if fruitless >= FRUITLESS {
                break false;
            }
        };
        Ok(Played { took: begun.elapsed(), stops, is_interrupted, kills: 0 })
    }

    fn listen(&self) -> Result<Listener, Plain> {
        let quiet = self.desk.quiet;
        let tell = move || {
            if !quiet {
                say_always("stopping: what is on the wire is finished, and then audited");
            }
        };
        let listener = Listener::start(tell)
            .map_err(|error| Plain { message: format!("signals cannot be heard: {error}"), help: None })?;
        listener.begin_sending();
        Ok(listener)
    }

    async fn wait(&self, until: Timestamp, listener: &Listener) {
        let left = until.duration_since(Timestamp::now());
        let mut halt = listener.halt.clone();
        tokio::select! {
            () = tokio::time::sleep(Duration::try_from(left).unwrap_or_default().min(RETRY_FOR)) => {}
            _ = halt.changed() => {}
        }
    }

    /// One run, as `send` makes it.
    async fn act(&self, listener: &Listener) -> Result<End, Failure> {
        let counts = self.stage.ledger.counts(self.row.id)?;
        let bar = Bar::new(&counts, !self.desk.quiet && !self.desk.json());
        let mut reporter = Reporter::Bar(bar);
        let ended =
            dispatch::run(self.job(), listener.halt.clone(), &mut |progress| reporter.show(progress)).await;
        reporter.finish();
        let summary = ended.map_err(|error| Failure::from(error).ending(Exit::Uncertain))?;
        Ok(summary.end)
    }

    fn job(&self) -> Job<Smtp> {
        Job {
            ledger: self.stage.ledger.clone(),
            edition: self.row.id,
            press: Arc::clone(&self.press),
            stamper: self.stamper.clone(),
            transport: Arc::clone(&self.transport),
            transport_name: TRANSPORT.into(),
            return_path: ReturnPath::Same(self.sender.clone()),
            connections: self.connections,
            pace: pace(self.desk, None),
            choice: Choice::Everyone,
            limit: None,
            canary: None,
            schedule: Schedule { waits: RETRIES.to_vec(), retry_for: RETRY_FOR },
            wait: RETRY_FOR * 2,
            on_uncertain: OnUncertain::Hold,
            seed: self.seed,
        }
    }
}

fn transport(desk: &Desk) -> Result<Smtp, Plain> {
    let TransportKind::Smtp(smtp) = &desk.settings.transport.transport.kind else {
        unreachable!("the desk was opened for the sink's address, which is that of an SMTP server")
    };
    let timeouts = Timeouts {
        connect: PATIENCE,
        greeting: PATIENCE,
        sender: PATIENCE,
        recipient: PATIENCE,
        data: PATIENCE,
        body: PATIENCE,
        answer: PATIENCE,
        idle: PATIENCE,
    };
    Smtp::new(&SmtpSettings { timeouts, ..smtp.clone() }).map_err(|broken| {
        Plain::new(format!("the simulated server cannot be used: {broken}"), "run the same command again")
    })
}

fn gate(by: Gate) -> String {
    match by {
        Gate::Refusals { refused, of } => format!("too many refusals: {refused} of {of}"),
        Gate::Silence { silent, of } => format!("too many letters without an answer: {silent} of {of}"),
        Gate::Canary { bad, of } => format!("too much went wrong at first: {bad} of {of}"),
        Gate::Domains(domains) => format!("{domains} domains did not want us"),
    }
}
