//! The send loop over a transport that breaks on request and a ledger of its own.

mod memory;
mod pace;

use super::*;
use crate::compose::edition::{body_hash, hash};
use crate::ledger::rows::{Freeze, Hashes, Selection, Sources, Suppression, Without};
use crate::model::address::{Address, Mailbox};
use crate::model::attempt::{Phase, Reply};
use crate::model::delivery::{Realm, State};
use crate::model::issue::IssueId;
use crate::model::letter::{Edition, Pieces, Unsubscribe};
use crate::model::subscriber::{Fields, ListId, Subscriber};
use crate::settings::transport::Rate;
use crate::subscribers::csv::Row;
use crate::token::{Purpose, Secret};
use crate::transport::faulty::{Fault, Faulty};
use memory::{Breaking, Memory};

/// A frozen edition for `reader1@a.example` and on, over three domains.
struct Scenario {
    ledger: Ledger,
    edition: EditionId,
    frozen: Edition,
    memory: Memory,
    schedule: Schedule,
    wait: Duration,
    on_uncertain: OnUncertain,
    limit: Option<u64>,
    canary: Option<NonZeroU64>,
    pace: Pace,
    couriers: usize,
}

fn address(number: usize) -> String {
    format!("reader{number}@{}.example", ["a", "b", "c"][number % 3])
}

fn edition() -> Edition {
    let ada = Address::parse("ada@example.org").unwrap();
    Edition {
        issue: IssueId("one".to_owned()),
        from: Mailbox { name: None, address: ada.clone() },
        reply_to: None,
        subject: Pieces::literal("Hello"),
        headers: Vec::new(),
        text: Pieces::literal("Hello"),
        html: Pieces::literal("<p>Hello</p>"),
        attachments: Vec::new(),
        roots: serde_json::json!({}),
        tracking: None,
        unsubscribe: Unsubscribe { base_url: None, mailto: ada, lists: Vec::new(), lang: None },
    }
}

impl Scenario {
    fn readers(number: usize) -> Scenario {
        let (ledger, list) = (Ledger::in_memory().unwrap(), ListId("weekly".to_owned()));
        let mut rows = (1..=number).map(|number| Row {
            line: number as u64,
            subscriber: Subscriber {
                address: Address::parse(&address(number)).unwrap(),
                name: None,
                fields: Fields::new(),
            },
        });
        ledger.sync_list(&list, "weekly", &mut rows, true, Timestamp::now()).unwrap();
        let frozen = edition();
        let edition = freeze(&ledger, &frozen, list);
        let minute = Duration::from_secs(60);
        Scenario {
            ledger,
            edition,
            frozen,
            memory: Memory::default(),
            schedule: Schedule { waits: vec![minute], retry_for: 60 * minute },
            wait: Duration::ZERO,
            on_uncertain: OnUncertain::Hold,
            limit: None,
            canary: None,
            pace: Pace::default(),
            couriers: 1,
        }
    }

    fn job<T: Transport>(&self, transport: T) -> Job<T> {
        Job {
            ledger: self.ledger.clone(),
            edition: self.edition,
            press: Arc::new(Press::new(&self.frozen).unwrap()),
            stamper: Stamper::new(
                Secret::random().unwrap(),
                &self.frozen,
                hash(&self.frozen),
                Purpose::Unsubscribe,
            ),
            transport: Arc::new(transport),
            transport_name: "memory".into(),
            return_path: ReturnPath::Same(Address::parse("ada@example.org").unwrap()),
            connections: NonZeroUsize::new(self.couriers).unwrap(),
            pace: self.pace.clone(),
            choice: Choice::Everyone,
            limit: self.limit,
            canary: self.canary,
            schedule: self.schedule.clone(),
            wait: self.wait,
            on_uncertain: self.on_uncertain,
            seed: 1,
        }
    }

    async fn send(&self, breaks: impl FnOnce(Faulty<Memory>) -> Faulty<Memory>) -> Summary {
        let (_keep, halt) = watch::channel(Halt::No);
        let job = self.job(breaks(Faulty::new(self.memory.clone())));
        let summary = run(job, halt, &mut |_| {}).await.unwrap();
        assert_eq!(summary.counts, self.ledger.counts(self.edition).unwrap());
        summary
    }
}

