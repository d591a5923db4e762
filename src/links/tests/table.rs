//! One behaviour of a server, one verdict: what is asked for, and what we think of the answer.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// One way to answer, and what comes of it.
struct Row {
    what: &'static str,
    /// A page is asked for with GET, a file with HEAD first.
    path: &'static str,
    answer: fn(&Request) -> Reply,
    /// The verdict and its words; the server's own address is left out.
    verdict: &'static str,
    asked: &'static [&'static str],
}

const PAGE: &[&str] = &["GET /"];
const FILE: &[&str] = &["HEAD /a.pdf", "GET /a.pdf"];

fn page(source: &str) -> Reply {
    Reply::status(200).body(source)
}

fn to(status: u16, location: &str, request: &Request) -> Reply {
    if request.path == "/" { Reply::to(status, location) } else { page("<title>There</title>") }
}

fn is_head(request: &Request) -> bool {
    request.method == "HEAD"
}

/// HEAD gets the first status, GET the second.
fn head_get(request: &Request, head: u16, get: u16) -> Reply {
    Reply::status(if is_head(request) { head } else { get })
}

/// Twenty megabytes of nothing, packed.
fn bomb() -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let nothing = vec![b' '; 1 << 20];
    (0..20).for_each(|_| packer.write_all(&nothing).unwrap());
    let packed = packer.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    [head.into_bytes(), packed].concat()
}

macro_rules! rows {
    ($($what:literal, $path:literal, $answer:expr, $verdict:literal, $asked:expr;)*) => {
        &[$(Row { what: $what, path: $path, answer: $answer, verdict: $verdict, asked: $asked }),*]
    };
}

