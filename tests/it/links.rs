//! Links through the binary: what `check` says of them, what it remembers, and what a send does with one that died.

use serde_json::Value;

use crate::harness::program::Run;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;
use crate::harness::web::Web;

/// How the pages of these tests answer.
fn pages(request: &str) -> Option<String> {
    let html = |source: &str| format!("200 OK\r\nContent-Type: text/html\r\n\r\n{source}");
    Some(match request.split_once(' ')?.1 {
        "/moved" => "301 Moved Permanently\r\nLocation: /fine".to_owned(),
        "/gone" => "404 Not Found".to_owned(),
        path if path.starts_with("/ever") => format!("302 Found\r\nLocation: {path}x"),
        path if path.starts_with("/hangs") => return None,
        "/soft" => html("<title>Page not found – Harbour</title>"),
        "/parked" => html("<title>harbour.example - this domain is for sale</title>"),
        "/old/story" => "302 Found\r\nLocation: /".to_owned(),
        "/guide" => html("<title>Guide</title><h2 id=tides>Tides</h2>"),
        "/boat.png" => "200 OK\r\nContent-Type: image/png".to_owned(),
        "/heavy.png" => format!("200 OK\r\nContent-Type: image/png\r\n\r\n{}", "x".repeat(300_000)),
        "/huge.png" => format!("200 OK\r\nContent-Type: image/png\r\n\r\n{}", "x".repeat(1_200_000)),
        "/words.png" => html("<title>Log in</title>"),
        "/slow.png" => return None,
        path if path.starts_with("/wayback/available?") => html(
            r#"{"archived_snapshots": {"closest": {"available": true, "status": "200",
            "url": "https://web.example/20230919044612/gone", "timestamp": "20230919044612"}}}"#,
        ),
        _ => html("<title>A page of the harbour</title>"),
    })
}

const FRONT: &str =
    "---\ntitle: Hello\npreheader: What came in with the tide this week, and what went out\n---\n\n";

const LINKS: &str = "[links]\nallow_private = true\ntimeout = \"1 s\"\nretries = 0";

/// A workspace whose issue says this.
fn saying(markdown: &str) -> Scratch {
    Scratch::weekly().issue("001-hello", &format!("{FRONT}{markdown}\n")).settings(LINKS)
}

/// A workspace whose issue links to this path.
fn linking(web: &Web, path: &str) -> Scratch {
    saying(&format!("Read [the report of May]({}) today.", web.url(path)))
}

/// The rules about links and images that found something, with their severity.
fn found(run: &Run) -> Vec<String> {
    let findings = run.json()["issues"][0]["findings"].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let each = findings.as_array().expect("findings are a list").iter();
    let all = each.map(|found| format!("{} {}", text(&found["rule"]), text(&found["severity"])));
    all.filter(|found| ["link-", "img-"].iter().any(|start| found.starts_with(start))).collect()
}

