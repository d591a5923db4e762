//! A provider's URL and the keys of its table → [`HttpSettings`].
//!
//! `resend://KEY` · `postmark://TOKEN` · `sendgrid://KEY` · `brevo://KEY` · `sparkpost://KEY` ·
//! `mailgun://KEY@DOMAIN` · `mailjet://KEY:SECRET` · `ses://REGION` or `ses://ACCESS:SECRET@REGION`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::aws::AwsEnvironment;
use super::transport::Rate;
use super::transport_url::{is_loopback, percent_decoded};
use super::values::{Zero, choice, duration_at, line_at, rate_at};
use crate::model::issue::At;
use crate::model::provider::Provider;
use crate::model::source::Span;
use crate::model::tree::{Misfit, Table};

/// How a provider's API is reached.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    pub provider: Provider,
    /// Where the API is, without a slash at its end: of the provider, or a server that stands in for it.
    pub endpoint: Url,
    pub credentials: Credentials,
    /// The sending domain, of Mailgun.
    pub domain: Option<String>,
    /// Of SES, `eu-central-1`; of others `eu` or nothing.
    pub region: Option<String>,
    /// The message stream, of Postmark.
    pub stream: String,
    /// The configuration set whose events are published, of SES.
    pub configuration_set: Option<String>,
    /// Whether `courant run` asks for events.
    pub pulls: bool,
    /// The SQS queue that the events of SES go to.
    pub queue: Option<Url>,
    /// Letters in one call, at most; no more than the provider takes.
    pub batch: NonZeroUsize,
    /// Calls, not letters, per time.
    pub calls: Option<Rate>,
    /// More certificates to trust, in PEM.
    pub tls_ca: Option<PathBuf>,
    pub connect: Duration,
    /// From the first byte of a call to the last of its answer. A short one makes letters uncertain.
    pub answer: Duration,
}

impl HttpSettings {
    /// Tells one account from another without telling its key.
    pub fn account(&self) -> String {
        let key = match &self.credentials {
            Credentials::Key(key) => digest(&SHA256, key.expose_secret().as_bytes()),
            Credentials::Pair { user, .. } => digest(&SHA256, user.as_bytes()),
            Credentials::Ambient { profile, .. } => {
                digest(&SHA256, profile.as_deref().unwrap_or_default().as_bytes())
            }
        };
        let domain = self.domain.as_deref().unwrap_or_default();
        format!("{} {} {domain} {}", self.provider.name(), self.endpoint, HEXLOWER.encode(key.as_ref()))
    }

    /// Whether a server on this machine stands in for the provider.
    pub fn is_loopback(&self) -> bool {
        self.endpoint.host_str().is_some_and(|host| is_loopback(host.trim_matches(['[', ']'])))
    }
}

/// What proves to a provider who we are.
#[derive(Debug, Clone)]
pub enum Credentials {
    Key(SecretString),
    Pair {
        user: String,
        secret: SecretString,
    },
    /// Of SES: the environment, the shared profile of this name, or the role of the machine.
    Ambient {
        profile: Option<String>,
        aws: Box<AwsEnvironment>,
    },
}

/// What answers within a minute is there, and what does not may have taken the letters.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(60);

/// The keys that only providers have.
pub const KEYS: [&str; 9] =
    ["endpoint", "region", "stream", "configuration_set", "profile", "queue", "batch", "calls", "events"];

/// What can be said of a provider before anything is asked of it.
struct Traits {
    /// Host of the API; `{region}` is filled in.
    host: &'static str,
    /// The regions it has by name, with the host of each.
    regions: &'static [(&'static str, &'static str)],
    /// The most letters that one call takes.
    batch: usize,
    /// Calls per second that it allows.
    calls: Option<u32>,
    /// How its URL is written.
    form: &'static str,
}

/// Figures of the providers' documentation, November 2026; `batch` and `calls` of the settings change them.
fn traits(provider: Provider) -> Traits {
    let of = |host, batch, form| Traits { host, regions: &[], batch, calls: None, form };
    match provider {
        Provider::Ses => {
            of("email.{region}.amazonaws.com", 1, "ses://REGION, or ses://ACCESS-KEY:SECRET@REGION")
        }
        Provider::Postmark => of("api.postmarkapp.com", 500, "postmark://SERVER-TOKEN"),
        Provider::Mailgun => Traits {
            regions: &[("eu", "api.eu.mailgun.net")],
            ..of("api.mailgun.net", 1, "mailgun://KEY@SENDING-DOMAIN")
        },
        Provider::Sendgrid => Traits {
            regions: &[("eu", "api.eu.sendgrid.com")],
            ..of("api.sendgrid.com", 1, "sendgrid://KEY")
        },
        Provider::Resend => Traits { calls: Some(5), ..of("api.resend.com", 100, "resend://KEY") },
        Provider::Brevo => of("api.brevo.com", 1, "brevo://KEY"),
        Provider::Sparkpost => Traits {
            regions: &[("eu", "api.eu.sparkpost.com")],
            ..of("api.sparkpost.com", 1, "sparkpost://KEY")
        },
        Provider::Mailjet => of("api.mailjet.com", 50, "mailjet://KEY:SECRET"),
    }
}

