//! The promises that every store keeps, told through the public calls alone.

mod calls;
mod consents;
mod letters;
mod links;
mod people;
mod hits;
mod published;
mod told;
mod tally;
mod turns;
mod uncertain;
mod wandering;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::ledger::rows::*;
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::{Address, Mailbox};
use crate::model::attempt::{Accepted, Broken, Outcome, Phase, Reply};
use crate::model::delivery::{Realm, State};
use crate::model::issue::IssueId;
use crate::model::letter::*;
use crate::model::subscriber::{Fields, ListId, Subscriber};
use crate::subscribers::csv::Row;

/// A store that holds nothing yet: the one line that another store changes.
pub(in crate::ledger) fn store() -> Ledger {
    Ledger::in_memory().unwrap()
}

pub(in crate::ledger) fn noon() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

pub(in crate::ledger) fn minutes(number: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(number)
}

pub(in crate::ledger) fn list(name: &str) -> ListId {
    ListId(name.to_owned())
}

/// `ana` is short for `ana@example.org`.
pub(in crate::ledger) fn address(name: &str) -> Address {
    Address::parse(&if name.contains('@') { name.to_owned() } else { format!("{name}@example.org") }).unwrap()
}

pub(in crate::ledger) fn subscriber(name: &str) -> Subscriber {
    Subscriber {
        address: address(name),
        name: Some(name.to_owned()),
        fields: Fields::from([("city".to_owned(), "Minsk".to_owned())]),
    }
}

pub(in crate::ledger) fn rows(people: impl IntoIterator<Item = Subscriber>) -> Vec<Row> {
    let numbered = people.into_iter().zip(2..);
    numbered.map(|(subscriber, line)| Row { line, subscriber }).collect()
}

/// Makes a list hold exactly these people.
pub(in crate::ledger) fn sync(ledger: &Ledger, on: &str, names: &[&str]) {
    let mut rows = rows(names.iter().map(|name| subscriber(name))).into_iter();
    ledger.sync_list(&list(on), on, &mut rows, true, noon()).unwrap();
}

pub(in crate::ledger) fn selection(lists: &[&str]) -> Selection {
    Selection {
        lists: lists.iter().map(|name| list(name)).collect(),
        segment: None,
        issue: IssueId("one".to_owned()),
        realm: Realm::Live,
        without: Without::Nobody,
    }
}

pub(in crate::ledger) fn edition() -> Edition {
    let mailbox = Mailbox { name: Some("Ada".to_owned()), address: address("ada") };
    Edition {
        issue: IssueId("one".to_owned()),
        from: mailbox,
        reply_to: None,
        subject: Pieces::literal("Hello"),
        headers: vec![("List-Id".to_owned(), "<weekly.example.org>".to_owned())],
        text: Pieces::literal("Hello"),
        html: Pieces::literal("<p>Hello</p>"),
        attachments: Vec::new(),
        roots: serde_json::json!({"site": {"name": "Weekly"}}),
        tracking: None,
        unsubscribe: Unsubscribe { base_url: None, mailto: address("ada"), lists: Vec::new(), lang: None },
    }
}

pub(in crate::ledger) fn hashes() -> Hashes {
    Hashes {
        sources: Sources {
            issue: "i".to_owned(),
            template: "t".to_owned(),
            assets: "a".to_owned(),
            settings: "s".to_owned(),
        },
        content: ContentHash("c".to_owned()),
        body: ContentHash("b".to_owned()),
    }
}

pub(in crate::ledger) fn freeze(ledger: &Ledger, selection: &Selection) -> Result<EditionId, LedgerError> {
    let edition = Edition { issue: selection.issue.clone(), ..edition() };
    ledger.freeze(&Freeze {
        edition: &edition,
        hashes: hashes(),
        realm: selection.realm,
        transport: "relay",
        subject: "Hello",
        selection,
        replaces: None,
        seed: 7,
        now: noon(),
    })
}

/// A store with a list of these people and an edition frozen for them.
pub(in crate::ledger) fn frozen(names: &[&str]) -> (Ledger, EditionId) {
    let ledger = store();
    sync(&ledger, "weekly", names);
    let edition = freeze(&ledger, &selection(&["weekly"])).unwrap();
    (ledger, edition)
}

pub(in crate::ledger) fn waiting(ledger: &Ledger, edition: EditionId, now: Timestamp) -> Vec<Waiting> {
    let mut waiting = ledger.planned(edition, &Choice::Everyone, 0, 10_000).unwrap();
    waiting.extend(ledger.due(edition, &Choice::Everyone, DueAfter::NONE, now, 10_000).unwrap());
    waiting.sort_by_key(|letter| letter.place);
    waiting
}

/// Who waits, in order of name.
pub(in crate::ledger) fn names_waiting(ledger: &Ledger, edition: EditionId, now: Timestamp) -> Vec<String> {
    let mut names: Vec<String> =
        waiting(ledger, edition, now).iter().map(|waiting| waiting.address.to_string()).collect();
    names.sort();
    names
}

pub(in crate::ledger) fn transport() -> Arc<str> {
    Arc::from("relay")
}

pub(in crate::ledger) async fn begin(
    ledger: &Ledger,
    delivery: crate::ledger::recorded::DeliveryId,
    now: Timestamp,
) -> Begun {
    ledger.turn(Vec::new(), Some(delivery), &transport(), now).await.unwrap().unwrap()
}

pub(in crate::ledger) async fn settle(
    ledger: &Ledger,
    of: Settled,
    outcome: Outcome,
    due: Option<Timestamp>,
    now: Timestamp,
) {
    let settlement = Settlement { of, outcome, due };
    assert!(ledger.turn(vec![settlement], None, &transport(), now).await.unwrap().is_none());
}

pub(in crate::ledger) fn accepted() -> Outcome {
    Outcome::Accepted(Accepted { reply: Reply::new(250, "2.0.0 queued as 4F\nthank you") })
}

pub(in crate::ledger) fn busy() -> Broken {
    Broken::replied(Phase::Recipient, Reply::new(450, "4.2.1 later"))
}

pub(in crate::ledger) fn no_such_user() -> Broken {
    Broken::replied(Phase::Recipient, Reply::new(550, "5.1.1 no such user"))
}

pub(in crate::ledger) fn state_of(ledger: &Ledger, edition: EditionId, name: &str) -> State {
    ledger.story(edition, &address(name).key()).unwrap().last().unwrap().state
}
