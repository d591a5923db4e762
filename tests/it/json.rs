//! The keys that `docs/json.md` shows are those that the binary prints, no more and no fewer.

use std::collections::BTreeSet;

use courant::model::attempt::Phase;
use serde_json::Value;

use crate::bounces::BOUNCE;
use crate::harness::mail::for_recipient;
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script, Who};
use crate::harness::web::Web;

/// The example below the heading "## `courant LINE`".
pub fn documented(line: &str) -> Value {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md"))
        .expect("the page is there");
    let heading = format!("\n## `courant {line}`\n");
    let section = page.split_once(&heading).unwrap_or_else(|| panic!("docs/json.md has no {heading}")).1;
    let example = section.split_once("```json\n").expect("a section has an example").1;
    let example = example.split_once("```").expect("an example ends").0;
    serde_json::from_str(example).unwrap_or_else(|why| panic!("the example of {line}: {why}"))
}

/// The example of one event.
fn documented_event() -> Value {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md"))
        .expect("the page is there");
    let example = page.split_once("```json event\n").expect("the page has an event").1;
    serde_json::from_str(example.split_once("```").expect("an example ends").0).expect("an example is JSON")
}

/// Every key with the way to it: `issues[].findings[].line`.
pub fn keys(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, way: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(entries) => entries.iter().for_each(|(key, value)| {
                let way = format!("{way}.{key}");
                walk(value, &way, found);
                found.insert(way);
            }),
            Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{way}[]"), found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(value, "", &mut found);
    found
}

#[track_caller]
fn agrees(scratch: &Scratch, line: &str, typed: &str, code: i32) {
    let printed = scratch.run(&format!("{typed} --json")).expect_code(code).json();
    let example = documented(line);
    assert_eq!(keys(&example), keys(&printed), "`courant {line}` prints\n{printed:#}");
}

#[test]
fn the_page_shows_what_every_verb_prints() {
    let scratch = Scratch::empty();
    agrees(&scratch, "init DIR", "init .", 0);
    let scratch = Scratch::weekly()
        .list("weekly", "email,name,city\nada@example.org,Ada,Minsk\nbob@example.org,Bob,Brest\nnobody,,\n");
    agrees(&scratch, "new TITLE", "new Spring", 0);
    agrees(&scratch, "check --explain RULE", "check --explain link-dead", 0);
    agrees(&scratch, "render ISSUE -o FILE", "render 1 -o one.html", 0);
    agrees(&scratch, "template list", "template list", 0);
    agrees(&scratch, "doctor", "doctor", 0);
    agrees(&scratch, "subscribers sync", "subscribers sync", 2);
    agrees(&scratch, "subscribers list", "subscribers list", 0);
    agrees(&scratch, "subscribers list LIST", "subscribers list weekly", 0);
    agrees(&scratch, "subscribers show --fields", "subscribers show --fields", 0);
    agrees(&scratch, "subscribers suppress ADDRESS", "subscribers suppress bob@example.org", 0);
    agrees(&scratch, "subscribers unsuppress ADDRESS", "subscribers unsuppress bob@example.org", 0);
    scratch.run("subscribers suppress bob@example.org").ok();
    agrees(&scratch, "test ISSUE", "test 1", 0);
    let mut dry = scratch.run("send 1 --dry-run --offline --json").ok().json();
    assert_eq!((&dry["frozen"], &dry["chosen"]), (&Value::Null, &1.into()), "{dry:#}");
    dry["frozen"] = documented("plan ISSUE")["frozen"].clone();
    assert_eq!(keys(&dry), keys(&documented("plan ISSUE")));
    agrees(&scratch, "send ISSUE", "send 1 --yes --offline", 0);
    agrees(&scratch, "send ISSUE", "send 1 --yes --offline", 0);
    agrees(&scratch, "plan ISSUE", "plan 1", 0);
    agrees(&scratch, "status", "status", 0);
    agrees(&scratch, "status ISSUE", "status 1", 0);
    agrees(&scratch, "report ISSUE", "report 1", 0);
    agrees(&scratch, "status ISSUE --why ada@example.org", "status 1 --why ada@example.org", 0);
    scratch.run("subscribers suppress ada@example.org").ok();
    scratch.run("subscribers unsuppress ada@example.org").ok();
    scratch.run("subscribers suppress ada@example.org").ok();
    scratch.sqlite(
        "INSERT INTO consent (key, address, lists, state, form, words, lang, asked_at, asked_from)
         VALUES ('ada@example.org', 'ada@example.org', '[\"weekly\"]', 'mailed', 'form 1', 'x', 'en', 0, '::1')",
    );
    agrees(&scratch, "subscribers show ADDRESS", "subscribers show ada@example.org", 0);
    scratch.run("subscribers unsuppress ada@example.org").ok();
    agrees(&scratch, "subscribers export LIST", "subscribers export weekly", 0);
    agrees(&scratch, "subscribers export --suppressed", "subscribers export --suppressed", 0);
    agrees(&scratch, "subscribers forget ADDRESS", "subscribers forget bob@example.org --yes", 0);
}

