//! What is asked of a provider besides sending: `doctor`, and the exchange of suppressions.

use crate::harness::program::Run;
use crate::harness::provider::dialects::{MAILGUN, MAILJET, SES, SPARKPOST};
use crate::harness::provider::{Dialect, Fate, Provider};
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

const ACCOUNT: &str = r#"{"ProductionAccessEnabled":true,"SendingEnabled":true,"SendQuota":{"Max24HourSend":50000,"SentLast24Hours":10,"MaxSendRate":14}}"#;
const IDENTITY: &str = r#"{"VerifiedForSendingStatus":true,"DkimAttributes":{"Status":"SUCCESS"}}"#;

fn ses() -> Provider {
    Provider::start(SES).answering("GET /v2/email/account", 200, ACCOUNT).answering(
        "GET /v2/email/identities/weekly.example",
        200,
        IDENTITY,
    )
}

fn transport(url: &str, provider: &Provider) -> String {
    format!("{url}?endpoint={}", provider.endpoint())
}

fn doctor(scratch: &Scratch, url: &str, provider: &Provider) -> Run {
    scratch.run(&format!("doctor --json --transport {}", transport(url, provider)))
}

const KEYS: &str = "ses://AKIDEXAMPLE:secret@eu-central-1";

#[test]
fn doctor_proves_key_domain_and_quota_and_sends_nothing() {
    let provider = ses();
    let told = doctor(&Scratch::weekly(), KEYS, &provider).ok().json();
    assert_eq!(told["health"], "ok", "{told}");
    let words: Vec<&str> =
        told["checkups"].as_array().expect("a list").iter().filter_map(|it| it["message"].as_str()).collect();
    let expected =
        ["the key is good", "49990 of 50000 letters are left for 24 hours", "weekly.example is verified"];
    assert_eq!(words, expected);
    assert!(provider.calls().iter().all(|call| call.method == "GET"));
    assert!(
        provider.calls().iter().all(|call| call.headers["authorization"].starts_with("AWS4-HMAC-SHA256 "))
    );
}

#[test]
fn doctor_says_what_is_wrong_with_the_next_step_and_ends_with_2() {
    let nobody = Provider::start(SES).answering(
        "GET /v2/email/account",
        403,
        r#"{"message":"The security token included in the request is invalid."}"#,
    );
    let run = doctor(&Scratch::weekly(), KEYS, &nobody).expect_code(2);
    assert_eq!(run.json()["checkups"][0]["what"], "key", "{run}");
    let elsewhere = Provider::start(MAILGUN).answering(
        "GET /v3/domains/mg.weekly.example",
        200,
        r#"{"domain":{"name":"mg.weekly.example","state":"unverified"}}"#,
    );
    let url = transport("mailgun://key@mg.weekly.example", &elsewhere);
    let run = Scratch::weekly().run(&format!("doctor --transport {url}")).expect_code(2);
    run.prints("ok       key: the key is good").prints("failed   domain: mg.weekly.example is not verified");
    let away =
        Scratch::weekly().run("doctor --transport resend://key?endpoint=http://127.0.0.1:1").expect_code(2);
    away.prints("Resend cannot be reached");
}

#[test]
fn doctor_knocks_at_a_mail_server_and_a_probe_is_one_letter_to_oneself() {
    let sink = SmtpSink::start(&[]);
    let scratch = Scratch::weekly();
    let line = format!("doctor --transport {}", sink.url());
    scratch.run(&line).ok().prints("answers; it asks for no login");
    assert_eq!(sink.messages().len(), 0);
    scratch
        .run(&format!("{line} --send-probe"))
        .ok()
        .prints("ok       probe: The proof to wendy@weekly.example");
    let messages = sink.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].recipients, ["wendy@weekly.example"]);
    scratch
        .run("doctor --transport smtp://127.0.0.1:1")
        .expect_code(2)
        .prints("failed   connection: 127.0.0.1:1");
}

