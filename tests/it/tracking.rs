//! Opens and clicks, where an author turned them on: by raw HTTP, and in a browser.

use std::fs;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::hooks::{Answer, Serve};
use crate::harness::mail::Received;
use crate::harness::preview::Preview;
use crate::harness::program::Program;
use crate::harness::scratch::Scratch;
use crate::harness::tools::{fixture, installed, tool};

const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const ISSUE: &str = "---\ntitle: Links\n---\n\nThe [first](https://one.example/a?x=1&y=2#part), the \
    [second](https://two.example/), the [third](https://three.example/), yours \
    [here](https://four.example/?for={{ email }}), or [write](mailto:us@weekly.example).\n";
const ON: &str = "[tracking]\nopens = true\nclicks = true";

fn weekly(settings: &str) -> Scratch {
    let scratch = Scratch::weekly().issue("002-links", ISSUE);
    let scratch = if settings.is_empty() { scratch } else { scratch.settings(settings) };
    scratch.run("send 2 --yes --offline").ok();
    scratch
}

/// As if the letters had arrived an hour ago.
fn an_hour_later(scratch: &Scratch) {
    scratch.sqlite("UPDATE attempt SET ended_at = ended_at - 3600000");
}

/// The HTML of somebody's letter.
fn letter(scratch: &Scratch, name: &str) -> String {
    letter_about(scratch, name, "Links")
}

fn letter_about(scratch: &Scratch, name: &str, subject: &str) -> String {
    let letters = scratch.files("outbox/new").into_iter().map(|path| fs::read(scratch.path(&path)).unwrap());
    let received = letters.map(|raw| Received { sender: String::new(), recipients: Vec::new(), raw });
    let has = |letter: &Received, header: &str, words: &str| letter.header(header).unwrap().contains(words);
    let mut own = received.filter(|letter| {
        has(letter, "To", &format!("{name}@example.org")) && has(letter, "Subject", subject)
    });
    own.next_back().expect("they have a letter").parts().1
}

/// The paths of a letter below the address of the newsletter that begin so.
fn paths(html: &str, begin: &str) -> Vec<String> {
    let all = html.split("https://weekly.example").skip(1).filter_map(|piece| piece.split('"').next());
    all.filter(|path| path.starts_with(begin)).map(str::to_owned).collect()
}

fn ask(serve: &Serve, method: &str, path: &str, agent: &str) -> Answer {
    serve.ask(method, path, &format!("User-Agent: {agent}\r\n"), "")
}

/// What the report says, once it says so.
fn counted(scratch: &Scratch, opens: &[u64; 3], clicks: &[u64; 3]) -> Value {
    let numbers = |[person, unsure, machine]: &[u64; 3]| json!({"person": person, "unsure": unsure, "machine": machine});
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let told = scratch.run("report 2 --json").ok().json()["tracking"].clone();
        if (&told["opens"], &told["clicks"]) == (&numbers(opens), &numbers(clicks)) {
            return told;
        }
        assert!(Instant::now() < until, "the report says {told}");
    }
}

/// All that must not change because somebody opened or clicked.
fn letters_and_suppressions(scratch: &Scratch) -> Vec<String> {
    scratch.sqlite("SELECT id, state FROM delivery UNION ALL SELECT key, reason FROM suppression ORDER BY 1")
}

#[test]
fn nothing_is_tracked_unless_somebody_turns_it_on_and_an_issue_can_turn_it_off() {
    let scratch = weekly("");
    let html = letter(&scratch, "ada");
    assert!(
        html.contains("https://two.example/")
            && paths(&html, "/c/").is_empty()
            && paths(&html, "/o/").is_empty()
    );
    assert_eq!(scratch.run("report 2 --json").ok().json().get("tracking"), None);
    assert!(!scratch.run("status 2").ok().stdout.contains("by people"));
    let scratch =
        scratch.settings(ON).issue("003-off", &ISSUE.replace("title: Links", "title: Off\ntracking: false"));
    scratch.run("send 3 --yes --offline").ok();
    assert!(paths(&letter_about(&scratch, "ada", "Off"), "/c/").is_empty());
    let homeless = scratch.read("courant.toml").replace("base_url = \"https://weekly.example\"\n", "");
    scratch.write("courant.toml", homeless);
    scratch.run("status").expect_code(1).says("needs a `base_url`");
}

