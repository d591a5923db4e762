//! A transport's URL and the keys of its table → [`TransportSettings`].
//!
//! `outbox:DIR` · `smtps://USER:PASS@HOST:465` · `smtp+starttls://USER:PASS@HOST:587` · `smtp://HOST:25`.
//! A query (`?connections=8&pipelining=no`) sets the keys that the table has, too.

use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::transport::{
    Login, Mechanism, Security, SmtpSettings, Timeouts, TransportKind, TransportSettings,
};
use super::values::{Zero, duration_at, line_at};
use super::{http, limits};
use crate::model::address::Domain;
use crate::model::issue::At;
use crate::model::provider::Provider;
use crate::model::source::Span;
use crate::model::tree::{Misfit, Node, Plain, Table, Value, nearest};

const SCHEMES: [&str; 12] = [
    "smtps",
    "smtp+starttls",
    "smtp",
    "outbox",
    "ses",
    "postmark",
    "mailgun",
    "sendgrid",
    "resend",
    "brevo",
    "sparkpost",
    "mailjet",
];

/// The keys of every `[transports.NAME]`.
const KEYS: [&str; 7] = ["url", "connections", "rate", "windows", "warmup", "tls_ca", "timeouts"];

/// Those that only mail servers have.
const SMTP_KEYS: [&str; 7] =
    ["messages_per_connection", "connection_age", "pipelining", "dsn", "hello", "insecure", "auth"];

/// Those that a URL's query may not set; `timeouts` it sets as `timeouts.PHASE`.
const NOT_IN_QUERY: [&str; 4] = ["url", "warmup", "insecure", "timeouts"];

const PHASES: [&str; 8] = ["connect", "greeting", "sender", "recipient", "data", "body", "answer", "idle"];

/// Eight saturate two cores; more only help where the answers come late.
const CONNECTIONS: NonZeroUsize = NonZeroUsize::new(8).expect("8 is not zero");
/// What most receivers allow before they want a new connection.
const MESSAGES_PER_CONNECTION: NonZeroU32 = NonZeroU32::new(100).expect("100 is not zero");
/// Providers move connections to other machines by closing old ones; nobody wants one for longer.
const CONNECTION_AGE: Duration = Duration::from_secs(10 * 60);
const I_KNOW: &str = "I know";

/// How a transport is called in messages, and what its relative paths start from.
pub struct Naming<'a> {
    /// The name of its table; `None` for a URL on its own.
    pub name: Option<&'a str>,
    pub root: &'a Path,
}

/// Fails for a key of a `[transports.NAME]` table that means nothing.
pub fn check_keys(name: &str, table: &Table) -> Result<(), Misfit> {
    table.only(&format!("`[transports.{name}]`"), &all_keys())?;
    match table.table("timeouts")? {
        Some(timeouts) => timeouts.only(&format!("`[transports.{name}.timeouts]`"), &PHASES),
        None => Ok(()),
    }
}

fn all_keys() -> Vec<&'static str> {
    [&KEYS[..], &SMTP_KEYS, &http::KEYS].concat()
}

/// Fails for a key that another kind of transport has and this one has no use for.
fn refuse_strange(kind: &TransportKind, scheme: &str, table: &Table) -> Result<(), Misfit> {
    let strange: &[&[&str]] = match kind {
        TransportKind::Outbox(_) => &[&http::KEYS],
        TransportKind::Smtp(_) => &[&http::KEYS],
        TransportKind::Http(_) => &[&SMTP_KEYS],
    };
    let strange = strange.concat();
    match table.entries.iter().find(|(key, _)| strange.contains(&key.value.as_str())) {
        None => Ok(()),
        Some((key, _)) => {
            let message = format!("`{}` means nothing to {scheme}:", key.value);
            Err(Misfit::new(message, key.span.clone()).help("leave it out"))
        }
    }
}