#[test]
fn doctor_knows_an_address_that_is_verified_without_its_domain() {
    let provider = Provider::start(SES).answering("GET /v2/email/account", 200, ACCOUNT).answering(
        "GET /v2/email/identities/wendy%40weekly.example",
        200,
        IDENTITY,
    );
    doctor(&Scratch::weekly(), KEYS, &provider).ok();
    let unknown = Provider::start(SES).answering("GET /v2/email/account", 200, ACCOUNT);
    let told = doctor(&Scratch::weekly(), KEYS, &unknown).expect_code(2).json();
    assert_eq!(told["checkups"][2]["message"], "Amazon SES does not know weekly.example", "{told}");
}

/// A provider that suppresses two, over two pages.
fn mailgun() -> Provider {
    let page = |address: &str, next: &str| {
        format!(
            r#"{{"items":[{{"address":"{address}","created_at":"Fri, 21 Oct 2011 11:02:55 UTC"}}],"paging":{{"next":"https://api.mailgun.net{next}"}}}}"#
        )
    };
    let list = "/v3/mg.weekly.example/bounces?page=next";
    let empty = r#"{"items":[],"paging":{"next":"https://api.mailgun.net/v3/x"}}"#;
    let provider = Provider::start(MAILGUN)
        .answering("GET /v3/mg.weekly.example/bounces?limit=1000", 200, &page("ADA@example.org", list))
        .answering(
            "GET /v3/mg.weekly.example/bounces?page=next",
            200,
            &page("zoe@example.org", "/v3/mg.weekly.example/bounces?page=last"),
        )
        .answering("GET /v3/mg.weekly.example/bounces?page=last", 200, empty)
        .answering(
            "GET /v3/mg.weekly.example/complaints?limit=1000",
            200,
            &page("ada@example.org", "/v3/mg.weekly.example/complaints?page=last"),
        )
        .answering("GET /v3/mg.weekly.example/complaints?page=last", 200, empty)
        .answering("GET /v3/mg.weekly.example/unsubscribes", 200, empty);
    provider.answering("POST /v3/mg.weekly.example/unsubscribes", 200, r#"{"message":"4 addresses"}"#)
}

#[test]
fn suppressions_are_brought_together_both_ways_and_a_second_time_changes_nothing() {
    let provider = mailgun();
    let scratch = Scratch::weekly();
    scratch.run("subscribers sync").ok();
    scratch.run("subscribers suppress eve@example.org --reason unsubscribed").ok();
    let line = format!(
        "subscribers sync-suppressions --json --transport {}",
        transport("mailgun://key@mg.weekly.example", &provider)
    );
    let rehearsed = scratch.run(&format!("{line} --dry-run")).ok().json();
    assert_eq!((&rehearsed["new"]["bounced"], &rehearsed["told"]), (&1.into(), &1.into()), "{rehearsed}");
    assert!(provider.calls().iter().all(|call| call.method == "GET"), "a dry run tells nobody");
    let first = scratch.run(&line).ok().json();
    assert_eq!(first["new"], serde_json::json!({ "bounced": 1, "complained": 1 }), "{first}");
    let posted: Vec<_> = provider.calls().into_iter().filter(|call| call.method == "POST").collect();
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].json(), serde_json::json!([{ "address": "eve@example.org" }]));
    let again = scratch.run(&line).ok().json();
    assert_eq!((&again["new"], &again["known"]), (&serde_json::json!({}), &2.into()), "{again}");
    let ada = scratch.run("subscribers show ada@example.org").ok();
    ada.prints("complained").prints("Mailgun");
    let plan = scratch.run("plan 1 --json").ok().json();
    assert_eq!(plan["chosen"], 1, "{plan}");
}

/// Postmark with one suppression on a page of five megabytes; it refuses one of two of ours.
fn postmark() -> Provider {
    let stream = "/message-streams/broadcast/suppressions";
    let reason = r#""SuppressionReason":"HardBounce","Origin":"Recipient""#;
    let long = "x".repeat(5 * 1024 * 1024);
    let dump =
        format!(r#"{{"Suppressions":[{{"EmailAddress":"ada@example.org",{reason},"Note":"{long}"}}]}}"#);
    let each = r#"{"Suppressions":[{"EmailAddress":"eve@example.org","Status":"Failed","Message":"no"},
        {"EmailAddress":"zoe@example.org","Status":"Suppressed","Message":null}]}"#;
    let provider = Provider::start(MAILGUN).answering(&format!("GET {stream}/dump"), 200, &dump);
    provider.answering(&format!("POST {stream}"), 200, each)
}

