//! Every event of every provider, as the fixtures have it.

use data_encoding::{BASE64, HEXLOWER};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::*;
use crate::model::event::Kind;

const TOKEN: &str = "gatfgmzqgeydamjqgewdcmbrgazcyibqfqzdembqfqyta";

fn noon() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

/// The events of a fixture with the names of their kinds.
fn fixture(text: &str) -> Vec<(String, String)> {
    let text = text
        .replace("@TOKEN@", TOKEN)
        .replace("@ADDRESS@", "ana@example.org")
        .replace("@TIME@", "2026-11-25T12:00:00.000Z")
        .replace("\"@SECONDS@\"", "1795608000")
        .replace("\"@MILLISECONDS@\"", "1795608000123");
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let each = all.iter().map(|one| (one["kind"].as_str().unwrap().to_owned(), one["event"].to_string()));
    each.collect()
}

/// Every event is read as its kind, finds its letter and its reader, and has a key of its own.
fn agrees(text: &str, parse: impl Fn(&str) -> Vec<ProviderEvent>) {
    let mut keys = std::collections::BTreeSet::new();
    let all = fixture(text);
    for (kind, body) in &all {
        let events = parse(body);
        let [event] = events.as_slice() else { panic!("{body}: {events:?}") };
        assert_eq!(event.kind.name(), kind, "{body}");
        assert_eq!(event.token.as_deref(), Some(TOKEN), "{body}");
        assert_eq!(event.address.as_ref().unwrap().to_string(), "ana@example.org", "{body}");
        assert!(event.at.duration_since(noon()).as_secs() == 0, "{body}");
        assert!(!event.word.is_empty() && keys.insert(event.dedupe.clone()), "{body}");
        assert!(!event.dedupe.contains("ana@"), "no address is part of a key: {body}");
        let (raw, whole): (Value, Value) =
            (serde_json::from_str(&event.raw).unwrap(), serde_json::from_str(body).unwrap());
        assert!(raw == whole || body.contains(&event.raw), "{body}");
        assert_eq!(parse(body), events, "the key stays the same");
    }
    assert!(all.len() >= 10);
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../tests/it/fixtures/webhooks/", $name))
    };
}

#[test]
fn every_event_of_resend_is_understood() {
    agrees(fixture!("resend.json"), |body| {
        resend::parse(body.as_bytes(), &read::key(&[body]), noon()).unwrap()
    });
}

#[test]
fn every_event_of_sendgrid_is_understood_alone_and_in_a_list() {
    agrees(fixture!("sendgrid.json"), |body| sendgrid::parse(body.as_bytes(), noon()).unwrap());
    agrees(fixture!("sendgrid.json"), |body| {
        sendgrid::parse(format!("[{body}]").as_bytes(), noon()).unwrap()
    });
}

#[test]
fn every_event_of_mailgun_is_understood() {
    agrees(fixture!("mailgun.json"), |body| {
        vec![mailgun::event(&read::item(body).unwrap(), noon()).unwrap()]
    });
}

#[test]
fn every_event_of_postmark_is_understood() {
    agrees(fixture!("postmark.json"), |body| {
        let mut events = postmark::parse(body.as_bytes(), noon()).unwrap();
        events[0].at = noon();
        events
    });
}

#[test]
fn every_event_of_brevo_is_understood() {
    agrees(fixture!("brevo.json"), |body| brevo::parse(body.as_bytes(), noon()).unwrap());
}

#[test]
fn every_event_of_mailjet_is_understood() {
    agrees(fixture!("mailjet.json"), |body| mailjet::parse(body.as_bytes(), noon()).unwrap());
}

