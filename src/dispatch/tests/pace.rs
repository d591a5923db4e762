//! How fast letters go, to whom, and what a run remembers of those before it.

use super::*;
use crate::model::tree::Table;
use crate::settings::shaping;

fn rate(letters: u32, seconds: u64) -> Rate {
    Rate { letters: letters.try_into().unwrap(), per: Duration::from_secs(seconds) }
}

fn paced(limits: Limits, throttle: &str) -> Pace {
    let shaping = shaping::read(&Table::from_toml(throttle, 0).unwrap()).unwrap();
    Pace { limits, warmup: Vec::new(), shaping }
}

fn quota(letters: u32) -> Pace {
    paced(Limits { windows: vec![rate(letters, 86_400)], ..Limits::default() }, "")
}

#[tokio::test]
async fn a_quota_holds_from_run_to_run_and_the_run_says_when_there_is_more() {
    let scenario = Scenario { pace: quota(8), couriers: 2, ..Scenario::readers(20) };
    let summary = scenario.send(|plain| plain).await;
    assert_eq!((summary.sent_now, summary.counts.open()), (8, 12));
    let End::Paced { until, by: Some(UsedUp::Window(full)) } = summary.end else {
        panic!("{:?}", summary.end)
    };
    assert_eq!(full.letters.get(), 8);
    assert!(until > crate::policy::retry::later(Timestamp::now(), Duration::from_secs(86_000)));
    assert_eq!(scenario.send(|plain| plain).await.sent_now, 0);
    let raised = Scenario { pace: quota(13), ..scenario };
    assert_eq!(raised.send(|plain| plain).await.sent_now, 5);
}

#[tokio::test]
async fn a_warm_up_counts_days_of_sending() {
    let warmup = vec![5.try_into().unwrap(), 9.try_into().unwrap()];
    let scenario = Scenario { pace: Pace { warmup, ..Pace::default() }, ..Scenario::readers(20) };
    let summary = scenario.send(|plain| plain).await;
    assert!(
        matches!(summary.end, End::Paced { by: Some(UsedUp::Warmup { day: 1, .. }), .. }),
        "{:?}",
        summary.end
    );
    assert_eq!((summary.sent_now, scenario.send(|plain| plain).await.sent_now), (5, 0));
}

#[tokio::test]
async fn one_slow_domain_holds_nobody_else() {
    let pace = paced(Limits::default(), "[throttle.'a.example']\nrate = '2/h'");
    let scenario = Scenario { pace, couriers: 3, wait: Duration::ZERO, ..Scenario::readers(3_000) };
    let summary = scenario.send(|plain| plain).await;
    assert!(matches!(summary.end, End::Paced { by: Some(UsedUp::Pace), .. }), "{:?}", summary.end);
    assert_eq!((summary.sent_now, summary.counts.open()), (2_001, 999));
    let got = |domain: &str| scenario.memory.times().keys().filter(|name| name.ends_with(domain)).count();
    assert_eq!([got("a.example"), got("b.example"), got("c.example")], [1, 1_000, 1_000]);
}

#[tokio::test]
async fn letters_that_waited_for_their_domain_all_go_out_in_the_end() {
    let pace = paced(Limits::default(), "[throttle.'a.example']\nrate = '400/s'\nconnections = 1");
    let scenario = Scenario { pace, couriers: 4, ..Scenario::readers(600) };
    let summary = scenario.send(|plain| plain).await;
    assert_eq!((summary.end, summary.sent_now), (End::Complete, 600));
    assert_eq!(scenario.memory.times().values().max(), Some(&1));
}

#[tokio::test]
async fn a_domain_that_asks_for_time_is_left_alone_by_the_next_run_too() {
    let scenario = Scenario { wait: Duration::ZERO, ..Scenario::readers(30) };
    let slow = || refuse("4.7.0 too fast, try again in 2 hours", 451);
    let of_a = || (1..=30).filter(|number| number % 3 == 0);
    let summary = scenario.send(|t| of_a().fold(t, |t, number| t.recipient(&address(number), slow()))).await;
    assert_eq!((summary.sent_now, summary.counts.get(State::Deferred)), (20, 1), "one answer was enough");
    let next = scenario.send(|plain| plain).await;
    assert_eq!(next.sent_now, 0);
    assert!(matches!(next.end, End::Paced { by: None, .. } | End::Deferred(_)), "{:?}", next.end);
}