#[test]
fn a_person_who_opens_and_clicks_is_led_on_and_counted_once() {
    let scratch = weekly(ON);
    an_hour_later(&scratch);
    let html = letter(&scratch, "ada");
    assert!(
        html.contains("href=\"https://four.example/?for=ada%40example.org\"")
            && html.contains("href=\"mailto:us@")
    );
    let (links, pictures) = (paths(&html, "/c/"), paths(&html, "/o/"));
    assert_eq!((links.len(), pictures.len()), (3, 1), "{html}");
    assert_eq!(paths(&html, "/u/").len(), 1, "the way out is not led over anything");
    let before = letters_and_suppressions(&scratch);
    let serve = Serve::start(&scratch);
    for _ in 0..2 {
        let link = ask(&serve, "GET", &links[0], BROWSER);
        assert_eq!((link.status, link.header("location")), (302, Some("https://one.example/a?x=1&y=2#part")));
        assert_eq!((link.header("cache-control"), link.header("set-cookie")), (Some("no-store"), None));
        assert_eq!(link.body, "");
        let picture = ask(&serve, "GET", &pictures[0], BROWSER);
        assert_eq!(picture.header("content-type"), Some("image/gif"));
        picture.says(200, "GIF89a");
    }
    let told = counted(&scratch, &[1, 0, 0], &[1, 0, 0]);
    assert_eq!(
        told["links"][0],
        json!({"target": "https://one.example/a?x=1&y=2#part", "person": 1, "unsure": 0, "machine": 0})
    );
    assert_eq!(told["links"].as_array().map(Vec::len), Some(3));
    scratch.run("report 2").ok().prints("people are fewer or more").prints("https://one.example/a");
    scratch.run("status 2").ok().prints("clicked by people 1, unsure 0, machines 0");
    let story = scratch.run("subscribers show ada@example.org").ok();
    story.prints("clicked").prints("courant serve, person: https://one.example/a?x=1&y=2#part, 2 times");
    scratch.run("status 2 --why ada@example.org").ok().prints("opened, courant serve, person");
    assert_eq!(letters_and_suppressions(&scratch), before);
    serve.kill();
}

#[test]
fn a_scanner_that_fetches_everything_changes_nothing_and_is_called_a_machine() {
    let scratch = weekly(ON);
    an_hour_later(&scratch);
    let before = letters_and_suppressions(&scratch);
    let serve = Serve::start(&scratch);
    for name in ["ada", "bob"] {
        let html = letter(&scratch, name);
        for path in paths(&html, "/") {
            // One says what it is, the other calls itself a browser and is too fast for one.
            let agent = if name == "ada" { "Barracuda Sentinel (EE)" } else { BROWSER };
            for method in ["HEAD", "GET"] {
                let answer = ask(&serve, method, &path, agent);
                assert!(answer.status < 500, "{method} {path}: {answer:?}");
                assert!(method == "GET" || answer.body.is_empty(), "{method} {path}: {answer:?}");
            }
        }
    }
    // A picture alone proves nothing of a machine that says it is none.
    counted(&scratch, &[1, 0, 1], &[0, 0, 2]);
    assert_eq!(letters_and_suppressions(&scratch), before);
    let eve = paths(&letter(&scratch, "eve"), "/o/").remove(0);
    let proxy = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
    assert_eq!(ask(&serve, "GET", &eve, proxy).status, 200);
    counted(&scratch, &[1, 1, 1], &[0, 0, 2]);
    serve.kill();
}

