//! `courant simulate`: the whole way of an issue, to made-up people and a mail server that misbehaves on request,
//! with an audit at the end. It has a ledger of its own: nothing that happens here is known to a send.

mod child;
mod crowd;
mod play;
mod stage;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::check::Earlier;
use crate::commands::desk::Desk;
use crate::commands::proofread::visiting::Looks;
use crate::commands::proofread::{self, Wish};
use crate::commands::sending::planning::{self, Basis};
use crate::commands::sending::ready::Ready;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::ledger::rows::{Choice, EditionRow, Freeze, Standing, Without};
use crate::model::delivery::Realm;
use crate::model::finding::{Finding, Severity};
use crate::model::issue::IssueId;
use crate::model::subscriber::Subscriber;
use crate::report;
use crate::report::audit::Simulated;
use crate::report::words::counted;
use crate::settings::OnUncertain;
use crate::sink::address::loopback;
use crate::sink::audit::Audit;
use crate::sink::book;
use crate::sink::profile::Profile;
use crate::sink::{Setup, Sink};
use crowd::Crowd;
use play::{Play, TRANSPORT};
use stage::Stage;

/// Send an issue to made-up subscribers and a mail server that misbehaves, and audit it
///
/// Renders and checks the issue, makes up subscribers, plans, freezes and delivers as `send` does, with every letter
/// written down, to a built-in server on this machine that defers, throttles, refuses or breaks off as the profile
/// says. Then every letter is compared: what the ledger says of it, and what the server got. The ledger of the
/// workspace is not touched, no real subscriber is written to, and a running send is not in the way.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Simulate {
    /// A path, an id, or a number
    issue: String,
    /// How many to make up
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    subscribers: u64,
    /// What goes wrong: calm, busy, greylist, refusals, flaky, hostile, or a TOML file of your own
    #[arg(long, value_name = "PROFILE", default_value = "hostile")]
    faults: String,
    /// Make up others, and let the faults meet others
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
    /// Connections at a time; the default is that of any transport
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: Option<u16>,
    /// Show what comes on a web page there
    #[arg(long, value_name = "ADDRESS")]
    page: Option<String>,
    /// Keep the ledger of the simulation, and say where it is
    #[arg(long)]
    keep: bool,
    /// Kill the sending process so many times, each at a random letter, and start it again
    #[arg(long, value_name = "TIMES", default_value = "0")]
    kill: u32,
    /// Be the sending process: send what is frozen in this folder
    #[arg(long, value_name = "DIR", hide = true, requires = "relay")]
    act: Option<PathBuf>,
    /// The server of the simulation
    #[arg(long, value_name = "URL", hide = true)]
    relay: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  courant simulate 12                                     a thousand people and everything that can go wrong
  courant simulate 12 --faults flaky --page 8025          with a page to watch
  courant simulate 12 --faults calm --kill 20             the sender dies twenty times
  courant simulate 12 --subscribers 1000000 --faults calm as fast as it goes";

impl Simulate {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        if let (Some(folder), Some(url)) = (&self.act, &self.relay) {
            return self.act(global, folder, url).await;
        }
        let profile = Profile::load(&self.faults)?;
        let sink = Sink::start(&profile, &self.setup()?).await?;
        let desk = Desk::open_workspace(global, Some(&sink.url()))?;
        let begun = Instant::now();
        let (ready, crowd) = self.cast(&desk)?;
        let stage = Stage::set(&desk, self.keep)?;
        self.fill(&desk, &stage, &ready, crowd)?;
        if !passes(&desk, &stage, &ready).await? {
            return Ok(Exit::Findings);
        }
        let row = freeze(&desk, &stage, &ready, self.seed)?;
        self.announce(&desk, &sink, &profile);
        let prepared = begun.elapsed();
        let play = self.play(&desk, &stage, row)?;
        let played = match self.kill {
            0 => play.run().await?,
            kills => child::run(&play, &sink, global, (&self.issue, kills)).await?,
        };
        let begun = Instant::now();
        // What was dropped or killed on the wire is named, as the next send would do it.
        stage.ledger.recover(play.row.id, OnUncertain::Hold, &Choice::Everyone, TRANSPORT, desk.now())?;
        let audit = compare(&play, &sink)?;
        let simulated = Simulated {
            issue: &ready.issue.id,
            profile: &profile,
            seed: self.seed,
            connections: play.connections.get() as u64,
            kills: played.kills,
            prepared,
            sent: played.took,
            audited: begun.elapsed(),
            peak_memory: peak_memory(),
            stops: &played.stops,
            is_interrupted: played.is_interrupted,
            reasons: &stage.ledger.reasons(play.row.id)?,
            floor: &sink.floor,
            kept: stage.kept(),
            audit,
        };
        desk.answer(|| report::audit::human(&simulated), || report::audit::json(&simulated))?;
        Ok(exit(&simulated))
    }

    /// What a sending process does that may be killed.
    async fn act(&self, global: &Global, folder: &Path, url: &str) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, Some(url))?;
        let stage = Stage::join(folder)?;
        let row = frozen(&stage, &desk.issue(&self.issue)?.id)?;
        let played = self.play(&desk, &stage, row)?.run().await?;
        desk.print(json!(played.stops).to_string())?;
        Ok(if played.is_interrupted { Exit::WorkRemains } else { Exit::Done })
    }

    fn play<'a>(&self, desk: &'a Desk, stage: &'a Stage, row: EditionRow) -> Result<Play<'a>, Failure> {
        Play::new(desk, stage, row, self.connections.and_then(nonzero), self.seed)
    }

    fn setup(&self) -> Result<Setup, Failure> {
        let page = self.page.as_deref().map(loopback).transpose()?;
        Ok(Setup { listen: loopback("127.0.0.1:0")?, seed: Some(self.seed), page, keep: None })
    }

    /// The issue as `send` makes it, for a crowd instead of its lists.
    fn cast(&self, desk: &Desk) -> Result<(Ready, Crowd), Failure> {
        let mut ready = Ready::make(desk, desk.issue(&self.issue)?, Without::Nobody)?;
        let crowd = Crowd::gather(desk, &ready, self.subscribers, self.seed)?;
        ready.lists.truncate(1);
        ready.selection.lists.truncate(1);
        // Whoever is made up is made up to fit.
        ready.selection.segment = None;
        ready.selection.realm = Realm::Rehearsal;
        Ok((ready, crowd))
    }

    fn fill(&self, desk: &Desk, stage: &Stage, ready: &Ready, crowd: Crowd) -> Result<(), Failure> {
        let list = ready.lists.first().ok_or_else(|| Plain::new("the issue has no list", "name one"))?;
        desk.detail(format!("making up {}", counted(self.subscribers, "subscriber", "subscribers")));
        stage.ledger.sync_list(&list.id, &list.name, &mut crowd.into_rows(), true, desk.now())?;
        Ok(())
    }

    fn announce(&self, desk: &Desk, sink: &Sink, profile: &Profile) {
        let people = counted(self.subscribers, "made-up subscriber", "made-up subscribers");
        desk.say(format!(
            "Simulating {people} with the faults of {}; nothing leaves this machine.",
            profile.name
        ));
        if let Some(page) = sink.page() {
            desk.say(format!("What comes: {page}"));
        }
    }
}