/// The transport at the first of `urls`; the others are servers to turn to when it cannot be reached.
pub fn relays(
    urls: &[At<String>],
    table: &Table,
    naming: &Naming<'_>,
) -> Result<Option<TransportSettings>, Misfit> {
    let Some((first, spares)) = urls.split_first() else { return Ok(None) };
    let mut transport = self::transport(first, table, naming)?;
    for url in spares {
        let spare = self::transport(url, table, naming)?;
        if (spare.rate, &spare.windows, spare.connections)
            != (transport.rate, &transport.windows, transport.connections)
        {
            return Err(Misfit::new("one of several servers cannot have a pace of its own", url.span.clone())
                .help("write `rate`, `windows` and `connections` into the table: they hold for all of them together"));
        }
        match (&mut transport.kind, spare.kind) {
            (TransportKind::Smtp(smtp), TransportKind::Smtp(spare)) => smtp.spares.push(spare),
            _ => {
                return Err(Misfit::new("only a mail server can stand in for another", url.span.clone())
                    .help("write several smtps:// or smtp+starttls:// URLs, or one URL"));
            }
        }
    }
    Ok(Some(transport))
}

/// The transport at `url`, whose table is `table` (empty for a URL on its own). No message quotes the URL.
pub fn transport(url: &At<String>, table: &Table, naming: &Naming<'_>) -> Result<TransportSettings, Misfit> {
    let (scheme, rest) = split_scheme(url)?;
    let table = with_query(url, rest, table)?;
    let kind = match scheme.as_str() {
        "outbox" => TransportKind::Outbox(outbox_folder(rest, naming)),
        "smtps" => TransportKind::Smtp(smtp(url, Security::Implicit, &table, naming)?),
        "smtp+starttls" => TransportKind::Smtp(smtp(url, Security::StartTls, &table, naming)?),
        "smtp" => TransportKind::Smtp(smtp(url, Security::Plain, &table, naming)?),
        other => match Provider::from_name(other) {
            Some(provider) => {
                TransportKind::Http(http::read(provider, rest, &table, naming.root, &url.span)?)
            }
            None => {
                let message = format!("`{other}:` is no transport");
                return Err(Misfit::new(message, url.span.clone()).help(nearest(other, &SCHEMES)));
            }
        },
    };
    refuse_strange(&kind, &scheme, &table)?;
    let limits = limits::read(&table)?;
    let warmup = limits::warmup(&table)?;
    limits::refuse_contradiction(&limits, &warmup, &url.span)?;
    Ok(TransportSettings {
        name: naming.name.map_or_else(|| shown(&scheme, &kind, rest), str::to_owned),
        connections: limits.connections.unwrap_or_else(|| connections(&kind)),
        kind,
        rate: limits.rate,
        windows: limits.windows,
        warmup,
    })
}

fn connections(kind: &TransportKind) -> NonZeroUsize {
    match kind {
        TransportKind::Outbox(_) | TransportKind::Smtp(_) => CONNECTIONS,
        TransportKind::Http(settings) => http::calls_at_once(settings.provider),
    }
}

fn split_scheme(url: &At<String>) -> Result<(String, &str), Misfit> {
    match url.value.trim().split_once(':') {
        Some((scheme, rest)) => Ok((scheme.to_ascii_lowercase(), rest)),
        None => Err(Misfit::new("this is no transport URL", url.span.clone())
            .help("write one such as smtps://USER:PASS@HOST:465, or outbox:outbox")),
    }
}

/// A form of the URL without user and password.
fn shown(scheme: &str, kind: &TransportKind, rest: &str) -> String {
    match kind {
        TransportKind::Outbox(_) => format!("outbox:{}", rest.split('?').next().unwrap_or(rest)),
        TransportKind::Smtp(smtp) if smtp.host.contains(':') => {
            format!("{scheme}://[{}]:{}", smtp.host, smtp.port)
        }
        TransportKind::Smtp(smtp) => format!("{scheme}://{}:{}", smtp.host, smtp.port),
        TransportKind::Http(http) => {
            let place = http.domain.as_deref().or(http.region.as_deref()).unwrap_or("");
            format!("{scheme}://{place}").trim_end_matches("://").to_owned()
        }
    }
}

fn outbox_folder(rest: &str, naming: &Naming<'_>) -> PathBuf {
    let folder = rest.split('?').next().unwrap_or(rest);
    naming.root.join(if folder.is_empty() { "outbox" } else { folder })
}