#[rustfmt::skip]
const ROWS: &[Row] = rows! {
    "a page", "/", |_| page("<title>The sea</title>"), "alive", PAGE;
    "no content", "/", |_| Reply::status(204), "alive", PAGE;
    "part of a page", "/", |_| Reply::status(206), "alive", PAGE;
    "an empty page", "/", |_| page(""), "alive", PAGE;
    "not modified", "/", |_| Reply::status(304), "alive", PAGE;
    "404 on HEAD, 200 on GET, of a page", "/", |request| head_get(request, 404, 200), "alive", PAGE;
    "200 on HEAD, 404 on GET, of a page", "/", |request| head_get(request, 200, 404), "dead: it answers 404 Not Found", PAGE;

    "a file", "/a.pdf", |_| Reply::status(200), "alive", &["HEAD /a.pdf"];
    "405 on HEAD of a file", "/a.pdf", |request| head_get(request, 405, 200), "alive", FILE;
    "501 on HEAD of a file", "/a.pdf", |request| head_get(request, 501, 200), "alive", FILE;
    "404 on HEAD of a file that is there", "/a.pdf", |request| head_get(request, 404, 200), "alive", FILE;
    "an empty answer to HEAD where GET has none", "/a.pdf",
        |request| if is_head(request) { Reply::status(200).body("") } else { Reply::status(404) }, "dead: it answers 404 Not Found", FILE;
    "a file that is not there", "/a.pdf", |_| Reply::status(404), "dead: it answers 404 Not Found", FILE;

    "a link that works once", "/", |request| Reply::status(if request.before == 0 { 200 } else { 410 }), "alive", PAGE;
    "a file that works once", "/a.pdf", |request| Reply::status(if request.before == 0 { 200 } else { 410 }), "alive", &["HEAD /a.pdf"];

    "gone", "/", |_| Reply::status(410), "dead: it answers 410 Gone", PAGE;
    "a bad request", "/", |_| Reply::status(400), "dead: it answers 400 Bad Request", PAGE;
    "an error that stays", "/", |_| Reply::status(500), "dead: it answers 500 Internal Server Error", &["GET /", "GET /", "GET /"];
    "an error that passes", "/", |request| Reply::status(if request.before == 0 { 500 } else { 200 }), "alive", &["GET /", "GET /"];
    "unavailable, and it is not said for how long", "/", |_| Reply::status(503), "dead: it answers 503 Service Unavailable", &["GET /", "GET /", "GET /"];
    "unavailable for an hour", "/", |_| Reply::status(503).header("Retry-After", "3600"), "walled: it is closed for the moment (503)", PAGE;

    "a login", "/", |_| Reply::status(401), "walled: it answers 401 Unauthorized to robots", PAGE;
    "forbidden", "/", |_| Reply::status(403), "walled: it answers 403 Forbidden to robots", PAGE;
    "a court", "/", |_| Reply::status(451), "walled: it answers 451 Unavailable For Legal Reasons to robots", PAGE;
    "LinkedIn", "/", |_| Reply::status(999), "walled: it answers 999 to robots", PAGE;
    "too many requests, for an hour", "/", |_| Reply::status(429).header("Retry-After", "3600"), "walled: it answers 429 Too Many Requests to robots", PAGE;
    "too many requests, for a second", "/", |request| match request.before { 0 => Reply::status(429).header("Retry-After", "1"), _ => Reply::status(200) }, "alive", &["GET /", "GET /"];
    "too many requests, until a date that is over", "/", |request| match request.before { 0 => Reply::status(429).header("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"), _ => Reply::status(200) }, "alive", &["GET /", "GET /"];
    "too many requests, until a date far away", "/", |_| Reply::status(429).header("Retry-After", "Wed, 21 Oct 2099 07:28:00 GMT"), "walled: it answers 429 Too Many Requests to robots", PAGE;
    "the wall of Cloudflare", "/", |_| Reply::status(503).header("Retry-After", "9").body("<title>Just a moment...</title>"), "walled: Cloudflare keeps robots out", PAGE;
    "gone, on a page with a form", "/", |_| Reply::status(404).body("<script src=/recaptcha/api.js></script>"), "dead: it answers 404 Not Found", PAGE;
    "gone, at a site that DataDome watches", "/", |_| Reply::status(410).header("x-datadome", "protected"), "dead: it answers 410 Gone", PAGE;
    "the wall of DataDome", "/", |_| Reply::status(403).header("x-datadome", "protected"), "walled: DataDome keeps robots out", PAGE;
    "the wall of Cloudflare that answers 200", "/", |_| Reply::status(200).header("cf-mitigated", "challenge"), "walled: Cloudflare keeps robots out", PAGE;
    "a wall known by its title", "/", |_| page("<title>Human Verification</title>"), "walled: a robot test keeps robots out", PAGE;

    "moved for good", "/", |request| to(301, "/new", request), "moved: it has moved for good to /new", &["GET /", "GET /new"];
    "moved for good, and the method is to stay", "/", |request| to(308, "/new", request), "moved: it has moved for good to /new", &["GET /", "GET /new"];
    "found elsewhere", "/", |request| to(302, "/new", request), "moved: it leads on to /new", &["GET /", "GET /new"];
    "see other", "/", |request| to(303, "/new", request), "moved: it leads on to /new", &["GET /", "GET /new"];
    "elsewhere for now", "/", |request| to(307, "new?x=1", request), "moved: it leads on to /new?x=1", &["GET /", "GET /new?x=1"];
    "a chain of both kinds", "/", |request| match request.path.as_str() { "/" => Reply::to(301, "/a"), "/a" => Reply::to(302, "/b"), _ => Reply::status(200) }, "moved: it has moved for good to /a", &["GET /", "GET /a", "GET /b"];
    "moved to where nothing is", "/", |request| if request.path == "/" { Reply::to(301, "/new") } else { Reply::status(404) }, "dead: it answers 404 Not Found", &["GET /", "GET /new"];
    "a circle", "/", |request| Reply::to(302, if request.path == "/" { "/a" } else { "/" }), "dead: it redirects in a circle", &["GET /", "GET /a"];
    "a circle that waits for a cookie", "/", |_| Reply::to(302, "/").header("Set-Cookie", "a=1"), "walled: it redirects in a circle unless cookies come back", PAGE;
    "a redirect without a target", "/", |_| Reply::status(302), "dead: it redirects to nowhere: a 302 without a target", PAGE;
    "a redirect to a file", "/", |_| Reply::to(302, "file:///etc/passwd"), "dead: it redirects to nowhere: file:///etc/passwd", PAGE;
    "a redirect to nonsense", "/", |_| Reply::to(302, "http://["), "dead: it redirects to nowhere: http://[", PAGE;
    "a story that leads to the front page", "/old/story", |request| if request.path == "/" { page("Front") } else { Reply::to(302, "/") }, "changed: it only leads to the front page, /", &["GET /old/story", "GET /"];

    "a page that says 404", "/", |_| page("<title>Not found | Harbour</title>"), "changed: its page says “Not found | Harbour”", PAGE;
    "a page whose heading says it in French", "/", |_| page("<title>Le port</title><h1>Page introuvable</h1>"), "changed: its page says “Page introuvable”", PAGE;
    "a parked domain", "/", |_| page("<script src=https://sedoparking.com/x.js></script>"), "changed: its domain is parked by Sedo", PAGE;
    "a domain for sale", "/", |_| page("<h1>This domain is for sale!</h1>"), "changed: its domain is parked by a seller of domains", PAGE;

    "a part that is there", "/#tides", |_| page("<h2 id=tides>Tides</h2>"), "alive", PAGE;
    "a part that is not there", "/#winds", |_| page("<h2 id=tides>Tides</h2>"), "alive, and lacks winds", PAGE;
    "a part far down in a long page", "/#end", |_| page(&format!("{}<p id=end>", "<p>wave ".repeat(60_000))), "alive", PAGE;
    "a part of something that is no page", "/#page=3", |_| Reply::status(200).header("Content-Type", "application/pdf"), "alive", PAGE;
    "a part of a page without end", "/#winds", |_| page(&"wave ".repeat(1 << 19)), "alive", PAGE;

    "hangs", "/", |_| Reply::Hang, "slow: gives no answer within 1 s", PAGE;
    "hangs on HEAD alone", "/a.pdf", |request| if is_head(request) { Reply::Hang } else { Reply::status(200) }, "alive", FILE;
    "headers byte by byte", "/", |_| Reply::DripHeaders, "slow: gives no answer within 1 s", PAGE;
    "a page byte by byte", "/", |_| Reply::Drip(200), "slow: its page does not come to an end in time", PAGE;
    "an error byte by byte", "/", |_| Reply::Drip(404), "dead: it answers 404 Not Found", PAGE;
    "a huge page", "/", |_| page(&"wave ".repeat(4 << 20)), "alive", PAGE;
    "a gzip bomb", "/", |_| Reply::Raw(bomb()), "alive", PAGE;
    "a page that is shorter than it says", "/", |_| Reply::Raw(b"HTTP/1.1 200 X\r\nContent-Length: 900\r\n\r\n<title>Sea</title>".to_vec()), "alive", PAGE;
    "a page that is longer than it says", "/", |_| Reply::Raw(b"HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\nlonger".to_vec()), "alive", PAGE;
    "nonsense for a length", "/", |_| Reply::Raw(b"HTTP/1.1 200 X\r\nContent-Length: many\r\n\r\npage".to_vec()), "dead: it breaks off: invalid content-length parsed", &["GET /", "GET /", "GET /"];
    "half an answer", "/", |_| Reply::Half, "dead: it breaks off: connection closed before message completed", &["GET /", "GET /", "GET /"];
    "no answer at all", "/", |_| Reply::Drop, "dead: it breaks off: connection closed before message completed", &["GET /", "GET /", "GET /"];
    "an answer as of 1991", "/", |_| Reply::Raw(b"<html>The web</html>".to_vec()), "dead: it breaks off: invalid http version parsed", &["GET /", "GET /", "GET /"];
    "a server of mail", "/", |_| Reply::Raw(b"220 mail.example ESMTP\r\n".to_vec()), "dead: it breaks off: invalid http version parsed", &["GET /", "GET /", "GET /"];
};

