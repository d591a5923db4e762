//! Calls against a server of the test that answers as it is told.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::ledger::recorded::DeliveryId;
use crate::model::address::Address;
use crate::model::attempt::Fault;
use crate::model::issue::At;
use crate::model::tree::Table;
use crate::settings::transport::TransportKind;
use crate::settings::transport_url::{Naming, transport};

pub fn transport_settings(url: &str, endpoint: &str) -> TransportSettings {
    let value = format!("{url}{}endpoint={endpoint}", if url.contains('?') { '&' } else { '?' });
    let at = At { value, span: 0..0 };
    transport(&at, &Table::default(), &Naming { name: None, root: Path::new("/w") }).unwrap()
}

pub fn settings(url: &str, endpoint: &str) -> HttpSettings {
    match transport_settings(url, endpoint).kind {
        TransportKind::Http(settings) => settings,
        other => panic!("{other:?}"),
    }
}

/// What came, and what is to be answered, one after the other; the last answer stays.
#[derive(Clone, Default)]
struct Stand {
    came: Arc<Mutex<Vec<(String, serde_json::Value)>>>,
    answers: Arc<Mutex<Vec<(u16, String)>>>,
    /// Of every answer.
    headers: Arc<Mutex<HeaderMap>>,
}

async fn take(
    State(stand): State<Stand>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, String) {
    let letters: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let number = letters.as_array().map(Vec::len);
    let key = match headers.get("idempotency-key") {
        Some(key) => key.to_str().unwrap().to_owned(),
        None => letters["headers"]["idempotencyKey"].as_str().unwrap().to_owned(),
    };
    stand.came.lock().unwrap().push((key, letters));
    let mut answers = stand.answers.lock().unwrap();
    let (status, body) = match answers.len() {
        0 => (200, String::new()),
        1 => answers[0].clone(),
        _ => answers.remove(0),
    };
    let body = if body.is_empty() { taken(number) } else { body };
    let mut headers = stand.headers.lock().unwrap().clone();
    headers.insert("content-type", "application/json".parse().unwrap());
    (StatusCode::from_u16(status).unwrap(), headers, body)
}

