//! What people ask for by themselves, and what they choose.

use super::*;
use crate::ledger::consent::{Choices, DueRequest, Held, Limits, Request, Stage, Terms, Ticks};
use crate::ledger::recorded::Recorded;
use crate::ledger::sqlite::Synced;
use crate::subscribers::diff::Diff;

const LIMITS: Limits = Limits { in_all: 100, to_a_domain: 100 };

fn terms() -> Terms {
    Terms {
        form: "form 1".to_owned(),
        words: "I want it".to_owned(),
        lang: "en".to_owned(),
        from: "192.0.2.1".to_owned(),
    }
}

fn ask(ledger: &Ledger, name: &str, ticket: &str, minute: i64) {
    let request = Request { address: address(name), lists: vec![list("weekly")], terms: terms() };
    ledger.ask(&request, ticket, minutes(minute)).unwrap();
}

fn next(ledger: &Ledger, minute: i64) -> Option<DueRequest> {
    ledger.next_request(minutes(minute)).unwrap()
}

fn begin(ledger: &Ledger, waiting: &DueRequest, minute: i64) -> Result<Recorded, Held> {
    ledger.begin_request(waiting, "smtp", &LIMITS, minutes(minute)).unwrap()
}

/// Sends the mail that is due, with this end.
#[track_caller]
fn mail(ledger: &Ledger, outcome: &Outcome, minute: i64) {
    let waiting = next(ledger, minute).expect("a mail is due");
    let recorded = begin(ledger, &waiting, minute).expect("it may leave");
    ledger.settle_request(&waiting, recorded, outcome, minutes(minute)).unwrap();
}

fn accepted() -> Outcome {
    let reply = Reply { code: 250, lines: vec!["2.0.0 ok".to_owned()] };
    Outcome::Accepted(Accepted { reply })
}

fn ticks(wanted: &[ListId]) -> Ticks {
    Ticks { wanted: wanted.to_vec(), shown: Vec::new() }
}

fn stages(ledger: &Ledger, name: &str) -> Vec<Stage> {
    ledger.consents(&address(name).key()).unwrap().iter().map(|consent| consent.stage).collect()
}

fn members(ledger: &Ledger) -> Vec<String> {
    let mut names = Vec::new();
    ledger.members(&list("weekly"), &mut |member| names.push(member.subscriber.address.to_string())).unwrap();
    names
}

fn suppress(ledger: &Ledger, name: &str, reason: &str) {
    let (reason, source) = (reason.to_owned(), "test".to_owned());
    let suppression = Suppression { key: address(name).key(), scope: None, reason, source, at: noon() };
    ledger.suppress(&suppression).unwrap();
}

fn told(ledger: &Ledger) -> Vec<(String, String)> {
    let of = |told: Suppression| (told.scope.map_or(String::new(), |list| list.0), told.reason);
    ledger.suppressions().unwrap().into_iter().map(of).collect()
}

#[test]
fn a_request_is_mailed_once_and_confirmed_once_and_the_evidence_stays() {
    let ledger = store();
    ask(&ledger, "ana", "t1", 0);
    assert_eq!(stages(&ledger, "ana"), [Stage::Asked]);
    mail(&ledger, &accepted(), 1);
    assert_eq!((stages(&ledger, "ana"), next(&ledger, 2)), (vec![Stage::Mailed], None));
    assert_eq!(ledger.request_of("t1", minutes(2)).unwrap().unwrap().lists, [list("weekly")]);
    assert_eq!(members(&ledger), [""; 0], "nobody who looks subscribes anybody");
    let confirmed = ledger.confirm("t1", "198.51.100.7", minutes(3)).unwrap().unwrap();
    assert_eq!((confirmed.lists, confirmed.is_shut), (vec![list("weekly")], false));
    assert_eq!(members(&ledger), ["ana@example.org"]);
    let again = ledger.confirm("t1", "192.0.2.9", minutes(4)).unwrap().unwrap();
    assert_eq!((again.lists, again.is_known), (vec![list("weekly")], true), "a double click is one");
    assert_eq!(ledger.request_of("t1", minutes(4)).unwrap(), None);
    let consent = ledger.consents(&address("ana").key()).unwrap().remove(0);
    assert_eq!((consent.stage, consent.terms), (Stage::Confirmed, terms()));
    assert_eq!((consent.asked_at, consent.confirmed_at), (minutes(0), Some(minutes(3))));
    assert_eq!(consent.confirmed_from.as_deref(), Some("198.51.100.7"));
    assert_eq!(ledger.lists().unwrap()[0].members, 1);
    ledger.leave(&address("ana").key(), &[], minutes(5)).unwrap();
    assert_eq!(ledger.confirm("t1", "192.0.2.9", minutes(6)).unwrap(), None, "it brings nobody back");
}

