//! Postmark: its bounces, and the letters it took; day by day, since a list ends after ten thousand.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::{Listed, Lists, Page, PullError};
use crate::inbound::webhook::postmark::bounced;
use crate::inbound::webhook::read::{Item, item, key, one, reply};
use crate::model::event::{Kind, ProviderEvent, Said};
use crate::transport::http::api::secret_header;

const LIMIT: u64 = 500;
/// No list goes further.
const LAST: u64 = 10_000;

/// Where in which list: `bounces 2026-11-25 500`.
struct Place {
    is_bounces: bool,
    day: Date,
    offset: u64,
}

impl Place {
    /// Postmark counts days in a zone of its own: one before is asked for, too.
    fn first(since: Timestamp) -> Place {
        let day = TimeZone::UTC.to_datetime(since).date();
        Place { is_bounces: true, day: day.saturating_sub(1.day()), offset: 0 }
    }

    fn read(text: &str) -> Option<Place> {
        let mut words = text.split(' ');
        let is_bounces = words.next()? == "bounces";
        Some(Place { is_bounces, day: words.next()?.parse().ok()?, offset: words.next()?.parse().ok()? })
    }

    fn written(&self) -> String {
        let list = if self.is_bounces { "bounces" } else { "letters" };
        format!("{list} {} {}", self.day, self.offset)
    }

    fn path(&self) -> String {
        let list = if self.is_bounces { "/bounces" } else { "/messages/outbound" };
        let Place { day, offset, .. } = self;
        format!("{list}?count={LIMIT}&offset={offset}&fromdate={day}&todate={day}")
    }

    /// After a page of a list that has `total`: its rest, the other list, the next day, or nothing.
    fn after(self, total: u64, now: Timestamp) -> Option<Place> {
        let offset = self.offset + LIMIT;
        if offset < total.min(LAST) {
            return Some(Place { offset, ..self });
        }
        if self.is_bounces {
            return Some(Place { is_bounces: false, offset: 0, ..self });
        }
        let day = self.day.saturating_add(1.day());
        (day <= TimeZone::UTC.to_datetime(now).date()).then_some(Place { is_bounces: true, day, offset: 0 })
    }
}

pub async fn page(
    lists: &Lists,
    next: Option<&str>,
    since: Timestamp,
    now: Timestamp,
) -> Result<Page, PullError> {
    let place = next.and_then(Place::read).unwrap_or_else(|| Place::first(since));
    let body = lists.get(place.path(), headers(lists)).await?;
    let list = one(&body).map_err(|refused| lists.unreadable(&refused))?;
    let name = if place.is_bounces { "Bounces" } else { "Messages" };
    let items = list.value.get(name).and_then(Value::as_array).ok_or_else(|| lists.no_list())?;
    let total = list.value.get("TotalCount").and_then(Value::as_u64).unwrap_or_default();
    let read = |value: &Value| {
        let text = value.to_string();
        let item = item(&text).map_err(|refused| lists.unreadable(&refused))?;
        Ok(if place.is_bounces { bounce(&item, now) } else { letter(&item, now) })
    };
    let events: Result<Vec<Listed>, PullError> = items.iter().map(read).collect();
    let left_out = if place.offset == 0 { total.saturating_sub(LAST) } else { 0 };
    let next = place.after(total, now).map(|place| place.written());
    Ok(Page { events: events?, next, left_out, ..Page::default() })
}

/// Under the number that the webhook of the same bounce has.
fn bounce(item: &Item<'_>, now: Timestamp) -> Listed {
    let word = item.text("/Type");
    let event = ProviderEvent {
        dedupe: format!("bounce {}", item.written("/ID")),
        word: format!("Bounce {word}"),
        kind: bounced(word),
        at: item.time("/BouncedAt").unwrap_or(now),
        address: item.address("/Email"),
        token: None,
        said: Said::new(reply(&item.first(&["/Details", "/Description"])), None),
        raw: item.raw.to_owned(),
    };
    Listed { event, letter: item.text("/MessageID").to_owned() }
}

/// A letter that is listed was taken; whether it arrived the list does not say.
fn letter(item: &Item<'_>, now: Timestamp) -> Listed {
    let id = item.text("/MessageID");
    let event = ProviderEvent {
        dedupe: key(&["taken", id]),
        word: item.text("/Status").to_owned(),
        kind: Kind::Accepted,
        at: item.time("/ReceivedAt").unwrap_or(now),
        address: item.address("/Recipients/0").or_else(|| item.address("/To/0/Email")),
        token: item.token("/Metadata/courant"),
        said: Said::default(),
        raw: item.raw.to_owned(),
    };
    Listed { event, letter: id.to_owned() }
}

fn headers(lists: &Lists) -> HeaderMap {
    let token = HeaderName::from_static("x-postmark-server-token");
    let json = (ACCEPT, HeaderValue::from_static("application/json"));
    HeaderMap::from_iter([(token, secret_header("", &lists.settings)), json])
}