fn freeze(ledger: &Ledger, frozen: &Edition, list: ListId) -> EditionId {
    let part = || "same".to_owned();
    let sources = Sources { issue: part(), template: part(), assets: part(), settings: part() };
    ledger
        .freeze(&Freeze {
            edition: frozen,
            hashes: Hashes { sources, content: hash(frozen), body: body_hash(frozen) },
            realm: Realm::Live,
            transport: "memory",
            subject: "Hello",
            selection: &Selection {
                lists: vec![list],
                segment: None,
                issue: frozen.issue.clone(),
                realm: Realm::Live,
                without: Without::Nobody,
            },
            replaces: None,
            seed: 7,
            now: Timestamp::now(),
        })
        .unwrap()
}

fn refuse(text: &str, code: u16) -> Fault {
    Fault::Reply(Phase::Recipient, Reply::new(code, text))
}

#[tokio::test]
async fn everybody_gets_one_letter_whatever_the_number_of_couriers() {
    for couriers in [1, 2, 8] {
        let scenario = Scenario { couriers, ..Scenario::readers(50) };
        let summary = scenario.send(|plain| plain).await;
        assert_eq!((summary.end, summary.sent_now), (End::Complete, 50));
        let times = scenario.memory.times();
        assert_eq!((times.len(), times.values().max()), (50, Some(&1)));
    }
}

#[tokio::test]
async fn more_letters_than_one_batch_of_the_queue_all_go_out() {
    let scenario = Scenario { couriers: 4, ..Scenario::readers(1_234) };
    assert_eq!(scenario.send(|plain| plain).await.sent_now, 1_234);
    assert_eq!(scenario.memory.times().len(), 1_234);
}

#[tokio::test]
async fn a_refused_subscriber_costs_nobody_else_anything() {
    let scenario = Scenario { couriers: 2, ..Scenario::readers(20) };
    let summary = scenario.send(|t| t.recipient(&address(5), refuse("5.1.1 no such user", 550))).await;
    assert_eq!(summary.end, End::Complete);
    assert_eq!((summary.counts.get(State::Refused), summary.counts.get(State::Accepted)), (1, 19));
    assert!(!scenario.memory.times().contains_key(&address(5)));
}

#[tokio::test]
async fn a_deferred_letter_is_left_with_its_due_time() {
    let scenario = Scenario::readers(5);
    let summary = scenario.send(|t| t.recipient(&address(2), refuse("4.2.1 busy", 450))).await;
    assert!(matches!(summary.end, End::Deferred(due) if due > Timestamp::now()), "{:?}", summary.end);
    assert_eq!((summary.counts.get(State::Deferred), summary.sent_now), (1, 4));
}

#[tokio::test]
async fn a_letter_that_comes_due_while_the_run_waits_goes_out_in_it() {
    let short = Schedule { waits: vec![Duration::from_millis(200)], retry_for: Duration::from_secs(60) };
    let scenario = Scenario { schedule: short, wait: Duration::from_secs(20), ..Scenario::readers(5) };
    let summary = scenario.send(|t| t.letter(2, refuse("4.2.1 busy", 450))).await;
    assert_eq!((summary.end, summary.sent_now), (End::Complete, 5));
    assert_eq!(scenario.memory.times().len(), 5);
}

#[tokio::test]
async fn an_answer_that_never_came_leaves_one_letter_uncertain_and_is_not_sent_again() {
    let scenario = Scenario::readers(5);
    let summary = scenario.send(|t| t.letter(3, Fault::Cut(Phase::Answer))).await;
    assert_eq!((summary.end, summary.counts.get(State::Uncertain)), (End::Complete, 1));
    let again = scenario.send(|plain| plain).await;
    assert_eq!((again.sent_now, again.counts.get(State::Uncertain)), (0, 1));
    assert_eq!(scenario.memory.times().values().max(), Some(&1));
}

