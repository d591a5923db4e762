//! `courant events`: what providers tell when they are asked.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::commands::desk::Desk;
use crate::commands::sending::secret;
use crate::commands::{Exit, Failure, Global, Plain, roll};
use crate::inbound::pull::{Listed, Lists, Unreadable};
use crate::ledger::Ledger;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{Incoming, Taken, Teller};
use crate::report::words::{count, counted};
use crate::settings::http::HttpSettings;
use crate::settings::transport::TransportKind;
use crate::token::Secret;

/// Ask providers what became of letters
#[derive(Debug, clap::Args)]
pub struct Events {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    #[command(about = "Fetch what happened to letters since the last time")]
    Pull(Pull),
}

/// Fetch what happened to letters since the last time
///
/// For those who have no server that a provider could post to. Mailgun, Postmark, Resend and SendGrid (with its add-on
/// Email Activity History) list what happened, and Amazon SES puts it into a queue of SQS; what is known already counts
/// once. With `events = "pull"` in the table of the transport, `courant run` does it, too.
#[derive(Debug, clap::Args)]
struct Pull {
    /// The transport whose provider is asked: a name or a URL
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<String>,
}

/// Events are of letters that were sent no longer before.
const AT_WORK: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Events {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Verb::Pull(pull) = &self.verb;
        let desk = Desk::open_workspace(global, pull.transport.as_deref())?;
        let settings = provider_of(&desk)?;
        let Some(ledger) = roll::open(&desk)? else {
            return Err(Plain::new("nothing was sent yet", "send an issue first: courant send ISSUE").into());
        };
        let pulled = pull_events(&desk, &ledger, settings).await?;
        desk.answer(|| words(&pulled, settings), || as_json(&pulled, &desk, settings))?;
        Ok(Exit::Done)
    }
}

fn provider_of(desk: &Desk) -> Result<&HttpSettings, Plain> {
    let transport = &desk.settings.transport.transport;
    match &transport.kind {
        TransportKind::Http(settings) => Ok(settings),
        TransportKind::Outbox(_) | TransportKind::Smtp(_) => Err(Plain::new(
            format!("the transport `{}` is no provider's API: nobody can be asked", transport.name),
            "name one that is, with --transport; a mail server tells by delivery reports: `courant reconcile --dsn`",
        )),
    }
}

/// What one pull brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    pub taken: Taken,
    /// Letters that the provider has and does not list.
    pub left_out: u64,
    /// Messages that nobody understands and that stay where they are: why, by the provider's name of each.
    pub unreadable: BTreeMap<String, String>,
}

impl Pulled {
    /// A sentence about what stays in the queue, if anything does.
    pub fn stays(&self) -> Option<String> {
        let cause = self.unreadable.values().next()?;
        let number = u64::try_from(self.unreadable.len()).unwrap_or(u64::MAX);
        let messages = counted(number, "message stays", "messages stay");
        Some(format!("{messages} in the queue unread: {cause}"))
    }
}

/// Asks the provider for all that happened since the last time, page by page: each page is on disk before the next
/// is asked for, and the next pull begins where this one began to ask.
pub async fn pull_events(desk: &Desk, ledger: &Ledger, settings: &HttpSettings) -> Result<Pulled, Failure> {
    let (lists, now) = (Lists::new(settings)?, desk.now());
    let note = format!("events of {}", settings.account());
    let cursor = ledger.note(&note)?.and_then(|text| text.parse().ok());
    let since = lists.since(cursor, now);
    let finder = Finder::new(desk, ledger, &lists, since)?;
    let (mut pulled, mut next) = (Pulled::default(), None);
    loop {
        let page = lists.page(next.as_deref(), since, now).await?;
        let incoming = page.events.into_iter().map(|listed| finder.incoming(listed));
        let incoming: Vec<_> = incoming.collect();
        pulled.taken += ledger.take_events(&incoming, &desk.settings.soft, desk.now())?;
        lists.delete(&page.receipts).await?;
        pulled.left_out += page.left_out;
        let named = |Unreadable { name, cause }| (name, cause);
        pulled.unreadable.extend(page.unreadable.into_iter().map(named));
        next = match page.next {
            Some(next) => Some(next),
            None => break,
        };
    }
    ledger.note_changed(&note, &now.to_string())?;
    Ok(pulled)
}

/// Finds the letter of an event: by its token, else by what the provider called it when it took it.
struct Finder {
    secret: Option<Secret>,
    named: HashMap<String, DeliveryId>,
    teller: Teller,
}

impl Finder {
    fn new(desk: &Desk, ledger: &Ledger, lists: &Lists, since: Timestamp) -> Result<Finder, Failure> {
        let named = ledger.letters_by_reply(since - AT_WORK)?;
        Ok(Finder { secret: secret::existing(desk)?, named, teller: teller(lists) })
    }

    fn incoming(&self, listed: Listed) -> Incoming {
        let Listed { event, letter } = listed;
        let token = event.token.as_deref().zip(self.secret.as_ref());
        let told = token.and_then(|(token, secret)| secret.verify_delivery(token).ok()).map(DeliveryId);
        let delivery = told.or_else(|| self.named.get(&letter).copied());
        Incoming { teller: self.teller.clone(), event, delivery, nonce: None }
    }
}

fn teller(lists: &Lists) -> Teller {
    match lists.tells_events() {
        true => Teller::Provider(lists.provider()),
        false => Teller::Listed(lists.provider()),
    }
}

fn words(pulled: &Pulled, settings: &HttpSettings) -> String {
    let Pulled { taken, left_out, .. } = pulled;
    let (new, title) = (counted(taken.new, "new event", "new events"), settings.provider.title());
    let mut text = format!("{title}: {new}, {} known already", count(taken.known));
    if taken.unmatched > 0 {
        text.push_str(&format!("; {} about no letter of this ledger", count(taken.unmatched)));
    }
    if *left_out > 0 {
        text.push_str(&format!(
            "\n{} of its letters are not listed by it: webhooks have no such limit",
            count(*left_out)
        ));
    }
    if let Some(stays) = pulled.stays() {
        text.push_str(&format!("\n{stays}"));
    }
    text
}

fn as_json(pulled: &Pulled, desk: &Desk, settings: &HttpSettings) -> serde_json::Value {
    let Taken { new, known, unmatched, unknown, .. } = pulled.taken;
    json!({
        "transport": desk.settings.transport.transport.name,
        "provider": settings.provider.name(),
        "new": new,
        "known": known,
        "unmatched": unmatched,
        "unknown": unknown,
        "left_out": pulled.left_out,
        "unreadable": pulled.unreadable.len(),
    })
}
