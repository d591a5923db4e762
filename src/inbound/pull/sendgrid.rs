//! SendGrid's Email Activity: letters by the time of their last event. It needs an add-on, and has no pages: a
//! time that holds too many is halved.

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::Value;

use super::{Listed, Lists, Page, PullError, encoded};
use crate::inbound::webhook::read::{Item, item, key, one};
use crate::model::event::{Kind, ProviderEvent, Said};
use crate::transport::http::api::secret_header;

/// The most that SendGrid lists at once.
const LIMIT: usize = 1000;

/// From when to when: seconds since 1970.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
}

impl Span {
    fn read(text: &str) -> Option<Span> {
        let (from, to) = text.split_once(' ')?;
        Some(Span { from: from.parse().ok()?, to: to.parse().ok()? })
    }

    fn query(self) -> String {
        let time = |second| Timestamp::from_second(second).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ");
        let (from, to) = (time(self.from), time(self.to));
        format!("last_event_time BETWEEN TIMESTAMP \"{from}\" AND TIMESTAMP \"{to}\"")
    }
}

pub async fn page(
    lists: &Lists,
    next: Option<&str>,
    since: Timestamp,
    now: Timestamp,
) -> Result<Page, PullError> {
    let all = Span { from: since.as_second(), to: now.as_second() };
    let span = next.and_then(Span::read).unwrap_or(all);
    let path = format!("/v3/messages?limit={LIMIT}&query={}", encoded(&span.query()));
    let headers = HeaderMap::from_iter([(AUTHORIZATION, secret_header("Bearer ", &lists.settings))]);
    let body = lists.get(path, headers).await?;
    let list = one(&body).map_err(|refused| lists.unreadable(&refused))?;
    let items = list.value.get("messages").and_then(Value::as_array).ok_or_else(|| lists.no_list())?;
    if items.len() >= LIMIT && span.to - span.from > 1 {
        let to = span.from + (span.to - span.from) / 2;
        return Ok(Page { next: Some(format!("{} {to}", span.from)), ..Page::default() });
    }
    let read = |value: &Value| {
        let text = value.to_string();
        item(&text).map(|item| event(&item, now)).map_err(|refused| lists.unreadable(&refused))
    };
    let events: Result<Vec<Listed>, PullError> = items.iter().map(read).collect();
    // What follows is tried at once, however much it is.
    let next = (span.to < all.to).then(|| format!("{} {}", span.to, all.to));
    Ok(Page { events: events?, next, left_out: u64::from(items.len() >= LIMIT), ..Page::default() })
}

fn event(item: &Item<'_>, now: Timestamp) -> Listed {
    let (id, word) = (item.text("/msg_id"), item.text("/status"));
    let event = ProviderEvent {
        dedupe: key(&[id, word]),
        word: word.to_owned(),
        kind: match word {
            "delivered" => Kind::Delivered,
            "processed" | "processing" => Kind::Accepted,
            // The list does not say whether the address is to blame.
            "not_delivered" | "not delivered" => Kind::BouncedSoft,
            other => Kind::Unknown(other.to_owned()),
        },
        at: item.time("/last_event_time").unwrap_or(now),
        address: item.address("/to_email"),
        token: None,
        said: Said::default(),
        raw: item.raw.to_owned(),
    };
    // The answer to the call that sent it holds the name up to the first dot.
    Listed { event, letter: id.split('.').next().unwrap_or_default().to_owned() }
}
