//! `report` tells an author how an issue went: in numbers that agree, and on a page that can be shown around.

use std::fs;

use rusqlite::Connection;
use serde_json::Value;

use crate::harness::browser::{all_well, looks};
use crate::harness::mixed::mixed;
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::Script;

/// One letter, in an outbox.
fn one() -> Scratch {
    let scratch = Scratch::weekly().list("weekly", "email,name\nada@example.org,Ada\n");
    scratch.run("send 1 --yes --offline").ok();
    scratch
}

/// What a run printed, with one space between words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sum(rows: &Value, key: &str) -> u64 {
    rows.as_array().expect("rows").iter().filter_map(|row| row[key].as_u64()).sum()
}

#[test]
fn an_issue_that_was_not_sent_cannot_be_reported() {
    let scratch = Scratch::weekly();
    scratch.run("report 1").expect_code(1).says("001-hello was not sent yet").says("courant plan 001-hello");
    scratch.run("subscribers sync").ok();
    scratch.run("report 1").expect_code(1).says("001-hello was not sent yet");
    scratch.run("report 7").expect_code(1).says("7");
}

#[test]
fn what_cannot_be_done_is_said() {
    let scratch = one();
    scratch.run("report 1 --format pdf").expect_code(1).says("html");
    scratch.run("report 1 --format csv --json").expect_code(1).says("leave one of them out");
    let nowhere = scratch.run("report 1 -o nowhere/report.html").expect_code(1);
    nowhere.says("nowhere/report.html").says("help: name a file");
    scratch.run("report").expect_code(1).says("ISSUE");
}

#[test]
fn a_person_reads_how_it_went_why_and_what_to_type() {
    let (scratch, _server) = mixed();
    let run = scratch.run("report 1").ok();
    let told = words(&run.stdout);
    for line in [
        "001-hello: Hello live, by ",
        "accepted 1 33.3 % planned",
        "refused 1 550 5.1.1 <b…@example.org>: no such user b…@example.org",
        "deferred 1 450 4.2.0 greylisted, come back e…@example.org",
    ] {
        assert!(told.contains(line), "{line}\n{run}");
    }
    run.prints("1 letter is still to be sent: `courant send 001-hello`");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{run}");
    assert!(!run.stdout.contains("bob@") && !run.stdout.contains('\x1b'), "{run}");
}

#[test]
fn the_sums_of_the_json_agree() {
    let (scratch, _server) = mixed();
    let json = scratch.run("report 1 --json").ok().json();
    assert_eq!(json, scratch.run("report 1 --format json").ok().json());
    let counts: u64 = json["counts"].as_object().expect("counts").values().filter_map(Value::as_u64).sum();
    assert_eq!((counts, json["audience"].as_u64()), (3, Some(3)), "{json}");
    assert_eq!(sum(&json["providers"], "letters"), 3, "{json}");
    assert_eq!(sum(&json["tries"], "letters"), 3, "{json}");
    assert_eq!(sum(&json["reasons"], "letters"), 2, "{json}");
    assert_eq!(sum(&json["attempts"]["points"], "accepted"), 1, "{json}");
    assert_eq!(json["letters"]["accepted"]["letters"], 1, "{json}");
    assert_eq!(json["growth"]["lists"][0]["members"], 3, "{json}");
    assert_eq!(json["slowest"][0]["domain"], "example.org", "{json}");
}

#[test]
fn a_rehearsal_is_reported_beside_the_live_send() {
    let (scratch, _server) = mixed();
    scratch.run("send 1 --yes --offline --transport outbox:outbox").ok();
    scratch.run("report 1").ok().prints("live, by ");
    let rehearsal = scratch.run("report 1 --rehearsal").ok();
    // Without bob, whom his server does not know.
    assert!(words(&rehearsal.prints("rehearsal, by ").stdout).contains("accepted 2 100 %"), "{rehearsal}");
}

