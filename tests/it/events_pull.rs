//! Providers that are asked what became of letters: a server of ours stands in for each.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use courant::token::Secret;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::scratch::Scratch;

type Answer = Box<dyn Fn(&str, &Value, usize) -> (u16, Value) + Send + Sync>;

/// A provider on loopback. Its thread ends with the process of the tests.
pub struct Provider {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    /// `answer` gets `GET /path?query`, the body and how often it was asked before, and gives status and body.
    pub fn start(answer: impl Fn(&str, &Value, usize) -> (u16, Value) + Send + Sync + 'static) -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (asked, answer): (Arc<Mutex<Vec<String>>>, Arc<Answer>) =
            (Arc::default(), Arc::new(Box::new(answer)));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || converse(stream, &answer, &log));
            }
        });
        Provider { port, asked }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panics while it holds the log").clone()
    }

    /// A weekly whose transport `api` is this provider.
    fn weekly(&self, url: &str, more: &str) -> Scratch {
        let table = format!(
            "[transports.api]\nurl = \"{url}\"\nendpoint = \"http://127.0.0.1:{}\"\n{more}\n[send]\nwait = \"0 s\"",
            self.port
        );
        Scratch::weekly().settings("transport = \"api\"").settings(&table)
    }
}

fn converse(mut stream: TcpStream, answer: &Answer, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket can be shared"));
    let (mut first, mut length) = (String::new(), 0);
    if reader.read_line(&mut first).is_err() || first.is_empty() {
        return;
    }
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok() && line.trim() != "" {
        let header = line.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length is a number");
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body comes");
    let request = first.rsplit_once(' ').expect("a request has a version").0.to_owned();
    let times = {
        let mut log = log.lock().expect("no test panics while it holds the log");
        log.push(request.clone());
        log.iter().filter(|one| **one == request).count() - 1
    };
    let (status, body) = match request.as_str() {
        head if head.starts_with("HEAD ") => (200, Value::Null),
        _ => answer(&request, &serde_json::from_slice(&body).unwrap_or_default(), times),
    };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    // A client that has seen enough goes away early.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nRetry-After: 0\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
}

fn ledger(scratch: &Scratch) -> Connection {
    Connection::open(scratch.path(".courant/ledger.db")).expect("there is a ledger")
}

fn state_of(scratch: &Scratch, name: &str) -> String {
    let sql = "SELECT d.state FROM delivery d JOIN letter l ON l.id = d.letter WHERE l.key = ?1";
    ledger(scratch).query_row(sql, [format!("{name}@example.org")], |row| row.get(0)).unwrap()
}

fn token_of(scratch: &Scratch, name: &str) -> String {
    let sql = "SELECT d.id FROM delivery d JOIN letter l ON l.id = d.letter WHERE l.key = ?1";
    let id = ledger(scratch).query_row(sql, [format!("{name}@example.org")], |row| row.get(0)).unwrap();
    Secret::open(&scratch.path(".courant/secret")).unwrap().unwrap().delivery_token(id)
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Names a letter by its reader, so that a list can name it again: `letter-ada`.
fn name_of(letter: &Value, key: &str) -> String {
    let to = letter[key].as_str().or(letter[key][0].as_str()).expect("a letter has a recipient");
    ["ada", "bob", "eve"].into_iter().find(|name| to.contains(&format!("{name}@"))).unwrap().to_owned()
}

fn resend(request: &str, body: &Value, times: usize) -> (u16, Value) {
    let listed = |name: &str, event: &str| json!({"id": format!("letter-{name}"), "to": [format!("{name}@example.org")], "created_at": now(), "last_event": event});
    match request {
        "POST /emails/batch" => {
            let letters = body.as_array().expect("a batch is a list").iter();
            let ids = letters.map(|letter| json!({"id": format!("letter-{}", name_of(letter, "to"))}));
            (200, json!({"data": ids.collect::<Vec<_>>()}))
        }
        "GET /emails?limit=100" if times == 0 => (503, json!({"message": "not now"})),
        "GET /emails?limit=100" => {
            (200, json!({"has_more": true, "data": [listed("ada", "opened"), listed("bob", "bounced")]}))
        }
        "GET /emails?limit=100&after=letter-bob" => {
            let stranger =
                json!({"id": "other", "to": ["x@example.org"], "created_at": now(), "last_event": "sent"});
            (200, json!({"has_more": false, "data": [listed("eve", "queued"), stranger]}))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn resend_is_asked_page_by_page_and_what_is_known_counts_once() {
    let provider = Provider::start(resend);
    let scratch = provider.weekly("resend://re_key", "");
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("events pull").ok().prints("Resend: 3 new events").prints("1 about no letter of this ledger");
    let states = ["ada", "bob", "eve"].map(|name| state_of(&scratch, name));
    assert_eq!(states, ["delivered", "bounced", "accepted"]);
    let again = scratch.run("events pull --json").ok().json();
    let expected = json!({"transport": "api", "provider": "resend", "new": 0, "known": 3, "unmatched": 0,
                          "unknown": 0, "left_out": 0, "unreadable": 0});
    assert_eq!(again, expected);
    let told = scratch.run("status 1 --json").ok().json();
    assert_eq!(told["events"], json!({"bounced_soft": 1, "delivered": 1}));
    let suppressed: i64 =
        ledger(&scratch).query_row("SELECT count(*) FROM suppression", [], |row| row.get(0)).unwrap();
    assert_eq!(suppressed, 0, "the list does not say whether the address is to blame");
    assert!(provider.asked().iter().filter(|request| request.starts_with("GET")).count() >= 5);
}

/// Resend lists letters by their age, each with what happened to it last.
#[test]
fn a_late_complaint_behind_newer_letters_is_found_even_where_the_clock_was_ahead_and_the_transport_renamed() {
    let is_late = Arc::new(Mutex::new(false));
    let late = Arc::clone(&is_late);
    let provider = Provider::start(move |request, body, _| {
        let is_late = *late.lock().unwrap();
        let old = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(50)).to_string();
        let word = if is_late { "complained" } else { "delivered" };
        let newer = json!({"id": "other", "to": ["x@example.org"], "created_at": old, "last_event": "sent"});
        let ours =
            json!({"id": "letter-ada", "to": ["ada@example.org"], "created_at": now(), "last_event": word});
        match request {
            "POST /emails/batch" => resend(request, body, 1),
            "GET /emails?limit=100" => (200, json!({"has_more": true, "data": [newer]})),
            "GET /emails?limit=100&after=other" => (200, json!({"has_more": false, "data": [ours]})),
            other => panic!("{other}"),
        }
    });
    let scratch = provider.weekly("resend://re_key", "");
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("events pull").ok();
    assert_eq!(state_of(&scratch, "ada"), "delivered");
    *is_late.lock().unwrap() = true;
    scratch.sqlite("UPDATE note SET text = '2040-01-01T00:00:00Z' WHERE subject LIKE 'events of %'");
    let settings = scratch.read("courant.toml").replace("transports.api", "transports.new");
    scratch.write("courant.toml", settings.replace("transport = \"api\"", "transport = \"new\""));
    scratch.run("events pull").ok().prints("1 new event");
    assert_eq!(state_of(&scratch, "ada"), "complained");
}

fn postmark(request: &str, body: &Value, _: usize) -> (u16, Value) {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    if request == "POST /email/batch" {
        let letters = body.as_array().expect("a batch is a list").iter();
        let each = letters.map(|letter| {
            json!({"ErrorCode": 0, "Message": "OK", "MessageID": format!("letter-{}", name_of(letter, "To"))})
        });
        return (200, Value::Array(each.collect()));
    }
    let is_today = request.contains(&format!("fromdate={today}"));
    match (request.starts_with("GET /bounces?count=500&offset=0"), is_today) {
        (true, true) => (
            200,
            json!({"TotalCount": 1, "Bounces": [
                {"ID": 7, "Type": "HardBounce", "MessageID": "letter-bob", "Email": "bob@example.org",
                 "BouncedAt": now(), "Details": "550 5.1.1 nobody"}
            ]}),
        ),
        (true, false) => (200, json!({"TotalCount": 0, "Bounces": []})),
        (false, true) => (
            200,
            json!({"TotalCount": 10_003, "Messages": [
                {"MessageID": "letter-ada", "Recipients": ["ada@example.org"], "ReceivedAt": now(), "Status": "Sent"}
            ]}),
        ),
        (false, false) => (200, json!({"TotalCount": 0, "Messages": []})),
    }
}

#[test]
fn the_bounces_of_postmark_suppress_and_what_it_does_not_list_is_said() {
    let provider = Provider::start(postmark);
    let scratch = provider.weekly("postmark://token", "");
    scratch.run("send 1 --yes --offline").ok();
    scratch
        .run("events pull")
        .ok()
        .prints("Postmark: 2 new events")
        .prints("3 of its letters are not listed");
    assert_eq!(
        (state_of(&scratch, "bob").as_str(), state_of(&scratch, "ada").as_str()),
        ("bounced", "accepted")
    );
    scratch.run("subscribers show bob@example.org").ok().prints("bounced");
    let days =
        provider.asked().iter().filter(|request| request.contains("/bounces?count=500&offset=0")).count();
    assert!((8..=10).contains(&days), "the first time looks a week back: {days}");
}

#[test]
fn mailgun_tells_by_its_list_what_it_tells_by_webhook_and_the_next_pull_goes_on() {
    let tokens: Arc<Mutex<Vec<Value>>> = Arc::default();
    let events = Arc::clone(&tokens);
    let provider = Provider::start(move |request, _, _| {
        let page = |name: &str| format!("https://api.mailgun.net/v3/mg.example.org/events/{name}?page=x");
        let items = events.lock().unwrap().clone();
        match request {
            first if first.starts_with("GET /v3/mg.example.org/events?begin=") => {
                (200, json!({"items": items[..1], "paging": {"next": page("two")}}))
            }
            "GET /v3/mg.example.org/events/two?page=x" => {
                (200, json!({"items": items[1..], "paging": {"next": page("three")}}))
            }
            "GET /v3/mg.example.org/events/three?page=x" => (200, json!({"items": [], "paging": {}})),
            other => panic!("{other}"),
        }
    });
    let server = crate::harness::server::Server::start(Default::default());
    let scratch = provider
        .weekly("mailgun://key@mg.example.org", "")
        .settings(&format!("[transports.relay]\nurl = \"{}\"", server.url()));
    scratch.run("send 1 --yes --offline --transport relay").ok();
    let event = |name: &str, kind: &str| {
        json!({"event": kind, "id": format!("{kind}-{name}"), "timestamp": jiff::Timestamp::now().as_second(),
               "recipient": format!("{name}@example.org"), "user-variables": {"courant": token_of(&scratch, name)}})
    };
    *tokens.lock().unwrap() =
        vec![event("ada", "delivered"), event("bob", "complained"), event("eve", "opened")];
    scratch.run("events pull").ok().prints("Mailgun: 3 new events");
    let states = ["ada", "bob", "eve"].map(|name| state_of(&scratch, name));
    assert_eq!(states, ["delivered", "complained", "accepted"]);
    scratch.run("events pull").ok().prints("0 new events, 3 known already");
    let begins: Vec<i64> = provider
        .asked()
        .iter()
        .filter_map(|request| request.split_once("begin=")?.1.split('&').next()?.parse().ok())
        .collect();
    assert!(begins.len() == 2 && begins[1] - begins[0] > 6 * 86_400, "{begins:?}");
}

#[test]
fn sendgrid_says_what_a_key_without_the_add_on_needs() {
    let provider = Provider::start(|_, _, _| (403, json!({"errors": [{"message": "access forbidden"}]})));
    let scratch = provider.weekly("sendgrid://SG.key", "");
    // A rehearsal makes a ledger without asking anybody.
    scratch.run("send 1 --yes --offline --transport outbox").ok();
    scratch.run("events pull").expect_code(1).says("access forbidden").says("Email Activity History");
}

#[test]
fn a_time_of_sendgrid_that_holds_too_many_is_halved() {
    let provider = Provider::start(|request, _, _| {
        let message = |number| {
            json!({"msg_id": format!("{number}.x"), "status": "delivered",
            "to_email": "x@example.org", "last_event_time": "2026-11-25T12:00:00Z"})
        };
        let number = if days(request) > 2.0 { 1000 } else { 1 };
        (200, json!({"messages": (0..number).map(message).collect::<Vec<_>>()}))
    });
    let scratch = provider.weekly("sendgrid://SG.key", "");
    scratch.run("send 1 --yes --offline --transport outbox").ok();
    let told = scratch.run("events pull --json").ok().json();
    assert_eq!((&told["new"], &told["left_out"]), (&json!(1), &json!(0)), "the same letter each time");
    let asked: Vec<f64> =
        provider.asked().iter().filter(|it| it.starts_with("GET")).map(|it| days(it)).collect();
    let whole: f64 = asked.iter().filter(|days| **days <= 2.0).sum();
    assert!((asked[0] - 7.0).abs() < 0.01 && (whole - 7.0).abs() < 0.01, "{asked:?}");
}

/// How long the time is that SendGrid is asked about.
fn days(request: &str) -> f64 {
    let query = percent_encoding::percent_decode_str(request).decode_utf8_lossy().replace('+', " ");
    let times: Vec<jiff::Timestamp> =
        query.split('"').skip(1).step_by(2).map(|time| time.parse().expect("it is a time")).collect();
    times[1].duration_since(times[0]).as_secs_f64() / 86_400.0
}

#[test]
fn who_cannot_be_asked_is_told_what_to_do_instead() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("events pull").expect_code(1).says("no provider's API").says("--transport");
    let run = scratch.run("events pull --transport brevo://key").expect_code(1);
    run.says("Brevo tells of letters by webhooks alone").says("courant serve");
}

#[test]
fn cron_asks_where_the_transport_says_so_and_tells_a_failure_once() {
    let broken = Arc::new(Mutex::new(false));
    let is_broken = Arc::clone(&broken);
    let provider = Provider::start(move |request, body, times| {
        match request.starts_with("GET") && *is_broken.lock().unwrap() {
            true => (401, json!({"message": "this key may only send"})),
            false => resend(request, body, times + 1),
        }
    });
    let scratch = provider.weekly("resend://re_key", "events = \"pull\"");
    scratch.run("send 1 --yes --offline").ok();
    let silent = scratch.run("run").ok();
    assert_eq!((silent.stdout.as_str(), silent.stderr.as_str()), ("", ""));
    assert_eq!(state_of(&scratch, "ada"), "delivered");
    *broken.lock().unwrap() = true;
    scratch.run("run").ok().says("this key may only send");
    assert_eq!(scratch.run("run").ok().stderr, "", "it was told");
}
