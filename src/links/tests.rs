//! The engine against a server that misbehaves on request, behaviour by behaviour.

mod many;
mod secure;
mod table;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use url::Url;

use super::client::{Behalf, Trust};
use super::engine::{Engine, Ways};
use super::reach::PublicResolver;
use super::server::{Reply, Request, Server};
use super::verdict::{Skip, Verdict, judge, offline};
use super::visit::{End, NoAnswer, Visit};
use super::walk::Ports;
use super::wanted::Wanted;
use crate::settings::LinkSettings;

fn settings() -> LinkSettings {
    LinkSettings { timeout: Duration::from_secs(5), allow_private: true, ..LinkSettings::default() }
}

fn engine(settings: &LinkSettings) -> Engine {
    let behalf = Behalf { site: Some("https://news.example.org".to_owned()), mail: None };
    Engine::with(settings, &behalf, ways(settings)).unwrap()
}

/// Little patience, and our own way of looking names up where nothing private is allowed.
fn ways(settings: &LinkSettings) -> Ways {
    Ways {
        first_pause: Duration::from_millis(2),
        linger: Duration::from_millis(50),
        trust: Trust::of(settings),
        ports: Ports::default(),
    }
}

/// One visit of `/` at a server that answers as `answer` says.
async fn visit(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Visit, Server) {
    visit_with(&settings(), answer).await
}