#[test]
fn the_form_of_somebody_s_own_page_is_in_one_key() {
    let scratch = Scratch::weekly().settings(crate::subscribe::LISTS);
    scratch.run("subscribers sync").ok();
    agrees(&scratch, "subscribers form", "subscribers form", 0);
}

#[test]
fn a_check_prints_what_became_of_each_link() {
    let web = Web::start(|request| {
        let head = if request.ends_with(" /tide") { "302 Found\r\nLocation: /sea" } else { "200 OK" };
        Some(head.to_owned())
    });
    let scratch = Scratch::weekly()
        .issue("001-hello", &format!("# Hello\n\nAbout [the tide]({}).\n", web.url("/tide")))
        .list("weekly", "email,name\nada@example.org,Ada\nnobody,\n")
        .settings("[links]\nallow_private = true");
    agrees(&scratch, "check ISSUE", "check 1", 0);
    let verdict = scratch.run("check 1 --json").ok().json()["issues"][0]["link_verdicts"][0].clone();
    assert_eq!(
        (verdict["verdict"].as_str(), verdict["line"].as_u64()),
        (Some("moved"), Some(3)),
        "{verdict:#}"
    );
    assert!(verdict["age"].is_u64(), "the second time it is remembered: {verdict:#}");
}

#[test]
fn keys_are_shown_as_the_page_says() {
    let scratch = Scratch::weekly();
    agrees(&scratch, "dkim keygen", "dkim keygen", 0);
    let scratch =
        scratch.settings("[dkim]\nselector = \"courant\"\nkey_file = \".courant/dkim-courant.pem\"");
    agrees(&scratch, "dkim show", "dkim show", 0);
}

#[test]
fn mails_that_came_back_are_shown_as_the_page_says() {
    let scratch = Scratch::empty().file("inbox.mbox", format!("From x@y Thu Jan 1 00:00:00 1970\n{BOUNCE}"));
    agrees(&scratch, "bounces parse FILE", "bounces parse inbox.mbox", 0);
    let words = "From: ada@example.org\nTo: us\nSubject: unsubscribe me\n\nPlease.\n";
    let (scratch, server) = (Scratch::weekly().file("mails/2", words), Server::start(Script::default()));
    scratch.run(&format!("send 1 --yes --offline --transport {}", server.url())).ok();
    let received = server.received();
    let id = for_recipient(&received, "bob@example.org")[0].message_id();
    scratch.write("mails/1", BOUNCE.replace("<one@weekly.test>", &id));
    agrees(&scratch, "bounces collect", "bounces collect mails", 0);
}

#[test]
fn a_dry_run_of_what_is_frozen_prints_what_a_send_prints() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    agrees(&scratch, "send ISSUE", "send 1 --dry-run --offline", 0);
}

#[test]
fn a_stop_prints_what_status_prints() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    agrees(&scratch, "stop", "stop", 0);
}

#[test]
fn a_reconciliation_prints_what_the_page_shows() {
    let silent = Script::default().always(Phase::Answer, Who::Anyone, Act::KeepAndCut);
    let server = Server::start(silent);
    let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={}\n", server.url()));
    scratch.run("send 1 --yes --offline").expect_code(4);
    agrees(&scratch, "reconcile ISSUE", "reconcile 1 --arrived ada@example.org --yes", 4);
    let why = scratch.run("status 1 --why ada@example.org --json").ok().json();
    assert_eq!(keys(&why["deliveries"][0]["events"][0]), keys(&documented_event()), "{why:#}");
}
