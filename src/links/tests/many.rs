//! Many links at once, most of them trouble: a verdict for each, within a time that is known beforehand.

use std::collections::BTreeMap;

use super::super::survey::{Memory, Survey};
use super::*;

/// Addresses of so many hosts, all of them this machine: the network 127.0.0.0/8.
fn addresses(port: u16, number: usize) -> impl Iterator<Item = Url> {
    let address = move |number: usize| {
        format!("http://127.1.{}.{}:{port}/{number}", number / 250, number % 250 + 1).parse().unwrap()
    };
    (0..number).map(address)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_links_of_which_half_hang_end_with_a_verdict_for_each() {
    let hangs = |path: &str| path[1..].parse::<usize>().unwrap() % 2 == 1;
    let server = Server::at("0.0.0.0:0", None, move |request: &Request| match hangs(&request.path) {
        true => Reply::Hang,
        false => Reply::status(200),
    })
    .await;
    let settings = LinkSettings {
        timeout: Duration::from_secs(4),
        total: Duration::from_secs(60),
        retries: 1,
        ..settings()
    };
    let mut told = 0;
    let all = engine(&settings).visit_all(addresses(server.port, 2000), |_| told += 1).await;
    let mut names = BTreeMap::new();
    for visit in all.values() {
        *names.entry(judge(visit).name()).or_insert(0) += 1;
        assert_eq!(judge(visit).name() == "slow", hangs(visit.address.path()), "{visit:?}");
    }
    assert_eq!((names, told), ([("alive", 1000), ("slow", 1000)].into(), 2000));
    assert!(server.asked().len() <= 2000, "what hangs is not asked for again: {}", server.asked().len());
}

#[tokio::test]
async fn those_that_answer_do_not_wait_for_those_that_hang() {
    let server = Server::at("0.0.0.0:0", None, |request: &Request| match request.path.as_str() {
        "/0" | "/1" | "/2" | "/3" => Reply::Hang,
        _ => Reply::status(200),
    })
    .await;
    let settings = LinkSettings { concurrency: 2, timeout: Duration::from_secs(3), retries: 0, ..settings() };
    let mut order = Vec::new();
    let seen = |visit: &Visit| order.push(judge(visit).name());
    engine(&settings).visit_all(addresses(server.port, 20), seen).await;
    assert_eq!(order, [vec!["alive"; 16], vec!["slow"; 4]].concat());
}

#[tokio::test]
async fn when_the_time_for_all_is_over_the_rest_is_skipped_and_said_to_be() {
    let server = Server::at("0.0.0.0:0", None, |request: &Request| match request.path.as_str() {
        "/7" => Reply::status(200),
        _ => Reply::Hang,
    })
    .await;
    let settings = LinkSettings { total: Duration::from_secs(3), ..settings() };
    let mut told = 0;
    let all = engine(&settings).visit_all(addresses(server.port, 200), |_| told += 1).await;
    let count = |verdict: &Verdict| all.values().filter(|visit| judge(visit) == *verdict).count();
    assert_eq!((all.len(), told), (200, 200));
    assert_eq!((count(&Verdict::Alive), count(&Verdict::Skipped(Skip::OutOfTime))), (1, 199));
    assert!(!offline(all.values()), "that says nothing of the network");
}

#[tokio::test]
async fn a_visit_that_is_dropped_ends_its_requests() {
    let server = Server::start(|_| Reply::Hang).await;
    let engine = engine(&settings());
    let url = server.url("/");
    let visits = engine.visit_all([url], |_| {});
    let ended = tokio::time::timeout(Duration::from_millis(200), visits).await;
    assert!(ended.is_err());
    let again =
        tokio::time::timeout(Duration::from_secs(2), engine.visit_all(Vec::<Url>::new(), |_| {})).await;
    assert!(again.is_ok_and(|all| all.is_empty()), "nothing is left of it");
}

#[tokio::test]
async fn an_address_of_the_newer_kind_is_visited_like_any_other() {
    let Ok(probe) = std::net::TcpListener::bind("[::1]:0") else {
        // Nothing listens there on a machine without IPv6; what is said then is that nobody answers.
        let visit = engine(&settings()).visit(Url::parse("http://[::1]:9/").unwrap()).await;
        return assert!(matches!(judge(&visit), Verdict::Dead(_)), "{visit:?}");
    };
    drop(probe);
    let server = Server::at("[::1]:0", None, |_| Reply::status(200)).await;
    let address = Url::parse(&format!("http://[::1]:{}/", server.port)).unwrap();
    assert_eq!(judge(&engine(&settings()).visit(address).await), Verdict::Alive);
}

/// A memory that is as old as a test wants it to be.
#[derive(Default)]
struct Old {
    visits: std::sync::Mutex<Vec<Visit>>,
}

impl Memory for Old {
    fn recall(&self, addresses: &[Url]) -> Vec<Visit> {
        let visits = self.visits.lock().unwrap();
        visits.iter().filter(|visit| addresses.contains(&visit.address)).cloned().collect()
    }

    fn keep(&self, visits: &[Visit], _: jiff::Timestamp) {
        let remembered = visits.iter().map(|visit| Visit { is_remembered: true, ..visit.clone() });
        self.visits.lock().unwrap().extend(remembered);
    }
}

impl Old {
    fn age(&self, by: Duration) {
        let by = jiff::SignedDuration::try_from(by).unwrap();
        self.visits.lock().unwrap().iter_mut().for_each(|visit| visit.at -= by);
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);

fn survey<'a>(engine: &'a Engine, memory: &'a Old) -> Survey<'a> {
    Survey { engine, memory: Some(memory), believed: DAY, kept: DAY, snapshots: false }
}

async fn look(survey: Survey<'_>, url: &Url) -> Visit {
    let mut all = survey.visit_all([Wanted::page(url)], |_| {}).await;
    all.pop_first().unwrap().1
}

#[tokio::test]
async fn a_good_verdict_is_believed_for_a_day_and_a_bad_one_for_minutes() {
    let server =
        Server::start(|request| Reply::status(if request.path == "/gone" { 404 } else { 200 })).await;
    let (engine, memory) = (engine(&settings()), Old::default());
    let survey = survey(&engine, &memory);
    let (good, bad) = (server.url("/fine"), server.url("/gone"));
    for url in [&good, &bad] {
        assert!(!look(survey, url).await.is_remembered);
        assert!(look(survey, url).await.is_remembered);
    }
    memory.age(10 * MINUTE);
    assert!(look(survey, &good).await.is_remembered);
    assert!(!look(survey, &bad).await.is_remembered);
    memory.age(DAY);
    assert!(!look(survey, &good).await.is_remembered);
    assert!(!look(Survey { believed: Duration::ZERO, ..survey }, &good).await.is_remembered);
}

#[tokio::test]
async fn what_was_not_looked_for_the_last_time_is_looked_for_now() {
    let server = Server::start(|_| Reply::status(200).body("<p id=one>")).await;
    let (engine, memory) = (engine(&settings()), Old::default());
    let survey = survey(&engine, &memory);
    look(survey, &server.url("/")).await;
    assert!(look(survey, &server.url("/#two")).await.lacks("two"));
    assert_eq!(server.asked().len(), 2);
    assert!(look(survey, &server.url("/")).await.is_remembered);
}

#[tokio::test]
async fn a_machine_without_a_network_remembers_nothing() {
    let settings = LinkSettings { retries: 0, allow_private: false, ..settings() };
    let mut ways = ways(&settings);
    ways.trust.resolver = Some(PublicResolver::over(|_| {
        let why = "failed to lookup address information: Temporary failure in name resolution";
        Box::pin(async move { Err(std::io::Error::other(why)) })
    }));
    let (engine, memory) = (Engine::with(&settings, &Behalf::default(), ways).unwrap(), Old::default());
    let nowhere = ["http://a.example/", "http://b.example/"].map(|url| Wanted::page(&url.parse().unwrap()));
    let all = survey(&engine, &memory).visit_all(nowhere, |_| {}).await;
    assert!(offline(all.values()), "{all:?}");
    assert!(memory.visits.lock().unwrap().is_empty());
}

#[tokio::test]
async fn hosts_that_refuse_are_dead_and_not_a_sign_that_we_are_offline() {
    let engine = engine(&LinkSettings { retries: 0, ..settings() });
    let refusing = ["http://127.0.0.1:1/", "http://127.0.0.2:1/"].map(|url| url.parse::<Url>().unwrap());
    let all = engine.visit_all(refusing, |_| {}).await;
    assert!(!offline(all.values()), "{all:?}");
    assert!(all.values().all(|visit| matches!(judge(visit), Verdict::Dead(_))), "{all:?}");
}

#[tokio::test]
async fn what_was_seen_before_a_survey_was_dropped_is_kept() {
    let server = Server::start(|request| match request.path.as_str() {
        "/fine" => Reply::status(200),
        _ => Reply::Hang,
    })
    .await;
    let (engine, memory) = (engine(&settings()), Old::default());
    let wanted = ["/fine", "/hangs"].map(|path| Wanted::page(&server.url(path)));
    let all = survey(&engine, &memory).visit_all(wanted, |_| {});
    assert!(tokio::time::timeout(Duration::from_millis(500), all).await.is_err());
    assert_eq!(memory.recall(&[server.url("/fine")]).len(), 1);
}
