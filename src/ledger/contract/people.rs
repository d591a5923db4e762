//! Lists, suppressions and the audience.

use super::turns::suppress;
use super::*;
use crate::ledger::sqlite::Synced;
use crate::model::audience::{LeftOut, Sums};
use crate::subscribers::diff::Diff;

fn try_sync(ledger: &Ledger, people: Vec<Subscriber>, allow: bool) -> Synced {
    ledger.sync_list(&list("weekly"), "weekly", &mut rows(people).into_iter(), allow, noon()).unwrap()
}

fn chosen(ledger: &Ledger, selection: &Selection) -> (Vec<String>, Sums) {
    let (mut names, mut absent) = (Vec::new(), 0);
    let sums = ledger
        .audience(selection, &mut |member| names.push(member.subscriber.address.to_string()), &mut |_| {
            absent += 1
        })
        .unwrap();
    assert!(sums.agree(), "{sums:?}");
    assert_eq!((names.len() as u64, absent), (sums.chosen, sums.left_out.values().sum::<u64>()));
    (names, sums)
}

#[test]
fn reading_a_file_again_is_a_diff() {
    let ledger = store();
    let people = || ["ana", "bob", "cyd", "dan", "eva", "fay"].map(subscriber).to_vec();
    assert_eq!(try_sync(&ledger, people(), false), Synced::Applied(Diff { added: 6, ..Diff::default() }));
    let mut second = people();
    second.remove(5);
    second[0].fields.insert("city".to_owned(), "Brest".to_owned());
    second.push(subscriber("gus"));
    let diff = Diff { added: 1, changed: 1, unchanged: 4, removed: 1, ..Diff::default() };
    assert_eq!(try_sync(&ledger, second, false), Synced::Applied(diff));
    let ana = ledger.person(&address("ana").key()).unwrap().unwrap();
    assert_eq!(ana.memberships[0].fields["city"], "Brest");
    assert_eq!(ledger.lists().unwrap()[0].members, 6);
    let fay = ledger.person(&address("fay").key()).unwrap().unwrap();
    assert_eq!(fay.memberships[0].ended_at, Some(noon()));
}

#[test]
fn of_two_rows_of_one_person_the_first_counts() {
    let ledger = store();
    let mut second = subscriber("ANA@EXAMPLE.ORG");
    second.name = Some("Second".to_owned());
    let synced = try_sync(&ledger, vec![subscriber("ana"), second], false);
    assert_eq!(synced, Synced::Applied(Diff { added: 1, merged: 1, ..Diff::default() }));
    let ana = ledger.person(&address("Ana").key()).unwrap().unwrap();
    assert_eq!(
        (ana.address.to_string().as_str(), ana.memberships[0].name.as_deref()),
        ("ana@example.org", Some("ana"))
    );
}

#[test]
fn a_file_that_lost_a_fifth_changes_nothing_without_a_yes() {
    let ledger = store();
    let all = ["ana", "bob", "cyd", "dan"];
    try_sync(&ledger, all.map(subscriber).to_vec(), false);
    let mut few = vec![subscriber("ana"), subscriber("new")];
    few[0].name = None;
    let diff = Diff { added: 1, changed: 1, removed: 3, ..Diff::default() };
    assert_eq!(try_sync(&ledger, few.clone(), false), Synced::Held(diff));
    assert_eq!(chosen(&ledger, &selection(&["weekly"])).0.len(), 4);
    assert_eq!(
        ledger.person(&address("ana").key()).unwrap().unwrap().memberships[0].name.as_deref(),
        Some("ana")
    );
    assert!(ledger.person(&address("new").key()).unwrap().is_none());
    assert_eq!(try_sync(&ledger, few, true), Synced::Applied(diff));
    assert_eq!(chosen(&ledger, &selection(&["weekly"])).0.len(), 2);
}

#[test]
fn a_row_that_comes_back_never_lifts_a_suppression() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob"]);
    suppress(&ledger, "ana", None);
    sync(&ledger, "weekly", &["bob"]);
    let synced = try_sync(&ledger, vec![subscriber("ana"), subscriber("bob")], true);
    assert_eq!(synced, Synced::Applied(Diff { added: 1, unchanged: 1, suppressed: 1, ..Diff::default() }));
    let (names, sums) = chosen(&ledger, &selection(&["weekly"]));
    assert_eq!(names, ["bob@example.org"]);
    assert_eq!(sums.left_out, [(LeftOut::Unsubscribed, 1)].into());
    assert!(ledger.unsuppress(&address("ana").key(), None, ("a test", None), noon()).unwrap());
    assert!(!ledger.unsuppress(&address("ana").key(), None, ("a test", None), noon()).unwrap());
    assert_eq!(chosen(&ledger, &selection(&["weekly"])).0.len(), 2);
}

