//! The keys of `courant.toml`, section by section.

use std::collections::BTreeMap;
use std::path::Path;

use super::clients::Client;
use super::spam::SpamSettings;
use super::values::{DURATION_HELP, Zero, choice, duration_at, duration_of, line_at, mailbox_at};
use super::{
    CheckSettings, LinkSettings, ListSettings, MarkdownSettings, OnDeadLink, OnUncertain, SendSettings, Site,
    clients, dkim, transport_url, webhooks,
};
use crate::model::address::Address;
use crate::model::finding::Severity;
use crate::model::issue::At;
use crate::model::kind::Kind;
use crate::model::subscriber::ListId;
use crate::model::theme::Changes;
use crate::model::tree::{Misfit, Table};

const KEYS: [&str; 32] = [
    "id",
    "name",
    "from",
    "reply_to",
    "preview_to",
    "postal_address",
    "base_url",
    "web_version",
    "preferences_url",
    "timezone",
    "lang",
    "default_lists",
    "template",
    "transport",
    "transports",
    "throttle",
    "dkim",
    "lists",
    "fields",
    "markdown",
    "theme",
    "send",
    "check",
    "links",
    "images",
    "retention",
    "archive",
    "mailbox",
    "bounces",
    "tracking",
    "webhooks",
    "subscribe",
];

/// Fails at the first key that means nothing, in the order of the file.
pub fn check_keys(root: &Table) -> Result<(), Misfit> {
    root.only("courant.toml", &KEYS)?;
    dkim::tables(root)?;
    webhooks::check_keys(root)?;
    super::mailbox::check_keys(root)?;
    root.tables("transports")?
        .into_iter()
        .try_for_each(|(name, table)| transport_url::check_keys(&name.value, table))
}

pub fn site(root: &Table) -> Result<Site, Misfit> {
    let default = Site::default();
    let timezone = timezone(root)?;
    Ok(Site {
        timezone_is_named: timezone.is_some(),
        name: line_at(root, "name")?.unwrap_or(default.name),
        base_url: base_url(root)?,
        web_version: web_version(root)?,
        preferences_url: preferences_url(root)?,
        postal_address: root.text("postal_address")?.map(|at| at.value),
        timezone: timezone.unwrap_or(default.timezone),
        lang: lang(root)?.unwrap_or(default.lang),
    })
}

fn base_url(root: &Table) -> Result<Option<String>, Misfit> {
    let Some(at) = root.text("base_url")? else { return Ok(None) };
    let fits = url::Url::parse(&at.value).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    match fits && !at.value.contains(char::is_whitespace) {
        true => Ok(Some(at.value.trim_end_matches('/').to_owned())),
        false => Err(Misfit::new(format!("`{}` is no address of a web site", at.value), at.span)
            .help("write it as \"https://news.example.org\"")),
    }
}

/// An address with `{id}`, `{number}` and `{date}` in it.
fn web_version(root: &Table) -> Result<Option<String>, Misfit> {
    let Some(at) = root.text("web_version")? else { return Ok(None) };
    let filled =
        ["{id}", "{number}", "{date}"].iter().fold(at.value.clone(), |all, name| all.replace(name, "1"));
    let help = "write it as \"https://news.example.org/{id}\"; `{number}` and `{date}` may stand in it, too";
    page(&filled, &at, help).map(|()| Some(at.value.clone()))
}

fn preferences_url(root: &Table) -> Result<Option<String>, Misfit> {
    let Some(at) = root.text("preferences_url")? else { return Ok(None) };
    let help =
        "write it as \"https://news.example.org/p/{token}\", or as an address that is the same for all";
    page(&at.value.replace("{token}", "x"), &at, help).map(|()| Some(at.value.clone()))
}

fn page(address: &str, at: &At<String>, help: &str) -> Result<(), Misfit> {
    match is_web_page(address) {
        true => Ok(()),
        false => {
            let message = format!("`{}` is no address of a web page", at.value);
            Err(Misfit::new(message, at.span.clone()).help(help))
        }
    }
}

/// Whether a reader's browser can open the address.
pub fn is_web_page(address: &str) -> bool {
    let is_page = |url: url::Url| matches!(url.scheme(), "https" | "http") && url.has_host();
    !address.contains(|c: char| c.is_whitespace() || "{}".contains(c))
        && url::Url::parse(address).is_ok_and(is_page)
}

fn timezone(root: &Table) -> Result<Option<jiff::tz::TimeZone>, Misfit> {
    let Some(at) = root.text("timezone")? else { return Ok(None) };
    jiff::tz::TimeZone::get(&at.value).map(Some).map_err(|_| {
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let near = crate::model::finding::suggest(&at.value, known.iter().map(String::as_str));
        let help = near.map_or("write a name such as \"Europe/London\"".to_owned(), |near| {
            format!("did you mean `{near}`?")
        });
        Misfit::new(format!("`{}` is no time zone", at.value), at.span.clone()).help(help)
    })
}

