//! Which issues people have.

use super::*;
use crate::subscribers::segment::Segment;

fn published(ledger: &Ledger) -> Vec<(String, Timestamp)> {
    let all = ledger.published().unwrap().into_iter();
    all.map(|published| (published.edition.issue.0, published.first)).collect()
}

async fn take(ledger: &Ledger, edition: EditionId, at: Timestamp) {
    let first = waiting(ledger, edition, at).remove(0);
    let Begun::Go(recorded) = begin(ledger, first.delivery, at).await else { panic!("it can be begun") };
    settle(ledger, Settled::Begun(recorded), accepted(), None, at).await;
}

#[tokio::test]
async fn an_issue_is_published_once_somebody_has_it_and_in_the_order_of_sending() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob"]);
    let of =
        |issue: &str, realm| Selection { issue: IssueId(issue.to_owned()), realm, ..selection(&["weekly"]) };
    let second = freeze(&ledger, &of("a-second", Realm::Live)).unwrap();
    let first = freeze(&ledger, &of("b-first", Realm::Live)).unwrap();
    let rehearsed = freeze(&ledger, &of("c-rehearsed", Realm::Rehearsal)).unwrap();
    assert_eq!(published(&ledger), []);
    take(&ledger, rehearsed, minutes(1)).await;
    take(&ledger, first, minutes(2)).await;
    take(&ledger, second, minutes(3)).await;
    take(&ledger, first, minutes(4)).await;
    let held =
        |ledger: &Ledger| ledger.published().unwrap().iter().map(|it| it.is_held_back).collect::<Vec<_>>();
    ledger.raise_fence(Some(first), minutes(5)).unwrap();
    ledger.raise_fence(Some(second), minutes(5)).unwrap();
    assert_eq!(held(&ledger), [false, true], "one of two letters is left of the second");
    let expected = [("b-first".to_owned(), minutes(2)), ("a-second".to_owned(), minutes(3))];
    assert_eq!(published(&ledger), expected);
}

#[tokio::test]
async fn an_issue_that_went_to_all_stays_published_while_a_newer_text_goes_to_a_part_of_new_readers() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana"]);
    let is_held = |ledger: &Ledger| ledger.published().unwrap()[0].is_held_back;
    let first = freeze(&ledger, &selection(&["weekly"])).unwrap();
    take(&ledger, first, minutes(1)).await;
    sync(&ledger, "weekly", &["ana", "bob", "eve"]);
    let also_new = Selection { without: Without::Listed, ..selection(&["weekly"]) };
    let second = freeze(&ledger, &also_new).unwrap();
    take(&ledger, second, minutes(2)).await;
    ledger.raise_fence(Some(second), minutes(3)).unwrap();
    assert!(!is_held(&ledger));
}

#[tokio::test]
async fn an_issue_whose_first_text_gave_way_to_one_that_is_held_back_is_held_back() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob", "eve"]);
    let first = freeze(&ledger, &selection(&["weekly"])).unwrap();
    take(&ledger, first, minutes(1)).await;
    let rest = Selection { without: Without::Reached, ..selection(&["weekly"]) };
    let edition = Edition { issue: rest.issue.clone(), ..edition() };
    let second = ledger.freeze(&Freeze {
        edition: &edition,
        hashes: hashes(),
        realm: Realm::Live,
        transport: "relay",
        subject: "Hello",
        selection: &rest,
        replaces: Some(first),
        seed: 7,
        now: minutes(2),
    });
    let second = second.unwrap();
    take(&ledger, second, minutes(3)).await;
    ledger.raise_fence(Some(second), minutes(4)).unwrap();
    assert!(ledger.published().unwrap()[0].is_held_back);
}

#[tokio::test]
async fn an_issue_that_went_to_a_segment_alone_is_known_as_such() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob"]);
    let is_for_segment = |ledger: &Ledger| ledger.published().unwrap()[0].is_for_segment;
    let segment = Segment::parse("email = \"ana@example.org\"").unwrap();
    let few = Selection { segment: Some(segment), ..selection(&["weekly"]) };
    let first = freeze(&ledger, &few).unwrap();
    take(&ledger, first, minutes(1)).await;
    assert!(is_for_segment(&ledger));
    let rest = Selection { without: Without::Listed, ..selection(&["weekly"]) };
    let second = freeze(&ledger, &rest).unwrap();
    take(&ledger, second, minutes(2)).await;
    assert!(!is_for_segment(&ledger));
}