/// The verdicts on the links that the author wrote.
fn verdicts(run: &Run) -> Vec<String> {
    let verdicts = run.json()["issues"][0]["link_verdicts"].clone();
    let each = verdicts.as_array().expect("verdicts are a list").iter();
    let own = each.filter(|told| !told["line"].is_null());
    own.map(|told| told["verdict"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_a_visit_shows_is_found_by_its_rule_and_what_is_fine_is_not() {
    let web = Web::start(pages);
    for (rule, bad, good) in [
        ("link-dead error", "/gone", "/fine"),
        ("link-redirect warning", "/moved", "/fine"),
        ("link-changed warning", "/soft", "/fine"),
        ("link-changed warning", "/parked", "/fine"),
        ("link-changed warning", "/old/story", "/"),
        ("link-fragment warning", "/guide#winds", "/guide#tides"),
    ] {
        assert_eq!(found(&linking(&web, bad).run("check 1 --json")), [rule], "{bad}");
        assert_eq!(found(&linking(&web, good).run("check 1 --json").ok()), [""; 0], "{good}");
    }
}

#[test]
fn images_of_the_web_load_and_are_weighed() {
    let web = Web::start(pages);
    let showing = |path: &str| {
        found(&saying(&format!("![Two boats]({}){{width=300}}", web.url(path))).run("check 1 --json"))
    };
    let about = |path: &str| -> Vec<String> {
        let ours = ["img-404", "img-slow", "img-weight", "link-"];
        showing(path).into_iter().filter(|found| ours.iter().any(|rule| found.starts_with(rule))).collect()
    };
    assert_eq!(about("/boat.png"), [""; 0]);
    assert_eq!(about("/gone"), ["img-404 error"]);
    assert_eq!(about("/words.png"), ["img-404 error"]);
    assert_eq!(about("/heavy.png"), ["img-weight warning"]);
    assert_eq!(about("/huge.png"), ["img-weight error"]);
    assert_eq!(about("/slow.png"), ["img-slow warning"]);
}

#[test]
fn a_page_that_redirects_for_ever_is_dead_and_its_way_is_shown() {
    let web = Web::start(pages);
    let run = linking(&web, "/ever").run("check 1").expect_code(2);
    run.prints("is dead: it redirects more than 10 times").prints("the way there: 302 ");
    assert_eq!(web.asked().len(), 11);
}

#[test]
fn a_hundred_links_of_which_half_hang_end_in_time_with_a_verdict_for_each() {
    let web = Web::start(pages);
    let path = |number| if number % 2 == 0 { "/fine" } else { "/hangs" };
    let links =
        (0..100).map(|number| format!("Read [page {number}]({}/{number}).\n\n", web.url(path(number))));
    let scratch = saying(&links.collect::<String>());
    let text = std::fs::read_to_string(scratch.path("courant.toml")).expect("it is there");
    scratch.write("courant.toml", text.replace("timeout = \"1 s\"", "total = \"3 s\""));
    let run = scratch.run("check 1 --json").ok();
    let verdicts = verdicts(&run);
    let count = |verdict: &str| verdicts.iter().filter(|known| *known == verdict).count();
    assert_eq!((verdicts.len(), count("alive") + count("skipped")), (100, 100), "{run}");
    assert!(count("skipped") >= 50, "{run}");
    scratch.run("check 1").ok().prints("links skipped: the time for all links together was over");
}

#[test]
fn an_address_that_moved_for_good_is_written_into_the_issue() {
    let web = Web::start(pages);
    let scratch = linking(&web, "/moved#part");
    scratch.run("check 1 --fix").ok();
    let text = std::fs::read_to_string(scratch.path("issues/001-hello.md")).expect("the issue is there");
    assert!(text.contains(&format!("[the report of May]({})", web.url("/fine#part"))), "{text}");
}

#[test]
fn fields_make_addresses_and_each_is_visited() {
    let web = Web::start(pages);
    let scratch = saying(&format!("See [your harbour]({}{{{{ port }}}}).", web.url("/")))
        .list("weekly", "email,port\nada@example.org,fine\nbob@example.org,gone\neve@example.org,fine\n");
    let run = scratch.run("check 1 --json").expect_code(2);
    assert_eq!(found(&run), ["link-dead error"]);
    assert_eq!(verdicts(&run), ["alive", "dead"]);
    let mut asked = web.asked();
    asked.sort();
    assert_eq!(asked, ["GET /fine", "GET /gone"]);
}

#[test]
fn a_field_that_is_somebodys_own_is_never_carried_to_a_host() {
    let web = Web::start(pages);
    let scratch = saying(&format!("See [your page]({}{{{{ token }}}}).", web.url("/?t=")))
        .list("weekly", "email,token\nada@example.org,s3cret\n");
    let run = scratch.run("check 1 --json").ok();
    assert_eq!(verdicts(&run), ["skipped"]);
    assert_eq!(web.asked(), [""; 0]);
}

#[test]
fn a_verdict_is_remembered_in_the_workspace_and_says_its_age() {
    let web = Web::start(pages);
    let scratch = linking(&web, "/fine");
    scratch.run("check 1").ok();
    assert_eq!(scratch.files(".courant/cache").len(), 1);
    let again = scratch.run("-v check 1").ok();
    again.says("/fine was alive ").says(" ago");
    assert_eq!(web.asked().len(), 1, "nobody is asked twice in a day");
    scratch.run("check 1 --fresh").ok();
    assert_eq!(web.asked().len(), 2);
}

#[test]
fn with_a_ledger_the_ledger_remembers() {
    let web = Web::start(pages);
    let scratch = linking(&web, "/fine");
    scratch.run("subscribers sync").ok();
    scratch.run("check 1").ok();
    scratch.run("check 1").ok();
    assert_eq!(web.asked().len(), 1);
    assert_eq!(scratch.files(".courant/cache"), Vec::<String>::new());
}

#[test]
fn nothing_is_remembered_where_nobody_wants_it() {
    let web = Web::start(pages);
    let scratch = linking(&web, "/fine").settings("[links]\ncache = \"0 s\"\nallow_private = true");
    let text = std::fs::read_to_string(scratch.path("courant.toml")).expect("it is there");
    scratch.write("courant.toml", text.replacen(LINKS, "", 1));
    scratch.run("check 1").ok();
    scratch.run("check 1").ok();
    assert_eq!(web.asked().len(), 2);
    assert_eq!(scratch.files(".courant"), Vec::<String>::new());
}

#[test]
fn a_file_outside_any_workspace_leaves_nothing_behind() {
    let web = Web::start(pages);
    let scratch = Scratch::empty().file("lone.md", format!("# Hello\n\n[a page]({})\n", web.url("/fine")));
    scratch.run("check lone.md");
    assert_eq!(scratch.files(""), ["lone.md"]);
}

/// An issue whose time has come, with a link to this path.
fn due(web: &Web, path: &str, sink: &SmtpSink, more: &str) -> Scratch {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(5);
    let issue = format!("---\ntitle: Hello\nsend_at: {at}\n---\n\nRead [the report]({}).\n", web.url(path));
    Scratch::weekly()
        .issue("002-due", &issue)
        .settings(LINKS)
        .settings(more)
        .file(".env", format!("SMTP_URL={}\n", sink.url()))
}

#[test]
fn a_link_that_died_since_holds_a_scheduled_issue() {
    let (web, sink) = (Web::start(pages), SmtpSink::start(&[]));
    let scratch = due(&web, "/gone", &sink, "[send]\non_dead_link = \"hold\"");
    scratch.run("run").expect_code(2).says("002-due is due and held back").says("404");
    assert_eq!(sink.messages().len(), 0);
}

#[test]
fn a_link_that_died_since_lets_a_scheduled_issue_pass_where_the_author_says_so() {
    let (web, sink) = (Web::start(pages), SmtpSink::start(&[]));
    let scratch = due(&web, "/gone", &sink, "[send]\non_dead_link = \"send\"");
    scratch.run("run").ok();
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn a_send_looks_again_at_what_was_seen_too_long_ago() {
    let web = Web::start(pages);
    let scratch = linking(&web, "/fine");
    scratch.run("subscribers sync").ok();
    scratch.run("check 1").ok();
    scratch.run("send 1 --dry-run").ok();
    assert_eq!(web.asked().len(), 1, "ten minutes have not passed");
    let text = std::fs::read_to_string(scratch.path("courant.toml")).expect("it is there");
    scratch.write("courant.toml", text.replace("retries = 0", "retries = 0\nrecheck = \"0 s\""));
    scratch.run("send 1 --dry-run").ok();
    assert_eq!(web.asked().len(), 2);
    scratch.run("check 1").ok();
    assert_eq!(web.asked().len(), 2, "a check believes it for a day");
}

#[test]
fn a_copy_of_a_dead_page_is_looked_for_only_when_asked_for() {
    let web = Web::start(pages);
    let scratch = linking(&web, "/gone");
    let text = std::fs::read_to_string(scratch.path("courant.toml")).expect("it is there");
    scratch
        .write("courant.toml", text.replace("[links]", &format!("[links]\narchive = \"{}\"", web.url(""))));
    scratch.run("check 1").expect_code(2);
    let is_question = |request: &String| request.contains("/wayback/");
    assert_eq!(web.asked().iter().filter(|request| is_question(request)).count(), 0);
    let run = scratch.run("check 1 --snapshots").expect_code(2);
    run.prints("a copy of 19 September 2023: https://web.example/20230919044612/gone");
    assert_eq!(web.asked().iter().filter(|request| is_question(request)).count(), 1);
    let json = scratch.run("check 1 --snapshots --json").expect_code(2).json();
    let copy = &json["issues"][0]["link_verdicts"][0]["snapshot"];
    assert_eq!(copy["taken"].as_str(), Some("2023-09-19T04:46:12Z"), "{json:#}");
    assert_eq!(web.asked().iter().filter(|request| is_question(request)).count(), 1, "it is remembered");
}
