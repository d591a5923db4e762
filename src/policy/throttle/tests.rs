use super::*;
use crate::model::attempt::{Phase, Reply};
use crate::model::tree::Table;
use crate::settings::shaping;

fn throttle(limits: Limits, toml: &str) -> Throttle {
    let shaping = shaping::read(&Table::from_toml(toml, 0).unwrap()).unwrap();
    Throttle::new(&limits, Vec::new(), shaping)
}

fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

fn second(number: u64) -> Duration {
    Duration::from_secs(1_000_000 + number)
}

fn said(code: u16, text: &str) -> Broken {
    Broken::replied(Phase::Recipient, Reply::new(code, text))
}

fn ask(throttle: &mut Throttle, name: &str, now: Duration) -> Result<(), Hold> {
    throttle.ask(now)?;
    match throttle.lane(&domain(name)) {
        Some(lane) => throttle.ask_lane(lane, now),
        None => Ok(()),
    }
}

#[test]
fn a_receiver_takes_so_many_at_once_over_all_its_domains() {
    let mut throttle = throttle(Limits::default(), "[throttle.'gmail.com']\nconnections = 2");
    let lane = throttle.lane(&domain("gmail.com"));
    throttle.take(lane, second(0));
    throttle.take(lane, second(0));
    assert_eq!(ask(&mut throttle, "googlemail.com", second(0)), Err(Hold::Busy));
    assert_eq!(ask(&mut throttle, "example.org", second(0)), Ok(()));
    throttle.back(lane, true);
    assert_eq!(ask(&mut throttle, "gmail.com", second(0)), Ok(()));
}

#[test]
fn a_domain_that_asks_for_time_gets_it_and_the_others_go_on() {
    let mut throttle = throttle(Limits::default(), "");
    let answer = said(451, "4.7.0 slow down, try again in 60 seconds");
    let restraint = throttle.heard(&domain("slow.example"), &answer, second(0), second(1)).unwrap();
    assert_eq!((restraint.whom.as_deref(), restraint.until), (Some("slow.example"), second(61)));
    assert_eq!(ask(&mut throttle, "slow.example", second(60)), Err(Hold::Until(second(61))));
    assert_eq!(ask(&mut throttle, "slow.example", second(61)), Ok(()));
    assert_eq!(ask(&mut throttle, "other.example", second(1)), Ok(()));
}

#[test]
fn the_relay_itself_may_ask_and_then_all_go_slower() {
    let mut throttle = throttle(Limits::default(), "");
    let answer = said(454, "Throttling failure: Maximum sending rate exceeded");
    assert_eq!(throttle.heard(&domain("a.example"), &answer, second(0), second(0)).unwrap().whom, None);
    assert_eq!(ask(&mut throttle, "b.example", second(0)), Err(Hold::Until(second(1))));
}

#[test]
fn words_that_are_known_at_a_receiver_make_it_pause_as_long_as_it_is_known_to_want() {
    let mut throttle = throttle(Limits::default(), "");
    let answer = said(421, "4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred");
    throttle.heard(&domain("yahoo.de"), &answer, second(0), second(0));
    assert_eq!(ask(&mut throttle, "ymail.com", second(10)), Err(Hold::Until(second(7200))));
    throttle.heard(&domain("other.example"), &answer, second(0), second(0));
    assert_eq!(ask(&mut throttle, "other.example", second(10)), Ok(()));
}

#[test]
fn an_answer_about_one_letter_slows_nobody_down() {
    let mut throttle = throttle(Limits::default(), "");
    let answer = said(450, "4.2.2 mailbox full");
    assert_eq!(throttle.heard(&domain("a.example"), &answer, second(0), second(0)), None);
    assert_eq!(throttle.restraints(second(0)), []);
}

#[test]
fn quotas_count_what_earlier_runs_sent_and_say_since_when_they_want_to_know() {
    let quota = Rate { letters: 5.try_into().unwrap(), per: Duration::from_secs(1000) };
    let limits = Limits { windows: vec![quota], ..Limits::default() };
    let mut throttle = throttle(limits, "");
    let history = throttle.wants_history(second(0)).unwrap();
    assert!(history.since <= second(0) - quota.per && !history.by_domain);
    throttle.remember(second(0) - Duration::from_secs(500), None, 5);
    assert!(matches!(throttle.ask(second(0)), Err(Hold::Until(until)) if until > second(499)));
    assert_eq!(throttle.used_up(second(0)), Some(UsedUp::Window(quota)));
    assert!(throttle.at_least(11, second(0)) > Duration::from_secs(2400));
}

#[test]
fn a_restraint_is_restored_as_it_was() {
    let mut first = throttle(Limits::default(), "");
    let restraint =
        first.heard(&domain("a.example"), &said(451, "4.7.0 wait 90 s"), second(0), second(0)).unwrap();
    let mut second_run = throttle(Limits::default(), "");
    second_run.restore(&restraint, second(5));
    assert_eq!(second_run.restraints(second(5)), [restraint]);
    let barred = first.bar(&domain("b.example"), second(500), &said(550, "5.7.1 blocked"));
    assert_eq!((barred.until, barred.slowed), (second(500), None));
}

#[test]
fn each_other_domain_may_have_limits_of_its_own() {
    let mut throttle = throttle(Limits::default(), "[throttle.'*']\nconnections = 1");
    let lane = throttle.lane(&domain("a.example"));
    throttle.take(lane, second(0));
    assert_eq!(ask(&mut throttle, "a.example", second(0)), Err(Hold::Busy));
    assert_eq!(ask(&mut throttle, "b.example", second(0)), Ok(()));
}