#[test]
fn the_name_of_the_file_says_how_it_is_written() {
    let scratch = one();
    for (name, begins) in [
        ("a.html", "<!doctype html>"),
        ("a.json", "{\""),
        ("a.csv", "table,row,column,value\n"),
        ("a.md", "# 001-hello: Hello\n"),
        ("a.txt", "001-hello: Hello\n"),
    ] {
        let run = scratch.run(&format!("report 1 -o {name}")).ok();
        run.says(&format!("The report is in {name}."));
        let text = scratch.read(name);
        assert!(text.starts_with(begins) && text.ends_with('\n'), "{name}: {text}");
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_subject_cannot_become_a_formula_or_markup() {
    let issue = "---\ntitle: '=HYPERLINK(\"b\") <b>'\n---\n\n# Hi\n\nDear reader.\n";
    let scratch = Scratch::weekly().issue("001-hello", issue);
    scratch.run("send 1 --yes --offline").ok();
    let csv = scratch.run("report 1 --format csv").ok();
    csv.prints("report,1,subject,\"'=HYPERLINK(");
    scratch.run("report 1 --format html").ok().prints("<h1>=HYPERLINK(&quot;b&quot;) &lt;b&gt;</h1>");
}

#[test]
fn an_earlier_issue_to_the_same_list_is_compared_with() {
    let scratch = one();
    scratch.write("issues/002-next.md", "---\ntitle: Next\n---\n\n# Next\n\nDear reader, again.\n");
    scratch.run("send 2 --yes --offline").ok();
    let json = scratch.run("report 2 --json").ok().json();
    assert_eq!(json["earlier"][0]["issue"], "001-hello", "{json}");
    scratch.run("report 2").ok().prints("COMPARED WITH THE ISSUES BEFORE").prints("001-hello");
    assert_eq!(scratch.run("report 1 --json").ok().json()["earlier"], serde_json::json!([]));
}

/// 100,000 letters with everything that can happen to them, eleven issues before, and two years of joining.
fn big() -> Scratch {
    let scratch = one();
    let ledger = Connection::open(scratch.path(".courant/ledger.db")).expect("it was made");
    ledger.execute_batch(include_str!("fixtures/report.sql")).expect("the ledger takes them");
    scratch
}

/// Nobody answers: letters that are planned, and no attempt that was finished.
fn none() -> Scratch {
    let port = Server::start(Script::default()).url();
    let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={port}\n"));
    scratch.run("send 1 --yes --offline --limit 0");
    scratch
}

#[test]
fn the_sums_of_a_big_issue_agree_in_every_part() {
    let scratch = big();
    let json = scratch.run("report 100-big --json").ok().json();
    let others = &json["other_providers"]["counts"];
    let others: u64 = others.as_object().expect("counts").values().filter_map(Value::as_u64).sum();
    assert_eq!(sum(&json["providers"], "letters") + others, 100_000, "{json:#}");
    assert_eq!(sum(&json["tries"], "letters"), 100_000);
    let accepted = json["letters"]["accepted"]["letters"].as_u64();
    assert_eq!(Some(sum(&json["tries"], "accepted")), accepted);
    assert_eq!(Some(sum(&json["attempts"]["points"], "accepted")), accepted);
    for state in ["bounced", "refused", "deferred", "uncertain"] {
        let of = |rows: &Value| {
            let rows = rows.as_array().expect("rows").iter();
            rows.filter(|row| row["state"] == state).filter_map(|row| row["letters"].as_u64()).sum::<u64>()
        };
        let told = of(&json["reasons"]) + of(&json["other_reasons"]);
        assert_eq!(Some(told), json["counts"][state].as_u64(), "{state}: {json:#}");
    }
    assert_eq!(json["earlier"].as_array().map(Vec::len), Some(10));
    let months = json["growth"]["months"].as_array().expect("months");
    assert_eq!(months.last().expect("some")["members"], json["growth"]["lists"][0]["members"]);
}

#[test]
fn its_page_is_right_on_a_phone_and_a_desk_in_light_and_dark_with_no_one_and_many_letters() {
    let pages = tempfile::tempdir().expect("there is room for a folder");
    for (name, scratch, issue) in [("none", none(), "1"), ("one", one(), "1"), ("many", big(), "100-big")] {
        let page = scratch.run(&format!("report {issue} --format html")).ok().stdout;
        fs::write(pages.path().join(format!("{name}.html")), page).expect("there is room for a page");
    }
    all_well(&looks("report.mjs", [pages.path()]), 3 * 4);
}
