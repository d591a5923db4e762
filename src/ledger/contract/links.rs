//! What became of links is kept, and forgotten when nobody believes it any more.

use url::Url;

use super::{minutes, store};
use crate::links::Visit;
use crate::links::visit::{Answer, End};

fn visit(address: &str, minute: i64) -> Visit {
    Visit::ended(Url::parse(address).unwrap(), End::Answered(Answer::of(200)), minutes(minute))
}

#[test]
fn the_newest_visit_to_an_address_is_remembered() {
    let ledger = store();
    ledger
        .keep_visits(&[visit("https://a.example/", 1), visit("https://b.example/", 1)], minutes(0))
        .unwrap();
    ledger.keep_visits(&[visit("https://a.example/", 5)], minutes(0)).unwrap();
    let addresses = ["https://a.example/", "https://c.example/"].map(|text| Url::parse(text).unwrap());
    let known = ledger.visits_to(&addresses).unwrap();
    assert_eq!(known.len(), 1);
    assert!(known[0].is_remembered && known[0].at == minutes(5));
}

#[test]
fn what_nobody_believes_any_more_is_forgotten() {
    let ledger = store();
    let old = visit("https://a.example/", 1);
    ledger.keep_visits(&[old.clone(), visit("https://b.example/", 9)], minutes(0)).unwrap();
    ledger.keep_visits(&[], minutes(5)).unwrap();
    assert_eq!(ledger.visits_to(&[old.address]).unwrap(), []);
}