/// The most calls at once where the settings say nothing: a call of many letters needs few beside it.
pub fn calls_at_once(provider: Provider) -> NonZeroUsize {
    let number = if traits(provider).batch > 1 { 4 } else { 16 };
    NonZeroUsize::new(number).expect("neither is zero")
}

/// The provider that `scheme` names, with what follows the colon of its URL and the keys of its table.
/// Relative paths start from `root`.
pub fn read(
    provider: Provider,
    rest: &str,
    table: &Table,
    root: &Path,
    span: &Span,
) -> Result<HttpSettings, Misfit> {
    let traits = traits(provider);
    let named = Named::read(provider, rest).ok_or_else(|| unreadable(&traits, span))?;
    let region = region(provider, &traits, named.region, table, span)?;
    Ok(HttpSettings {
        provider,
        endpoint: endpoint(&traits, region.as_deref(), table, span)?,
        credentials: named.credentials.with_profile(line_at(table, "profile")?),
        domain: named.domain,
        region,
        stream: line_at(table, "stream")?.unwrap_or_else(|| "broadcast".to_owned()),
        configuration_set: line_at(table, "configuration_set")?,
        pulls: choice(table, "events", &[("pull", true), ("webhook", false)])?.unwrap_or(false),
        queue: queue(table)?,
        batch: batch(&traits, table)?,
        calls: rate_at(table, "calls")?.or(traits.calls.and_then(per_second)),
        tls_ca: line_at(table, "tls_ca")?.map(|path| root.join(path)),
        connect: time(table, "connect", CONNECT)?,
        answer: time(table, "answer", ANSWER)?,
    })
}

/// What the part of a URL between `://` and `?` says.
struct Named<'a> {
    credentials: Credentials,
    domain: Option<String>,
    region: Option<&'a str>,
}

impl Named<'_> {
    /// `None` if something that this provider needs is missing, or something is there that it has no use for.
    fn read(provider: Provider, rest: &str) -> Option<Named<'_>> {
        let rest = rest.strip_prefix("//")?.split('?').next()?.trim_end_matches('/');
        let (before, after) = match rest.rsplit_once('@') {
            Some((before, after)) => (Some(before), after),
            None => (None, rest),
        };
        let plain = |credentials| Some(Named { credentials, domain: None, region: None });
        match (provider, before) {
            (Provider::Ses, None) => {
                let region = (!after.is_empty()).then_some(after);
                Some(Named { credentials: Credentials::ambient(), domain: None, region })
            }
            (Provider::Ses, Some(pair)) => {
                Some(Named { credentials: self::pair(pair)?, domain: None, region: Some(after) })
            }
            (Provider::Mailgun, Some(before)) => {
                let domain = percent_decoded(after).filter(|domain| is_domain(domain))?;
                Some(Named { credentials: key(before)?, domain: Some(domain), region: None })
            }
            (Provider::Mailgun, None) => None,
            (Provider::Mailjet, None) => plain(self::pair(after)?),
            (
                Provider::Postmark
                | Provider::Sendgrid
                | Provider::Resend
                | Provider::Brevo
                | Provider::Sparkpost,
                None,
            ) => plain(key(after)?),
            (_, Some(_)) => None,
        }
    }
}

impl Credentials {
    fn ambient() -> Credentials {
        Credentials::Ambient { profile: None, aws: Box::default() }
    }

    fn with_profile(self, named: Option<String>) -> Credentials {
        match self {
            Credentials::Ambient { aws, .. } => Credentials::Ambient { profile: named, aws },
            Credentials::Key(_) | Credentials::Pair { .. } => self,
        }
    }

    /// Tells credentials that are elsewhere what the environment says of where.
    pub fn look_in(&mut self, environment: impl FnOnce() -> AwsEnvironment) {
        match self {
            Credentials::Ambient { aws, .. } => **aws = environment(),
            Credentials::Key(_) | Credentials::Pair { .. } => {}
        }
    }
}

/// A key travels in a header, so it is visible ASCII (RFC 9110 5.5).
fn key(text: &str) -> Option<Credentials> {
    let key = percent_decoded(text)?;
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    is_key.then(|| Credentials::Key(SecretString::from(key)))
}

fn pair(text: &str) -> Option<Credentials> {
    let (user, secret) = text.split_once(':')?;
    let (user, secret) = (percent_decoded(user)?, percent_decoded(secret)?);
    let is_pair = !user.is_empty() && !secret.is_empty();
    is_pair.then(|| Credentials::Pair { user, secret: SecretString::from(secret) })
}