#[test]
fn a_link_is_good_for_two_days_and_what_nobody_confirmed_is_forgotten_after_a_week() {
    let ledger = store();
    ask(&ledger, "ana", "t1", 0);
    assert_eq!(ledger.requests_waiting(minutes(48 * 60 - 1)).unwrap(), 1);
    assert_eq!(ledger.requests_waiting(minutes(48 * 60)).unwrap(), 0, "it takes nobody's room");
    assert!(ledger.confirm("t2", "x", minutes(1)).unwrap().is_none());
    assert!(ledger.confirm("t1", "x", minutes(48 * 60)).unwrap().is_none());
    assert_eq!(ledger.forget_requests(minutes(7 * 24 * 60 - 1)).unwrap(), 0);
    assert_eq!(ledger.forget_requests(minutes(7 * 24 * 60)).unwrap(), 1);
    assert_eq!(stages(&ledger, "ana"), []);
}

#[test]
fn an_address_gets_one_mail_a_day_however_often_somebody_asks() {
    let ledger = store();
    for (minute, ticket) in ["t1", "t2", "t3"].iter().enumerate() {
        ask(&ledger, if minute == 1 { "ANA" } else { "ana" }, ticket, minute as i64);
    }
    mail(&ledger, &accepted(), 5);
    for _ in 0..2 {
        let waiting = next(&ledger, 6).unwrap();
        assert!(matches!(begin(&ledger, &waiting, 6), Err(Held::Withheld)));
    }
    assert_eq!(next(&ledger, 7), None);
    assert_eq!(stages(&ledger, "ana"), [Stage::Mailed, Stage::Withheld, Stage::Withheld]);
    ask(&ledger, "ana", "t4", 25 * 60);
    mail(&ledger, &accepted(), 25 * 60);
}

#[test]
fn a_second_wish_within_a_day_has_its_mail_the_day_after() {
    let ledger = store();
    let wish = |ticket: &str, lists: &[&str], minute: i64| {
        let lists = lists.iter().map(|name| list(name)).collect();
        ledger
            .ask(&Request { address: address("ana"), lists, terms: terms() }, ticket, minutes(minute))
            .unwrap();
    };
    let begin_next = |minute: i64| begin(&ledger, &next(&ledger, minute).unwrap(), minute);
    wish("t1", &["weekly"], 0);
    mail(&ledger, &accepted(), 1);
    wish("t2", &["daily"], 2);
    wish("t3", &["daily", "weekly"], 3);
    assert!(matches!(begin_next(4), Err(Held::Withheld)), "only the newest counts");
    assert!(matches!(begin_next(4), Err(Held::Later)));
    assert_eq!(next(&ledger, 24 * 60), None);
    let day_after = next(&ledger, 24 * 60 + 1).unwrap();
    assert_eq!(day_after.lists, [list("daily"), list("weekly")]);
    mail(&ledger, &accepted(), 24 * 60 + 1);
    ledger.confirm("t3", "x", minutes(24 * 60 + 2)).unwrap().unwrap();
    wish("t4", &["daily", "weekly"], 24 * 60 + 3);
    assert!(matches!(begin_next(24 * 60 + 4), Err(Held::Later)), "whoever left since can come back");
}

#[test]
fn a_mailbox_is_not_flooded_by_the_many_forms_of_its_address() {
    let ledger = store();
    let mut left = Vec::new();
    for (number, name) in ["ana+1", "ana+2", "ana+3", "ana+4", "ana+5@example.net", "ana"].iter().enumerate()
    {
        ask(&ledger, name, &format!("t{number}"), 0);
        let waiting = next(&ledger, 1).unwrap();
        left.push(begin(&ledger, &waiting, 1).is_ok());
    }
    assert_eq!(left, [true, true, true, false, true, true], "nobody else pays for it");
    ask(&ledger, "ana+6", "t6", 25 * 60);
    mail(&ledger, &accepted(), 25 * 60);
}