fn nonzero(number: u16) -> Option<NonZeroUsize> {
    NonZeroUsize::new(number.into())
}

/// What `check` finds without visiting a link; errors are told and end it.
async fn passes(desk: &Desk, stage: &Stage, ready: &Ready) -> Result<bool, Failure> {
    let wish = Wish {
        live: false,
        now: desk.now(),
        no_links: Some("simulate"),
        looks: Looks::default(),
        asks_spam_filter: false,
        earlier: &|_| Earlier::Unknown("simulate knows no other sends"),
    };
    let mut audience = |each: &mut dyn FnMut(&Subscriber)| -> Result<Vec<Finding>, Failure> {
        stage.ledger.audience(&ready.selection, &mut |member| each(&member.subscriber), &mut |_| {})?;
        Ok(Vec::new())
    };
    let looked = proofread::look_over(desk, &ready.issue, &ready.parts(), &wish, Some(&mut audience)).await?;
    let mut findings = looked.checked.settle(&desk.settings, &ready.issue).findings;
    findings.retain(|finding| finding.severity == Severity::Error);
    if !findings.is_empty() {
        desk.say(report::findings::human(&findings, desk.colour_of_errors).trim_end());
        desk.say(format!("Nothing was simulated. `courant check {}` looks again.", ready.issue.id));
    }
    Ok(findings.is_empty())
}

fn freeze(desk: &Desk, stage: &Stage, ready: &Ready, seed: u64) -> Result<EditionRow, Failure> {
    let plan = planning::plan(&Basis::of(desk, &stage.ledger, ready, None), &mut |_| {})?;
    desk.say(report::plan::human(&plan, &[]).trim_end());
    stage.ledger.freeze(&Freeze {
        edition: &ready.edition,
        hashes: ready.hashes.clone(),
        realm: Realm::Rehearsal,
        transport: &plan.transport,
        subject: &ready.edition.subject.as_written(),
        selection: &ready.selection,
        replaces: None,
        seed,
        now: desk.now(),
    })?;
    frozen(stage, &ready.issue.id)
}

fn frozen(stage: &Stage, issue: &IssueId) -> Result<EditionRow, Failure> {
    let missing = || Plain::new(format!("{issue} is not frozen there"), "run the simulation again");
    Ok(stage.ledger.edition_of(issue, Realm::Rehearsal)?.ok_or_else(missing)?)
}

/// Letter by letter, and never with all of them in memory.
fn compare(play: &Play<'_>, sink: &Sink) -> Result<Audit, Failure> {
    let mut audit = Audit::default();
    let mut each = |letter: &Standing| {
        let entry = sink.floor.book.of(book::key(letter.key.as_str()));
        audit.compare(letter.key.as_str(), letter.state, &entry, &play.message_id(letter));
    };
    play.stage.ledger.call_the_roll(play.row.id, &mut each)?;
    audit.close(sink.floor.book.sums().reached);
    Ok(audit)
}

/// The most memory that this process ever had, in octets, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// Where several hold: 4, 75, 3.
fn exit(simulated: &Simulated<'_>) -> Exit {
    match (simulated.holds(), simulated.is_interrupted, simulated.audit.counts.open()) {
        (false, _, _) => Exit::Uncertain,
        (true, true, 1..) => Exit::WorkRemains,
        (true, false, 1..) => Exit::SomeNotReached,
        (true, _, 0) => Exit::Done,
    }
}

/// How long to wait at each step: on this machine an answer that does not come in seconds does not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
