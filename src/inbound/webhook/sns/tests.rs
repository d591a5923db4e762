use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKey;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use data_encoding::BASE64;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, PKCS_RSA_SHA256, date_time_ymd};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::settings::webhooks::Sns as Settings;

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:mail";
const PLACE: &str = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c.pem";

fn noon() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

/// A key of a server of ours, and its certificate in a file.
struct Signer {
    key: RsaKey,
    folder: tempfile::TempDir,
}

impl Signer {
    fn new(name: &str, last_year: i32) -> Signer {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 1, 1);
        let folder = tempfile::tempdir().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        std::fs::write(folder.path().join("sns.pem"), pem).unwrap();
        Signer { key: RsaKey::from_pkcs8(&key.serialize_der()).unwrap(), folder }
    }

    fn settings(&self) -> Settings {
        Settings { topics: vec![TOPIC.to_owned()], certificate: Some(self.folder.path().join("sns.pem")) }
    }

    fn signed(&self, mut message: Value) -> Value {
        let names = match message["Type"].as_str().unwrap() {
            "Notification" => vec!["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
            _ => vec!["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
        };
        let lines = names.iter().filter_map(|name| Some(format!("{name}\n{}\n", message[*name].as_str()?)));
        let text: String = lines.collect();
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        message["Signature"] = BASE64.encode(&signature).into();
        message
    }
}

fn notification() -> Value {
    json!({
        "Type": "Notification", "MessageId": "m1", "TopicArn": TOPIC, "Message": "Set up.",
        "Timestamp": "2026-11-25T12:00:00.123Z", "SignatureVersion": "2", "SigningCertURL": PLACE,
    })
}

fn confirmation(url: &str) -> Value {
    json!({
        "Type": "SubscriptionConfirmation", "MessageId": "m2", "TopicArn": TOPIC, "Message": "Please confirm.",
        "Timestamp": "2026-11-25T12:00:00.123Z", "SignatureVersion": "2", "SigningCertURL": PLACE,
        "SubscribeURL": url, "Token": "t",
    })
}

async fn told(settings: &Settings, kind: &str, message: &Value, now: Timestamp) -> Result<Body, Refused> {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-sns-message-type", kind.parse().unwrap());
    let body = message.to_string();
    let posted = Posted { headers: &headers, body: body.as_bytes() };
    Sns::default().verify(settings, posted, now).await.map(|message| message.body())
}

#[tokio::test]
async fn a_signed_message_of_a_known_topic_is_believed() {
    let signer = Signer::new("sns.amazonaws.com", 2100);
    let message = signer.signed(notification());
    let body = told(&signer.settings(), "Notification", &message, noon()).await.unwrap();
    assert_eq!(body, Body::Notification("Set up.".to_owned()));
    let mut with_subject = notification();
    with_subject["Subject"] = "Hello".into();
    let with_subject = signer.signed(with_subject);
    assert!(told(&signer.settings(), "Notification", &with_subject, noon()).await.is_ok());
}

#[tokio::test]
async fn a_message_with_any_part_changed_is_refused() {
    let signer = Signer::new("sns.amazonaws.com", 2100);
    for (name, value) in [
        ("Message", "Set down."),
        ("MessageId", "m9"),
        ("Subject", "added"),
        ("Timestamp", "2026-11-25T12:00:01.123Z"),
        ("SignatureVersion", "1"),
        ("Signature", "AAAA"),
        ("Signature", "!"),
    ] {
        let mut message = signer.signed(notification());
        message[name] = value.into();
        let told = told(&signer.settings(), "Notification", &message, noon()).await;
        assert_eq!(told, Err(Refused::Unproven), "{name}");
    }
}

#[tokio::test]
async fn nothing_is_fetched_for_a_foreign_topic_or_from_a_foreign_host() {
    let signer = Signer::new("sns.amazonaws.com", 2100);
    let mut settings = signer.settings();
    let mut message = signer.signed(notification());
    settings.certificate = None;
    message["SigningCertURL"] = "https://evil.example/SimpleNotificationService-0a.pem".into();
    let refused = told(&settings, "Notification", &message, noon()).await.unwrap_err();
    assert!(matches!(refused, Refused::Certificate(_)), "{refused}");
    message["SigningCertURL"] = PLACE.into();
    let refused = told(&settings, "Notification", &message, noon()).await.unwrap_err();
    assert_eq!(refused, Refused::Unreachable("no way out".to_owned()), "only then is it fetched");
    settings.topics = vec!["arn:aws:sns:eu-west-1:1:other".to_owned()];
    let refused = told(&settings, "Notification", &message, noon()).await.unwrap_err();
    assert_eq!(refused, Refused::UnknownTopic);
}

#[tokio::test]
async fn a_certificate_of_somebody_else_or_of_another_time_is_not_believed() {
    for (name, year) in [("evil.example", 2100), ("sns.amazonaws.com", 2021)] {
        let signer = Signer::new(name, year);
        let message = signer.signed(notification());
        let refused = told(&signer.settings(), "Notification", &message, noon()).await.unwrap_err();
        assert!(matches!(refused, Refused::Certificate(_)), "{name} {year}: {refused}");
    }
}

#[tokio::test]
async fn issuers_in_the_file_must_lead_to_a_root_that_browsers_trust() {
    let signer = Signer::new("sns.amazonaws.com", 2100);
    let path = signer.folder.path().join("sns.pem");
    let other = Signer::new("sns.amazonaws.com", 2100);
    let both =
        [&path, &other.folder.path().join("sns.pem")].map(|path| std::fs::read_to_string(path).unwrap());
    std::fs::write(&path, both.concat()).unwrap();
    let message = signer.signed(notification());
    let refused = told(&signer.settings(), "Notification", &message, noon()).await.unwrap_err();
    assert!(matches!(refused, Refused::Certificate(_)), "{refused}");
}

#[tokio::test]
async fn an_old_message_another_kind_and_raw_delivery_are_refused() {
    let signer = Signer::new("sns.amazonaws.com", 2100);
    let (settings, message) = (signer.settings(), signer.signed(notification()));
    let late = noon() + SignedDuration::from_mins(70);
    assert_eq!(told(&settings, "Notification", &message, late).await, Err(Refused::Stale));
    let hour = noon() + SignedDuration::from_mins(59);
    assert!(told(&settings, "Notification", &message, hour).await.is_ok(), "SNS tries for an hour");
    let other = told(&settings, "SubscriptionConfirmation", &message, noon()).await;
    assert!(matches!(other, Err(Refused::Malformed(_))));
    let raw = told(&settings, "Notification", &json!({"eventType": "Send"}), noon()).await;
    assert!(matches!(raw, Err(Refused::Malformed(_))));
}

#[tokio::test]
async fn a_subscription_is_confirmed_at_amazon_and_nowhere_else() {
    let signer = Signer::new("sns.amazonaws.com", 2100);
    let kind = "SubscriptionConfirmation";
    let good = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t";
    let body = told(&signer.settings(), kind, &signer.signed(confirmation(good)), noon()).await.unwrap();
    assert_eq!(body, Body::Confirmation(Url::parse(good).unwrap()));
    let bad = "https://evil.example/?Action=ConfirmSubscription&Token=t";
    let body = told(&signer.settings(), kind, &signer.signed(confirmation(bad)), noon()).await.unwrap();
    assert_eq!(body, Body::Farewell);
    let refused = Sns::default().confirm(&Url::parse(bad).unwrap()).await.unwrap_err();
    assert!(matches!(refused, Refused::Certificate(_)));
    let unsigned = confirmation(good);
    assert!(told(&signer.settings(), kind, &unsigned, noon()).await.is_err());
}

#[tokio::test]
async fn a_message_that_openssl_signed_with_sha_1_verifies() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/webhooks");
    let text = std::fs::read_to_string(format!("{folder}/sns_version_1.json")).unwrap();
    let message: Value = serde_json::from_str(&text).unwrap();
    let certificate = Some(format!("{folder}/sns_version_1.pem").into());
    let settings = Settings { topics: vec![TOPIC.to_owned()], certificate };
    let now = "2026-12-01T12:00:09Z".parse().unwrap();
    let Body::Notification(text) = told(&settings, "Notification", &message, now).await.unwrap() else {
        panic!("{message}")
    };
    assert!(text.ends_with("}\n"));
}
