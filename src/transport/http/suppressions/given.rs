//! Our suppressions, told to a provider that takes them.

use reqwest::Method;
use serde_json::{Value, json};

use super::Reason;
use crate::model::attempt::Broken;
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;
use crate::transport::http::account::{Account, escaped};

/// What became of those that it was to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// It suppresses them now.
    pub told: usize,
    /// It was told and does not do it, each by each.
    pub refused: usize,
    /// Its API has no place for their reason, or for any.
    pub untold: usize,
}

/// One call, and for how many addresses it is.
struct Telling {
    method: Method,
    path: String,
    body: Value,
    addresses: usize,
}

/// Tells it of these addresses. Telling it twice changes nothing.
pub async fn give(account: &Account, ours: &[(String, Reason)]) -> Result<Given, Broken> {
    let tellings = tellings(&account.settings, ours);
    let mut given = Given::default();
    for Telling { method, path, body, addresses } in tellings {
        let answer = account.json(method, &path, Some(&body)).await?;
        let refused = refused(&answer).min(addresses);
        given.told += addresses - refused;
        given.refused += refused;
    }
    given.untold = ours.len() - given.told - given.refused;
    Ok(given)
}

/// Of how many addresses a successful answer says that they failed, as Postmark's does.
fn refused(answer: &Value) -> usize {
    let each = answer["Suppressions"].as_array().map_or(&[][..], Vec::as_slice);
    each.iter().filter(|one| one["Status"] == "Failed").count()
}

/// What [`give`] would come to.
pub fn would_give(settings: &HttpSettings, ours: &[(String, Reason)]) -> Given {
    let told = tellings(settings, ours).iter().map(|telling| telling.addresses).sum();
    Given { told, refused: 0, untold: ours.len() - told }
}

fn tellings(settings: &HttpSettings, ours: &[(String, Reason)]) -> Vec<Telling> {
    match settings.provider {
        Provider::Ses => ours.iter().filter_map(ses).collect(),
        Provider::Postmark => {
            let path = format!("/message-streams/{}/suppressions", escaped(&settings.stream));
            whole(
                ours,
                50,
                &path,
                |address| json!({ "EmailAddress": address }),
                |all| json!({ "Suppressions": all }),
            )
        }
        Provider::Mailgun => mailgun(settings.domain.as_deref().unwrap_or_default(), ours),
        Provider::Sendgrid => {
            let path = "/v3/asm/suppressions/global";
            whole(ours, 1000, path, |address| json!(address), |all| json!({ "recipient_emails": all }))
        }
        Provider::Resend => {
            let path = "/suppressions/batch/add";
            whole(ours, 100, path, |address| json!(address), |all| json!({ "emails": all }))
        }
        Provider::Sparkpost => sparkpost(ours),
        // One has no such call, the other suppresses only who is a contact.
        Provider::Brevo | Provider::Mailjet => Vec::new(),
    }
}

/// It knows two reasons only, and takes one address a call.
fn ses((address, reason): &(String, Reason)) -> Option<Telling> {
    let reason = match reason {
        Reason::Bounced => "BOUNCE",
        Reason::Complained => "COMPLAINT",
        Reason::Other | Reason::Unsubscribed => return None,
    };
    let body = json!({ "EmailAddress": address, "Reason": reason });
    let path = "/v2/email/suppression/addresses".to_owned();
    Some(Telling { method: Method::PUT, path, body, addresses: 1 })
}

fn whole(
    ours: &[(String, Reason)],
    most: usize,
    path: &str,
    one: fn(&str) -> Value,
    all: fn(Vec<Value>) -> Value,
) -> Vec<Telling> {
    let telling = |some: &[(String, Reason)]| Telling {
        method: Method::POST,
        path: path.to_owned(),
        body: all(some.iter().map(|(address, _)| one(address)).collect()),
        addresses: some.len(),
    };
    ours.chunks(most).map(telling).collect()
}

/// A list for each reason.
fn mailgun(domain: &str, ours: &[(String, Reason)]) -> Vec<Telling> {
    let lists = [
        (Reason::Bounced, "bounces"),
        (Reason::Complained, "complaints"),
        (Reason::Unsubscribed, "unsubscribes"),
    ];
    let list = |(reason, name): (Reason, &str)| {
        let some: Vec<_> = ours.iter().filter(|(_, its)| *its == reason).cloned().collect();
        let path = format!("/v3/{domain}/{name}");
        whole(&some, 1000, &path, |address| json!({ "address": address }), Value::Array)
    };
    lists.into_iter().flat_map(list).collect()
}

fn sparkpost(ours: &[(String, Reason)]) -> Vec<Telling> {
    let path = "/api/v1/suppression-list";
    let one = |address: &str| json!({ "recipient": address, "type": "non_transactional" });
    let mut tellings = whole(ours, 1000, path, one, |all| json!({ "recipients": all }));
    tellings.iter_mut().for_each(|telling| telling.method = Method::PUT);
    tellings
}
