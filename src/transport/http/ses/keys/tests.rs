//! The services of a machine and a container, played by a server of the test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, put};
use secrecy::ExposeSecret;

use super::*;

/// How often keys were asked for, and when those that are given expire.
#[derive(Clone)]
struct Service {
    asked: Arc<AtomicUsize>,
    expires: &'static str,
}

async fn token(headers: HeaderMap) -> Result<&'static str, StatusCode> {
    headers
        .contains_key("x-aws-ec2-metadata-token-ttl-seconds")
        .then_some("tok")
        .ok_or(StatusCode::BAD_REQUEST)
}

async fn role(headers: HeaderMap) -> Result<&'static str, StatusCode> {
    (headers.get("x-aws-ec2-metadata-token").is_some_and(|token| token == "tok"))
        .then_some("mailer\n")
        .ok_or(StatusCode::UNAUTHORIZED)
}

async fn lend(State(service): State<Service>) -> String {
    let number = service.asked.fetch_add(1, Ordering::SeqCst);
    format!(
        r#"{{"Code":"Success","AccessKeyId":"ASIA{number}","SecretAccessKey":"s","Token":"t","Expiration":"{}"}}"#,
        service.expires
    )
}

async fn lend_to_container(state: State<Service>, headers: HeaderMap) -> Result<String, StatusCode> {
    let is_known = headers.get("authorization").is_some_and(|token| token == "from-file");
    if is_known { Ok(lend(state).await) } else { Err(StatusCode::FORBIDDEN) }
}

async fn service(expires: &'static str) -> (Service, String) {
    let service = Service { asked: Arc::default(), expires };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/latest/api/token", put(token))
        .route("/latest/meta-data/iam/security-credentials/", get(role))
        .route("/latest/meta-data/iam/security-credentials/mailer", get(lend))
        .route("/container", get(lend_to_container))
        .with_state(service.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (service, endpoint)
}

fn keys(aws: AwsEnvironment) -> Keys {
    Keys::new(&Credentials::Ambient { profile: None, aws: Box::new(aws) })
}

fn now() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn a_machine_has_the_keys_of_its_role_and_asks_once_for_many_calls() {
    let (service, endpoint) = service("2026-11-30T18:00:00Z").await;
    let keys = keys(AwsEnvironment { machine: Some(endpoint), ..AwsEnvironment::default() });
    let each = futures_util::future::join_all((0..16).map(|_| keys.get(now()))).await;
    assert!(each.iter().all(|keys| keys.as_ref().unwrap().access == "ASIA0"), "{each:?}");
    assert_eq!(service.asked.load(Ordering::SeqCst), 1);
    assert_eq!(each[0].as_ref().unwrap().session.as_ref().unwrap().expose_secret(), "t");
}

#[tokio::test]
async fn keys_are_fetched_anew_before_they_expire_and_kept_while_the_service_is_away() {
    let (service, endpoint) = service("2026-11-30T12:04:00Z").await;
    let keys = keys(AwsEnvironment { machine: Some(endpoint), ..AwsEnvironment::default() });
    assert_eq!(keys.get(now()).await.unwrap().access, "ASIA0");
    assert_eq!(keys.get(now()).await.unwrap().access, "ASIA1", "four minutes are too few");
    assert_eq!(service.asked.load(Ordering::SeqCst), 2);
    let away = Keys {
        source: Source::Ambient { profile: None, aws: Box::default() },
        held: Mutex::new(keys.held().clone()),
        fetching: tokio::sync::Mutex::new(()),
    };
    assert_eq!(away.get(now()).await.unwrap().access, "ASIA1");
    let later = "2026-11-30T12:05:00Z".parse().unwrap();
    assert_eq!(away.get(later).await.unwrap_err().phase, Phase::Login);
}

#[tokio::test]
async fn keys_that_amazon_says_are_over_are_renewed_once_for_all_calls() {
    let (service, endpoint) = service("2026-11-30T18:00:00Z").await;
    let keys = keys(AwsEnvironment { machine: Some(endpoint), ..AwsEnvironment::default() });
    let first = keys.get(now()).await.unwrap().access;
    for _ in 0..16 {
        assert!(keys.is_renewed(&first));
        assert_eq!(keys.get(now()).await.unwrap().access, "ASIA1");
    }
    assert_eq!(service.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_container_shows_the_token_of_its_file() {
    let (_service, endpoint) = service("2026-11-30T18:00:00Z").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from-file\n").unwrap();
    let container = Container {
        url: format!("{endpoint}/container"),
        token: None,
        token_file: Some(file.path().to_path_buf()),
    };
    let keys = keys(AwsEnvironment { container: Some(container), ..AwsEnvironment::default() });
    assert_eq!(keys.get(now()).await.unwrap().access, "ASIA0");
}

#[tokio::test]
async fn variables_come_first_then_the_profile_and_a_name_that_is_not_there_is_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[default]\naws_access_key_id=AKIA1\naws_secret_access_key=s\n").unwrap();
    let variables =
        EnvironmentKeys { access: "AKIA0".to_owned(), secret: SecretString::from("s"), session: None };
    let aws = AwsEnvironment { files: vec![file.path().to_path_buf()], ..AwsEnvironment::default() };
    let both = AwsEnvironment { keys: Some(variables), ..aws.clone() };
    assert_eq!(keys(both.clone()).get(now()).await.unwrap().access, "AKIA0");
    assert_eq!(keys(aws.clone()).get(now()).await.unwrap().access, "AKIA1");
    let named = |name: &str| {
        Keys::new(&Credentials::Ambient { profile: Some(name.to_owned()), aws: Box::new(both.clone()) })
    };
    assert_eq!(named("default").get(now()).await.unwrap().access, "AKIA1");
    let broken = named("work").get(now()).await.unwrap_err();
    assert!(broken.cause.contains("no file has keys in a profile `work`"), "{broken}");
    assert!(keys(AwsEnvironment::default()).get(now()).await.is_err());
}
