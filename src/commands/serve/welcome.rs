//! What `courant serve` says once it listens.

use serde_json::json;

use super::house::House;
use crate::commands::Failure;
use crate::commands::desk::{Desk, write_out};
use crate::model::path;
use crate::model::provider::Provider;
use crate::settings::remote::Remote;

/// Where everything is, on the machine itself.
pub struct Welcome {
    url: String,
    form: Option<String>,
    /// Where links of letters lead over, if any are counted.
    links: Option<String>,
    archive: Option<String>,
    webhooks: Vec<String>,
    mailbox: Option<String>,
    /// What the mails that ask to confirm leave through.
    transport: Option<String>,
}

impl Welcome {
    /// `url` is where the server listens.
    pub fn of(desk: &Desk, house: &House, url: String) -> Welcome {
        let has_form = house.sender.is_some();
        let webhook = |provider: &Provider| format!("{url}/{}/{}", path::WEBHOOKS, provider.name());
        Welcome {
            form: has_form.then(|| format!("{url}/{}", path::JOIN)),
            links: house.parts.tracking.is_on().then(|| format!("{url}/{}/", path::CLICK)),
            archive: house.parts.archive.as_ref().map(|archive| format!("{url}{}", archive.path())),
            webhooks: house.parts.hooks.keys().map(webhook).collect(),
            mailbox: house.mailbox.as_ref().map(Remote::name),
            transport: has_form.then(|| desk.settings.transport.transport.name.clone()),
            url,
        }
    }

    pub fn say(&self, is_json: bool) -> Result<(), Failure> {
        let words = if is_json { self.json() } else { self.text() };
        Ok(write_out(words.as_bytes())?)
    }

    fn page(&self) -> String {
        format!("{}/{}/", self.url, path::LEAVE)
    }

    fn json(&self) -> String {
        let said = json!({
            "url": self.url, "unsubscribe": self.page(), "subscribe": self.form, "links": self.links,
            "archive": self.archive, "webhooks": self.webhooks, "mailbox": self.mailbox,
            "transport": self.transport,
        });
        format!("{said}\n")
    }

    fn text(&self) -> String {
        let what = if self.webhooks.is_empty() { "" } else { " and webhooks" };
        let all = self.form.iter().chain(&self.links).chain(&self.archive).chain(&self.webhooks);
        let all: String = all.map(|path| format!("  {path}\n")).collect();
        let sent =
            self.transport.iter().map(|name| format!("Mails that ask to confirm leave through {name}\n"));
        let read = self.mailbox.iter().map(|name| format!("Reading the mailbox {name}\n"));
        let more: String = sent.chain(read).collect();
        format!("Answering unsubscribe links{what} (Ctrl-C ends it):\n  {}TOKEN\n{all}{more}", self.page())
    }
}