#[test]
fn every_event_of_sparkpost_is_understood_and_its_ping_is_no_event() {
    agrees(fixture!("sparkpost.json"), |body| {
        let body = format!(r#"[{{"msys": {{"message_event": {body}}}}}]"#);
        sparkpost::parse(body.as_bytes(), noon()).unwrap()
    });
    assert_eq!(sparkpost::parse(br#"[{"msys": {}}]"#, noon()), Ok(vec![]));
}

#[test]
fn every_event_of_ses_is_understood() {
    agrees(fixture!("ses.json"), |body| ses::events(body, noon()).unwrap());
    let greeting = "Successfully validated SNS topic for Amazon SES event publishing.";
    assert_eq!(ses::events(greeting, noon()), Ok(vec![]));
}

#[test]
fn a_letter_to_several_readers_bounces_for_those_who_are_named() {
    let text = r#"{"eventType":"Bounce","mail":{"destination":["a@x.example","b@x.example","c@x.example"]},
        "bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"B <b@x.example>"},{"emailAddress":"c@x.example"}]}}"#;
    let events = ses::events(text, noon()).unwrap();
    let told: Vec<_> =
        events.iter().map(|it| (it.dedupe.as_str(), it.address.clone().unwrap().to_string())).collect();
    let key = read::key(&[text]);
    assert_eq!(
        told,
        [(&*format!("{key} 0"), "b@x.example".to_owned()), (&*format!("{key} 1"), "c@x.example".to_owned())]
    );
}

#[test]
fn an_item_that_cannot_be_read_is_kept_and_costs_no_other_item_its_place() {
    let event = |body: &str| fixture(body).swap_remove(0).1;
    let wrapped = |body: &str| format!(r#"{{"msys": {{"message_event": {body}}}}}"#);
    type Parse = fn(&[u8], Timestamp) -> Result<Vec<ProviderEvent>, Refused>;
    let lists: [(Parse, String); 4] = [
        (sendgrid::parse, event(fixture!("sendgrid.json"))),
        (brevo::parse, event(fixture!("brevo.json"))),
        (mailjet::parse, event(fixture!("mailjet.json"))),
        (sparkpost::parse, wrapped(&event(fixture!("sparkpost.json")))),
    ];
    let odd = ["1", "null", "\"a\"", r#"{"msys": {"message_event": {"x": 1}}}"#];
    for (parse, good) in lists {
        let alone = parse(format!("[{good}]").as_bytes(), noon()).unwrap();
        let [first, second, third, fourth] = odd;
        let body = format!("[{first}, {good}, {second}, {third}, {fourth}]");
        let mut events = parse(body.as_bytes(), noon()).unwrap();
        assert_eq!(events.remove(1), alone[0]);
        assert_eq!(events.len(), odd.len(), "{events:?}");
        let keys: std::collections::BTreeSet<_> = events.iter().map(|event| &event.dedupe).collect();
        assert_eq!(keys.len(), odd.len(), "each under a key of its own");
        assert!(events.iter().all(|event| event.kind == Kind::Unknown("odd".to_owned())));
        assert!(events.iter().zip(odd).all(|(event, raw)| raw.contains(&event.raw)));
    }
}

#[test]
fn nonsense_is_refused_without_a_panic() {
    for body in ["", "null", "[]x", "\"a\"", "{\"event\":", "[1", "\u{feff}{}", "{\"a\":1"] {
        let body = body.as_bytes();
        assert!(sendgrid::parse(body, noon()).is_err());
        assert!(postmark::parse(body, noon()).is_err());
        assert!(brevo::parse(body, noon()).is_err());
        assert!(mailjet::parse(body, noon()).is_err());
        assert!(sparkpost::parse(body, noon()).is_err());
        assert!(resend::parse(body, "", noon()).is_err());
    }
    assert!(brevo::parse(b"\xff{}", noon()).is_err());
    assert!(brevo::parse("[".repeat(100_000).as_bytes(), noon()).is_err());
}

/// The vectors of SendGrid's own library (`@sendgrid/eventwebhook` 8.0.0).
mod sendgrid_vectors {
    use super::*;

    const ONE: &[u8] = include_bytes!("../../../tests/it/fixtures/webhooks/sendgrid_vector_one.body");
    const TWO: &[u8] = include_bytes!("../../../tests/it/fixtures/webhooks/sendgrid_vector_two.body");
    const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    const SIGNATURE: &str =
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    const KEY_OF_TWO: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQ4LIFtWztlsF7skFqOncjD1lun4H5w8XOhyOArHW9RcIx/FfEzx6cikC/yPfUvwaX/JScE7Fc9CJD2afQ9Ok3Q==";
    const SIGNATURE_OF_TWO: &str =
        "MEYCIQC/I4o6vCgqRYrTljjoVWB/GRWNtxeePlLMHr3x9ETeRQIhAIpV+03nREPTTHWSW0wIOA0EoMPdcNgXa70yCaqDJlu5";

    fn told(key: &str, signature: &str, time: i64, body: &[u8], late: i64) -> Result<(), Refused> {
        let mut headers = HeaderMap::new();
        headers.insert("x-twilio-email-event-webhook-signature", signature.parse().unwrap());
        headers.insert("x-twilio-email-event-webhook-timestamp", time.to_string().parse().unwrap());
        let key = BASE64.decode(key.as_bytes()).unwrap();
        let now = Timestamp::from_second(time + late).unwrap();
        sendgrid::verify(&key, Posted { headers: &headers, body }, now)
    }

    #[test]
    fn they_verify() {
        assert_eq!(told(KEY, SIGNATURE, 1_600_112_502, ONE, 0), Ok(()));
        assert_eq!(told(KEY_OF_TWO, SIGNATURE_OF_TWO, 1_619_651_159, TWO, 0), Ok(()));
        let events = sendgrid::parse(TWO, noon()).unwrap();
        assert_eq!((events.len(), &events[1].kind), (2, &Kind::BouncedSoft));
    }

    #[test]
    fn a_body_that_lost_its_last_line_end_or_was_written_anew_does_not() {
        let lost = &ONE[..ONE.len() - 2];
        assert_eq!(told(KEY, SIGNATURE, 1_600_112_502, lost, 0), Err(Refused::Unproven));
        let value: Value = serde_json::from_slice(ONE).unwrap();
        let anew = value.to_string() + "\r\n";
        assert_eq!(
            told(KEY, SIGNATURE, 1_600_112_502, anew.replace(',', ", ").as_bytes(), 0),
            Err(Refused::Unproven)
        );
        assert_eq!(told(KEY, SIGNATURE, 1_600_112_503, ONE, 0), Err(Refused::Unproven));
        assert_eq!(told(KEY_OF_TWO, SIGNATURE, 1_600_112_502, ONE, 0), Err(Refused::Unproven));
        assert_eq!(told(KEY, SIGNATURE, 1_600_112_502, ONE, 2 * 86_400), Err(Refused::Stale));
    }
}

#[test]
fn the_signature_of_mailgun_is_of_its_time_and_token_and_lives_as_long_as_its_retries() {
    let key = secrecy::SecretString::from("signing-key");
    let sign = |time: i64, token: &str| {
        let hmac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"signing-key");
        HEXLOWER.encode(aws_lc_rs::hmac::sign(&hmac, format!("{time}{token}").as_bytes()).as_ref())
    };
    let receive = |time: i64, token: &str, signature: &str| {
        let body = format!(
            r#"{{"signature": {{"timestamp": "{time}", "token": "{token}", "signature": "{signature}"}},
                 "event-data": {{"event": "opened", "id": "1", "timestamp": {time}.5}}}}"#
        );
        mailgun::receive(&key, Posted { headers: &HeaderMap::new(), body: body.as_bytes() }, noon())
    };
    let time = noon().as_second();
    let Ok(Received::Once { nonce, events }) = receive(time, "t1", &sign(time, "t1")) else { panic!() };
    assert_eq!((nonce.as_str(), events[0].dedupe.as_str()), ("t1", "1@1795608000.5"));
    assert_eq!(receive(time, "t2", &sign(time, "t1")), Err(Refused::Unproven));
    assert_eq!(receive(time, "t1", "zz"), Err(Refused::Unproven));
    let hours = |hours: i64| receive(time - hours * 3600, "t", &sign(time - hours * 3600, "t"));
    assert!(hours(8).is_ok());
    assert_eq!(hours(10), Err(Refused::Stale));
    assert_eq!(hours(-1), Err(Refused::Stale));
}
