//! Freezing, extending, repeating and giving up.

use std::time::Duration;

use super::turns::suppress;
use super::*;

#[test]
fn an_empty_audience_freezes_nothing_and_says_why() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana"]);
    suppress(&ledger, "ana", None);
    let error = freeze(&ledger, &selection(&["weekly"])).unwrap_err();
    assert!(matches!(error, LedgerError::EmptyAudience { sums } if sums.considered == 1));
    assert!(ledger.editions().unwrap().is_empty());
}

#[test]
fn the_order_is_a_shuffle_that_the_seed_decides() {
    let names: Vec<String> = (0..50).map(|number| format!("reader{number:02}")).collect();
    let order = || {
        let (ledger, edition) = frozen(&names.iter().map(String::as_str).collect::<Vec<_>>());
        waiting(&ledger, edition, noon()).iter().map(|letter| letter.address.to_string()).collect::<Vec<_>>()
    };
    let (one, two) = (order(), order());
    assert_eq!(one, two);
    assert!(!one.is_sorted());
}

#[test]
fn a_run_asks_for_letters_bit_by_bit_and_misses_none() {
    let (ledger, edition) = frozen(&["ana", "bob", "cyd", "dan", "eva"]);
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let some = ledger.planned(edition, &Choice::Everyone, after, 2).unwrap();
        let Some(last) = some.last() else { break };
        after = last.place;
        seen.extend(some.iter().map(|letter| letter.delivery));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let only = ledger.planned(edition, &Choice::Only(address("eva").key()), 0, 9).unwrap();
    assert_eq!((only.len(), &only[0].address), (1, &address("eva")));
}

#[test]
fn merge_values_are_those_of_the_freeze() {
    let (ledger, edition) = frozen(&["ana"]);
    let mut changed = subscriber("ana");
    changed.name = Some("Somebody \"else\"".to_owned());
    ledger.sync_list(&list("weekly"), "weekly", &mut rows([changed]).into_iter(), true, noon()).unwrap();
    let values = waiting(&ledger, edition, noon()).remove(0).values;
    let values: serde_json::Value = serde_json::from_str(&values).unwrap();
    assert_eq!(values, serde_json::json!({"name": "ana", "fields": {"city": "Minsk"}}));
}

#[tokio::test]
async fn also_new_reaches_who_joined_and_who_may_be_written_to_again_and_nobody_twice() {
    let (ledger, edition) = frozen(&["ana", "bob", "cyd"]);
    suppress(&ledger, "bob", None);
    for letter in waiting(&ledger, edition, noon()) {
        if let Begun::Go(recorded) = begin(&ledger, letter.delivery, noon()).await {
            settle(&ledger, Settled::Begun(recorded), accepted(), None, noon()).await;
        }
    }
    sync(&ledger, "weekly", &["ana", "bob", "cyd", "dan"]);
    assert_eq!(ledger.extend(edition, &selection(&["weekly"]), 1, noon()).unwrap(), 1);
    ledger.unsuppress(&address("bob").key(), None, ("a test", None), noon()).unwrap();
    assert_eq!(ledger.extend(edition, &selection(&["weekly"]), 1, noon()).unwrap(), 1);
    assert_eq!(names_waiting(&ledger, edition, noon()), ["bob@example.org", "dan@example.org"]);
    assert_eq!(ledger.extend(edition, &selection(&["weekly"]), 1, noon()).unwrap(), 0);
    assert_eq!(ledger.counts(edition).unwrap().total(), 4);
}

#[test]
fn a_rehearsal_is_never_had() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana"]);
    let rehearsal = Selection { realm: Realm::Rehearsal, ..selection(&["weekly"]) };
    freeze(&ledger, &rehearsal).unwrap();
    let skip = |realm| Selection { realm, without: Without::Listed, ..selection(&["weekly"]) };
    let count = |selection: &Selection| ledger.audience(selection, &mut |_| {}, &mut |_| {}).unwrap().chosen;
    assert_eq!((count(&skip(Realm::Live)), count(&skip(Realm::Rehearsal))), (1, 0));
    assert!(ledger.edition_of(&IssueId("one".to_owned()), Realm::Live).unwrap().is_none());
}