#[test]
fn a_long_list_is_read_whole_and_only_those_count_as_told_that_were_taken() {
    let provider = postmark();
    let scratch = Scratch::weekly();
    scratch.run("subscribers sync").ok();
    scratch.run("subscribers suppress eve@example.org --reason unsubscribed").ok();
    scratch.run("subscribers suppress zoe@example.org --reason bounced").ok();
    let line = format!("subscribers sync-suppressions --transport {}", transport("postmark://t", &provider));
    let told = scratch.run(&format!("{line} --json")).ok().json();
    assert_eq!(told["new"], serde_json::json!({ "bounced": 1 }), "{told}");
    assert_eq!(
        (&told["told"], &told["refused"], &told["untold"]),
        (&1.into(), &1.into(), &0.into()),
        "{told}"
    );
    let words = scratch.run(&line).ok();
    words.prints("It does not take 1 of ours").prints("of one stream; here they hold for every list");
}

#[test]
fn keys_and_letters_for_a_server_on_this_machine_pass_no_proxy() {
    let provider = Provider::start(MAILGUN);
    let scratch = Scratch::weekly();
    let url = transport("mailgun://key@mg.weekly.example", &provider);
    let mut send = scratch.courant(["send", "1", "--yes", "--offline", "--transport", &url]);
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        send = send.env(name, "http://127.0.0.1:1");
    }
    send.run().ok();
    assert!(!provider.taken().is_empty());
}

#[test]
fn a_provider_that_does_not_answer_or_has_no_list_is_one_sentence() {
    let refuse = |dialect: Dialect, url: &str| {
        let provider = Provider::start(dialect);
        let run = Scratch::weekly()
            .run(&format!("subscribers sync-suppressions --transport {}", transport(url, &provider)));
        run.expect_code(1)
    };
    for (dialect, url) in [(SPARKPOST, "sparkpost://key"), (MAILJET, "mailjet://key:secret")] {
        refuse(dialect, url).says("does not say whom it suppresses: 404 not found").says("courant doctor");
    }
    let smtp = Scratch::weekly().run("subscribers sync-suppressions --transport smtp://127.0.0.1:1");
    smtp.expect_code(1).says("is no provider's API and has no list");
}

#[test]
fn an_uncertain_letter_is_settled_by_the_search_of_its_provider() {
    let provider =
        Provider::start(MAILGUN).fate(|number| if number == 1 { Fate::Cut } else { Fate::Answered });
    let events = "GET /v3/mg.weekly.example/events";
    let provider = provider.answering(events, 200, r#"{"items":[]}"#);
    let scratch = Scratch::weekly();
    let url = transport("mailgun://key@mg.weekly.example", &provider);
    scratch.run(&format!("send 1 --yes --offline --transport {url}")).expect_code(4);
    let search = format!("reconcile 1 --search --transport {url}");
    scratch.run(&search).expect_code(4).prints("Mailgun does not know it yet: ask again in half an hour");
    let none = scratch.run("reconcile 1 --search --transport ses://a:b@eu-central-1").expect_code(1);
    none.says("Amazon SES has no search for letters");
    let token = &provider.taken()[1].token;
    let told = format!(
        r#"{{"items":[{{"event":"accepted","user-variables":{{"courant":"other"}}}},
        {{"event":"delivered","user-variables":{{"courant":"{token}"}}}}]}}"#
    );
    provider.answer(events, 200, &told);
    scratch.run(&search).ok().prints("search of Mailgun");
    let status = scratch.run("status 1 --json").ok().json();
    assert_eq!(
        (&status["counts"]["delivered"], &status["counts"]["accepted"]),
        (&1.into(), &2.into()),
        "{status}"
    );
}
