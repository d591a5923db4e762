//! What providers post to `courant serve`: taken once, whatever comes and whatever breaks.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::hooks::{Post, Providers, Serve, TOPIC, memory, status};
use crate::harness::scratch::Scratch;
use crate::harness::webhooks::{Reader, Sent, fixture, now};

const PROVIDERS: [&str; 8] =
    ["resend", "sendgrid", "mailgun", "postmark", "brevo", "mailjet", "sparkpost", "ses"];

/// Where one event leads a letter that was accepted.
fn state_after(kind: &str) -> &'static str {
    match kind {
        "delivered" => "delivered",
        "bounced_hard" | "bounced_soft" => "bounced",
        "complained" => "complained",
        "rejected" | "failed" => "refused",
        _ => "accepted",
    }
}

/// Every event of every provider, each about a reader of its own.
fn all_events(sent: &Sent, at: i64) -> (Vec<Post>, BTreeMap<String, String>, BTreeMap<String, u64>) {
    let (mut posts, mut states, mut counts) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let mut readers = sent.readers().into_iter();
    for provider in PROVIDERS {
        for (index, reader) in readers.by_ref().enumerate() {
            let mut events = fixture(provider, &reader, at);
            let (kind, event) = events.swap_remove(index);
            let last = index == events.len();
            posts.push(sent.providers.post(provider, &event, index, at));
            states.insert(reader.address, state_after(&kind).to_owned());
            *counts.entry(kind).or_default() += 1;
            if last {
                break;
            }
        }
    }
    (posts, states, counts)
}

#[test]
fn every_event_of_every_provider_counts_once_however_often_and_in_whatever_order_it_comes() {
    let number: usize = PROVIDERS
        .iter()
        .map(|provider| fixture(provider, &Reader { address: "a".into(), token: "t".into() }, 1).len())
        .sum();
    let sent = Sent::to(number);
    let (posts, states, counts) = all_events(&sent, now());
    assert_eq!((posts.len(), states.len()), (number, number));
    let serve = Serve::start(&sent.scratch);
    for post in &posts {
        assert_eq!(serve.post(post), 200, "{} {}", post.provider, post.body);
    }
    let end = sent.end();
    assert_eq!(end.0, states);
    for post in posts.iter().rev().chain(&posts) {
        assert_eq!(serve.post(post), 200);
    }
    assert_eq!((sent.kept(), sent.end()), (number as i64, end.clone()));
    let told = sent.scratch.run("status 1 --json").ok().json();
    assert_eq!(told["events"], json!(counts));
    assert_eq!(told["audience"], json!(number));
    let everywhere = end.1.iter().filter(|(_, scope, _)| scope.is_empty()).count() as u64;
    let by_bounce_before = sent.number("SELECT count(*) FROM suppression WHERE reason = 'bounced'") as u64;
    assert!(by_bounce_before >= counts["bounced_hard"] && everywhere > counts["complained"]);
    let unsubscribed =
        end.1.iter().filter(|(_, scope, reason)| scope == "weekly" && reason == "unsubscribed");
    assert_eq!(unsubscribed.count() as u64, counts["unsubscribed"]);
    let bounced = states.iter().find(|(_, state)| *state == "bounced").unwrap().0;
    sent.scratch
        .run(&format!("status 1 --why {bounced}"))
        .ok()
        .prints("after attempt 1")
        .prints("now: bounced");
    serve.signal("TERM");
    serve.finish().ok();
}

#[test]
fn in_reverse_the_events_of_one_letter_end_where_they_end_in_order() {
    let ends: Vec<_> = [false, true]
        .into_iter()
        .map(|is_reversed| {
            let sent = Sent::to(1);
            let reader = sent.readers().remove(0);
            let mut posts: Vec<Post> = (0..11).map(|index| sent.post("resend", index, &reader)).collect();
            if is_reversed {
                posts.reverse();
            }
            let serve = Serve::start(&sent.scratch);
            assert!(posts.iter().all(|post| serve.post(post) == 200));
            (sent.end(), sent.scratch.run("status 1 --json").ok().json()["events"].clone())
        })
        .collect();
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0].0.0.values().collect::<Vec<_>>(), ["complained"]);
}

