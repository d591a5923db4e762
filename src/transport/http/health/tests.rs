use serde_json::json;

use super::*;
use crate::model::checkup::Health;
use crate::transport::http::answer::tests::answer;

fn told(read: Read, value: Value) -> Vec<String> {
    let address = Address::parse("wendy@weekly.example").unwrap();
    let sender = Sender { address: &address, domain: "weekly.example".to_owned() };
    let found = read(&value, &sender);
    assert!(found.iter().all(|it| (it.health == Health::Ok) == it.help.is_none()), "{found:?}");
    found.iter().map(|it| format!("{} {}: {}", it.what, it.health.name(), it.words)).collect()
}

#[test]
fn amazons_sandbox_quota_and_unsigned_domain_are_told() {
    let account = json!({ "ProductionAccessEnabled": false, "SendingEnabled": true,
        "SendQuota": { "Max24HourSend": 200.0, "SentLast24Hours": 195.0, "MaxSendRate": 1.0 } });
    assert_eq!(
        told(read::ses_account, account),
        [
            "key ok: the key is good",
            "sandbox warning: the account is in the sandbox and writes to verified addresses alone",
            "quota warning: 5 of 200 letters are left for 24 hours",
        ]
    );
    let identity = json!({ "VerifiedForSendingStatus": true, "DkimAttributes": { "Status": "PENDING" } });
    assert_eq!(
        told(read::ses_identity, identity),
        ["domain ok: weekly.example is verified", "dkim warning: letters from weekly.example are not signed"]
    );
}

#[test]
fn a_domain_that_is_not_there_or_not_verified_fails_at_every_provider() {
    let unknown = "domain failed: Resend does not know weekly.example";
    assert_eq!(told(read::resend_domains, json!({ "data": [] }))[1], unknown);
    let cases: [(Read, Value); 6] = [
        (read::resend_domains, json!({ "data": [{ "name": "weekly.example", "status": "pending" }] })),
        (read::mailgun_domain, json!({ "domain": { "name": "weekly.example", "state": "unverified" } })),
        (read::sendgrid_domain, json!([{ "domain": "weekly.example", "valid": false }])),
        (
            read::brevo_domains,
            json!({ "domains": [{ "domain_name": "weekly.example", "authenticated": false }] }),
        ),
        (read::sparkpost_domain, json!({ "results": { "status": { "ownership_verified": false } } })),
        (read::mailjet_senders, json!({ "Data": [{ "Email": "*@weekly.example", "Status": "Inactive" }] })),
    ];
    for (read, value) in cases {
        let told = told(read, value);
        assert!(
            told.iter().any(|line| line.starts_with("domain failed: weekly.example is not verified")),
            "{told:?}"
        );
    }
}

#[test]
fn a_key_that_may_not_send_and_an_archived_stream_fail() {
    assert_eq!(
        told(read::sendgrid_scopes, json!({ "scopes": ["mail.read"] })),
        ["key failed: the key may not send"]
    );
    let stream = json!({ "ID": "news", "MessageStreamType": "Broadcasts", "ArchivedAt": "2020-01-01" });
    assert_eq!(told(read::postmark_stream, stream), ["stream failed: the stream `news` is archived"]);
    let used_up =
        json!({ "results": { "status": "active", "usage": { "day": { "used": 500, "limit": 500 } } } });
    assert_eq!(
        told(read::sparkpost_account, used_up)[1],
        "quota failed: 0 of 500 letters are left for today"
    );
}

#[test]
fn a_clock_is_measured_by_the_date_of_an_answer() {
    let dated = answer(200, &[("date", "Mon, 30 Nov 2026 12:00:00 GMT")], "{}");
    let at = |time: &str| clock(&dated, time.parse().unwrap()).unwrap();
    assert_eq!(at("2026-11-30T12:00:30Z").health, Health::Ok);
    assert_eq!(at("2026-11-30T12:10:00Z").words, "this machine's clock is 600 s ahead");
    assert_eq!(at("2026-11-30T11:58:00Z").words, "this machine's clock is 120 s behind");
    assert!(clock(&answer(200, &[], "{}"), Timestamp::now()).is_none());
}

#[test]
fn a_page_of_a_proxy_is_no_provider_and_a_refused_key_is_said_with_the_next_step() {
    let address = Address::parse("wendy@weekly.example").unwrap();
    let sender = Sender { address: &address, domain: "weekly.example".to_owned() };
    let question = Question {
        path: String::new(),
        otherwise: None,
        read: read::ses_account,
        what: "key",
        is_extra: false,
    };
    let told =
        |status, body: &str| read(&question, &answer(status, &[], body), &sender, Provider::Ses).remove(0);
    assert_eq!(told(200, "<html>").words, "what answers is not Amazon SES");
    let refused = told(403, r#"{"message":"The security token included in the request is invalid."}"#);
    assert!(refused.words.starts_with("the key is not taken: 403 The security token"), "{refused:?}");
    assert!(refused.help.unwrap().contains("docs/providers/ses.md"));
}