#[tokio::test(flavor = "multi_thread")]
async fn every_behaviour_has_its_verdict() {
    let mut rows = tokio::task::JoinSet::new();
    for row in ROWS {
        rows.spawn(complaint(row));
    }
    let mut wrong: Vec<String> = rows.join_all().await.into_iter().flatten().collect();
    wrong.sort();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is not as the row says.
async fn complaint(row: &Row) -> Option<String> {
    let is_slow = row.verdict.starts_with("slow") || row.what.contains("byte by byte");
    let timeout = Duration::from_secs(if is_slow { 1 } else { 6 });
    let settings = LinkSettings { timeout, ..settings() };
    let server = Server::start(row.answer).await;
    let visit = engine(&settings).visit(server.url(row.path)).await;
    let said = told(&visit, &server);
    let asked = server.asked();
    match said == row.verdict && asked == row.asked {
        true => None,
        false => Some(format!("{}: {said:?} {asked:?}, not {:?} {:?}", row.what, row.verdict, row.asked)),
    }
}

/// `alive`, or the verdict with its words.
fn told(visit: &Visit, server: &Server) -> String {
    let verdict = judge(visit);
    let lacks = visit.answer().into_iter().flat_map(|answer| &answer.page.places).find(|(_, there)| !**there);
    let words = verdict.words().replace(server.url("/").as_str(), "/");
    match (verdict, lacks) {
        (Verdict::Alive, None) => "alive".to_owned(),
        (Verdict::Alive, Some((place, _))) => format!("alive, and lacks {place}"),
        (verdict, _) => format!("{}: {words}", verdict.name()),
    }
}

#[test]
fn the_table_is_long_and_names_each_behaviour_once() {
    let mut names: Vec<&str> = ROWS.iter().map(|row| row.what).collect();
    names.sort_unstable();
    assert!(names.len() >= 50 && names.windows(2).all(|two| two[0] != two[1]), "{}", names.len());
}
