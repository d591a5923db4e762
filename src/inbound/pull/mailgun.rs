//! The Events API of Mailgun, the oldest event first: the same events that it posts, under the same ids.

use data_encoding::BASE64;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{Listed, Lists, Page, PullError};
use crate::inbound::webhook::mailgun::event;
use crate::inbound::webhook::read::{Item, item, one};
use crate::settings::http::Credentials;

/// The most that Mailgun lists at once.
const LIMIT: u16 = 300;

pub async fn page(
    lists: &Lists,
    next: Option<&str>,
    since: Timestamp,
    now: Timestamp,
) -> Result<Page, PullError> {
    let domain = lists.settings.domain.as_deref().unwrap_or_default();
    let first = || format!("/v3/{domain}/events?begin={}&ascending=yes&limit={LIMIT}", since.as_second());
    let body = lists.get(next.map_or_else(first, str::to_owned), headers(lists)).await?;
    let list = one(&body).map_err(|refused| lists.unreadable(&refused))?;
    let items = list.value.get("items").and_then(Value::as_array).ok_or_else(|| lists.no_list())?;
    let events: Result<Vec<Listed>, PullError> =
        items.iter().map(|value| listed(lists, value, now)).collect();
    // After the last event there is a page without any.
    let next = if items.is_empty() { None } else { following(&list) };
    Ok(Page { events: events?, next, ..Page::default() })
}

fn listed(lists: &Lists, value: &Value, now: Timestamp) -> Result<Listed, PullError> {
    let text = value.to_string();
    let read = item(&text).and_then(|item| event(&item, now));
    let event = read.map_err(|refused| lists.unreadable(&refused))?;
    let letter = value.pointer("/message/headers/message-id").and_then(Value::as_str).unwrap_or_default();
    Ok(Listed { event, letter: format!("<{letter}>") })
}

/// Path and query of the page behind this one: the host is the one that was asked.
fn following(list: &Item<'_>) -> Option<String> {
    let url = url::Url::parse(list.text("/paging/next")).ok()?;
    Some(url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path())))
}

fn headers(lists: &Lists) -> HeaderMap {
    let key = match &lists.settings.credentials {
        Credentials::Key(key) | Credentials::Pair { secret: key, .. } => key.expose_secret(),
        Credentials::Ambient { .. } => "",
    };
    let text = format!("Basic {}", BASE64.encode(format!("api:{key}").as_bytes()));
    let mut value = HeaderValue::from_str(&text).expect("base64 fits into a header");
    value.set_sensitive(true);
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}