#[tokio::test]
async fn again_makes_a_second_letter_only_after_the_first_has_ended() {
    let (ledger, edition) = frozen(&["ana"]);
    let key = address("ana").key();
    let first = waiting(&ledger, edition, noon()).remove(0);
    assert_eq!(ledger.again(edition, &key, noon()).unwrap(), Some(first.delivery));
    let Begun::Go(recorded) = begin(&ledger, first.delivery, noon()).await else { panic!() };
    settle(&ledger, Settled::Begun(recorded), accepted(), None, noon()).await;
    let second = ledger.again(edition, &key, noon()).unwrap().unwrap();
    let letter = waiting(&ledger, edition, noon()).remove(0);
    assert_eq!((letter.delivery, letter.again, letter.first_begun), (second, 1, None));
    assert_eq!(letter.values, first.values);
    assert_eq!(ledger.story(edition, &key).unwrap().len(), 2);
    assert_eq!(ledger.again(edition, &address("bob").key(), noon()).unwrap(), None);
}

#[tokio::test]
async fn what_is_deferred_too_long_expires_and_retry_begins_anew() {
    let (ledger, edition) = frozen(&["ana"]);
    let letter = waiting(&ledger, edition, noon()).remove(0);
    let deferred = Outcome::Deferred(busy());
    settle(&ledger, Settled::Unbegun(letter.delivery), deferred, Some(minutes(5)), noon()).await;
    let hour = Duration::from_secs(3600);
    assert_eq!(ledger.expire(edition, hour, minutes(59)).unwrap(), 0);
    assert_eq!(ledger.make_due(edition, false, minutes(1)).unwrap(), 1);
    assert_eq!(waiting(&ledger, edition, minutes(1)).len(), 1);
    assert_eq!(ledger.expire(edition, hour, minutes(60)).unwrap(), 1);
    assert_eq!(state_of(&ledger, edition, "ana"), State::Expired);
    assert_eq!(ledger.make_due(edition, false, minutes(61)).unwrap(), 1);
    assert_eq!(waiting(&ledger, edition, minutes(61)).remove(0).first_tried, None);
}

#[tokio::test]
async fn retry_takes_up_the_refused_only_when_asked_to() {
    let (ledger, edition) = frozen(&["ana"]);
    let letter = waiting(&ledger, edition, noon()).remove(0);
    settle(&ledger, Settled::Unbegun(letter.delivery), Outcome::Refused(no_such_user()), None, noon()).await;
    assert_eq!(ledger.make_due(edition, false, noon()).unwrap(), 0);
    assert_eq!(ledger.make_due(edition, true, noon()).unwrap(), 1);
    assert_eq!(state_of(&ledger, edition, "ana"), State::Planned);
}

#[tokio::test]
async fn stop_for_good_takes_what_is_open_and_leaves_what_is_on_the_wire() {
    let (ledger, edition) = frozen(&["ana", "bob"]);
    let letter = waiting(&ledger, edition, noon()).remove(0);
    let Begun::Go(recorded) = begin(&ledger, letter.delivery, noon()).await else { panic!() };
    assert_eq!(ledger.stop_for_good(edition, noon()).unwrap(), 1);
    settle(&ledger, Settled::Begun(recorded), accepted(), None, noon()).await;
    let counts = ledger.counts(edition).unwrap();
    assert_eq!((counts.get(State::Stopped), counts.get(State::Accepted)), (1, 1));
}

#[test]
fn an_edition_comes_back_as_it_was_frozen() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana"]);
    let hole = Hole { expression: "name".to_owned(), context: Context::Header, span: 3..9 };
    let attachment = Attachment {
        file_name: "map.png".to_owned(),
        content_type: "image/png".to_owned(),
        content_id: Some("map@example.org".to_owned()),
        disposition: Disposition::Inline,
        bytes: vec![0, 159, 146, 150],
    };
    let whole = Edition {
        reply_to: Some(Mailbox { name: None, address: address("Reply@Bücher.example") }),
        subject: Pieces::new([Piece::Literal("Dear ".to_owned()), Piece::Hole(hole)]),
        html: Pieces::new([Piece::Logic { statement: "if plan".to_owned(), span: 1..2 }]),
        attachments: vec![attachment.clone(), attachment],
        ..edition()
    };
    let selection = selection(&["weekly"]);
    let freeze = Freeze {
        edition: &whole,
        hashes: hashes(),
        realm: Realm::Live,
        transport: "relay",
        subject: "Dear reader",
        selection: &selection,
        replaces: None,
        seed: 1,
        now: noon(),
    };
    let id = ledger.freeze(&freeze).unwrap();
    assert_eq!(ledger.load_edition(id).unwrap(), whole);
    ledger.set_transport(id, "other").unwrap();
    let row = ledger.edition_of(&whole.issue, Realm::Live).unwrap().unwrap();
    assert_eq!((row.id, row.hashes, row.transport.as_str()), (id, hashes(), "other"));
    assert_eq!(
        (row.subject.as_str(), row.lists, row.frozen_at),
        ("Dear reader", selection.lists.clone(), noon())
    );
    assert_eq!(
        ledger.twin_of(&IssueId("two".to_owned()), &hashes().body).unwrap(),
        Some(whole.issue.clone())
    );
    assert_eq!(ledger.twin_of(&whole.issue, &hashes().body).unwrap(), None);
}