fn lang(root: &Table) -> Result<Option<String>, Misfit> {
    let Some(at) = root.text("lang")? else { return Ok(None) };
    match is_language(&at.value) {
        true => Ok(Some(at.value)),
        false => Err(Misfit::new(format!("`{}` is no language tag", at.value), at.span)
            .help("write it as \"en\" or \"en-GB\"")),
    }
}

/// Whether `text` has the shape of a BCP 47 tag.
pub fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts
        .next()
        .is_some_and(|part| (2..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphabetic()));
    first
        && parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()))
}

pub fn preview_to(root: &Table) -> Result<Vec<Address>, Misfit> {
    let each = root.texts("preview_to")?.into_iter().map(|at| {
        let found = super::values::addresses(&at.value);
        found.map_err(|message| Misfit::new(message, at.span).help(super::values::MAILBOX_HELP))
    });
    Ok(each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

pub fn default_lists(root: &Table) -> Result<Vec<String>, Misfit> {
    Ok(root.texts("default_lists")?.into_iter().map(|at| at.value).collect())
}

pub fn lists(root: &Table, folder: &Path) -> Result<BTreeMap<String, ListSettings>, Misfit> {
    let each = root.tables("lists")?.into_iter();
    each.map(|(name, table)| Ok((name.value.clone(), list(&name.value, table, folder)?))).collect()
}

fn list(name: &str, table: &Table, folder: &Path) -> Result<ListSettings, Misfit> {
    let keys = [
        "id",
        "title",
        "description",
        "public",
        "from",
        "reply_to",
        "list_id",
        "template",
        "footer",
        "archive",
        "file",
    ];
    table.only(&format!("`[lists.{name}]`"), &keys)?;
    Ok(ListSettings {
        id: line_at(table, "id")?.map(ListId),
        title: line_at(table, "title")?,
        description: line_at(table, "description")?,
        is_open: table.truth("public")?.is_some_and(|at| at.value),
        from: mailbox_at(table, "from")?,
        reply_to: mailbox_at(table, "reply_to")?,
        list_id: line_at(table, "list_id")?,
        template: line_at(table, "template")?,
        footer: table.text("footer")?.map(|at| at.value),
        archive: table.truth("archive")?.map(|at| at.value),
        file: line_at(table, "file")?.map(|file| folder.join(file)),
    })
}

pub fn fields(root: &Table) -> Result<BTreeMap<String, Kind>, Misfit> {
    let Some(table) = root.table("fields")? else { return Ok(BTreeMap::new()) };
    let kind = |name: &At<String>| choice(table, &name.value, &Kind::ALL);
    let each = table.entries.iter().map(|(name, _)| Ok(kind(name)?.map(|kind| (name.value.clone(), kind))));
    each.filter_map(Result::transpose).collect()
}

pub fn markdown(root: &Table) -> Result<MarkdownSettings, Misfit> {
    let default = MarkdownSettings::default();
    let Some(table) = root.table("markdown")? else { return Ok(default) };
    table.only("`[markdown]`", &["smart_punctuation", "emoji"])?;
    let truth = |key, default| Ok(table.truth(key)?.map_or(default, |at| at.value));
    Ok(MarkdownSettings {
        smart_punctuation: truth("smart_punctuation", default.smart_punctuation)?,
        emoji: truth("emoji", default.emoji)?,
    })
}

pub fn theme(root: &Table) -> Result<Changes, Misfit> {
    match root.table("theme")? {
        Some(table) => super::theme::changes(table, "`[theme]`"),
        None => Ok(Changes::default()),
    }
}

pub fn send(root: &Table) -> Result<SendSettings, Misfit> {
    let default = SendSettings::default();
    let Some(table) = root.table("send")? else { return Ok(default) };
    let keys = ["wait", "retry_for", "max_late", "delay", "on_uncertain", "on_dead_link", "retry_after"];
    table.only("`[send]`", &keys)?;
    Ok(SendSettings {
        wait: duration_at(table, "wait", Zero::Fine, default.wait)?,
        retry_for: duration_at(table, "retry_for", Zero::Nonsense, default.retry_for)?,
        max_late: duration_at(table, "max_late", Zero::Nonsense, default.max_late)?,
        delay: duration_at(table, "delay", Zero::Fine, default.delay)?,
        on_uncertain: choice(
            table,
            "on_uncertain",
            &[("hold", OnUncertain::Hold), ("resend", OnUncertain::Resend)],
        )?
        .unwrap_or(default.on_uncertain),
        on_dead_link: choice(
            table,
            "on_dead_link",
            &[("hold", OnDeadLink::Hold), ("send", OnDeadLink::Send)],
        )?
        .unwrap_or(default.on_dead_link),
        retry_after: retry_after(table)?.unwrap_or(default.retry_after),
    })
}

fn retry_after(table: &Table) -> Result<Option<Vec<std::time::Duration>>, Misfit> {
    let Some(node) = table.get("retry_after") else { return Ok(None) };
    let waits = table.texts("retry_after")?;
    if waits.is_empty() {
        return Err(Misfit::new("`retry_after` has no wait in it", node.span.clone()).help(DURATION_HELP));
    }
    waits.iter().map(|at| duration_of("retry_after", at, Zero::Nonsense)).collect::<Result<_, _>>().map(Some)
}

pub fn check(root: &Table) -> Result<CheckSettings, Misfit> {
    let default = CheckSettings::default();
    let Some(table) = root.table("check")? else { return Ok(default) };
    table.only("`[check]`", &["rules", "baseline", "clients", "spamassassin"])?;
    Ok(CheckSettings {
        rules: severities(table)?,
        baseline: line_at(table, "baseline")?.map(std::path::PathBuf::from),
        clients: clients(table)?.unwrap_or(default.clients),
        spamassassin: spamassassin(table)?.unwrap_or(default.spamassassin),
    })
}

/// `[check.rules]`.
fn severities(table: &Table) -> Result<BTreeMap<String, Option<Severity>>, Misfit> {
    let mut rules = BTreeMap::new();
    let Some(severities) = table.table("rules")? else { return Ok(rules) };
    let words = [
        ("error", Some(Severity::Error)),
        ("warning", Some(Severity::Warning)),
        ("info", Some(Severity::Info)),
        ("off", None),
    ];
    for (rule, _) in &severities.entries {
        if let Some(severity) = choice(severities, &rule.value, &words)? {
            rules.insert(rule.value.clone(), severity);
        }
    }
    Ok(rules)
}

fn clients(table: &Table) -> Result<Option<Vec<Client>>, Misfit> {
    if table.get("clients").is_none() {
        return Ok(None);
    }
    let mut chosen = Vec::new();
    for at in table.texts("clients")? {
        match clients::named(&at.value).as_slice() {
            [] => {
                let single = clients::CLIENTS.iter().map(|(name, _)| *name);
                let known: Vec<&str> = clients::FAMILIES.into_iter().chain(single).collect();
                return Err(Misfit::unknown("a mail client", &at.value, &known, at.span));
            }
            meant => chosen.extend(meant),
        }
    }
    Ok(Some(clients::settled(chosen)))
}

fn spamassassin(table: &Table) -> Result<Option<SpamSettings>, Misfit> {
    let Some(at) = table.text("spamassassin")? else { return Ok(None) };
    SpamSettings::read(&at.value).map(Some).ok_or_else(|| {
        Misfit::new(format!("`{}` is no place of SpamAssassin", at.value), at.span)
            .help("write \"auto\", \"off\", \"HOST:PORT\" or the path of a socket")
    })
}

pub fn links(root: &Table) -> Result<LinkSettings, Misfit> {
    let default = LinkSettings::default();
    let Some(table) = root.table("links")? else { return Ok(default) };
    let keys = [
        "concurrency",
        "per_host",
        "timeout",
        "total",
        "retries",
        "redirects",
        "pages",
        "allow_private",
        "skip",
        "cache",
        "recheck",
        "snapshots",
        "archive",
    ];
    table.only("`[links]`", &keys)?;
    let truth = |key, default| Ok(table.truth(key)?.map_or(default, |at| at.value));
    let count = |key, range, default: usize| {
        let found = table.whole(key, range)?.and_then(|at| usize::try_from(at.value).ok());
        Ok(found.unwrap_or(default))
    };
    let retries = table.whole("retries", 0..=20)?.and_then(|at| u32::try_from(at.value).ok());
    Ok(LinkSettings {
        own: default.own,
        concurrency: count("concurrency", 1..=1000, default.concurrency)?,
        per_host: count("per_host", 1..=1000, default.per_host)?,
        timeout: duration_at(table, "timeout", Zero::Nonsense, default.timeout)?,
        retries: retries.unwrap_or(default.retries),
        redirects: count("redirects", 0..=50, default.redirects)?,
        allow_private: truth("allow_private", default.allow_private)?,
        skip: table.texts("skip")?.into_iter().map(|at| at.value).collect(),
        total: duration_at(table, "total", Zero::Nonsense, default.total)?,
        pages: truth("pages", default.pages)?,
        cache: duration_at(table, "cache", Zero::Fine, default.cache)?,
        recheck: duration_at(table, "recheck", Zero::Fine, default.recheck)?,
        snapshots: truth("snapshots", default.snapshots)?,
        archive: archive(table)?.unwrap_or(default.archive),
    })
}

fn archive(table: &Table) -> Result<Option<url::Url>, Misfit> {
    let Some(at) = table.text("archive")? else { return Ok(None) };
    match url::Url::parse(&at.value).ok().filter(|url| matches!(url.scheme(), "http" | "https")) {
        Some(url) => Ok(Some(url)),
        None => Err(Misfit::new(format!("`{}` is no address of an archive", at.value), at.span)
            .help("write it as \"https://archive.org\"")),
    }
}