#[test]
fn a_mail_that_did_not_arrive_is_sent_again_and_one_that_may_have_is_not() {
    let ledger = store();
    ask(&ledger, "ana", "t1", 0);
    mail(&ledger, &Outcome::NotSent(Broken::cut(Phase::Connect, "nobody answers")), 1);
    assert_eq!((stages(&ledger, "ana"), next(&ledger, 2)), (vec![Stage::Asked], None));
    mail(&ledger, &Outcome::Uncertain(Broken::cut(Phase::Answer, "it went away")), 3);
    assert_eq!((stages(&ledger, "ana"), next(&ledger, 60)), (vec![Stage::Mailed], None));
    ask(&ledger, "bob", "t2", 0);
    let waiting = next(&ledger, 1).unwrap();
    assert!(begin(&ledger, &waiting, 1).is_ok(), "and then the process ends");
    assert_eq!(next(&ledger, 60), None);
    assert!(ledger.confirm("t2", "x", minutes(61)).unwrap().is_some(), "it may have arrived");
}

#[test]
fn more_mails_than_an_hour_holds_wait() {
    let ledger = store();
    let limits = Limits { in_all: 3, to_a_domain: 2 };
    for (number, name) in ["ana", "bob", "cyd"].iter().enumerate() {
        ask(&ledger, name, &format!("t{number}"), 0);
    }
    let mut begun = Vec::new();
    for _ in 0..3 {
        let waiting = next(&ledger, 1).unwrap();
        begun.push(matches!(ledger.begin_request(&waiting, "smtp", &limits, minutes(1)), Ok(Ok(_))));
    }
    assert_eq!((begun, next(&ledger, 1)), (vec![true, true, false], None));
    let waiting = next(&ledger, 62).unwrap();
    assert!(matches!(ledger.begin_request(&waiting, "smtp", &limits, minutes(62)), Ok(Ok(_))));
}

#[test]
fn those_that_are_too_many_are_put_off_together_and_others_are_not() {
    let ledger = store();
    let to = |text: &str, number: i64| {
        let request =
            Request { address: Address::parse(text).unwrap(), lists: vec![list("weekly")], terms: terms() };
        ledger.ask(&request, &format!("t{number}"), minutes(0)).unwrap();
    };
    for number in 0..5 {
        to(&format!("u{number}@example.org"), number);
    }
    to("zoe@example.net", 5);
    let begin = |limits: &Limits| {
        let waiting = next(&ledger, 1).unwrap();
        ledger.begin_request(&waiting, "smtp", limits, minutes(1)).unwrap()
    };
    let of_a_domain = Limits { in_all: 100, to_a_domain: 1 };
    assert!(begin(&of_a_domain).is_ok());
    assert!(matches!(begin(&of_a_domain), Err(Held::Later)));
    assert_eq!(next(&ledger, 1).unwrap().address.to_string(), "zoe@example.net");
    to("yan@example.net", 6);
    assert!(matches!(begin(&Limits { in_all: 1, to_a_domain: 100 }), Err(Held::Later)));
    assert_eq!(next(&ledger, 1), None);
    assert_eq!(next(&ledger, 3).unwrap().address.to_string(), "u1@example.org", "in their order");
}

#[test]
fn whoever_confirms_anew_takes_back_their_own_word_and_nothing_else() {
    let ledger = store();
    sync(&ledger, "daily", &["ana", "bob"]);
    sync(&ledger, "weekly", &["ana"]);
    ledger.leave(&address("ana").key(), &[], noon()).unwrap();
    ask(&ledger, "ana", "t1", 1);
    mail(&ledger, &accepted(), 2);
    ledger.confirm("t1", "x", minutes(3)).unwrap().unwrap();
    assert_eq!(told(&ledger), [("daily".to_owned(), "unsubscribed".to_owned())], "the other list stays left");
    let lifted = ledger.lifted(&address("ana").key()).unwrap();
    assert_eq!((lifted.len(), lifted[0].lifted_by.as_str()), (1, "confirmed"));
    for (number, reason) in ["complained", "bounced", "by hand"].iter().enumerate() {
        let (name, ticket) = (format!("r{number}"), format!("r{number}"));
        ask(&ledger, &name, &ticket, 4);
        suppress(&ledger, &name, reason);
        let waiting = next(&ledger, 5).unwrap();
        assert!(matches!(begin(&ledger, &waiting, 5), Err(Held::Withheld)), "{reason}: no mail leaves");
        assert!(ledger.confirm(&ticket, "x", minutes(6)).unwrap().unwrap().is_shut, "{reason}");
        assert!(ledger.person(&address(&name).key()).unwrap().unwrap().memberships.is_empty());
    }
    suppress(&ledger, "eva", "bounced");
    ledger.leave(&address("eva").key(), &[], noon()).unwrap();
    ask(&ledger, "eva", "e", 7);
    assert!(ledger.confirm("e", "x", minutes(8)).unwrap().unwrap().is_shut, "what was before still counts");
}

