//! The Events API of Mailgun, the oldest event first: the same events that it posts, under the same ids.

use data_encoding::BASE64;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{Listed, Lists, Page, PullError};
use crate::inbound::webhook::mailgun::event;
use crate::inbound::webhook::read::{Item, one, read_or_odd};
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
    let events = items.iter().map(|value| listed(value, now)).collect();
    // After the last event there is a page without any.
    let next = if items.is_empty() { None } else { following(&list) };
    Ok(Page { events, next, ..Page::default() })
}

/// What cannot be read is listed, too: it would be there again at every pull, and nothing behind it would come.
fn listed(value: &Value, now: Timestamp) -> Listed {
    let event = read_or_odd(&value.to_string(), now, event);
    let letter = value.pointer("/message/headers/message-id").and_then(Value::as_str).unwrap_or_default();
    Listed { event, letter: format!("<{letter}>") }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Kind;

    #[test]
    fn an_event_without_an_id_is_listed_as_an_unknown_one_under_the_same_key_each_time() {
        let odd = serde_json::json!({"event": "delivered", "message": {"headers": {"message-id": "1@x"}}});
        let (first, again) = (listed(&odd, Timestamp::UNIX_EPOCH), listed(&odd, Timestamp::now()));
        assert_eq!(first.event.kind, Kind::Unknown("odd".to_owned()));
        assert_eq!((&first.letter, &first.event.dedupe), (&"<1@x>".to_owned(), &again.event.dedupe));
        assert!(listed(&Value::Null, Timestamp::now()).event.dedupe != first.event.dedupe);
    }
}
