//! What can be asked for, and by which path. Every path is relative to the page, which may stand below a token.

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::ask::{Ask, Refusal, Shown, Trial, Why};
use super::server::Door;
use super::{answer, event, page};

/// No question is longer.
const LARGEST_BODY: usize = 64 * 1024;

pub fn routes(door: Door) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/assets/{name}", get(page::asset))
        .route("/api/workspace", get(workspace))
        .route("/api/issue/{id}", get(issue))
        .route("/api/people/{id}", get(people))
        .route("/api/events", get(events))
        .route("/api/test", post(test))
        .route("/api/mailbox/{name}", get(letters))
        .route("/api/mailbox/{name}/{id}", get(letter))
        .route("/mailbox/{name}/{id}/html", get(letter_html))
        .route("/mailbox/{name}/{id}/eml", get(letter_eml))
        .route("/message/{id}/html", get(message_html))
        .route("/message/{id}/eml", get(message_eml))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(door)
}

/// What may stand behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    #[serde(rename = "as")]
    who: Option<String>,
    /// What is searched for.
    q: String,
    /// `1`: with images from the web.
    remote: Option<String>,
}

impl Wish {
    fn shown(self, id: String) -> Shown {
        Shown { id, who: self.who.filter(|who| !who.is_empty()) }
    }

    fn is_remote(&self) -> bool {
        self.remote.as_deref() == Some("1")
    }
}

type Answer = Result<Response, Refusal>;

fn json(value: impl Serialize) -> Response {
    Json(value).into_response()
}

async fn workspace(State(door): State<Door>) -> Answer {
    door.ask(Ask::Workspace).await.map(json)
}

async fn issue(State(door): State<Door>, Path(id): Path<String>, Query(wish): Query<Wish>) -> Answer {
    door.ask(|reply| Ask::View(wish.shown(id), reply)).await.map(json)
}

async fn people(State(door): State<Door>, Path(id): Path<String>, Query(wish): Query<Wish>) -> Answer {
    door.ask(|reply| Ask::People { id, text: wish.q, reply }).await.map(json)
}

async fn events(State(door): State<Door>) -> Response {
    let (events, closing) = door.listen();
    event::stream(events, closing).into_response()
}

async fn test(State(door): State<Door>, trial: Result<Json<Trial>, JsonRejection>) -> Answer {
    let Json(trial) =
        trial.map_err(|rejected| Refusal::new(Why::Wrong, rejected.body_text(), "use the page"))?;
    door.ask(|reply| Ask::Test(trial, reply)).await.map(json)
}

async fn letters(State(door): State<Door>, Path(name): Path<String>, Query(wish): Query<Wish>) -> Answer {
    door.ask(|reply| Ask::Letters { name, text: wish.q, reply }).await.map(json)
}

async fn letter(State(door): State<Door>, Path((name, id)): Path<(String, String)>) -> Answer {
    door.ask(|reply| Ask::Letter { name, id, reply }).await.map(json)
}

async fn letter_html(
    State(door): State<Door>,
    Path((name, id)): Path<(String, String)>,
    Query(wish): Query<Wish>,
) -> Answer {
    let html = door.ask(|reply| Ask::LetterHtml { name, id, reply }).await?;
    Ok(answer::message(html, wish.is_remote()))
}

async fn letter_eml(State(door): State<Door>, Path((name, id)): Path<(String, String)>) -> Answer {
    door.ask(|reply| Ask::LetterEml { name, id, reply }).await.map(answer::letter)
}

async fn message_html(State(door): State<Door>, Path(id): Path<String>, Query(wish): Query<Wish>) -> Answer {
    let remote = wish.is_remote();
    let html = door.ask(|reply| Ask::Html(wish.shown(id), reply)).await?;
    Ok(answer::message(html, remote))
}

async fn message_eml(State(door): State<Door>, Path(id): Path<String>, Query(wish): Query<Wish>) -> Answer {
    door.ask(|reply| Ask::Eml(wish.shown(id), reply)).await.map(answer::letter)
}

async fn nothing() -> Refusal {
    Refusal::new(Why::NotThere, "there is no such page", "go back to the beginning of the preview")
}
