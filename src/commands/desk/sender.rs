//! Who an issue is from, where answers go, and what it carries.

use std::path::Path;

use super::{Desk, pointing_at};
use crate::commands::{Failure, Plain};
use crate::compose::edition::Sender;
use crate::model::address::{Domain, Mailbox};
use crate::model::issue::Issue;
use crate::model::letter::{Attachment, Disposition, Tracking, Unsubscribe};
use crate::model::subscriber::ListId;
use crate::settings::lists::List;
use crate::settings::transport::TransportKind;
use crate::settings::transport_url::is_loopback;

/// No attachment of a newsletter should be near this.
const LARGEST_ATTACHMENT: u64 = 25 * 1024 * 1024;

impl Desk {
    /// Who the issue is from: its front matter, else its list, else the settings. The place of a wrong
    /// address in the front matter was checked when the issue was read. A lone file outside any workspace is
    /// from an example address, and no example address sends over a real server.
    pub fn from(&self, issue: &Issue, list: Option<&List>) -> Result<Mailbox, Failure> {
        let own = issue.front.from.as_ref().and_then(|at| Mailbox::parse(&at.value).ok());
        self.from_of(own.or_else(|| list?.from.clone()))
    }

    /// The same for whoever is named, else the settings.
    pub fn from_of(&self, named: Option<Mailbox>) -> Result<Mailbox, Failure> {
        let from = named.or_else(|| self.settings.from.clone());
        let from = from.or_else(|| self.settings.root.is_none().then(nobody));
        let help = "write FROM=Name <you@your-domain> into .env, or `from` into courant.toml";
        match from {
            None => Err(Plain::new("nobody is named as the sender", help).into()),
            Some(from) if is_example(from.address.domain()) && self.reaches_other_machines() => {
                let message =
                    format!("the sender is an example: nobody sends from {}", from.address.domain());
                Err(Plain::new(message, help).into())
            }
            Some(from) => Ok(from),
        }
    }

    fn reaches_other_machines(&self) -> bool {
        match &self.settings.transport.transport.kind {
            TransportKind::Smtp(smtp) => !is_loopback(&smtp.host),
            TransportKind::Http(http) => !http.is_loopback(),
            TransportKind::Outbox(_) => false,
        }
    }

    /// Where answers go, if not to the sender.
    pub fn reply_to(&self, issue: &Issue, list: Option<&List>) -> Option<Mailbox> {
        let own = issue.front.reply_to.as_ref().and_then(|at| Mailbox::parse(&at.value).ok());
        own.or_else(|| list?.reply_to.clone()).or_else(|| self.settings.reply_to.clone())
    }

    /// Who the edition is from and what it carries: what `compose::edition::bind` takes.
    pub fn sender(&self, issue: &Issue, list: Option<&List>) -> Result<Sender, Failure> {
        let from = self.from(issue, list)?;
        let reply_to = self.reply_to(issue, list);
        let answers = &reply_to.as_ref().unwrap_or(&from).address;
        let mailto = self.settings.mailbox.address.as_ref().unwrap_or(answers).clone();
        Ok(Sender {
            list_id: self.list_id(&from, list),
            archive: self.settings.archive.url.clone().filter(|_| self.settings.archive.is_on),
            unsubscribe: Unsubscribe {
                base_url: self.settings.site.base_url.clone(),
                mailto,
                lists: self.lists_to_leave(issue)?,
                lang: self.foreign_lang(issue),
            },
            tracking: self.tracking(issue),
            attachments: self.attachments(issue)?,
            from,
            reply_to,
        })
    }

    /// The lists that the issue goes to, where there are others: then a reader can leave these alone.
    fn lists_to_leave(&self, issue: &Issue) -> Result<Vec<ListId>, Failure> {
        let files = self.workspace.list_files()?;
        let has_others = self.settings.all_lists(&files).len() > 1;
        let chosen = self.settings.chosen_lists(&issue.front.lists, &issue.source, &files);
        let chosen = chosen.ok().filter(|_| has_others).unwrap_or_default();
        Ok(chosen.into_iter().map(|list| list.id).collect())
    }

    /// What letters tell of their readers: what the settings turned on, unless the issue turns it off.
    fn tracking(&self, issue: &Issue) -> Option<Tracking> {
        let settings = self.settings.tracking.clone();
        let base_url = self.settings.site.base_url.clone()?;
        let preferences_url = self.settings.site.preferences_url.clone();
        (settings.is_on() && issue.front.tracking != Some(false)).then_some(Tracking {
            opens: settings.opens,
            clicks: settings.clicks,
            consent: settings.consent,
            base_url,
            preferences_url,
        })
    }

    /// The language of the issue, where the pages would speak another.
    fn foreign_lang(&self, issue: &Issue) -> Option<String> {
        let primary = |lang: &str| lang.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let lang = issue.front.lang.as_ref().map(|at| &at.value)?;
        (primary(lang) != primary(&self.settings.site.lang)).then(|| lang.clone())
    }

    /// The list's own `list_id`, else `Title <name.domain-of-the-sender>` (RFC 2919).
    fn list_id(&self, from: &Mailbox, list: Option<&List>) -> String {
        let own = list.and_then(|list| list.list_id.clone());
        own.unwrap_or_else(|| {
            let title = list.map_or(self.settings.site.name.as_str(), |list| &list.title);
            let label = label_of(list.map_or("newsletter", |list| &list.name));
            let phrase = title.replace(['<', '>', '"', '\\'], "");
            format!("{} <{label}.{}>", phrase.trim(), from.address.domain())
        })
    }

    fn attachments(&self, issue: &Issue) -> Result<Vec<Attachment>, Failure> {
        let folder = issue.source.path().parent().map(Path::to_path_buf).unwrap_or_default();
        let each = issue.front.attachments.iter().map(|at| {
            let path = folder.join(&at.value);
            let bytes = self.workspace.read_bytes(&path, LARGEST_ATTACHMENT);
            let bytes = bytes.map_err(|error| pointing_at(error, issue, Some(at)))?;
            Ok(attachment(&path, bytes))
        });
        each.collect()
    }
}

fn attachment(path: &Path, bytes: Vec<u8>) -> Attachment {
    let file_name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let content_type = content_type(&file_name).to_owned();
    Attachment { file_name, content_type, content_id: None, disposition: Disposition::Attachment, bytes }
}

/// By the ending of the name; what is unknown is `application/octet-stream`.
fn content_type(file_name: &str) -> &'static str {
    let ending = file_name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "txt" | "md" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        "html" | "htm" => "text/html; charset=utf-8",
        "json" => "application/json",
        "zip" => "application/zip",
        "epub" => "application/epub+zip",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

/// The sender of a file that belongs to no workspace.
fn nobody() -> Mailbox {
    Mailbox::parse("Newsletter <newsletter@example.org>").expect("the address is well formed")
}

/// Whether a domain is reserved for examples and tests (RFC 2606, RFC 6761).
fn is_example(domain: &Domain) -> bool {
    let name = domain.as_str();
    let last = name.rsplit('.').next().unwrap_or(name);
    let reserved = ["example.org", "example.com", "example.net"];
    matches!(last, "example" | "test" | "invalid" | "localhost")
        || reserved.iter().any(|known| name == *known || name.ends_with(&format!(".{known}")))
}

/// A name as one label of a domain: letters, digits and hyphens.
fn label_of(name: &str) -> String {
    let label: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    match label.trim_matches('-') {
        "" => "newsletter".to_owned(),
        label => label.to_owned(),
    }
}