#[test]
fn words_of_a_mail_are_not_taken_for_what_was_noticed_of_its_sender() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana"]);
    let claim = Claim {
        dedupe: "d".to_owned(),
        kind: ClaimKind::Unsubscribed,
        key: address("ana").key(),
        words: "Please unsubscribe me, after the move".to_owned(),
        place: "inbox".to_owned(),
        at: noon(),
    };
    ledger.take_claims(std::slice::from_ref(&claim)).unwrap();
    ledger.answer_claim(&claim, true, minutes(1)).unwrap();
    ask(&ledger, "ana", "t1", 2);
    mail(&ledger, &accepted(), 3);
    assert!(!ledger.confirm("t1", "x", minutes(4)).unwrap().unwrap().is_shut);
    assert!(ledger.suppressions().unwrap().is_empty());
}

#[test]
fn no_file_takes_somebody_off_a_list_that_they_joined_themselves() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob", "cyd", "dan", "eva", "fay"]);
    ask(&ledger, "zoe", "t1", 1);
    ledger.confirm("t1", "x", minutes(2)).unwrap().unwrap();
    let again = |people: &[&str]| {
        let people: Vec<_> = people.iter().map(|name| subscriber(name)).collect();
        ledger.sync_list(&list("weekly"), "weekly", &mut rows(people).into_iter(), false, minutes(3)).unwrap()
    };
    let diff = Diff { unchanged: 5, removed: 1, ..Diff::default() };
    assert_eq!(again(&["ana", "bob", "cyd", "dan", "eva"]), Synced::Applied(diff));
    assert_eq!(members(&ledger).last().unwrap(), "zoe@example.org");
    assert_eq!(ledger.lists().unwrap()[0].members, 6);
    let diff = Diff { unchanged: 5, changed: 1, ..Diff::default() };
    assert_eq!(again(&["ana", "bob", "cyd", "dan", "eva", "zoe"]), Synced::Applied(diff));
    assert_eq!(ledger.lists().unwrap()[0].members, 6);
    let diff = Diff { unchanged: 5, ..Diff::default() };
    assert_eq!(again(&["ana", "bob", "cyd", "dan", "eva"]), Synced::Applied(diff));
    assert_eq!(members(&ledger).len(), 6, "the row was not what put them there");
}

#[test]
fn whoever_confirms_while_a_file_has_them_is_there_by_their_own_word() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob"]);
    ask(&ledger, "ana", "t1", 1);
    ledger.confirm("t1", "x", minutes(2)).unwrap().unwrap();
    assert_eq!(ledger.lists().unwrap()[0].members, 2, "nobody is counted twice");
    sync(&ledger, "weekly", &["bob"]);
    assert_eq!(members(&ledger), ["ana@example.org", "bob@example.org"]);
    sync(&ledger, "weekly", &[]);
    assert_eq!((members(&ledger), ledger.lists().unwrap()[0].members), (vec!["ana@example.org".into()], 1));
}

#[test]
fn a_tick_that_is_set_again_keeps_nobody_on_a_list_that_is_the_author_s_to_fill() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob"]);
    let key = address("ana").key();
    let choose = |wanted: &[ListId]| ledger.choose(&key, &[], &ticks(wanted), &terms(), minutes(1)).unwrap();
    choose(&[]);
    assert_eq!(choose(&[list("weekly")]).lists, [(list("weekly"), true)]);
    sync(&ledger, "weekly", &["bob"]);
    assert_eq!(members(&ledger), ["bob@example.org"]);
}

#[test]
fn whoever_left_everything_and_came_back_for_one_list_is_on_no_list_that_comes_later() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana", "bob", "cyd", "dan"]);
    let name = |name: &str| address(name).key();
    ["ana", "bob", "cyd", "dan"].iter().for_each(|who| drop(ledger.leave(&name(who), &[], noon()).unwrap()));
    ledger.choose(&name("ana"), &[], &ticks(&[list("weekly")]), &terms(), minutes(1)).unwrap();
    ask(&ledger, "bob", "t1", 1);
    ledger.confirm("t1", "x", minutes(2)).unwrap().unwrap();
    ledger.stay(&name("cyd"), &[], noon(), minutes(3)).unwrap().unwrap();
    ledger.unsuppress(&name("dan"), None, ("by hand", None), minutes(3)).unwrap();
    sync(&ledger, "extra", &["ana", "bob", "cyd", "dan"]);
    let unsubscribed = |who: &str| (who.to_owned(), "unsubscribed".to_owned());
    assert_eq!(told(&ledger), [unsubscribed("extra"), unsubscribed("extra")]);
    let left: Vec<_> = ledger.suppressions().unwrap().into_iter().map(|told| told.key).collect();
    assert_eq!(left, [name("ana"), name("bob")]);
    ask(&ledger, "ana", "t2", 4);
    ledger.confirm("t2", "x", minutes(5)).unwrap().unwrap();
    assert_eq!(told(&ledger).len(), 2, "what they did not ask for stays left");
}