/// The table with the keys of the URL's query added. A key that both set is an error.
fn with_query(url: &At<String>, rest: &str, table: &Table) -> Result<Table, Misfit> {
    let mut merged = table.clone();
    let Some((_, query)) = rest.split_once('?') else { return Ok(merged) };
    let in_query: Vec<&str> = all_keys().into_iter().filter(|key| !NOT_IN_QUERY.contains(key)).collect();
    let mut timeouts = Table { entries: Vec::new() };
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let (entries, known, name) = match key.strip_prefix("timeouts.") {
            Some(phase) => (&mut timeouts, &PHASES[..], phase),
            None => (&mut merged, &in_query[..], &*key),
        };
        if !known.contains(&name) {
            return Err(Misfit::unknown("a key of a transport's URL", &key, known, url.span.clone()));
        }
        if entries.get(name).is_some() {
            return Err(Misfit::new(format!("`{key}` is set twice"), url.span.clone())
                .help("leave it either in the URL or in the table"));
        }
        entries.entries.push(query_entry(name, &value, &url.span));
    }
    if !timeouts.entries.is_empty() {
        if merged.get("timeouts").is_some() {
            return Err(Misfit::new("`timeouts` is set twice", url.span.clone())
                .help("leave them either in the URL or in the table"));
        }
        let key = At { value: "timeouts".to_owned(), span: url.span.clone() };
        merged.entries.push((key, Node { value: Value::Table(timeouts), span: url.span.clone() }));
    }
    Ok(merged)
}

fn query_entry(name: &str, value: &str, span: &Span) -> (At<String>, Node) {
    let plain = |is| Value::Plain { written: value.to_owned(), is };
    let node = match (value, value.parse::<i64>()) {
        (_, Ok(number)) => plain(Plain::Whole(number)),
        ("yes" | "true" | "on", _) => plain(Plain::Truth(true)),
        ("no" | "false" | "off", _) => plain(Plain::Truth(false)),
        _ => Value::Text(value.to_owned()),
    };
    (At { value: name.to_owned(), span: span.clone() }, Node { value: node, span: span.clone() })
}

fn smtp(
    url: &At<String>,
    security: Security,
    table: &Table,
    naming: &Naming<'_>,
) -> Result<SmtpSettings, Misfit> {
    let parsed = Url::parse(url.value.trim()).map_err(|error| unreadable(&error.to_string(), &url.span))?;
    if !matches!(parsed.path(), "" | "/") || parsed.fragment().is_some() {
        return Err(unreadable("something follows the host", &url.span));
    }
    let host = host(&parsed).ok_or_else(|| unreadable("it names no host", &url.span))?;
    let login = login(&parsed, table, &url.span)?;
    refuse_open_wire(&host, security, login.is_some(), table, &url.span)?;
    Ok(SmtpSettings {
        port: parsed.port().unwrap_or(default_port(security)),
        host,
        security,
        login,
        messages_per_connection: limits::read(table)?
            .messages_per_connection
            .unwrap_or(MESSAGES_PER_CONNECTION),
        timeouts: timeouts(table)?,
        tls_ca: line_at(table, "tls_ca")?.map(|path| naming.root.join(path)),
        hello: hello(table)?,
        pipelining: table.truth("pipelining")?.is_none_or(|at| at.value),
        connection_age: duration_at(table, "connection_age", Zero::Nonsense, CONNECTION_AGE)?,
        dsn: table.truth("dsn")?.is_none_or(|at| at.value),
        spares: Vec::new(),
    })
}

fn unreadable(why: &str, span: &Span) -> Misfit {
    Misfit::new(format!("this is no transport URL: {why}"), span.clone()).help(
        "it looks like smtps://USER:PASS@HOST:465; in USER and PASS write `@` as %40, `:` as %3A, `/` as %2F, \
         `#` as %23, `?` as %3F and `%` as %25",
    )
}

fn default_port(security: Security) -> u16 {
    match security {
        Security::Implicit => 465,
        Security::StartTls => 587,
        Security::Plain => 25,
    }
}

/// The host as it is looked up: a name in A-label form, or an IP address without brackets.
pub(super) fn host(url: &Url) -> Option<String> {
    match url.host()? {
        url::Host::Ipv4(address) => Some(address.to_string()),
        url::Host::Ipv6(address) => Some(address.to_string()),
        url::Host::Domain(name) => {
            let name = percent_decoded(name)?;
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
            match plain && !name.is_empty() {
                true => Some(name.to_ascii_lowercase()),
                false => Domain::parse(&name).ok().map(|domain| domain.as_str().to_owned()),
            }
        }
    }
}