#[test]
fn a_note_is_new_only_once() {
    let ledger = store();
    assert!(ledger.note_changed("late", "12 is late").unwrap());
    assert!(!ledger.note_changed("late", "12 is late").unwrap());
    assert!(ledger.note_changed("late", "13 is late").unwrap());
    assert_eq!(ledger.note("late").unwrap().as_deref(), Some("13 is late"));
    assert_eq!(ledger.note("other").unwrap(), None);
}

#[tokio::test]
async fn an_edition_that_replaces_another_stops_it_in_the_same_step_or_not_at_all() {
    let (ledger, old) = frozen(&["ana", "bob", "cid"]);
    let letters = waiting(&ledger, old, noon());
    let Begun::Go(_on_the_wire) = begin(&ledger, letters[0].delivery, noon()).await else { panic!() };
    let reached = Selection { without: Without::Reached, ..selection(&["weekly"]) };
    let nobody = Selection { lists: vec![list("nobody")], ..reached.clone() };
    assert!(matches!(replace(&ledger, old, &nobody), Err(LedgerError::EmptyAudience { .. })));
    let counts = ledger.counts(old).unwrap();
    assert_eq!((counts.get(State::Planned), counts.get(State::Sending)), (2, 1), "nothing was changed");

    let new = replace(&ledger, old, &reached).unwrap();
    let counts = ledger.counts(old).unwrap();
    assert_eq!((counts.get(State::Stopped), counts.get(State::Uncertain), counts.open()), (2, 1, 0));
    assert_eq!(ledger.counts(new).unwrap().total(), 2, "who may have the old one is left out");
}

fn replace(ledger: &Ledger, old: EditionId, selection: &Selection) -> Result<EditionId, LedgerError> {
    ledger.freeze(&Freeze {
        edition: &edition(),
        hashes: hashes(),
        realm: Realm::Live,
        transport: "relay",
        subject: "Hello",
        selection,
        replaces: Some(old),
        seed: 7,
        now: noon(),
    })
}

#[test]
fn a_note_that_is_forgotten_is_new_again() {
    let ledger = store();
    ledger.note_changed("down", "no answer").unwrap();
    ledger.forget_note("down").unwrap();
    ledger.forget_note("down").unwrap();
    assert!(ledger.note_changed("down", "no answer").unwrap());
}

#[tokio::test]
async fn the_roll_names_everybody_once_and_reasons_sum_up_the_last_attempts() {
    let (ledger, edition) = frozen(&["ana", "bob", "cyd"]);
    for letter in waiting(&ledger, edition, noon()).into_iter().take(2) {
        let refused = Outcome::Refused(no_such_user());
        settle(&ledger, Settled::Unbegun(letter.delivery), refused, None, noon()).await;
    }
    let (mut names, mut refused) = (Vec::new(), 0);
    let mut each = |letter: &Standing| {
        names.push(letter.key.as_str().to_owned());
        refused += u32::from(letter.state == State::Refused);
    };
    ledger.call_the_roll(edition, &mut each).unwrap();
    assert_eq!(names, ["ana@example.org", "bob@example.org", "cyd@example.org"]);
    assert_eq!(refused, 2);
    let reason = Reason {
        state: State::Refused,
        phase: Some(Phase::Recipient),
        code: Some(550),
        words: "5.1.1 no such user".to_owned(),
        letters: 2,
    };
    assert_eq!(ledger.reasons(edition).unwrap(), [reason]);
}
