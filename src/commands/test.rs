//! `courant test`: the proof to oneself, on the same road as every letter.

use jiff::Timestamp;

use crate::commands::desk::Desk;
use crate::commands::person::seen_as;
use crate::commands::roll;
use crate::commands::send::Send;
use crate::commands::sending::finish::{self, worse};
use crate::commands::sending::ready::Ready;
use crate::commands::sending::secret;
use crate::commands::sending::way::Way;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::compose::press::{Stamp, Stamper};
use crate::compose::tracking::LinkList;
use crate::dispatch::proof::{self, Proof};
use crate::ledger::Ledger;
use crate::ledger::rows::Without;
use crate::model::address::Address;
use crate::model::attempt::Outcome;
use crate::model::issue::IssueId;
use crate::model::subscriber::Subscriber;
use crate::token::{Purpose, Secret};
use crate::transport::Transport;

/// Send the proof of an issue to yourself
///
/// The letter goes through the same code and the same server as the real ones, to `preview_to` or --to. Its
/// subject is marked, its links change nothing, and the issue's deliveries are not touched.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// A path, an id, or a number; `-` reads standard input
    issue: String,
    /// Send it to this address; may be repeated
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    to: Vec<Address>,
    /// Show the letter of this subscriber
    #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
    seen_as: Option<Address>,
    /// Send by this transport: a name or a URL
    #[arg(long, value_name = "URL")]
    transport: Option<String>,
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}

impl Test {
    /// `send --preview`.
    pub fn of(send: &Send) -> Test {
        Test {
            issue: send.issue.clone(),
            to: Vec::new(),
            seen_as: send.only.clone(),
            transport: send.transport.clone(),
        }
    }

    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_with(global, self.transport.as_deref())?;
        let ledger = ledger(&desk)?;
        let ready = Ready::make(&desk, desk.issue(&self.issue)?, Without::Nobody)?;
        let person = seen_as(&desk, &ready.lists, self.seen_as.as_ref())?;
        let mut worst = Exit::Done;
        for to in recipients(&desk, &self.to)? {
            let outcome = send(&desk, &ledger, &ready, &person, &to).await?;
            worst = worse(worst, tell(&desk, &ready.issue.id, &to, &outcome)?);
        }
        Ok(worst)
    }
}

/// Those who were named, else `preview_to`; a failure where that is nobody.
pub fn recipients(desk: &Desk, named: &[Address]) -> Result<Vec<Address>, Plain> {
    let own = &desk.settings.preview_to;
    match (named.is_empty(), own.is_empty()) {
        (false, _) => Ok(named.to_vec()),
        (true, false) => Ok(own.clone()),
        (true, true) => Err(Plain {
            message: "it is not known whom to send the proof to".to_owned(),
            help: Some("name them with --to, or set `preview_to` in courant.toml".to_owned()),
        }),
    }
}

/// Sends the proof that shows the letter of `person` to `to`, and says what became of it. Where its links lead is known
/// before it leaves.
pub async fn send(
    desk: &Desk,
    ledger: &Ledger,
    ready: &Ready,
    person: &Subscriber,
    to: &Address,
) -> Result<Outcome, Failure> {
    let settings = &desk.settings.transport.transport;
    let now = desk.now();
    if let Some(list) = LinkList::of(&ready.edition) {
        ledger.keep_links(&list)?;
    }
    let proof = Proof {
        issue: &ready.issue.id,
        press: &ready.press,
        person,
        to,
        stamp: &stamp(desk, ready, to, now)?,
        envelope_sender: &ready.edition.from.address,
        transport_name: &settings.name,
    };
    match Way::open(settings, None)? {
        Way::Outbox(outbox) => hand_over(ledger, outbox.as_ref(), &proof, now).await,
        Way::Smtp(smtp) => hand_over(ledger, smtp.as_ref(), &proof, now).await,
        Way::Http(http) => hand_over(ledger, http.as_ref(), &proof, now).await,
    }
}

async fn hand_over<T: Transport>(
    ledger: &Ledger,
    transport: &T,
    proof: &Proof<'_>,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    Ok(proof::send(ledger, transport, proof, now).await?)
}

/// The workspace's ledger, made if there is none; outside a workspace, one that lasts as long as this process.
pub fn ledger(desk: &Desk) -> Result<Ledger, Failure> {
    match desk.settings.root {
        Some(_) => roll::open_or_create(desk),
        None => Ok(Ledger::in_memory()?),
    }
}

/// A proof token verifies, says so, and changes nothing. Every proof is a letter of its own.
fn stamp(desk: &Desk, ready: &Ready, to: &Address, now: Timestamp) -> Result<Stamp, Failure> {
    let content = ready.hashes.content.clone();
    let stamper = Stamper::new(proof_secret(desk)?, &ready.edition, content, Purpose::Proof);
    let again = (now.as_millisecond() & i64::from(u32::MAX)) as u32;
    let stamp = stamper.stamp(&to.key(), again, now);
    Ok(Stamp { proof: true, ..stamp })
}

fn proof_secret(desk: &Desk) -> Result<Secret, Failure> {
    match (secret::existing(desk)?, &desk.settings.root) {
        (Some(secret), _) => Ok(secret),
        (None, Some(_)) => {
            desk.workspace.state_folder()?;
            Ok(Secret::create(&desk.workspace.secret_path())?)
        }
        (None, None) => Ok(Secret::random()?),
    }
}

fn whereabouts(desk: &Desk) -> String {
    match finish::folder(desk) {
        Some(folder) => format!("is in {folder}/new, a Maildir; any mail program can open it"),
        None => format!("was accepted by {}", desk.settings.transport.transport.name),
    }
}

/// What became of the proof to `to`, in a sentence, and the exit code that it means.
pub fn words(desk: &Desk, to: &Address, outcome: &Outcome) -> (String, Exit) {
    match outcome {
        Outcome::Accepted(_) => (format!("The proof to {to} {}.", whereabouts(desk)), Exit::Done),
        Outcome::Uncertain(broken) => {
            (format!("Whether the proof to {to} arrived is not known: {broken}"), Exit::Uncertain)
        }
        Outcome::Deferred(broken) => {
            (format!("The proof to {to} was put off: {broken}. Try again later."), Exit::WorkRemains)
        }
        Outcome::Refused(broken) => {
            (format!("The proof to {to} was refused: {broken}"), Exit::SomeNotReached)
        }
        Outcome::Barred(_, broken) | Outcome::NotSent(broken) => {
            (format!("The proof to {to} could not be sent: {broken}"), Exit::Uncertain)
        }
    }
}

fn tell(desk: &Desk, issue: &IssueId, to: &Address, outcome: &Outcome) -> Result<Exit, Failure> {
    let (words, exit) = words(desk, to, outcome);
    match outcome {
        _ if desk.json() => desk.print(as_json(issue, to, outcome, &words).to_string())?,
        Outcome::Accepted(_) => desk.print(words)?,
        _ => crate::commands::desk::say_always(&words),
    }
    Ok(exit)
}

/// Stable: documented in `docs/json.md`.
fn as_json(issue: &IssueId, to: &Address, outcome: &Outcome, words: &str) -> serde_json::Value {
    serde_json::json!({ "issue": issue.0, "to": to.to_string(), "outcome": outcome.name(), "message": words })
}