#[test]
fn what_is_not_proven_to_come_from_the_provider_changes_nothing() {
    let sent = Sent::to(1);
    let reader = sent.readers().remove(0);
    let serve = Serve::start(&sent.scratch);
    for provider in PROVIDERS {
        let good = sent.post(provider, 0, &reader);
        let with = |change: &dyn Fn(&mut Post)| {
            let mut post = good.clone();
            change(&mut post);
            serve.post(&post)
        };
        let expected = if provider == "brevo" { 429 } else { 401 };
        if provider == "mailgun" {
            let forged = good.body.replace("token0", "token9");
            assert_eq!(with(&|post| post.body = forged.clone()), 401);
        } else if provider == "ses" {
            let forged = good.body.replace("\"m0\"", "\"m9\"");
            assert_eq!(with(&|post| post.body = forged.clone()), 401);
            assert_eq!(with(&|post| post.headers.clear()), 401);
        } else {
            assert_eq!(with(&|post| post.headers.clear()), expected, "{provider}");
            assert_eq!(
                with(&|post| post.headers[0].1 = post.headers[0].1.replace(['A', 'a', '0', 'G'], "B")),
                expected,
                "{provider}"
            );
        }
    }
    assert_eq!(sent.kept(), 0);
    serve.kill();
}

#[test]
fn a_body_that_was_written_anew_and_a_stamp_that_is_too_old_are_refused() {
    let sent = Sent::to(1);
    let reader = sent.readers().remove(0);
    let serve = Serve::start(&sent.scratch);
    for provider in ["resend", "sendgrid"] {
        let mut post = sent.post(provider, 0, &reader);
        let value: Value = serde_json::from_str(&post.body).unwrap();
        post.body = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(serve.post(&post), 401, "{provider}");
    }
    for (provider, seconds, expected) in
        [("resend", 400, 403), ("sendgrid", 90_000, 403), ("mailgun", 40_000, 406), ("ses", 5_000, 403)]
    {
        let post = sent.post_at(provider, 0, &reader, now() - seconds);
        assert_eq!(serve.post(&post), expected, "{provider}");
    }
    assert_eq!(sent.kept(), 0);
    let late = sent.post_at("mailgun", 0, &reader, now() - 8 * 3600);
    assert_eq!(serve.post(&late), 200, "Mailgun comes again for eight hours with its first stamp");
    serve.kill();
}

#[test]
fn a_signature_of_mailgun_is_good_for_one_event_alone() {
    let sent = Sent::to(1);
    let reader = sent.readers().remove(0);
    let serve = Serve::start(&sent.scratch);
    let post = sent.post("mailgun", 0, &reader);
    assert_eq!((serve.post(&post), serve.post(&post)), (200, 200));
    let mut forged: Value = serde_json::from_str(&post.body).unwrap();
    forged["event-data"]["event"] = "complained".into();
    forged["event-data"]["id"] = "another".into();
    assert_eq!(serve.post(&Post { body: forged.to_string(), ..post }), 406);
    assert_eq!((sent.kept(), sent.end().1.len()), (1, 0));
    serve.kill();
}