/// It becomes a part of a path.
fn is_domain(text: &str) -> bool {
    text.contains('.') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// No message quotes the URL, which holds the key.
fn unreadable(traits: &Traits, span: &Span) -> Misfit {
    Misfit::new("this is no URL of this provider", span.clone()).help(format!(
        "it looks like {}; in a key write `@` as %40, `:` as %3A, `/` as %2F, `?` as %3F and `%` as %25",
        traits.form
    ))
}

fn region(
    provider: Provider,
    traits: &Traits,
    named: Option<&str>,
    table: &Table,
    span: &Span,
) -> Result<Option<String>, Misfit> {
    let at = table.text("region")?;
    let (name, span) = match (named, &at) {
        (Some(_), Some(at)) => {
            return Err(Misfit::new("the region is set twice", at.span.clone())
                .help("leave it either in the URL or in the table"));
        }
        (Some(named), None) => (named.to_owned(), span),
        (None, Some(at)) => (at.value.clone(), &at.span),
        (None, None) if provider == Provider::Ses => {
            return Err(Misfit::new("SES needs the region of its identity", span.clone())
                .help("write ses://eu-central-1, with yours"));
        }
        (None, None) => return Ok(None),
    };
    match provider {
        Provider::Ses if is_aws_region(&name) => Ok(Some(name)),
        Provider::Ses => Err(Misfit::new(format!("`{name}` is no region of AWS"), span.clone())
            .help("it looks like eu-central-1 or us-east-1")),
        _ if name == "us" => Ok(None),
        _ => known_region(traits, name, span).map(Some),
    }
}

fn known_region(traits: &Traits, name: String, span: &Span) -> Result<String, Misfit> {
    let known: Vec<&str> = traits.regions.iter().map(|(name, _)| *name).collect();
    match (known.contains(&name.as_str()), known.is_empty()) {
        (true, _) => Ok(name),
        (false, true) => {
            Err(Misfit::new("this provider has one region only", span.clone()).help("leave `region` out"))
        }
        (false, false) => Err(Misfit::unknown("a region of this provider", &name, &known, span.clone())),
    }
}

fn is_aws_region(name: &str) -> bool {
    name.split('-').count() >= 3
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name.ends_with(|c: char| c.is_ascii_digit())
}

fn endpoint(traits: &Traits, region: Option<&str>, table: &Table, span: &Span) -> Result<Url, Misfit> {
    match table.text("endpoint")? {
        Some(at) => own_endpoint(&at),
        None => {
            let own = region.and_then(|region| traits.regions.iter().find(|(name, _)| *name == region));
            let host = own.map_or(traits.host, |(_, host)| *host);
            let host = host.replace("{region}", region.unwrap_or_default());
            let china = if region.is_some_and(|region| region.starts_with("cn-")) { ".cn" } else { "" };
            Url::parse(&format!("https://{host}{china}")).map_err(|error| {
                Misfit::new(format!("the provider's address is none: {error}"), span.clone())
            })
        }
    }
}

/// A server that stands in for the provider. Keys and letters go to other machines by https alone.
fn own_endpoint(at: &At<String>) -> Result<Url, Misfit> {
    let not = |why: &str| {
        Misfit::new(format!("`endpoint` is no address of an API: {why}"), at.span.clone())
            .help("write one such as https://api.example.org, or http://127.0.0.1:4010")
    };
    let url = Url::parse(at.value.trim_end_matches('/')).map_err(|error| not(&error.to_string()))?;
    let host = url.host_str().ok_or_else(|| not("it names no host"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(host.trim_matches(['[', ']'])) => {}
        "http" => return Err(not("the key would travel without TLS")),
        _ => return Err(not("it is no https URL")),
    }
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if is_bare { Ok(url) } else { Err(not("something follows the path, or a user goes before the host")) }
}

fn queue(table: &Table) -> Result<Option<Url>, Misfit> {
    table.text("queue")?.map(|at| own_endpoint(&at)).transpose()
}

fn batch(traits: &Traits, table: &Table) -> Result<NonZeroUsize, Misfit> {
    let most = u64::try_from(traits.batch).unwrap_or(u64::MAX);
    let asked = table.whole("batch", 1..=most)?.and_then(|at| usize::try_from(at.value).ok());
    Ok(NonZeroUsize::new(asked.unwrap_or(traits.batch)).expect("no provider takes less than one letter"))
}

fn per_second(calls: u32) -> Option<Rate> {
    Some(Rate { letters: std::num::NonZeroU32::new(calls)?, per: Duration::from_secs(1) })
}

fn time(table: &Table, key: &str, default: Duration) -> Result<Duration, Misfit> {
    match table.table("timeouts")? {
        None => Ok(default),
        Some(timeouts) => duration_at(timeouts, key, Zero::Nonsense, default),
    }
}

#[cfg(test)]
mod tests;
