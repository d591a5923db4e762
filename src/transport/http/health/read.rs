//! What each provider says of key, domain and quota, read as it is documented.

use serde_json::Value;

use super::Sender;
use crate::model::checkup::Checkup;
use crate::model::provider::Provider;

/// Less than a tenth is soon nothing.
const LITTLE: f64 = 0.1;

fn number(value: &Value, at: &str) -> Option<f64> {
    value.pointer(at).and_then(Value::as_f64)
}

fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

fn good_key() -> Checkup {
    Checkup::ok("key", "the key is good")
}

pub fn no_domain(domain: &str, provider: Provider) -> Checkup {
    Checkup::failed(
        "domain",
        format!("{} does not know {domain}", provider.title()),
        format!("add it there and set its DNS records; docs/providers/{}.md has the steps", provider.name()),
    )
}

fn domain(domain: &str, is_verified: bool, state: &str, provider: Provider) -> Checkup {
    match is_verified {
        true => Checkup::ok("domain", format!("{domain} is verified")),
        false => Checkup::failed(
            "domain",
            format!("{domain} is not verified: {state}"),
            format!("set the DNS records that {} shows for it, then let it look again", provider.title()),
        ),
    }
}

fn quota(used: f64, most: f64, per: &str) -> Checkup {
    let left = (most - used).max(0.0);
    let words = format!("{left:.0} of {most:.0} letters are left for {per}");
    match () {
        () if left < 1.0 => Checkup::failed("quota", words, "wait until it is renewed, or ask for more"),
        () if left < most * LITTLE => {
            Checkup::warning("quota", words, "set `windows` of the transport, so that a run stops before it")
        }
        () => Checkup::ok("quota", words),
    }
}

pub fn ses_account(value: &Value, _: &Sender<'_>) -> Vec<Checkup> {
    let mut found = vec![good_key()];
    if value["ProductionAccessEnabled"] == false {
        found.push(Checkup::warning(
            "sandbox",
            "the account is in the sandbox and writes to verified addresses alone",
            "ask for production access in the SES console, in this region",
        ));
    }
    if value["SendingEnabled"] == false || text(value, "/EnforcementStatus") == "SHUTDOWN" {
        found.push(Checkup::failed(
            "account",
            "sending is paused",
            "the SES console says why, and how to go on",
        ));
    }
    let of = |name: &str| number(value, &format!("/SendQuota/{name}"));
    match (of("SentLast24Hours"), of("Max24HourSend")) {
        // -1 is without a limit.
        (Some(used), Some(most)) if most >= 0.0 => found.push(quota(used, most, "24 hours")),
        (_, Some(_)) => found.push(Checkup::ok("quota", "there is no daily limit")),
        (_, None) => {}
    }
    found
}

pub fn ses_identity(value: &Value, sender: &Sender<'_>) -> Vec<Checkup> {
    let is_verified = value["VerifiedForSendingStatus"] == true;
    let mut found =
        vec![domain(&sender.domain, is_verified, text(value, "/VerificationStatus"), Provider::Ses)];
    if is_verified && text(value, "/DkimAttributes/Status") != "SUCCESS" {
        found.push(Checkup::warning(
            "dkim",
            format!("letters from {} are not signed", sender.domain),
            "switch Easy DKIM on for the identity, and set its three CNAME records",
        ));
    }
    found
}

pub fn postmark_server(value: &Value, _: &Sender<'_>) -> Vec<Checkup> {
    let mut found = vec![good_key()];
    if text(value, "/DeliveryType") == "Sandbox" {
        found.push(Checkup::warning(
            "sandbox",
            "the server is a sandbox and delivers nothing",
            "use the token of a live server",
        ));
    }
    found.push(Checkup::warning(
        "domain",
        "a server's token may not ask about domains",
        "look at Sender Signatures in Postmark, or try `courant doctor --send-probe`",
    ));
    found
}

pub fn postmark_stream(value: &Value, _: &Sender<'_>) -> Vec<Checkup> {
    let kind = text(value, "/MessageStreamType");
    let name = text(value, "/ID");
    let help = "name a stream for broadcasts: `stream = \"…\"` of the transport";
    vec![match (value["ArchivedAt"].is_null(), kind) {
        (false, _) => Checkup::failed("stream", format!("the stream `{name}` is archived"), help),
        (true, "Broadcasts") => Checkup::ok("stream", format!("the stream `{name}` is there")),
        (true, _) => Checkup::warning("stream", format!("the stream `{name}` is not for newsletters"), help),
    }]
}

pub fn mailgun_domain(value: &Value, _: &Sender<'_>) -> Vec<Checkup> {
    let (name, state) = (text(value, "/domain/name"), text(value, "/domain/state"));
    vec![good_key(), domain(name, state == "active", state, Provider::Mailgun)]
}