#[test]
fn a_server_that_is_killed_between_the_request_and_its_answer_counts_the_event_once() {
    let sent = Sent::to(2);
    let readers = sent.readers();
    let post = sent.post("resend", 3, &readers[0]);
    let serve = Serve::start(&sent.scratch);
    let holder = sent.ledger();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut stream = serve.connect();
    stream.write_all(&post.bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(stream.read(&mut [0; 1]).is_err(), "nothing is answered before it is on disk");
    serve.kill();
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(sent.kept(), 0, "what was not written is gone, and comes again");
    let serve = Serve::start(&sent.scratch);
    assert_eq!(serve.post(&post), 200);
    let written = sent.post("resend", 1, &readers[1]);
    let mut stream = serve.connect();
    stream.write_all(&written.bytes()).unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while sent.kept() < 2 {
        assert!(Instant::now() < until, "it is never written");
    }
    serve.kill();
    let serve = Serve::start(&sent.scratch);
    assert_eq!((serve.post(&written), serve.post(&post)), (200, 200));
    let told = sent.scratch.run("status 1 --json").ok().json();
    assert_eq!((sent.kept(), &told["events"]), (2, &json!({"bounced_hard": 1, "delivered": 1})));
    serve.kill();
}

#[test]
fn a_certificate_on_a_foreign_host_is_not_fetched() {
    let sent = Sent::to(1);
    let settings = sent.scratch.read("courant.toml").replace("certificate = \"sns.pem\"\n", "");
    sent.scratch.write("courant.toml", settings);
    let reader = sent.readers().remove(0);
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let serve = Serve::start(&sent.scratch);
    let (_, event) = fixture("ses", &reader, now()).swap_remove(0);
    let host = trap.local_addr().unwrap();
    let message = |place: &str| {
        sent.providers.sns(json!({
            "Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": TOPIC, "Message": event.to_string(),
            "Timestamp": jiff::Timestamp::now().to_string(), "SignatureVersion": "2", "SigningCertURL": place,
            "SubscribeURL": format!("https://{host}/?Action=ConfirmSubscription"), "Token": "t",
        }))
    };
    for place in [
        format!("https://{host}/SimpleNotificationService-0a1b.pem"),
        format!("http://{host}/SimpleNotificationService-0a1b.pem"),
        format!("https://sns.eu-west-1.amazonaws.com@{host}/SimpleNotificationService-0a1b.pem"),
        "https://sns.eu-west-1.amazonaws.com.invalid/SimpleNotificationService-0a1b.pem".to_owned(),
    ] {
        assert_eq!(serve.post(&message(&place)), 403, "{place}");
    }
    assert!(trap.accept().is_err(), "nobody came to the foreign host");
    assert_eq!(sent.kept(), 0);
    let run = serve.kill();
    run.says("refused: ses: the certificate cannot be believed");
}

#[test]
fn a_subscription_that_amazon_signed_is_not_confirmed_at_a_foreign_host() {
    let sent = Sent::to(1);
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let serve = Serve::start(&sent.scratch);
    let host = trap.local_addr().unwrap();
    for scheme in ["http", "https"] {
        let message = sent.providers.sns(json!({
            "Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": TOPIC, "Message": "Please confirm.",
            "Timestamp": jiff::Timestamp::now().to_string(), "SignatureVersion": "2",
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
            "SubscribeURL": format!("{scheme}://{host}/?Action=ConfirmSubscription"), "Token": "t",
        }));
        assert_eq!(serve.post(&message), 200, "the signature is good, and nothing follows from it");
    }
    assert!(trap.accept().is_err(), "nobody came to the foreign host");
    serve.kill();
}

#[test]
fn the_topic_of_somebody_else_is_refused_and_one_of_ours_is_greeted() {
    let sent = Sent::to(1);
    let serve = Serve::start(&sent.scratch);
    let message = |topic: &str| {
        sent.providers.sns(json!({
            "Type": "Notification", "MessageId": "m", "TopicArn": topic,
            "Message": "Successfully validated SNS topic for Amazon SES event publishing.",
            "Timestamp": jiff::Timestamp::now().to_string(), "SignatureVersion": "2",
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
        }))
    };
    assert_eq!(serve.post(&message("arn:aws:sns:eu-west-1:1:other")), 403);
    assert_eq!(serve.post(&message(TOPIC)), 200);
    assert_eq!(sent.kept(), 0);
    serve.kill();
}

#[test]
fn fifty_megabytes_are_turned_away_before_they_are_read() {
    let sent = Sent::to(1);
    let serve = Serve::start(&sent.scratch);
    let head = |length: &str| {
        format!(
            "POST /webhooks/brevo HTTP/1.1\r\nHost: x\r\nAuthorization: Basic aG9vazpodW50ZXIy\r\n{length}\r\n\r\n"
        )
    };
    let post = sent.post("brevo", 0, &sent.readers()[0]);
    assert_eq!(serve.post(&post), 200);
    let before = memory(serve.id(), "VmHWM");
    let mut stream = serve.connect();
    stream.write_all(head("Content-Length: 52428800").as_bytes()).unwrap();
    assert_eq!(status(&mut stream), 413, "without a byte of the body");
    let mut stream = serve.connect();
    stream.write_all(head("Transfer-Encoding: chunked").as_bytes()).unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    // The rest is cut off by whoever does not read it.
    let written = (0..800).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count();
    assert!(written < 800, "it read on and on");
    let grown = memory(serve.id(), "VmHWM") - before;
    assert!(grown < 20_000, "50 MB were sent, and {grown} kB are held");
    assert_eq!(serve.post(&post), 200);
    serve.kill();
}

/// Mailgun signs within the body, so that anybody may stall with one.
#[test]
fn strangers_who_stall_take_the_room_of_nobody_else() {
    let sent = Sent::to(1);
    let serve = Serve::start(&sent.scratch);
    let reader = sent.readers().remove(0);
    let head = |provider: &str| {
        format!("POST /webhooks/{provider} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    };
    for provider in PROVIDERS.into_iter().filter(|provider| *provider != "mailgun") {
        let mut stream = serve.connect();
        stream.write_all(head(provider).as_bytes()).unwrap();
        let expected = if provider == "brevo" { 429 } else { 401 };
        assert_eq!(status(&mut stream), expected, "{provider}: without a byte of the body");
    }
    let body = vec![b'x'; 999_000];
    let stalled: Vec<_> = (0..35)
        .map(|_| {
            let mut stream = serve.connect();
            stream.write_all(head("mailgun").as_bytes()).unwrap();
            // Who finds no room any more is turned away in the middle.
            let _ = stream.write_all(&body);
            stream
        })
        .collect();
    for provider in ["resend", "brevo", "ses"] {
        assert_eq!(serve.post(&sent.post(provider, 0, &reader)), 200, "{provider}");
    }
    drop(stalled);
    serve.kill();
}

#[test]
fn a_flood_is_told_to_come_again_and_neither_fills_the_memory_nor_the_port() {
    let sent = Sent::to(1);
    let serve = Serve::start(&sent.scratch);
    let reader = sent.readers().remove(0);
    let mut post = sent.post("brevo", 0, &reader);
    let mut event: Value = serde_json::from_str(&post.body).unwrap();
    event["padding"] = "x".repeat(400_000).into();
    post.body = event.to_string();
    assert_eq!(serve.post(&post), 200);
    let before = memory(serve.id(), "VmHWM");
    let holder = sent.ledger();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut streams: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = serve.connect();
            // Whoever is turned away may be cut off while it still sends.
            let _ = stream.write_all(&post.bytes());
            stream
        })
        .collect();
    assert_eq!(serve.get("/health"), 200, "the port stays responsive");
    let grown = memory(serve.id(), "VmHWM") - before;
    assert!(grown < 150_000, "80 MB were sent, and {grown} kB are held");
    holder.execute_batch("ROLLBACK").unwrap();
    let mut answers = BTreeMap::<u16, u32>::new();
    for stream in &mut streams {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        *answers.entry(text.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())).or_default() += 1;
        assert!(!text.contains(" 429 ") || text.contains("retry-after: "), "{text}");
    }
    assert!(answers[&200] > 40, "{answers:?}");
    assert!(200 - answers[&200] > 50, "more than the room for bodies is turned away: {answers:?}");
    assert_eq!(serve.post(&post), 200, "it takes what comes after the flood");
    assert_eq!(sent.kept(), 1);
    serve.kill();
}