#[test]
fn a_link_that_was_changed_leads_nowhere_and_counts_nothing() {
    let scratch = weekly(ON);
    an_hour_later(&scratch);
    let html = letter(&scratch, "ada");
    let link = paths(&html, "/c/").remove(0);
    let parts: Vec<&str> = link.split('/').collect();
    let [list, number, token] = [parts[2], parts[3], parts[4]];
    let way_out = paths(&html, "/u/").remove(0);
    let stranger = format!("{}{}", if token.starts_with('a') { "b" } else { "a" }, &token[1..]);
    let serve = Serve::start(&scratch);
    for path in [
        format!("/c/{list}/{number}/{stranger}"),
        format!("/c/{list}/99/{token}"),
        format!("/c/{list}/0/{token}"),
        format!("/c/aaaaaaaa/{number}/{token}"),
        format!("/c/{list}/{number}/{}", &token[1..]),
        format!("/c/{list}/{number}/{}", way_out.trim_start_matches("/u/")),
        format!("/c/{list}/{number}/{token}/https://evil.example"),
        format!("/c/{list}/https://evil.example/{token}"),
        format!("/c/{list}/{number}/?url=https://evil.example"),
        format!("/c//evil.example/{number}/{token}"),
        format!("/o/{list}/{stranger}.gif"),
        format!("/u/{token}"),
    ] {
        let answer = ask(&serve, "GET", &path, BROWSER);
        assert_eq!((answer.status, answer.header("location")), (404, None), "{path}");
    }
    assert_eq!(ask(&serve, "POST", &link, BROWSER).status, 405);
    let answer = ask(&serve, "GET", &format!("{link}?url=https://evil.example"), BROWSER);
    assert_eq!(
        answer.header("location"),
        Some("https://one.example/a?x=1&y=2#part"),
        "what stands behind it is not read"
    );
    counted(&scratch, &[0, 0, 0], &[1, 0, 0]);
    serve.kill();
}

#[test]
fn who_did_not_agree_is_led_on_and_never_counted() {
    let scratch = Scratch::weekly()
        .issue("002-links", ISSUE)
        .list(
            "weekly",
            "email,name,agreed\nada@example.org,Ada,yes\nbob@example.org,Bob,\neve@example.org,Eve,no\n",
        )
        .settings(&format!("{ON}\nconsent = \"agreed\""));
    scratch.run("send 2 --yes --offline").ok();
    an_hour_later(&scratch);
    let serve = Serve::start(&scratch);
    for name in ["ada", "bob", "eve"] {
        let html = letter(&scratch, name);
        let links = paths(&html, "/c/");
        assert_eq!(links[0].ends_with("/-"), name != "ada", "{name}: {links:?}");
        let answer = ask(&serve, "GET", &links[1], BROWSER);
        assert_eq!(answer.header("location"), Some("https://two.example/"), "{name}");
        assert_eq!(ask(&serve, "GET", &paths(&html, "/o/")[0], BROWSER).status, 200);
    }
    counted(&scratch, &[1, 0, 0], &[1, 0, 0]);
    serve.kill();
}

#[test]
fn who_takes_their_consent_back_is_led_on_and_counted_no_more() {
    let list = |ada: &str| format!("email,name,agreed\nada@example.org,Ada,{ada}\nbob@example.org,Bob,yes\n");
    let scratch = Scratch::weekly()
        .issue("002-links", ISSUE)
        .list("weekly", &list("yes"))
        .settings(&format!("{ON}\nconsent = \"agreed\""));
    scratch.run("send 2 --yes --offline").ok();
    an_hour_later(&scratch);
    let scratch = scratch.list("weekly", &list("no"));
    scratch.run("subscribers sync").ok();
    let serve = Serve::start(&scratch);
    for name in ["ada", "bob"] {
        let answer = ask(&serve, "GET", &paths(&letter(&scratch, name), "/c/")[1], BROWSER);
        assert_eq!(answer.header("location"), Some("https://two.example/"), "{name}");
    }
    counted(&scratch, &[0, 0, 0], &[1, 0, 0]);
    assert!(!scratch.run("subscribers show ada@example.org").ok().stdout.contains("clicked"));
    serve.kill();
}

