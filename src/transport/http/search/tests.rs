use serde_json::json;

use super::*;
use crate::transport::http::tests::settings;

fn wanted() -> Wanted {
    Wanted {
        token: "tok1".to_owned(),
        recipient: "ada@example.org".to_owned(),
        begun: "2026-11-30T12:00:00Z".parse().unwrap(),
        ended: "2026-11-30T12:01:00Z".parse().unwrap(),
    }
}

fn fate(read: fn(&Value, &Wanted) -> Option<Seen>, item: Value) -> Option<Fate> {
    read(&item, &wanted()).map(|seen| seen.fate)
}

#[test]
fn each_search_asks_for_this_letter_alone_and_two_providers_have_none() {
    let path = |url: &str| search(&settings(url, "http://127.0.0.1:1"), &wanted()).map(|search| search.path);
    assert_eq!(path("ses://a:b@eu-central-1"), None);
    assert_eq!(path("resend://k"), None, "its list does not tell two letters to one address apart");
    assert!(!is_there(Provider::Ses) && !is_there(Provider::Resend) && is_there(Provider::Mailgun));
    assert!(path("postmark://t").unwrap().ends_with("messagestream=broadcast&metadata_courant=tok1"));
    assert!(path("mailgun://k@mg.x.example").unwrap().contains("begin=1796039400&end="));
    assert!(path("sendgrid://k").unwrap().ends_with("query=unique_args%5B%27courant%27%5D%3D%22tok1%22"));
    assert!(path("mailjet://k:s").unwrap().ends_with("CustomID=tok1"));
    assert!(path("sparkpost://k").unwrap().ends_with("recipients=ada%40example.org&from=2026-11-30T11:50"));
}

#[test]
fn what_a_search_says_is_read_and_letters_of_others_are_passed_over() {
    let vars = |token: &str| json!({ "courant": token });
    let failed =
        |severity: &str| json!({ "event": "failed", "severity": severity, "user-variables": vars("TOK1") });
    assert_eq!(fate(told::mailgun, failed("permanent")), Some(Fate::Bounced));
    assert_eq!(fate(told::mailgun, failed("temporary")), Some(Fate::Accepted));
    assert_eq!(fate(told::mailgun, json!({ "event": "delivered", "user-variables": vars("tok2") })), None);
    assert_eq!(
        fate(told::postmark, json!({ "Status": "Sent", "Metadata": vars("tok1") })),
        Some(Fate::Accepted)
    );
    assert_eq!(
        fate(told::sendgrid, json!({ "to_email": "Ada@example.org", "status": "not_delivered" })),
        Some(Fate::Bounced)
    );
    assert_eq!(
        fate(told::sparkpost, json!({ "type": "delivery", "rcpt_meta": vars("tok1") })),
        Some(Fate::Delivered)
    );
    let queued = |token: &str| json!({ "Status": "queued", "CustomID": token });
    assert_eq!(fate(told::mailjet, queued("tok1")), Some(Fate::Accepted));
    assert_eq!(fate(told::mailjet, queued("tok2")), None);
    assert_eq!(fate(told::brevo, json!({ "event": "requests", "tag": "other" })), None);
}