#[tokio::test]
async fn a_relay_that_asks_for_less_gets_less_and_nobody_is_marked() {
    let scenario = Scenario { wait: Duration::ZERO, ..Scenario::readers(9) };
    let busy = refuse("Throttling failure: Maximum sending rate exceeded, retry in 3 h", 454);
    let summary = scenario.send(|t| t.recipient(&address(1), busy)).await;
    let counts = &summary.counts;
    assert_eq!(counts.get(State::Refused) + counts.get(State::Uncertain), 0);
    assert_eq!(counts.get(State::Deferred), 1);
    assert!(counts.get(State::Planned) > 0, "the letters behind it wait: {counts:?}");
}

#[tokio::test]
async fn a_canary_that_goes_well_is_followed_by_all_the_others() {
    let scenario = Scenario { canary: NonZeroU64::new(5), couriers: 3, ..Scenario::readers(40) };
    let summary = scenario.send(|plain| plain).await;
    assert_eq!((summary.end, summary.sent_now), (End::Complete, 40));
}

#[tokio::test]
async fn a_canary_that_is_refused_keeps_the_others_at_home() {
    let scenario = Scenario { canary: NonZeroU64::new(5), couriers: 3, ..Scenario::readers(40) };
    let everyone = |t: Faulty<Memory>| {
        (1..=40).fold(t, |t, number| t.recipient(&address(number), refuse("5.1.1 no such user", 550)))
    };
    let summary = scenario.send(everyone).await;
    assert!(matches!(summary.end, End::Gate { by: Gate::Canary { bad: 5, of: 5 }, .. }), "{:?}", summary.end);
    assert_eq!(summary.counts.get(State::Planned), 35);
}

#[tokio::test]
async fn a_canary_within_a_limit_leaves_the_limit_as_it_is() {
    let scenario = Scenario { canary: NonZeroU64::new(3), limit: Some(7), ..Scenario::readers(40) };
    let summary = scenario.send(|plain| plain).await;
    assert_eq!((summary.end, summary.sent_now), (End::Limited, 7));
}

#[tokio::test]
async fn a_limit_that_is_reached_ends_a_run_although_somebody_waits_for_their_receiver() {
    let pace = paced(Limits::default(), "[throttle.'a.example']\nrate = '1/h'");
    let scenario = Scenario { pace, limit: Some(5), ..Scenario::readers(30) };
    let summary = ended(&scenario).await;
    assert_eq!((summary.end, summary.sent_now), (End::Limited, 5));
}

#[tokio::test]
async fn a_canary_is_followed_although_somebody_waits_for_their_receiver() {
    let pace = paced(Limits::default(), "[throttle.'a.example']\nrate = '100/s'");
    let scenario = Scenario { pace, canary: NonZeroU64::new(5), ..Scenario::readers(30) };
    let summary = ended(&scenario).await;
    assert_eq!((summary.end, summary.sent_now), (End::Complete, 30));
}

#[tokio::test]
async fn more_letters_that_wait_than_are_passed_over_at_one_go_end_a_run_like_few() {
    let pace = paced(Limits::default(), "[throttle.'a.example']\nwindows = '1/day'");
    let scenario = Scenario { pace, wait: Duration::ZERO, ..Scenario::readers(9_000) };
    let summary = ended(&scenario).await;
    assert!(matches!(summary.end, End::Paced { by: Some(UsedUp::Pace), .. }), "{:?}", summary.end);
    assert_eq!((summary.sent_now, summary.counts.open()), (6_001, 2_999));
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_holds_a_run_no_longer_than_it_waits() {
    let scenario = Scenario { wait: Duration::from_secs(3), ..Scenario::readers(90) };
    let slow = || refuse("4.7.0 rate limited", 421);
    let of_a = || (1..=90).filter(|number| number % 3 == 0);
    let run = scenario.send(|t| of_a().fold(t, |t, number| t.recipient(&address(number), slow())));
    let summary = tokio::time::timeout(Duration::from_secs(30), run).await.expect("the run ends");
    assert_eq!(summary.sent_now, 60);
    assert!(summary.counts.open() > 20);
}

/// Fails for a run that does not end.
async fn ended(scenario: &Scenario) -> Summary {
    let run = scenario.send(|plain| plain);
    tokio::time::timeout(Duration::from_secs(30), run).await.expect("the run ends")
}