pub fn sendgrid_scopes(value: &Value, _: &Sender<'_>) -> Vec<Checkup> {
    let may_send = value["scopes"].as_array().is_some_and(|scopes| scopes.iter().any(|it| it == "mail.send"));
    vec![match may_send {
        true => good_key(),
        false => Checkup::failed("key", "the key may not send", "make one with the permission Mail Send"),
    }]
}

pub fn sendgrid_domain(value: &Value, sender: &Sender<'_>) -> Vec<Checkup> {
    let all = value.as_array().map_or(&[][..], Vec::as_slice);
    let is_ours = |item: &&Value| text(item, "/domain").eq_ignore_ascii_case(&sender.domain);
    vec![match all.iter().find(is_ours) {
        Some(item) => {
            domain(&sender.domain, item["valid"] == true, "its records are missing", Provider::Sendgrid)
        }
        None => no_domain(&sender.domain, Provider::Sendgrid),
    }]
}

pub fn sendgrid_credits(value: &Value, _: &Sender<'_>) -> Vec<Checkup> {
    let most = number(value, "/total").filter(|total| *total > 0.0);
    match (most, number(value, "/remain")) {
        (Some(most), Some(left)) => vec![quota(most - left, most, "this period")],
        (_, _) => vec![],
    }
}

pub fn resend_domains(value: &Value, sender: &Sender<'_>) -> Vec<Checkup> {
    let all = value["data"].as_array().map_or(&[][..], Vec::as_slice);
    let is_ours = |item: &&Value| text(item, "/name").eq_ignore_ascii_case(&sender.domain);
    let found = match all.iter().find(is_ours) {
        Some(item) => {
            let state = text(item, "/status");
            domain(&sender.domain, state == "verified", state, Provider::Resend)
        }
        None => no_domain(&sender.domain, Provider::Resend),
    };
    vec![good_key(), found]
}

pub fn brevo_account(value: &Value, _: &Sender<'_>) -> Vec<Checkup> {
    let plans = value["plan"].as_array().map_or(&[][..], Vec::as_slice);
    let left = plans.iter().find(|plan| text(plan, "/creditsType") == "sendLimit");
    let left = left.and_then(|plan| number(plan, "/credits"));
    let quota = left.map(|left| match left < 1.0 {
        true => Checkup::failed("quota", "no letter is left", "wait until it is renewed, or buy more"),
        false => Checkup::ok("quota", format!("{left:.0} letters are left")),
    });
    std::iter::once(good_key()).chain(quota).collect()
}

pub fn brevo_domains(value: &Value, sender: &Sender<'_>) -> Vec<Checkup> {
    let all = value["domains"].as_array().map_or(&[][..], Vec::as_slice);
    let is_ours = |item: &&Value| text(item, "/domain_name").eq_ignore_ascii_case(&sender.domain);
    vec![match all.iter().find(is_ours) {
        Some(item) => {
            domain(&sender.domain, item["authenticated"] == true, "not authenticated", Provider::Brevo)
        }
        None => no_domain(&sender.domain, Provider::Brevo),
    }]
}

pub fn sparkpost_account(value: &Value, _: &Sender<'_>) -> Vec<Checkup> {
    let mut found = vec![good_key()];
    let state = text(value, "/results/status");
    if !matches!(state, "active" | "") {
        found.push(Checkup::failed(
            "account",
            format!("the account is {state}"),
            "SparkPost says why, and how to go on",
        ));
    }
    for (period, name) in [("day", "today"), ("month", "this month")] {
        let of = |key: &str| number(value, &format!("/results/usage/{period}/{key}"));
        if let (Some(used), Some(most)) = (of("used"), of("limit")) {
            found.push(quota(used, most, name));
        }
    }
    found
}

pub fn sparkpost_domain(value: &Value, sender: &Sender<'_>) -> Vec<Checkup> {
    let status = |key: &str| value.pointer(&format!("/results/status/{key}"));
    let is_owned = status("ownership_verified") == Some(&Value::Bool(true));
    let state = status("compliance_status").and_then(Value::as_str).unwrap_or("ownership is not proven");
    vec![domain(&sender.domain, is_owned, state, Provider::Sparkpost)]
}

/// Senders are addresses, or `*@domain` for all of a domain.
pub fn mailjet_senders(value: &Value, sender: &Sender<'_>) -> Vec<Checkup> {
    let all = value["Data"].as_array().map_or(&[][..], Vec::as_slice);
    let names = [sender.address.to_string(), format!("*@{}", sender.domain)];
    let ours = |item: &&Value| names.iter().any(|name| name.eq_ignore_ascii_case(text(item, "/Email")));
    let states: Vec<&str> = all.iter().filter(ours).map(|item| text(item, "/Status")).collect();
    let found = match states.first() {
        None => no_domain(&sender.domain, Provider::Mailjet),
        Some(first) => domain(&sender.domain, states.contains(&"Active"), first, Provider::Mailjet),
    };
    vec![good_key(), found]
}
