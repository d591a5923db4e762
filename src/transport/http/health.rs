//! Whether an account may send: its key, its sending domain, what is left of its quota, and the clock. Nothing is
//! sent and nothing changed.

mod read;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::account::{Account, escaped, words};
use super::answer::Answer;
use crate::model::address::Address;
use crate::model::attempt::{Broken, Phase};
use crate::model::checkup::Checkup;
use crate::model::provider::Provider;

/// Amazon refuses a signature that is five minutes off; whoever is one minute off has a clock that nobody sets.
const SKEW: i64 = 60;

/// What a provider was asked, and how its answer is read.
struct Question {
    path: String,
    /// What is asked where there is nothing at the path.
    otherwise: Option<String>,
    read: Read,
    /// What a refusal means: that of the first question is about the key.
    what: &'static str,
    /// Whether the key may well not be allowed to ask this.
    is_extra: bool,
}

/// Makes the lines of an answer that a provider gave.
type Read = fn(&Value, &Sender<'_>) -> Vec<Checkup>;

/// For whom letters are sent.
pub struct Sender<'a> {
    pub address: &'a Address,
    domain: String,
}

/// Everything that can be known without sending a letter from `from`.
pub async fn look(account: &Account, from: &Address) -> Vec<Checkup> {
    let sender = Sender { address: from, domain: from.domain().to_string() };
    let mut found = Vec::new();
    for (place, question) in questions(account, &sender).iter().enumerate() {
        match ask(account, question).await {
            Err(broken) => {
                found.push(unreachable(account.settings.provider, &broken));
                return found;
            }
            Ok(answer) => {
                if place == 0 {
                    found.extend(clock(&answer, Timestamp::now()));
                }
                found.extend(read(question, &answer, &sender, account.settings.provider));
                if place == 0 && !answer.is_success() && !question.is_extra {
                    return found;
                }
            }
        }
    }
    found
}

async fn ask(account: &Account, question: &Question) -> Result<Answer, Broken> {
    let answer = account.ask(Method::GET, &question.path, None).await?;
    match &question.otherwise {
        Some(path) if answer.status == 404 => account.ask(Method::GET, path, None).await,
        Some(_) | None => Ok(answer),
    }
}

fn unreachable(provider: Provider, broken: &Broken) -> Checkup {
    match broken.phase {
        Phase::Login => {
            Checkup::failed("key", broken.to_string(), "docs/providers/ses.md says where keys are looked for")
        }
        _ => Checkup::failed(
            "connection",
            format!("{} cannot be reached: {broken}", provider.title()),
            "look at the network, and at `endpoint` and `region` of the transport",
        ),
    }
}

fn read(question: &Question, answer: &Answer, sender: &Sender<'_>, provider: Provider) -> Vec<Checkup> {
    if answer.is_success() {
        return match answer.json::<Value>() {
            Some(value) => (question.read)(&value, sender),
            None => vec![Checkup::failed(
                question.what,
                format!("what answers is not {}", provider.title()),
                "a proxy or a wrong `endpoint` is on the way",
            )],
        };
    }
    vec![refused(question, answer, sender, provider)]
}

fn refused(question: &Question, answer: &Answer, sender: &Sender<'_>, provider: Provider) -> Checkup {
    let said = format!("{} {}", answer.status, words(answer));
    let said = said.trim();
    match (question.what, answer.status) {
        (what, 401 | 403) if question.is_extra => Checkup::warning(
            what,
            format!("the key may send, and may not ask about this ({said})"),
            "a letter by `courant doctor --send-probe` shows what cannot be asked",
        ),
        ("domain", 404) => read::no_domain(&sender.domain, provider),
        (what, 401 | 403) => Checkup::failed(
            what,
            format!("the key is not taken: {said}"),
            format!(
                "copy it anew from {}, and mind the region; docs/providers/{}.md has the steps",
                provider.title(),
                provider.name()
            ),
        ),
        (what, _) => {
            Checkup::failed(what, format!("{} says {said}", provider.title()), "try again in a moment")
        }
    }
}

/// By the date of an answer, which is a second exact.
fn clock(answer: &Answer, now: Timestamp) -> Option<Checkup> {
    let theirs = jiff::fmt::rfc2822::parse(answer.header("date")?).ok()?.timestamp();
    let ahead = now.duration_since(theirs).as_secs();
    Some(match ahead.abs() <= SKEW {
        true => Checkup::ok("clock", "this machine's clock is right"),
        false => Checkup::warning(
            "clock",
            format!(
                "this machine's clock is {} s {}",
                ahead.abs(),
                if ahead > 0 { "ahead" } else { "behind" }
            ),
            "switch time synchronisation on: dates of letters and signatures come from it",
        ),
    })
}

fn questions(account: &Account, sender: &Sender<'_>) -> Vec<Question> {
    let domain = escaped(&sender.domain);
    let ask = |what, path: &str, read: Read| Question {
        path: path.to_owned(),
        otherwise: None,
        read,
        what,
        is_extra: false,
    };
    let extra = |what, path: &str, read: Read| Question { is_extra: true, ..ask(what, path, read) };
    match account.settings.provider {
        Provider::Ses => vec![
            ask("key", "/v2/email/account", read::ses_account),
            // A single address may be an identity, too.
            Question {
                otherwise: Some(format!("/v2/email/identities/{}", escaped(&sender.address.wire()))),
                ..extra("domain", &format!("/v2/email/identities/{domain}"), read::ses_identity)
            },
        ],
        Provider::Postmark => vec![
            ask("key", "/server", read::postmark_server),
            extra(
                "stream",
                &format!("/message-streams/{}", escaped(&account.settings.stream)),
                read::postmark_stream,
            ),
        ],
        Provider::Mailgun => {
            let own = account.settings.domain.as_deref().unwrap_or_default();
            vec![ask("key", &format!("/v3/domains/{own}"), read::mailgun_domain)]
        }
        Provider::Sendgrid => vec![
            ask("key", "/v3/scopes", read::sendgrid_scopes),
            extra("domain", &format!("/v3/whitelabel/domains?domain={domain}"), read::sendgrid_domain),
            extra("quota", "/v3/user/credits", read::sendgrid_credits),
        ],
        // A key that may only send is refused here, which proves that it is one.
        Provider::Resend => vec![extra("domain", "/domains", read::resend_domains)],
        Provider::Brevo => vec![
            ask("key", "/v3/account", read::brevo_account),
            extra("domain", "/v3/senders/domains", read::brevo_domains),
        ],
        Provider::Sparkpost => vec![
            ask("key", "/api/v1/account?include=usage", read::sparkpost_account),
            extra("domain", &format!("/api/v1/sending-domains/{domain}"), read::sparkpost_domain),
        ],
        Provider::Mailjet => vec![ask("key", "/v3/REST/sender?Limit=1000", read::mailjet_senders)],
    }
}

#[cfg(test)]
mod tests;