async fn visit_with(
    settings: &LinkSettings,
    answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> (Visit, Server) {
    let server = Server::start(answer).await;
    (engine(settings).visit(server.url("/")).await, server)
}

async fn verdict(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Verdict {
    judge(&visit(answer).await.0)
}

fn dead(why: &str) -> Verdict {
    Verdict::Dead(why.to_owned())
}

fn walled(why: &str) -> Verdict {
    Verdict::Walled(why.to_owned())
}

fn impatient() -> LinkSettings {
    LinkSettings { timeout: Duration::from_millis(150), retries: 0, ..settings() }
}

#[tokio::test]
async fn a_page_is_asked_for_once_and_with_get() {
    let (visit, server) = visit(|_| Reply::status(200)).await;
    assert_eq!(judge(&visit), Verdict::Alive);
    assert_eq!(server.asked(), ["GET /"]);
}

/// Wants no page read.
fn headers_only() -> LinkSettings {
    LinkSettings { pages: false, ..settings() }
}

#[tokio::test]
async fn a_file_is_asked_for_with_head_alone_and_so_is_a_page_where_none_is_to_be_read() {
    let server = Server::start(|_| Reply::status(200)).await;
    assert_eq!(judge(&engine(&settings()).visit(server.url("/tide.pdf")).await), Verdict::Alive);
    assert_eq!(judge(&engine(&headers_only()).visit(server.url("/")).await), Verdict::Alive);
    assert_eq!(server.asked(), ["HEAD /tide.pdf", "HEAD /"]);
}

#[tokio::test]
async fn we_say_who_we_are_and_whoever_runs_a_host_can_reach_us() {
    let server = Server::start(|_| Reply::status(200)).await;
    let site = Some("https://news.example.org".to_owned());
    let mail = Some("ada@example.org".to_owned());
    for behalf in [Behalf { site, mail: mail.clone() }, Behalf { site: None, mail }, Behalf::default()] {
        let engine = Engine::with(&settings(), &behalf, ways(&settings())).unwrap();
        engine.visit(server.url("/")).await;
    }
    let version = env!("CARGO_PKG_VERSION");
    let name = |site: &str| format!("courant/{version} (newsletter link check{site})");
    let said = [
        (name("; +https://news.example.org"), String::new()),
        (name(""), "ada@example.org".to_owned()),
        (name(""), String::new()),
    ];
    assert_eq!(server.visitors(), said);
}

#[tokio::test]
async fn no_content_is_alive() {
    assert_eq!(verdict(|_| Reply::status(204)).await, Verdict::Alive);
}

#[tokio::test]
async fn a_missing_page_is_dead_after_get_agrees() {
    let (visit, server) = visit_with(&headers_only(), |_| Reply::status(404)).await;
    assert_eq!(judge(&visit), dead("it answers 404 Not Found"));
    assert_eq!(server.asked(), ["HEAD /", "GET /"]);
}

#[tokio::test]
async fn a_page_that_is_gone_is_dead() {
    assert_eq!(verdict(|_| Reply::status(410)).await, dead("it answers 410 Gone"));
}

#[tokio::test]
async fn a_server_that_refuses_head_is_asked_with_get() {
    for refusal in [403, 404, 405, 501, 500, 400] {
        let answer =
            move |request: &Request| Reply::status(if request.method == "HEAD" { refusal } else { 200 });
        let (visit, server) = visit_with(&headers_only(), answer).await;
        assert_eq!(judge(&visit), Verdict::Alive, "{refusal}");
        assert_eq!(server.asked(), ["HEAD /", "GET /"], "{refusal}");
    }
}

#[tokio::test]
async fn an_empty_answer_to_head_is_not_believed() {
    let lying = |request: &Request| match request.method.as_str() {
        "HEAD" => Reply::status(200).body(""),
        _ => Reply::status(404),
    };
    let (visit, _) = visit_with(&headers_only(), lying).await;
    assert_eq!(judge(&visit), dead("it answers 404 Not Found"));
}

#[tokio::test]
async fn a_server_that_hangs_on_head_is_asked_with_get() {
    let settings = LinkSettings { timeout: Duration::from_secs(1), ..headers_only() };
    let (visit, _) = visit_with(&settings, |request| match request.method.as_str() {
        "HEAD" => Reply::Hang,
        _ => Reply::status(200),
    })
    .await;
    assert_eq!(judge(&visit), Verdict::Alive);
}

#[tokio::test]
async fn a_server_that_drops_head_is_asked_with_get() {
    let dropping = |request: &Request| match request.method.as_str() {
        "HEAD" => Reply::Drop,
        _ => Reply::status(200),
    };
    assert_eq!(judge(&visit_with(&headers_only(), dropping).await.0), Verdict::Alive);
}

#[tokio::test]
async fn bot_walls_are_not_dead() {
    assert_eq!(verdict(|_| Reply::status(403)).await, walled("it answers 403 Forbidden to robots"));
    assert_eq!(verdict(|_| Reply::status(999)).await, walled("it answers 999 to robots"));
    assert_eq!(verdict(|_| Reply::status(401)).await, walled("it answers 401 Unauthorized to robots"));
    let challenge = |_: &Request| Reply::status(503).body("<title>Just a moment...</title>");
    assert_eq!(verdict(challenge).await, walled("Cloudflare keeps robots out"));
    let marked = |_: &Request| Reply::status(200).header("cf-mitigated", "challenge");
    assert_eq!(verdict(marked).await, walled("Cloudflare keeps robots out"));
}

#[tokio::test]
async fn a_busy_server_is_asked_again_after_the_pause_it_wants() {
    let (visit, server) = visit(|request| match request.before {
        0 => Reply::status(429).header("Retry-After", "1"),
        _ => Reply::status(200),
    })
    .await;
    assert_eq!(judge(&visit), Verdict::Alive);
    assert_eq!((visit.tries, server.asked().len()), (2, 2));
}

#[tokio::test]
async fn a_pause_longer_than_our_patience_is_respected_by_all_links_of_the_host() {
    let server = Server::start(|_| Reply::status(429).header("Retry-After", "3600")).await;
    let settings = LinkSettings { per_host: 1, ..settings() };
    let all = engine(&settings).visit_all((0..20).map(|n| server.url(&format!("/{n}"))), |_| {}).await;
    assert_eq!(server.asked().len(), 1, "one answer was enough");
    assert!(all.values().all(|visit| matches!(judge(visit), Verdict::Walled(_))));
}

#[tokio::test]
async fn a_server_error_that_passes_is_no_finding() {
    let passing = |request: &Request| Reply::status(if request.before == 0 { 502 } else { 200 });
    assert_eq!(verdict(passing).await, Verdict::Alive);
}

#[tokio::test]
async fn a_server_error_that_stays_is_dead_after_all_tries() {
    let (visit, _) = visit(|_| Reply::status(500)).await;
    assert_eq!(judge(&visit), dead("it answers 500 Internal Server Error"));
    assert_eq!(visit.tries, 3);
}

#[tokio::test]
async fn a_missing_page_is_not_asked_for_again() {
    assert_eq!(visit(|_| Reply::status(404)).await.0.tries, 1);
}

#[tokio::test]
async fn a_closed_service_that_says_when_it_opens_is_not_dead() {
    let (visit, server) = visit(|_| Reply::status(503).header("Retry-After", "3600")).await;
    assert_eq!(judge(&visit), walled("it is closed for the moment (503)"));
    assert_eq!(server.asked(), ["GET /"]);
}

#[tokio::test]
async fn redirects_are_followed_and_a_lasting_one_is_named() {
    let (visit, server) = visit(|request| match request.path.as_str() {
        "/" => Reply::to(301, "/new#part"),
        "/new" => Reply::to(302, "/new/today"),
        _ => Reply::status(200),
    })
    .await;
    assert_eq!(judge(&visit), Verdict::Moved { to: server.url("/new"), permanent: true });
    assert_eq!(visit.hops.len(), 2);
}

#[tokio::test]
async fn a_passing_redirect_is_no_lasting_move() {
    let answer = |request: &Request| match request.path.as_str() {
        "/" => Reply::to(307, "/now"),
        _ => Reply::status(200),
    };
    assert!(matches!(verdict(answer).await, Verdict::Moved { permanent: false, .. }));
}

#[tokio::test]
async fn a_redirect_to_a_missing_page_is_dead() {
    let answer = |request: &Request| match request.path.as_str() {
        "/" => Reply::to(301, "/gone"),
        _ => Reply::status(404),
    };
    assert_eq!(verdict(answer).await, dead("it answers 404 Not Found"));
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let (visit, server) = visit(|request| match request.path.as_str() {
        "/" => Reply::to(302, "/a"),
        _ => Reply::to(302, "/"),
    })
    .await;
    assert_eq!(judge(&visit), dead("it redirects in a circle"));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_circle_that_waits_for_a_cookie_is_a_wall() {
    let answer = |_: &Request| Reply::to(302, "/").header("Set-Cookie", "seen=1");
    assert_eq!(verdict(answer).await, walled("it redirects in a circle unless cookies come back"));
}

#[tokio::test]
async fn redirects_without_end_are_cut() {
    let (visit, server) = visit(|request| Reply::to(302, &format!("{}x", request.path))).await;
    assert_eq!(judge(&visit), dead("it redirects more than 10 times"));
    assert_eq!(server.asked().len(), 11);
}

#[tokio::test]
async fn a_redirect_without_a_target_is_dead() {
    assert_eq!(
        verdict(|_| Reply::status(302)).await,
        dead("it redirects to nowhere: a 302 without a target")
    );
}

#[tokio::test]
async fn a_redirect_out_of_the_web_is_not_followed() {
    let answer = |_: &Request| Reply::to(302, "file:///etc/passwd");
    assert_eq!(verdict(answer).await, dead("it redirects to nowhere: file:///etc/passwd"));
}

#[tokio::test]
async fn a_server_that_hangs_costs_no_more_than_its_time() {
    let (visit, _) = visit_with(&impatient(), |_| Reply::Hang).await;
    assert_eq!(judge(&visit), Verdict::Slow("gives no answer within 0.1 s".into()));
}

#[tokio::test]
async fn an_error_page_that_drips_for_ever_is_judged_by_its_status() {
    let (visit, _) = visit_with(&impatient(), |_| Reply::Drip(404)).await;
    assert_eq!(judge(&visit), dead("it answers 404 Not Found"));
}

#[tokio::test]
async fn a_huge_page_is_not_read() {
    let huge = |_: &Request| Reply::status(200).body("x".repeat(8 << 20));
    assert_eq!(verdict(huge).await, Verdict::Alive);
}

#[tokio::test]
async fn half_an_answer_is_dead_after_all_tries() {
    let (visit, _) = visit(|_| Reply::Half).await;
    assert!(matches!(judge(&visit), Verdict::Dead(why) if why.starts_with("it breaks off")), "{visit:?}");
    assert_eq!(visit.tries, 3);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_dead() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let visit = engine(&settings()).visit(address).await;
    assert_eq!(judge(&visit), dead("nobody answers there: connection refused"));
    assert!(!offline([&visit]), "one refused host does not mean that we are offline");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_dead_over_https() {
    let server = Server::start(|_| Reply::Drop).await;
    let address = Url::parse(&format!("https://127.0.0.1:{}/", server.port)).unwrap();
    assert!(matches!(judge(&engine(&settings()).visit(address).await), Verdict::Dead(_)));
}

#[tokio::test]
async fn private_addresses_are_refused_by_address_and_by_name() {
    let server = Server::start(|_| Reply::status(200)).await;
    let strict = LinkSettings { allow_private: false, ..settings() };
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let address = Url::parse(&format!("http://{host}:{}/", server.port)).unwrap();
        let verdict = judge(&engine(&strict).visit(address).await);
        assert!(matches!(verdict, Verdict::Skipped(Skip::Private(_))), "{host}: {verdict:?}");
    }
    assert!(server.asked().is_empty(), "nothing was sent");
}

/// An engine that allows nothing private and knows names that lead to this machine nevertheless, as if its
/// servers were in the world.
fn outside(settings: &LinkSettings, names: &[&str]) -> Engine {
    let settings = LinkSettings { allow_private: false, ..settings.clone() };
    let mut ways = ways(&settings);
    let here = SocketAddr::from(([127, 0, 0, 1], 0));
    ways.trust.known = names.iter().map(|name| ((*name).to_owned(), here)).collect();
    Engine::with(&settings, &Behalf::default(), ways).unwrap()
}

#[tokio::test]
async fn a_name_that_changes_its_mind_never_leads_into_a_private_network() {
    let server = Server::start(|_| Reply::status(200)).await;
    let settings = LinkSettings { allow_private: false, retries: 0, ..settings() };
    for turns in [["127.0.0.1", "127.0.0.1"], ["169.254.1.1", "127.0.0.1"]] {
        let asked = AtomicUsize::new(0);
        let mut ways = ways(&settings);
        ways.trust.resolver = Some(PublicResolver::over(move |_| {
            let turn = turns[asked.fetch_add(1, Ordering::SeqCst) % 2];
            let found = SocketAddr::new(turn.parse().unwrap(), 0);
            Box::pin(async move { Ok(vec![found]) })
        }));
        let engine = Engine::with(&settings, &Behalf::default(), ways).unwrap();
        for path in ["/a", "/b"] {
            let address = Url::parse(&format!("http://rebound.example:{}{path}", server.port)).unwrap();
            assert!(matches!(engine.visit(address).await.end, End::Private(_)));
        }
    }
    assert!(server.asked().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_redirect_into_a_private_network_is_refused() {
    let server = Server::start(|_| Reply::to(302, "http://169.254.169.254/latest/meta-data/")).await;
    let settings = settings();
    let start = Url::parse(&format!("http://outside.example:{}/", server.port)).unwrap();
    let visit = outside(&settings, &["outside.example"]).visit(start).await;
    assert_eq!(visit.end, End::Private("169.254.169.254".parse().unwrap()));
    assert_eq!(visit.hops.len(), 1);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_dead_and_means_offline_only_if_nobody_could_be_asked() {
    let address = Url::parse("http://nobody.invalid/").unwrap();
    let visit = engine(&impatient()).visit(address).await;
    if let End::NoAnswer(NoAnswer::Dns(why)) = &visit.end {
        assert_eq!(judge(&visit), dead("there is no such host"));
        assert_eq!(offline([&visit]), why.contains("emporary"), "{why}");
    }
}

#[tokio::test]
async fn each_address_is_fetched_once_whatever_its_fragment() {
    let server = Server::start(|_| Reply::status(200)).await;
    let addresses = ["/a#one", "/a#two", "/a", "/b"].map(|path| server.url(path));
    let all = engine(&settings()).visit_all(addresses, |_| {}).await;
    assert_eq!(all.len(), 2);
    let mut asked = server.asked();
    asked.sort();
    assert_eq!(asked, ["GET /a", "GET /b"]);
}

#[tokio::test]
async fn five_hundred_links_of_one_host_are_asked_for_at_most_per_host_at_a_time() {
    let server =
        Server::start(|_| Reply::After(Duration::from_millis(2), Box::new(Reply::status(200)))).await;
    let mut seen = 0;
    let addresses = (0..500).map(|n| server.url(&format!("/{n}")));
    let all = engine(&settings()).visit_all(addresses, |_| seen += 1).await;
    assert_eq!((all.len(), seen, server.asked().len()), (500, 500, 500));
    assert!(all.values().all(|visit| judge(visit) == Verdict::Alive));
    assert!(server.most_at_once() <= 10, "{}", server.most_at_once());
    assert!(server.most_at_once() >= 8, "and not one after the other: {}", server.most_at_once());
}

#[tokio::test]
async fn the_limit_over_all_hosts_holds_too() {
    let server =
        Server::start(|_| Reply::After(Duration::from_millis(2), Box::new(Reply::status(200)))).await;
    let settings = LinkSettings { concurrency: 3, ..settings() };
    engine(&settings).visit_all((0..40).map(|n| server.url(&format!("/{n}"))), |_| {}).await;
    assert!(server.most_at_once() <= 3, "{}", server.most_at_once());
}

#[tokio::test]
async fn a_host_that_never_answers_is_not_asked_a_hundred_times() {
    let server = Server::start(|_| Reply::Hang).await;
    let settings = LinkSettings { per_host: 2, ..impatient() };
    let all = engine(&settings).visit_all((0..100).map(|n| server.url(&format!("/{n}"))), |_| {}).await;
    assert_eq!(all.len(), 100);
    assert!(server.asked().len() <= 8, "{}", server.asked().len());
    assert!(all.values().any(|visit| visit.end == End::NoAnswer(NoAnswer::HostSilent)));
}

#[tokio::test]
async fn a_host_that_is_always_busy_does_not_hold_up_hundreds_of_links() {
    let server = Server::start(|_| Reply::status(429)).await;
    let settings = LinkSettings { per_host: 2, ..settings() };
    let all = engine(&settings).visit_all((0..200).map(|n| server.url(&format!("/{n}"))), |_| {}).await;
    assert_eq!(all.len(), 200);
    assert!(server.asked().len() < 40, "{}", server.asked().len());
    assert!(all.values().all(|visit| matches!(judge(visit), Verdict::Walled(_))));
}

#[tokio::test]
async fn a_page_that_is_down_is_dead_though_its_host_is_given_up() {
    let server = Server::start(|_| Reply::status(503)).await;
    let settings = LinkSettings { retries: 20, ..settings() };
    let visit = engine(&settings).visit(server.url("/")).await;
    assert_eq!(judge(&visit), dead("it answers 503 Service Unavailable"));
}