#[test]
fn a_ledger_that_somebody_writes_to_keeps_no_visitor_waiting_and_loses_none() {
    let scratch = weekly(ON);
    an_hour_later(&scratch);
    let links = ["ada", "bob", "eve"].map(|name| paths(&letter(&scratch, name), "/c/").remove(1));
    let serve = Serve::start(&scratch);
    let holder = Connection::open(scratch.path(".courant/ledger.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    for link in &links {
        let answer = ask(&serve, "GET", link, BROWSER);
        assert_eq!(answer.header("location"), Some("https://two.example/"));
    }
    // Whoever writes waits for half a minute.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    holder.execute_batch("COMMIT").unwrap();
    counted(&scratch, &[0, 0, 0], &[3, 0, 0]);
    serve.kill();
}

#[test]
fn a_link_in_letters_of_another_script_and_one_of_an_odd_spelling_lead_where_they_say() {
    let scratch = Scratch::weekly().settings(ON).issue(
        "002-links",
        "---\ntitle: Links\n---\n\nA [book](https://bücher.example/über?q=ä) and an \
         [odd one](https://one.example?x=%41).\n",
    );
    scratch.run("send 2 --yes --offline").ok();
    let serve = Serve::start(&scratch);
    let links = paths(&letter(&scratch, "ada"), "/c/");
    let led = |place: usize| ask(&serve, "GET", &links[place], BROWSER).header("location").map(str::to_owned);
    assert_eq!(led(0).as_deref(), Some("https://xn--bcher-kva.example/%C3%BCber?q=%C3%A4"));
    assert_eq!(led(1).as_deref(), Some("https://one.example?x=%41"), "as its author wrote it");
    serve.kill();
}

#[test]
fn the_links_of_a_proof_lead_on_and_those_of_older_letters_do_when_tracking_is_off_again() {
    let scratch = Scratch::weekly().issue("002-links", ISSUE).settings(ON);
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("test 2 --to eve@example.org").ok();
    let proof = letter(&scratch, "eve");
    let shown = scratch.run("render 2 --as ada@example.org").ok().stdout;
    assert_eq!(paths(&shown, "/c/").len(), 3, "what is looked at has the links that are sent");
    let serve = Serve::start(&scratch);
    let answer = ask(&serve, "GET", &paths(&proof, "/c/")[1], BROWSER);
    assert_eq!(answer.header("location"), Some("https://two.example/"));
    assert_eq!(ask(&serve, "GET", &paths(&proof, "/o/")[0], BROWSER).status, 200);
    serve.signal("TERM");
    serve.finish().ok();
    scratch.run("send 2 --yes --offline").ok();
    an_hour_later(&scratch);
    counted(&scratch, &[0, 0, 0], &[0, 0, 0]);
    let link = paths(&letter(&scratch, "ada"), "/c/").remove(2);
    let off = scratch.read("courant.toml").replace("= true", "= false");
    scratch.write("courant.toml", off);
    let serve = Serve::start(&scratch);
    let answer = ask(&serve, "GET", &link, BROWSER);
    assert_eq!(answer.header("location"), Some("https://three.example/"));
    serve.signal("TERM");
    serve.finish().ok();
    counted(&scratch, &[0, 0, 0], &[0, 0, 0]);
}

#[test]
fn the_links_of_a_proof_from_the_page_of_the_preview_lead_on_too() {
    let scratch = Scratch::weekly().issue("002-links", ISSUE).settings(ON);
    let preview = Preview::start(&scratch, "2");
    let sent = preview.post("api/test", &json!({"id": "002-links", "to": "eve@example.org"}));
    assert_eq!(sent.status, 200, "{}", sent.text());
    let serve = Serve::start(&scratch);
    let answer = ask(&serve, "GET", &paths(&letter(&scratch, "eve"), "/c/")[1], BROWSER);
    assert_eq!(answer.header("location"), Some("https://two.example/"));
    serve.signal("TERM");
    serve.finish().ok();
}

#[test]
fn in_a_browser_the_picture_loads_and_a_link_arrives_without_a_cookie() {
    let scratch = weekly(ON);
    an_hour_later(&scratch);
    let serve = Serve::start(&scratch);
    let html = letter(&scratch, "ada").replace("https://weekly.example", &format!("http://{}", serve.host));
    scratch.write("letter.html", html);
    let run = Program::new(&tool("node"), &scratch.path(""))
        .args([fixture("tracking.mjs"), installed("node/node_modules"), scratch.path("letter.html")])
        .args([BROWSER])
        .env("HOME", scratch.path(""))
        .patience(Duration::from_secs(120))
        .run()
        .ok();
    let told: Value = serde_json::from_str(&run.stdout).expect("it prints JSON");
    assert_eq!(
        told,
        json!({"picture": 1, "arrived": "https://one.example/a?x=1&y=2#part", "cookies": 0, "told": ""})
    );
    counted(&scratch, &[1, 0, 0], &[1, 0, 0]);
    serve.kill();
}
