//! Resend: its letters with what happened to each last, the newest first.

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::Value;

use super::{Listed, Lists, Page, PullError, encoded};
use crate::inbound::webhook::read::{Item, item, key, one};
use crate::inbound::webhook::resend::dedupe;
use crate::model::event::{Kind, ProviderEvent, Rejection, Said};
use crate::transport::http::api::secret_header;

/// The most that Resend lists at once.
const LIMIT: u16 = 100;

pub async fn page(
    lists: &Lists,
    next: Option<&str>,
    since: Timestamp,
    now: Timestamp,
) -> Result<Page, PullError> {
    let after = next.map(|last| format!("&after={}", encoded(last))).unwrap_or_default();
    let headers = HeaderMap::from_iter([(AUTHORIZATION, secret_header("Bearer ", &lists.settings))]);
    let body = lists.get(format!("/emails?limit={LIMIT}{after}"), headers).await?;
    let list = one(&body).map_err(|refused| lists.unreadable(&refused))?;
    let items = list.value.get("data").and_then(Value::as_array).ok_or_else(|| lists.no_list())?;
    let (mut page, mut is_recent) = (Page::default(), true);
    for value in items {
        let text = value.to_string();
        let item = item(&text).map_err(|refused| lists.unreadable(&refused))?;
        is_recent = item.time("/created_at").is_none_or(|at| at >= since);
        page.events.extend(event(&item, now));
    }
    let last = items.last().and_then(|last| last.get("id")?.as_str());
    page.next = last.filter(|_| is_recent && list.truth("/has_more")).map(str::to_owned);
    Ok(page)
}

/// What an open or a click proves is that the letter was delivered: how often it was opened the list does not say.
fn event(item: &Item<'_>, now: Timestamp) -> Option<Listed> {
    let (letter, word) = (item.text("/id"), item.text("/last_event"));
    let (kind, word) = match word {
        "delivered" | "opened" | "clicked" => (Kind::Delivered, "email.delivered"),
        "sent" => (Kind::Accepted, "email.sent"),
        "delivery_delayed" => (Kind::Deferred, "email.delivery_delayed"),
        // The list does not say whether the address is to blame.
        "bounced" => (Kind::BouncedSoft, "email.bounced"),
        "complained" => (Kind::Complained, "email.complained"),
        "suppressed" => (Kind::Rejected(Rejection::Other), "email.suppressed"),
        "failed" => (Kind::Failed, "email.failed"),
        _ => return None,
    };
    let event = ProviderEvent {
        dedupe: known_as(&kind, word, letter),
        word: word.to_owned(),
        // When it happened the list does not say: after the letter was taken.
        at: item.time("/created_at").unwrap_or(now),
        address: item.address("/to/0"),
        token: None,
        said: Said::default(),
        raw: item.raw.to_owned(),
        kind,
    };
    Some(Listed { event, letter: letter.to_owned() })
}

/// The key of the webhook that tells the same; but a webhook says why a letter bounced or was not sent, which must
/// not count as known because a list said it without.
fn known_as(kind: &Kind, word: &str, letter: &str) -> String {
    let is_less = matches!(kind, Kind::BouncedSoft | Kind::Rejected(_));
    dedupe(kind, word, letter).filter(|_| !is_less).unwrap_or_else(|| key(&["listed", letter, word]))
}