#[test]
fn what_a_person_said_is_not_overwritten_by_what_we_noticed() {
    let ledger = store();
    suppress(&ledger, "ana", None);
    let bounced = Suppression {
        key: address("ana").key(),
        scope: None,
        reason: "bounced".to_owned(),
        source: "dsn".to_owned(),
        at: minutes(1),
    };
    ledger.suppress(&bounced).unwrap();
    assert_eq!(ledger.suppressions().unwrap()[0].reason, "unsubscribed");
    ledger.suppress(&Suppression { scope: Some(list("weekly")), ..bounced }).unwrap();
    assert_eq!(ledger.suppressions().unwrap().len(), 2);
}

#[tokio::test]
async fn the_unsent_letters_of_who_left_are_skipped_and_only_those_of_that_list() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob"]);
    sync(&ledger, "daily", &["cyd"]);
    let edition = freeze(&ledger, &selection(&["weekly", "daily"])).unwrap();
    sync(&ledger, "weekly", &["bob"]);
    assert_eq!(names_waiting(&ledger, edition, noon()), ["bob@example.org", "cyd@example.org"]);
    let story = ledger.story(edition, &address("ana").key()).unwrap().remove(0);
    assert_eq!((story.state, story.why.as_deref()), (State::Skipped, Some("left the list")));
}

#[test]
fn one_person_on_two_lists_gets_one_letter_with_the_attributes_of_the_first() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob"]);
    let mut other = subscriber("bob");
    other.name = Some("Robert".to_owned());
    ledger
        .sync_list(&list("daily"), "daily", &mut rows([other, subscriber("cyd")]).into_iter(), true, noon())
        .unwrap();
    let (names, sums) = chosen(&ledger, &selection(&["daily", "weekly", "daily"]));
    assert_eq!(names, ["bob@example.org", "cyd@example.org", "ana@example.org"]);
    assert_eq!((sums.considered, sums.left_out), (4, [(LeftOut::Duplicate, 1)].into()));
    let mut bob = None;
    let mut each = |member: &crate::model::audience::Member| {
        if member.subscriber.address == address("bob") {
            bob = member.subscriber.name.clone();
        }
    };
    ledger.audience(&selection(&["daily", "weekly"]), &mut each, &mut |_| {}).unwrap();
    assert_eq!(bob.as_deref(), Some("Robert"));
}

#[test]
fn who_left_one_list_still_gets_the_letter_of_another() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana"]);
    sync(&ledger, "daily", &["ana"]);
    suppress(&ledger, "ana", Some("weekly"));
    let (names, sums) = chosen(&ledger, &selection(&["weekly", "daily"]));
    assert_eq!(names.len(), 1);
    assert_eq!(sums.left_out, [(LeftOut::Unsubscribed, 1)].into());
}

#[test]
fn a_list_that_nobody_knows_has_nobody() {
    let (names, sums) = chosen(&store(), &selection(&["nowhere"]));
    assert_eq!((names.len(), sums), (0, Sums::default()));
}

#[test]
fn fields_are_counted_where_they_have_a_value() {
    let ledger = store();
    let mut bob = subscriber("bob");
    bob.fields = Fields::from([("city".to_owned(), String::new()), ("plan".to_owned(), "free".to_owned())]);
    try_sync(&ledger, vec![subscriber("ana"), bob], true);
    let names = ledger.field_names(&[list("weekly"), list("nowhere")]).unwrap();
    assert_eq!(names, [("city".to_owned(), 1), ("plan".to_owned(), 1)]);
}

#[test]
fn members_come_in_order_of_address_and_as_they_were_typed() {
    let ledger = store();
    try_sync(&ledger, vec![subscriber("Zoe@Example.ORG"), subscriber("ana")], true);
    let mut seen = Vec::new();
    ledger.members(&list("weekly"), &mut |member| seen.push(member.subscriber.clone())).unwrap();
    assert_eq!(seen, [subscriber("ana"), subscriber("Zoe@Example.ORG")]);
}

#[test]
fn a_renamed_list_keeps_its_people() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana"]);
    let people = vec![subscriber("ana")];
    ledger.sync_list(&list("weekly"), "sunday", &mut rows(people).into_iter(), false, noon()).unwrap();
    let lists = ledger.lists().unwrap();
    assert_eq!((lists.len(), lists[0].name.as_str(), lists[0].members), (1, "sunday", 1));
}
