//! Which issues people have.

use super::*;

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
