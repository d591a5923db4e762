//! Whether a provider knows a letter that no answer came for, by its own search. Amazon SES has none, and the list of
//! Resend shows nothing that tells one letter to an address from another: its keys settle what is in doubt.

mod told;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::account::{Account, escaped};
use crate::model::attempt::Broken;
use crate::model::event::Fate;
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;

/// A letter that is looked for.
pub struct Wanted {
    /// Of its delivery, which went with it.
    pub token: String,
    pub recipient: String,
    /// Within which time it was handed over, if it was.
    pub begun: Timestamp,
    pub ended: Timestamp,
}

/// What a search found of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub fate: Fate,
    /// In the provider's words.
    pub words: String,
}

/// Two clocks may differ by so much, and a provider may write down a letter so much later.
const MARGIN: SignedDuration = SignedDuration::from_mins(10);

/// A search in words: the path to ask, and who reads the answer.
struct Search {
    path: String,
    items: &'static str,
    /// What an item says of the wanted letter; `None` if it is about another.
    read: fn(&Value, &Wanted) -> Option<Seen>,
}

/// Whether the provider has a search at all.
pub fn is_there(provider: Provider) -> bool {
    !matches!(provider, Provider::Ses | Provider::Resend)
}

/// What the provider knows of the letter: the fate that tells most, or nothing.
pub async fn find(account: &Account, wanted: &Wanted) -> Result<Option<Seen>, Broken> {
    let Some(search) = search(&account.settings, wanted) else { return Ok(None) };
    let page = account.get(&search.path).await?;
    let items = page.pointer(search.items).and_then(Value::as_array);
    let seen = items.into_iter().flatten().filter_map(|item| (search.read)(item, wanted));
    Ok(seen.max_by_key(|seen| seen.fate))
}

fn search(settings: &HttpSettings, wanted: &Wanted) -> Option<Search> {
    let to = escaped(&wanted.recipient);
    let token = escaped(&wanted.token);
    let (from, until) = (shifted(wanted.begun, -MARGIN), shifted(wanted.ended, MARGIN));
    let of = |path: String, items, read| Some(Search { path, items, read });
    match settings.provider {
        Provider::Ses | Provider::Resend => None,
        Provider::Postmark => {
            let path = format!(
                "/messages/outbound?count=50&offset=0&messagestream={}&metadata_courant={token}",
                escaped(&settings.stream)
            );
            of(path, "/Messages", told::postmark)
        }
        Provider::Mailgun => {
            let domain = settings.domain.as_deref().unwrap_or_default();
            let (begin, end) = (from.as_second(), now_or(until).as_second());
            let path =
                format!("/v3/{domain}/events?begin={begin}&end={end}&ascending=yes&limit=300&recipient={to}");
            of(path, "/items", told::mailgun)
        }
        Provider::Sendgrid => {
            let query = format!("unique_args['courant']=\"{}\"", wanted.token);
            of(format!("/v3/messages?limit=10&query={}", escaped(&query)), "/messages", told::sendgrid)
        }
        Provider::Brevo => {
            let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
            let path = format!(
                "/v3/smtp/statistics/events?limit=100&email={to}&startDate={}&endDate={}",
                day(from),
                day(until)
            );
            of(path, "/events", told::brevo)
        }
        Provider::Sparkpost => {
            let minute = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M").to_string();
            let path = format!("/api/v1/events/message?per_page=1000&recipients={to}&from={}", minute(from));
            of(path, "/results", told::sparkpost)
        }
        Provider::Mailjet => {
            of(format!("/v3/REST/message?ShowCustomID=true&CustomID={token}"), "/Data", told::mailjet)
        }
    }
}

fn shifted(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

/// What happened to the letter later is told by later events.
fn now_or(at: Timestamp) -> Timestamp {
    at.max(Timestamp::now())
}

#[cfg(test)]
mod tests;