#[test]
fn a_list_that_something_else_forbids_is_neither_promised_nor_given() {
    let ledger = store();
    let (reason, source) = ("by hand".to_owned(), "test".to_owned());
    let scope = Some(list("daily"));
    ledger.suppress(&Suppression { key: address("ana").key(), scope, reason, source, at: noon() }).unwrap();
    let lists = vec![list("weekly"), list("daily")];
    let request = Request { address: address("ana"), lists, terms: terms() };
    ledger.ask(&request, "t1", minutes(1)).unwrap();
    assert_eq!(ledger.request_of("t1", minutes(2)).unwrap().unwrap().lists, [list("weekly")]);
    let confirmed = ledger.confirm("t1", "x", minutes(2)).unwrap().unwrap();
    assert_eq!((confirmed.lists, confirmed.is_shut), (vec![list("weekly")], false));
    assert_eq!(told(&ledger), [("daily".to_owned(), "by hand".to_owned())]);
    assert_eq!(ledger.lists().unwrap().len(), 1);
}

#[test]
fn readers_choose_among_their_lists_and_the_public_ones() {
    let ledger = store();
    for name in ["weekly", "daily", "secret", "open"] {
        sync(&ledger, name, if name == "open" || name == "secret" { &["bob"] } else { &["ana", "bob"] });
    }
    let (key, public) = (address("ana").key(), [list("open")]);
    let on = |choices: Choices| -> Vec<String> {
        let lists = choices.lists.into_iter();
        lists.map(|(list, on)| format!("{list}{}", if on { "+" } else { "-" })).collect()
    };
    assert_eq!(on(ledger.choices(&key, &public).unwrap()), ["daily+", "weekly+", "open-"]);
    let choose = |wanted: &[&str]| {
        let wanted: Vec<ListId> = wanted.iter().map(|name| list(name)).collect();
        on(ledger.choose(&key, &public, &ticks(&wanted), &terms(), minutes(1)).unwrap())
    };
    assert_eq!(
        choose(&["weekly", "open", "secret"]),
        ["daily-", "open+", "weekly+"],
        "a secret list stays one"
    );
    assert_eq!(choose(&["weekly", "open"]), ["daily-", "open+", "weekly+"]);
    assert_eq!(ledger.consents(&key).unwrap().len(), 1);
    assert_eq!(choose(&["daily"]), ["daily+", "open-", "weekly-"], "what was left can be had again");
    ledger.leave(&key, &[], minutes(2)).unwrap();
    assert_eq!(on(ledger.choices(&key, &public).unwrap()), ["daily-", "open-", "weekly-"]);
    assert_eq!(choose(&["open"]), ["daily-", "open+", "weekly-"]);
    suppress(&ledger, "ana", "complained");
    assert!(ledger.choose(&key, &public, &ticks(&[list("daily")]), &terms(), minutes(3)).unwrap().is_shut);
}

#[test]
fn a_page_that_was_opened_long_ago_ends_no_list_that_it_never_showed() {
    let ledger = store();
    ["weekly", "daily", "new"].iter().for_each(|name| sync(&ledger, name, &["ana"]));
    let ticks = Ticks { wanted: vec![list("weekly")], shown: vec![list("weekly"), list("daily")] };
    let after = ledger.choose(&address("ana").key(), &[], &ticks, &terms(), minutes(1)).unwrap();
    let expected = [("daily", false), ("new", true), ("weekly", true)];
    assert_eq!(after.lists, expected.map(|(name, is_on)| (list(name), is_on)));
}

#[test]
fn undo_is_offered_for_a_day_after_the_first_click() {
    let ledger = store();
    sync(&ledger, "weekly", &["ana"]);
    let undo = |hours: i64| ledger.leave(&address("ana").key(), &[], minutes(hours * 60)).unwrap().undo;
    assert_eq!([undo(0), undo(24), undo(25)], [true, true, false]);
}
