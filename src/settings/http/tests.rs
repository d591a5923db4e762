use std::path::Path;

use super::*;
use crate::settings::transport::{TransportKind, TransportSettings};
use crate::settings::transport_url::{Naming, transport};

fn read_url(url: &str) -> Result<TransportSettings, Misfit> {
    let at = At { value: url.to_owned(), span: 0..url.len() };
    transport(&at, &Table::default(), &Naming { name: None, root: Path::new("/w") })
}

fn http(url: &str) -> HttpSettings {
    match read_url(url).unwrap().kind {
        TransportKind::Http(settings) => settings,
        other => panic!("{url} is {other:?}"),
    }
}

#[test]
fn each_provider_has_a_url_that_says_all_it_needs() {
    let cases = [
        ("ses://eu-central-1", "https://email.eu-central-1.amazonaws.com/", "ses://eu-central-1"),
        ("ses://AKIA:s%2Fecret@cn-north-1", "https://email.cn-north-1.amazonaws.com.cn/", "ses://cn-north-1"),
        ("postmark://token-1", "https://api.postmarkapp.com/", "postmark"),
        ("mailgun://key@mg.example.org", "https://api.mailgun.net/", "mailgun://mg.example.org"),
        ("mailgun://key@mg.example.org?region=eu", "https://api.eu.mailgun.net/", "mailgun://mg.example.org"),
        ("sendgrid://SG.aBc_d-e", "https://api.sendgrid.com/", "sendgrid"),
        ("resend://re_123_AbC", "https://api.resend.com/", "resend"),
        ("brevo://xkeysib-1", "https://api.brevo.com/", "brevo"),
        ("sparkpost://k?region=eu", "https://api.eu.sparkpost.com/", "sparkpost://eu"),
        ("mailjet://key:secret", "https://api.mailjet.com/", "mailjet"),
    ];
    for (url, endpoint, name) in cases {
        assert_eq!(http(url).endpoint.as_str(), endpoint, "{url}");
        assert_eq!(read_url(url).unwrap().name, name, "{url}");
    }
}

#[test]
fn a_key_keeps_its_case_and_its_escapes_are_taken_away() {
    let Credentials::Key(key) = http("resend://re_A%2Fb%40c").credentials else { panic!("no key") };
    assert_eq!(key.expose_secret(), "re_A/b@c");
    let Credentials::Pair { user, secret } = http("ses://AKIA:s%2Fecret@eu-central-1").credentials else {
        panic!("no pair")
    };
    assert_eq!((user.as_str(), secret.expose_secret()), ("AKIA", "s/ecret"));
}

#[test]
fn what_is_missing_or_strange_is_said_without_the_key() {
    let cases = [
        ("resend://", "resend://KEY"),
        ("resend://user@host", "resend://KEY"),
        ("resend://a%0Db", "resend://KEY"),
        ("mailgun://key", "mailgun://KEY@SENDING-DOMAIN"),
        ("mailgun://key@../x", "mailgun://KEY@SENDING-DOMAIN"),
        ("mailjet://key", "mailjet://KEY:SECRET"),
        ("ses://", "ses://eu-central-1"),
        ("ses://frankfurt", "eu-central-1"),
        ("resend://key?region=eu", "leave `region` out"),
        ("resend://key?batch=101", ""),
        ("resend://key?pipelining=no", "leave it out"),
        ("resend://key?endpoint=http://example.org", "https://"),
        ("smtp://127.0.0.1?batch=5", "leave it out"),
    ];
    for (url, help) in cases {
        let misfit = read_url(url).expect_err(url);
        assert!(misfit.help.clone().unwrap_or_default().contains(help), "{url}: {:?}", misfit.help);
        assert!(!misfit.message.contains("key@") && !misfit.message.contains("//key"), "{}", misfit.message);
    }
}

#[test]
fn calls_of_many_letters_need_few_at_once_and_couriers_to_fill_them() {
    let couriers = |url: &str| read_url(url).unwrap().couriers().get();
    assert_eq!(couriers("resend://key"), 400);
    assert_eq!(couriers("resend://key?connections=2&batch=10"), 20);
    assert_eq!(couriers("postmark://token"), 1000);
    assert_eq!(couriers("sendgrid://key"), 16);
}

#[test]
fn a_stand_in_on_this_machine_needs_no_tls_and_reaches_nobody() {
    let stand_in = http("resend://key?endpoint=http://127.0.0.1:4010/base/");
    assert_eq!(stand_in.endpoint.as_str(), "http://127.0.0.1:4010/base");
    assert!(stand_in.is_loopback() && !http("resend://key").is_loopback());
    assert_ne!(stand_in.account(), http("resend://key").account());
    assert_ne!(http("resend://key").account(), http("resend://other").account());
    assert!(!http("resend://key").account().contains("key "));
}