#[test]
fn the_server_starts_only_with_something_to_serve_and_with_all_secrets() {
    let settings =
        Scratch::weekly().read("courant.toml").replace("base_url = \"https://weekly.example\"\n", "");
    let scratch = Scratch::weekly().file("courant.toml", settings);
    scratch
        .run("serve")
        .expect_code(1)
        .says("no `base_url`")
        .says("names no provider")
        .says("[webhooks.resend]");
    let scratch = scratch.settings("[webhooks.resend]\nsecret = \"${RESEND_WEBHOOK_SECRET}\"");
    scratch.run("serve").expect_code(1).says("`RESEND_WEBHOOK_SECRET` is not set").says("courant.toml:");
    scratch.run("status").ok();
}

#[test]
fn before_the_first_letter_events_are_put_off_and_nothing_else_is_served() {
    let providers = Providers::new();
    let scratch = providers.configure(Scratch::weekly());
    let serve = Serve::start(&scratch);
    let reader = Reader { address: "ada@example.org".into(), token: "t".into() };
    let post = |provider: &'static str| {
        providers.post(provider, &fixture(provider, &reader, now()).swap_remove(0).1, 0, now())
    };
    assert_eq!((serve.post(&post("resend")), serve.post(&post("brevo"))), (503, 429));
    assert_eq!((serve.get("/health"), serve.get("/"), serve.get("/webhooks/resend")), (503, 404, 405));
    assert_eq!(serve.post(&Post { provider: "smtp", ..post("resend") }), 404);
    serve.signal("INT");
    serve.finish().ok().says("there is no ledger");
}