#[tokio::test]
async fn with_resend_the_uncertain_letter_goes_out_again_under_the_same_message_id() {
    let scenario = Scenario { on_uncertain: OnUncertain::Resend, ..Scenario::readers(3) };
    let summary = scenario.send(|t| t.letter(2, Fault::Cut(Phase::Answer))).await;
    assert_eq!((summary.end, summary.counts.get(State::Accepted)), (End::Complete, 3));
    let (all, mut ids) = (scenario.memory.ids().len(), scenario.memory.ids());
    ids.sort();
    ids.dedup();
    assert_eq!((all, ids.len()), (4, 3));
}

#[tokio::test]
async fn a_cut_before_the_end_of_a_body_sends_the_letter_again_at_once() {
    let scenario = Scenario::readers(5);
    let summary =
        scenario.send(|t| t.letter(2, Fault::Cut(Phase::Body)).letter(4, Fault::Cut(Phase::Data))).await;
    assert_eq!((summary.end, summary.sent_now), (End::Complete, 5));
    assert_eq!(scenario.memory.times().values().max(), Some(&1));
}

#[tokio::test]
async fn a_wrong_password_stops_the_run_at_the_first_try_and_marks_nobody() {
    let scenario = Scenario { couriers: 4, ..Scenario::readers(20) };
    let no = Broken::replied(Phase::Login, Reply::new(535, "5.7.8 wrong password"));
    let summary = scenario.send(|t| t.connection(1, no.clone())).await;
    assert_eq!(summary.end, End::Barred(no));
    assert_eq!((summary.counts.get(State::Planned), summary.sent_now), (20, 0));
}

#[tokio::test]
async fn a_server_that_is_down_is_knocked_at_a_few_times_and_then_told() {
    let scenario = Scenario { couriers: 4, ..Scenario::readers(20) };
    let down = Broken::cut(Phase::Connect, "connection refused");
    let all_down = |t: Faulty<Memory>| (1..20).fold(t, |t, number| t.connection(number, down.clone()));
    let summary = scenario.send(all_down).await;
    assert_eq!((summary.end, summary.counts.get(State::Planned)), (End::Barred(down.clone()), 20));
    let short_outage = scenario.send(|t| t.connection(1, down.clone())).await;
    assert_eq!((short_outage.end, short_outage.sent_now), (End::Complete, 20));
}

#[tokio::test]
async fn a_sender_that_is_refused_stops_the_run_and_marks_nobody() {
    let scenario = Scenario::readers(9);
    let no = Fault::Reply(Phase::Sender, Reply::new(550, "5.1.8 sender not allowed"));
    let summary = scenario.send(|t| t.sender("ada@example.org", no)).await;
    assert!(matches!(summary.end, End::Barred(_)), "{:?}", summary.end);
    assert_eq!(summary.counts.get(State::Planned), 9);
}

#[tokio::test]
async fn a_domain_that_bars_us_waits_and_the_others_go_on() {
    let scenario = Scenario { couriers: 2, ..Scenario::readers(30) };
    let no = || refuse("5.7.1 blocked by our policy", 550);
    let of_a = (1..=30).filter(|number| number % 3 == 0);
    let summary = scenario.send(|t| of_a.fold(t, |t, number| t.recipient(&address(number), no()))).await;
    assert!(matches!(summary.end, End::Deferred(_)), "{:?}", summary.end);
    assert_eq!((summary.sent_now, summary.counts.get(State::Refused)), (20, 0));
    assert_eq!(summary.counts.open(), 10);
}

#[tokio::test]
async fn a_flood_of_refusals_closes_the_gate() {
    let scenario = Scenario::readers(100);
    let everyone = |t: Faulty<Memory>| {
        (1..=100).fold(t, |t, number| t.recipient(&address(number), refuse("5.1.1 no such user", 550)))
    };
    let summary = scenario.send(everyone).await;
    assert!(
        matches!(summary.end, End::Gate { by: Gate::Refusals { refused: 10, of: 10 }, .. }),
        "{:?}",
        summary.end
    );
    assert_eq!(summary.counts.get(State::Planned), 90);
}