/// Of a batch of so many letters, or of the one that is no batch.
fn taken(letters: Option<usize>) -> String {
    let Some(letters) = letters else { return r#"{"id":"alone"}"#.to_owned() };
    let ids = (0..letters).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect::<Vec<_>>().join(",");
    format!(r#"{{"data":[{ids}]}}"#)
}

impl Stand {
    async fn open(answers: &[(u16, &str)]) -> (Stand, Http) {
        Stand::of("resend", answers).await
    }

    async fn of(provider: &str, answers: &[(u16, &str)]) -> (Stand, Http) {
        let stand = Stand::default();
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned()));
        stand.answers.lock().unwrap().extend(answers);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/emails/batch", post(take))
            .route("/emails", post(take))
            .route("/v3/smtp/email", post(take))
            .with_state(stand.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let settings = transport_settings(&format!("{provider}://re_key?calls=1000/s"), &endpoint);
        let TransportKind::Http(http) = &settings.kind else { panic!() };
        let http = Http::new(&settings, http, None).unwrap();
        (stand, http)
    }

    /// How many letters each call had.
    fn calls(&self) -> Vec<usize> {
        self.came.lock().unwrap().iter().map(|(_, letters)| letters.as_array().map_or(1, Vec::len)).collect()
    }
}

fn letter(number: usize) -> (Envelope, Vec<u8>) {
    let envelope = Envelope {
        sender: Address::parse("us@example.org").unwrap(),
        size: None,
        id: Some(format!("{number}@example.org")),
        token: Some(format!("token{number}")),
        recipient: Address::parse(&format!("reader{number}@example.net")).unwrap(),
    };
    let letter = format!(
        "From: us@example.org\r\nTo: reader{number}@example.net\r\nSubject: Hello\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n"
    );
    (envelope, letter.into_bytes())
}

async fn send(http: &Http, number: usize) -> Result<Accepted, Broken> {
    let (envelope, letter) = letter(number);
    carry(http, envelope, &letter).await
}

async fn carry(http: &Http, envelope: Envelope, letter: &[u8]) -> Result<Accepted, Broken> {
    let mut session = http.connect().await?;
    session.open(&envelope).await?;
    session.body(&Recorded::for_tests(), letter, None).await.letter
}

async fn send_all(http: &Http, letters: usize) -> Vec<Result<Accepted, Broken>> {
    futures_util::future::join_all((0..letters).map(|number| send(http, number))).await
}

#[tokio::test]
async fn letters_of_many_sessions_share_calls_and_each_learns_its_own_outcome() {
    let (stand, http) = Stand::open(&[]).await;
    let sent = send_all(&http, 250).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    assert_eq!(stand.calls().iter().sum::<usize>(), 250);
    assert!(stand.calls().len() <= 4, "{:?}", stand.calls());
    let came = stand.came.lock().unwrap();
    let tokens: std::collections::BTreeSet<&str> = came
        .iter()
        .flat_map(|(_, letters)| letters.as_array().unwrap())
        .map(|letter| letter["tags"][0]["value"].as_str().unwrap())
        .collect();
    assert_eq!(tokens.len(), 250);
}

#[tokio::test]
async fn one_bad_address_is_refused_and_its_neighbours_arrive() {
    // The whole is refused, then the first half is, then its first half, and so on down to the letter.
    let bad = (422, r#"{"name":"validation_error","message":"Invalid `to` field."}"#);
    let (stand, http) = Stand::open(&[bad, bad, bad, (200, "")]).await;
    let sent = send_all(&http, 4).await;
    let refused: Vec<_> = sent.iter().filter_map(|sent| sent.as_ref().err()).collect();
    assert_eq!(refused.len(), 1, "{sent:?}");
    assert_eq!(refused[0].fault, Some(Fault::Recipient));
    assert_eq!(stand.calls(), [4, 2, 1, 1, 2]);
}

#[tokio::test]
async fn letters_with_files_go_one_a_call_between_the_batches_of_others() {
    let (stand, http) = Stand::open(&[]).await;
    let file = "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=plan.pdf";
    let sending = (0..9).map(|number| {
        let (envelope, letter) = letter(number);
        let text = String::from_utf8(letter).unwrap();
        let with_file = text.replacen("Content-Type: text/plain; charset=utf-8", file, 1);
        let letter = if number % 3 == 1 { with_file } else { text };
        let http = &http;
        async move { carry(http, envelope, letter.as_bytes()).await }
    });
    let sent = futures_util::future::join_all(sending).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let came = stand.came.lock().unwrap();
    let (alone, batches): (Vec<_>, Vec<_>) = came.iter().map(|(_, body)| body).partition(|it| it.is_object());
    assert!(alone.iter().all(|letter| letter["attachments"][0]["filename"] == "plan.pdf"), "{alone:?}");
    let batched: Vec<_> = batches.iter().flat_map(|batch| batch.as_array().unwrap()).collect();
    assert_eq!((alone.len(), batched.len()), (3, 6));
    assert!(batched.iter().all(|letter| letter.get("attachments").is_none()));
}

#[tokio::test]
async fn a_refusal_that_meets_every_letter_of_a_call_is_about_us() {
    let bad = (422, r#"{"name":"validation_error","message":"Invalid `to` field."}"#);
    let (_, http) = Stand::open(&[bad]).await;
    let faults = |sent: Vec<Result<Accepted, Broken>>| -> Vec<_> {
        sent.into_iter().map(|sent| sent.unwrap_err().fault.unwrap()).collect()
    };
    assert_eq!(faults(send_all(&http, 10).await), [Fault::Account; 10]);
    assert_eq!(faults(send_all(&http, 2).await), [Fault::Recipient; 2]);
}

#[tokio::test]
async fn a_call_without_a_clear_answer_is_made_again_with_its_key() {
    let (stand, http) = Stand::open(&[(504, "{}"), (200, r#"{"data":[{"i"#), (200, "")]).await;
    assert_eq!(send(&http, 1).await.unwrap().reply.code, 200);
    let came = stand.came.lock().unwrap();
    assert_eq!(came.len(), 3);
    assert!(came.iter().all(|call| *call == came[0]), "the same key and the same letters");
}

#[tokio::test]
async fn a_call_that_a_run_wrote_down_is_made_again_letter_by_letter_with_its_key() {
    let (stand, http) = Stand::open(&[]).await;
    let wrote =
        |account: &str| NotedCall::for_tests(account, Timestamp::now() + SignedDuration::from_mins(9));
    assert!(send(&http, 1).await.is_ok());
    let (key, letters) = stand.came.lock().unwrap()[0].clone();
    let (envelope, bytes) = letter(1);
    let again = [Again { delivery: DeliveryId(0), attempt: 1, envelope: &envelope, bytes: &bytes }];
    assert!(http.again(&wrote(&key), &again).await[0].is_ok());
    assert_eq!(stand.came.lock().unwrap()[1], (key.clone(), letters));

    let other = http.again(&wrote("of another account"), &again).await.remove(0).unwrap_err();
    assert_eq!(other.fault, Some(Fault::Unclear), "{other}");
    for days in [0, 2] {
        let until = Timestamp::now() + SignedDuration::from_hours(24 * days);
        let late = NotedCall::for_tests(&key, until);
        assert_eq!(http.again(&late, &again).await.remove(0).unwrap_err().fault, Some(Fault::Unclear));
    }
    assert_eq!(stand.calls(), [1, 1], "none of the three was made");
}

#[tokio::test]
async fn a_call_that_is_made_again_and_not_let_in_says_nothing_of_its_letters() {
    let (stand, http) = Stand::open(&[(401, r#"{"name":"missing_api_key"}"#)]).await;
    assert_eq!(send(&http, 1).await.unwrap_err().fault, Some(Fault::Account));
    let key = stand.came.lock().unwrap()[0].0.clone();
    let call = NotedCall::for_tests(&key, Timestamp::now() + SignedDuration::from_mins(9));
    let (envelope, bytes) = letter(1);
    let again = [Again { delivery: DeliveryId(0), attempt: 1, envelope: &envelope, bytes: &bytes }];
    assert_eq!(http.again(&call, &again).await.remove(0).unwrap_err().fault, Some(Fault::Unclear));
}

#[tokio::test]
async fn a_call_that_is_too_fast_waits_and_is_made_again() {
    let (stand, http) = Stand::open(&[(429, "{}"), (200, "")]).await;
    assert!(send(&http, 1).await.is_ok());
    assert_eq!(stand.calls(), [1, 1]);
}

#[tokio::test]
async fn a_provider_that_is_not_there_takes_nothing_and_knocking_says_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let settings = transport_settings("resend://re_key", &endpoint);
    let TransportKind::Http(http) = &settings.kind else { panic!() };
    let broken = send(&Http::new(&settings, http, None).unwrap(), 1).await.unwrap_err();
    assert_eq!((broken.phase, broken.may_pass), (Phase::Connect, true));
}

#[tokio::test]
async fn a_provider_that_takes_connections_and_says_nothing_has_no_letter_of_ours() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let of_url = transport_settings("resend://re_key", &endpoint);
    let hurried =
        HttpSettings { answer: Duration::from_millis(100), ..settings("resend://re_key", &endpoint) };
    let http = Http::new(&of_url, &hurried, None).unwrap();
    let broken = http.connect().await.err().expect("nobody answers");
    assert_eq!((broken.phase, broken.may_pass), (Phase::Connect, true));
}

#[tokio::test]
async fn a_key_that_is_known_says_that_a_call_was_taken_unless_one_was_answered_otherwise() {
    let known = (400, r#"{"code":"duplicate_parameter","message":"The key was used"}"#);
    let (_, http) = Stand::of("brevo", &[(504, "{}"), known]).await;
    assert_eq!(send(&http, 1).await.unwrap().reply.code, 400);
    for earlier in [(500, "{}"), (429, "{}")] {
        let (stand, http) = Stand::of("brevo", &[earlier, known]).await;
        assert_eq!(send(&http, 1).await.unwrap_err().fault, Some(Fault::Unclear), "{earlier:?}");
        assert_eq!(stand.calls(), [1, 1], "asking on helps nobody");
    }
}

#[tokio::test]
async fn letters_do_not_wait_for_a_window_of_an_hour_and_say_when_it_ends() {
    let (stand, http) = Stand::open(&[]).await;
    let used_up = [("ratelimit-remaining", "0"), ("ratelimit-reset", "3600")];
    for (name, value) in used_up {
        stand.headers.lock().unwrap().insert(name, value.parse().unwrap());
    }
    assert!(send(&http, 1).await.is_ok());
    let fault = send(&http, 2).await.unwrap_err().fault;
    let an_hour = Duration::from_secs(3500)..=Duration::from_secs(3600);
    assert!(matches!(fault, Some(Fault::Speed { wait: Some(wait) }) if an_hour.contains(&wait)), "{fault:?}");
    assert_eq!(stand.calls(), [1]);
}