/// `None` for an escape that is none, or bytes that are no UTF-8.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}

fn login(url: &Url, table: &Table, span: &Span) -> Result<Option<Login>, Misfit> {
    let mechanism = mechanism(table)?;
    let decoded = |text: &str| {
        percent_decoded(text).ok_or_else(|| unreadable("a `%` in user or password begins no escape", span))
    };
    match (url.username(), url.password()) {
        ("", None) if mechanism.is_some() => {
            Err(Misfit::new("`auth` is set, but the URL has no user and password", span.clone()))
        }
        ("", None) => Ok(None),
        ("", Some(_)) => Err(unreadable("it has a password but no user", span)),
        (_, None | Some("")) => Err(unreadable("it has a user but no password", span)),
        (user, Some(password)) => Ok(Some(Login {
            user: decoded(user)?,
            secret: SecretString::from(decoded(password)?),
            mechanism,
        })),
    }
}

fn mechanism(table: &Table) -> Result<Option<Mechanism>, Misfit> {
    let Some(at) = table.text("auth")? else { return Ok(None) };
    match at.value.to_ascii_lowercase().as_str() {
        "plain" => Ok(Some(Mechanism::Plain)),
        "login" => Ok(Some(Mechanism::Login)),
        "xoauth2" => Ok(Some(Mechanism::Xoauth2)),
        other => Err(Misfit::unknown("a way to log in", other, &["plain", "login", "xoauth2"], at.span)),
    }
}

/// Without TLS, letters go only to this machine or when the configuration says so in words; a password goes
/// to no other machine at all.
fn refuse_open_wire(
    host: &str,
    security: Security,
    has_password: bool,
    table: &Table,
    span: &Span,
) -> Result<(), Misfit> {
    let allowed = insecure(table)?;
    if security != Security::Plain || is_loopback(host) {
        return Ok(());
    }
    if has_password {
        return Err(Misfit::new("the password would travel without TLS", span.clone())
            .help("use smtps:// (port 465) or smtp+starttls:// (port 587)"));
    }
    if !allowed {
        return Err(Misfit::new(format!("letters to `{host}` would travel without TLS"), span.clone()).help(
            "use smtps:// or smtp+starttls://, or a `[transports.NAME]` table with insecure = \"I know\"",
        ));
    }
    Ok(())
}

fn insecure(table: &Table) -> Result<bool, Misfit> {
    match table.text("insecure")? {
        None => Ok(false),
        Some(at) if at.value == I_KNOW => Ok(true),
        Some(at) => Err(Misfit::new("`insecure` takes only the words \"I know\"", at.span)),
    }
}

/// Whether `host` is this machine: 127.0.0.0/8, ::1 or localhost.
pub fn is_loopback(host: &str) -> bool {
    let mapped = |address: IpAddr| address.to_canonical().is_loopback();
    host.parse::<IpAddr>().map_or(host.trim_end_matches('.') == "localhost", mapped)
}

/// What EHLO says: a host name, or an address literal in brackets (RFC 5321 4.1.3).
fn hello(table: &Table) -> Result<Option<String>, Misfit> {
    let Some(at) = table.text("hello")? else { return Ok(None) };
    let inside = at.value.trim_matches(['[', ']']);
    if inside.is_empty() || !inside.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c)) {
        return Err(Misfit::new(format!("`{}` is no host name", at.value), at.span)
            .help("write the name of this machine, such as \"mail.example.org\""));
    }
    Ok(Some(at.value))
}

fn timeouts(table: &Table) -> Result<Timeouts, Misfit> {
    let default = Timeouts::default();
    let Some(table) = table.table("timeouts")? else { return Ok(default) };
    let phase = |key, default| duration_at(table, key, Zero::Nonsense, default);
    Ok(Timeouts {
        connect: phase("connect", default.connect)?,
        greeting: phase("greeting", default.greeting)?,
        sender: phase("sender", default.sender)?,
        recipient: phase("recipient", default.recipient)?,
        data: phase("data", default.data)?,
        body: phase("body", default.body)?,
        answer: phase("answer", default.answer)?,
        idle: phase("idle", default.idle)?,
    })
}

#[cfg(test)]
mod tests;