#[tokio::test]
async fn a_server_that_never_answers_gets_no_more_letters_after_a_few() {
    let scenario = Scenario { couriers: 4, ..Scenario::readers(100) };
    let everyone = |t: Faulty<Memory>| {
        (1..=100).fold(t, |t, number| t.recipient(&address(number), Fault::Cut(Phase::Answer)))
    };
    let summary = scenario.send(everyone).await;
    assert!(matches!(summary.end, End::Gate { by: Gate::Silence { .. }, .. }), "{:?}", summary.end);
    let uncertain = summary.counts.get(State::Uncertain);
    assert!((10..=13).contains(&uncertain), "{uncertain}");
    assert_eq!(summary.counts.get(State::Planned), 100 - uncertain);
}

#[tokio::test]
async fn a_limit_begins_so_many_letters_and_no_more() {
    let scenario = Scenario { limit: Some(7), couriers: 4, ..Scenario::readers(20) };
    let summary = scenario.send(|plain| plain).await;
    assert_eq!((summary.end, summary.sent_now, summary.counts.open()), (End::Limited, 7, 13));
}

#[tokio::test]
async fn a_raised_fence_lets_nothing_begin() {
    let scenario = Scenario::readers(10);
    scenario.ledger.raise_fence(Some(scenario.edition), Timestamp::now()).unwrap();
    let summary = scenario.send(|plain| plain).await;
    assert_eq!((summary.end, summary.sent_now), (End::Stopped, 0));
    scenario.ledger.lift_fence(scenario.edition).unwrap();
    assert_eq!(scenario.send(|plain| plain).await.sent_now, 10);
}

#[tokio::test]
async fn who_is_suppressed_after_the_freeze_is_skipped() {
    let scenario = Scenario::readers(10);
    let suppression = Suppression {
        key: Address::parse(&address(4)).unwrap().key(),
        scope: None,
        reason: "unsubscribed".to_owned(),
        source: "test".to_owned(),
        at: Timestamp::now(),
    };
    scenario.ledger.suppress(&suppression).unwrap();
    let summary = scenario.send(|plain| plain).await;
    assert_eq!((summary.end, summary.sent_now), (End::Complete, 9));
    assert_eq!(summary.counts.get(State::Skipped), 1);
}

#[tokio::test]
async fn a_gentle_halt_finishes_what_is_on_the_wire_and_leaves_the_rest_planned() {
    let scenario = Scenario { couriers: 2, ..Scenario::readers(200) };
    let (told, halt) = watch::channel(Halt::No);
    let slow = Faulty::new(scenario.memory.clone()).delay(Duration::from_millis(5));
    let mut seen = 0;
    let mut watch = |progress: &Progress| {
        seen = progress.sent_now;
        if seen > 0 {
            told.send_replace(Halt::Gently);
        }
    };
    let summary = run(scenario.job(slow), halt, &mut watch).await.unwrap();
    assert_eq!(summary.end, End::Interrupted);
    assert_eq!((summary.counts.get(State::Sending), summary.counts.get(State::Uncertain)), (0, 0));
    assert!(seen > 0 && summary.sent_now < 200);
    let rest = scenario.send(|plain| plain).await;
    assert_eq!(rest.sent_now, 200 - summary.sent_now);
    assert_eq!(scenario.memory.times().values().max(), Some(&1));
}

#[tokio::test]
async fn a_halt_at_once_is_like_a_crash_and_the_next_run_names_what_is_uncertain() {
    let scenario = Scenario { couriers: 3, ..Scenario::readers(100) };
    let (told, halt) = watch::channel(Halt::No);
    let slow = Faulty::new(scenario.memory.clone()).delay(Duration::from_millis(20));
    let mut watch = |progress: &Progress| {
        if progress.sent_now > 0 {
            told.send_replace(Halt::AtOnce);
        }
    };
    assert_eq!(run(scenario.job(slow), halt, &mut watch).await.unwrap().end, End::Interrupted);
    // Here the thread that writes lives on; what it was asked for stands before this.
    scenario.ledger.turn(Vec::new(), None, &"memory".into(), Timestamp::now()).await.unwrap();
    let rest = scenario.send(|plain| plain).await;
    assert!(rest.counts.get(State::Uncertain) <= 3);
    assert_eq!(rest.counts.get(State::Uncertain) + rest.counts.get(State::Accepted), 100);
    assert_eq!(scenario.memory.times().values().max(), Some(&1));
}

