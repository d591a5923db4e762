//! Opens and clicks, where they are counted.

use super::*;
use crate::ledger::Ledger;
use crate::ledger::rows::{Hit, Visitors};
use crate::ledger::sqlite::Cutoffs;
use crate::model::letter::Tracking;
use crate::policy::visitor::Visitor;

/// A ledger in which ana's letter with three links was taken at noon, and the name of their list.
async fn sent() -> (Ledger, EditionId, String) {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob"]);
    let html = ["a", "b", "c"].map(|host| format!("<a href=\"https://{host}.example/\">"));
    let base_url = "https://weekly.example".to_owned();
    let preferences_url = Some("https://weekly.example/choose".to_owned());
    let tracking = Tracking { opens: true, clicks: true, consent: None, base_url, preferences_url };
    let edition =
        Edition { html: Pieces::literal(html.concat()), tracking: Some(tracking), ..super::edition() };
    let selection = selection(&["weekly"]);
    let frozen = ledger.freeze(&Freeze {
        edition: &edition,
        hashes: hashes(),
        realm: selection.realm,
        transport: "relay",
        subject: "Hello",
        selection: &selection,
        replaces: None,
        seed: 7,
        now: noon(),
    });
    let frozen = frozen.unwrap();
    assert_eq!(ledger.load_edition(frozen).unwrap(), edition);
    let delivery = ledger.story(frozen, &address("ana").key()).unwrap().remove(0).delivery;
    let Begun::Go(recorded) = begin(&ledger, delivery, noon()).await else { panic!() };
    settle(&ledger, Settled::Begun(recorded), accepted(), None, noon()).await;
    let list = crate::compose::tracking::LinkList::of(&edition).unwrap().name;
    (ledger, frozen, list)
}

fn hit(list: &str, name: &str, link: u32, at: Timestamp) -> Hit {
    Hit { list: list.to_owned(), key: address(name).key(), link, visitor: Visitor::Person, at }
}

fn numbers(visitors: Visitors) -> [u64; 3] {
    Visitor::ALL.map(|visitor| visitors.get(visitor))
}

#[tokio::test]
async fn a_letter_counts_once_under_the_surest_of_its_visitors() {
    let (ledger, edition, list) = sent().await;
    let machine = Hit { visitor: Visitor::Machine, ..hit(&list, "ana", 1, minutes(5)) };
    ledger.take_hits(&[machine.clone(), machine, hit(&list, "ana", 0, minutes(6))]).unwrap();
    let counted = ledger.counted(edition).unwrap().unwrap();
    assert_eq!((numbers(counted.opens.unwrap()), numbers(counted.clicks.unwrap())), ([0, 0, 1], [1, 0, 0]));
    ledger.take_hits(&[hit(&list, "ana", 1, minutes(7))]).unwrap();
    let counted = ledger.counted(edition).unwrap().unwrap();
    assert_eq!(numbers(counted.clicks.unwrap()), [0, 0, 1]);
    let each: Vec<_> =
        counted.links.iter().map(|link| (link.target.as_str(), numbers(link.visitors))).collect();
    assert_eq!(each[0], ("https://a.example/", [0, 0, 1]));
    assert_eq!(each[1..], [("https://b.example/", [0; 3]), ("https://c.example/", [0; 3])]);
    assert_eq!(state_of(&ledger, edition, "ana"), State::Accepted);
}

#[tokio::test]
async fn whoever_follows_every_link_at_once_is_a_machine_for_all_of_them() {
    let (ledger, edition, list) = sent().await;
    let slow = [
        hit(&list, "ana", 1, minutes(5)),
        hit(&list, "ana", 2, minutes(6)),
        hit(&list, "ana", 3, minutes(7)),
    ];
    ledger.take_hits(&slow).unwrap();
    let fast = [1, 2, 3].map(|link| hit(&list, "ana", link, minutes(9)));
    ledger.take_hits(&fast).unwrap();
    let counted = ledger.counted(edition).unwrap().unwrap();
    assert_eq!(numbers(counted.clicks.unwrap()), [0, 0, 1], "what came before stays a person's");
    let (ledger, edition, list) = sent().await;
    ledger.take_hits(&[1, 2, 3].map(|link| hit(&list, "ana", link, minutes(9)))).unwrap();
    let counted = ledger.counted(edition).unwrap().unwrap();
    assert_eq!(numbers(counted.clicks.unwrap()), [1, 0, 0]);
}

#[tokio::test]
async fn a_letter_that_may_have_arrived_is_read_by_people_too() {
    let (ledger, edition, list) = sent().await;
    let delivery = ledger.story(edition, &address("bob").key()).unwrap().remove(0).delivery;
    let Begun::Go(recorded) = begin(&ledger, delivery, minutes(1)).await else { panic!() };
    ledger.take_hits(&[hit(&list, "bob", 1, minutes(1)), hit(&list, "bob", 2, minutes(5))]).unwrap();
    let silence = Outcome::Uncertain(Broken::cut(Phase::Answer, "no answer came"));
    settle(&ledger, Settled::Begun(recorded), silence, None, minutes(6)).await;
    ledger.take_hits(&[hit(&list, "bob", 3, minutes(9))]).unwrap();
    let links = ledger.counted(edition).unwrap().unwrap().links;
    let each: Vec<_> = links.iter().map(|link| numbers(link.visitors)).collect();
    assert_eq!(each, [[1, 0, 0], [0, 0, 1], [0, 0, 1]], "at once, under way, in doubt");
}

#[tokio::test]
async fn what_is_about_no_letter_is_passed_over_and_what_is_old_is_forgotten() {
    let (ledger, edition, list) = sent().await;
    let strangers = [
        hit("other", "ana", 1, minutes(5)),
        hit(&list, "cia", 1, minutes(5)),
        hit(&list, "bob", 1, minutes(5)),
    ];
    ledger.take_hits(&strangers).unwrap();
    assert_eq!(
        numbers(ledger.counted(edition).unwrap().unwrap().clicks.unwrap()),
        [0; 3],
        "bob's never left"
    );
    ledger.take_hits(&[hit(&list, "ana", 1, minutes(5)), hit(&list, "ana", 2, minutes(50))]).unwrap();
    let events = Some(minutes(30));
    let forgotten = ledger.forget(Cutoffs { events, ..Cutoffs::default() }).unwrap();
    assert_eq!((forgotten.hits, forgotten.events), (1, 0));
    let story = ledger.story(edition, &address("ana").key()).unwrap().remove(0);
    let said: Vec<&str> = story.events.iter().map(|event| event.said.as_str()).collect();
    assert_eq!(said, ["https://b.example/"]);
    assert_eq!(ledger.target_of(&list, 1).unwrap().as_deref(), Some("https://a.example/"), "links lead on");
    assert_eq!(ledger.target_of(&list, 4).unwrap(), None);
}

#[tokio::test]
async fn an_edition_whose_readers_are_not_counted_tells_nothing() {
    let (ledger, edition) = frozen(&["ana"]);
    assert_eq!(ledger.counted(edition).unwrap(), None);
}