#[tokio::test]
async fn a_pace_is_kept() {
    let rate = Rate { letters: 20.try_into().unwrap(), per: Duration::from_secs(1) };
    let limits = Limits { rate: Some(rate), ..Limits::default() };
    let scenario = Scenario { pace: Pace { limits, ..Pace::default() }, ..Scenario::readers(6) };
    let summary = scenario.send(|plain| plain).await;
    assert_eq!((summary.end, summary.sent_now), (End::Complete, 6));
    assert!(summary.took >= Duration::from_millis(250), "six letters at 20/s take five gaps of 50 ms");
}

#[tokio::test]
async fn a_courier_that_breaks_off_ends_the_run_and_its_letter_is_uncertain_in_the_next() {
    let scenario = Scenario { couriers: 3, ..Scenario::readers(60) };
    let (_keep, halt) = watch::channel(Halt::No);
    let job = scenario.job(Breaking(scenario.memory.clone(), address(20)));
    let mut nobody = |_: &Progress| {};
    let ended = tokio::time::timeout(Duration::from_secs(20), run(job, halt, &mut nobody)).await;
    assert!(matches!(ended.expect("nobody waits for it"), Err(DispatchError::Fell)));
    assert_eq!(scenario.ledger.counts(scenario.edition).unwrap().get(State::Sending), 1);
    let rest = scenario.send(|plain| plain).await;
    assert_eq!((rest.counts.get(State::Accepted), rest.counts.get(State::Uncertain)), (59, 1));
    assert_eq!(scenario.memory.times().values().max(), Some(&1));
}

#[tokio::test]
async fn a_limit_counts_letters_that_are_begun_and_not_those_that_are_skipped() {
    let scenario = Scenario { limit: Some(7), ..Scenario::readers(10) };
    for number in 1..=3 {
        let key = Address::parse(&address(number)).unwrap().key();
        let (reason, source) = ("unsubscribed".to_owned(), "test".to_owned());
        let suppression = Suppression { key, scope: None, reason, source, at: Timestamp::now() };
        scenario.ledger.suppress(&suppression).unwrap();
    }
    assert_eq!(scenario.send(|plain| plain).await.sent_now, 7);
}

#[tokio::test]
async fn a_letter_that_was_out_while_the_queue_looked_again_is_not_given_out_as_it_stood_then() {
    let scenario = Scenario::readers(3);
    let now = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap();
    let mut queue = open_queue(&scenario);
    let clock = Clock::start().now();
    let out: Vec<_> = (0..3).map(|_| queue.next(now, clock).unwrap().unwrap()).collect();
    let delivery = |at: usize| out[at].waiting.delivery;
    put_off(&scenario.ledger, delivery(0), now).await;
    queue.release(&out[0], true);
    queue.expect(now);
    assert_eq!(queue.next(now, clock).unwrap().unwrap().waiting.delivery, delivery(0));
    put_off(&scenario.ledger, delivery(1), crate::policy::retry::later(now, Duration::from_secs(600))).await;
    queue.release(&out[1], true);
    assert!(queue.next(now, clock).unwrap().is_none(), "one is not due and two are out");
}

fn open_queue(scenario: &Scenario) -> Queue {
    let Pace { limits, warmup, shaping } = scenario.pace.clone();
    let throttle = Throttle::new(&limits, warmup, shaping);
    Queue::new(scenario.ledger.clone(), scenario.edition, Choice::Everyone, None, throttle)
}

async fn put_off(ledger: &Ledger, letter: crate::ledger::recorded::DeliveryId, due: Timestamp) {
    use crate::ledger::rows::{Begun, Settled, Settlement};
    use crate::model::attempt::Outcome;
    let (transport, now) = (Arc::from("memory"), Timestamp::now());
    let begun = ledger.turn(Vec::new(), Some(letter), &transport, now).await.unwrap();
    let Some(Begun::Go(recorded)) = begun else { panic!("{begun:?}") };
    let outcome = Outcome::Deferred(Broken::replied(Phase::Recipient, Reply::new(450, "4.2.1 busy")));
    let settlement = Settlement { of: Settled::Begun(recorded), outcome, due: Some(due) };
    ledger.turn(vec![settlement], None, &transport, now).await.unwrap();
}
