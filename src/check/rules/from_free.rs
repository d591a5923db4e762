//! A newsletter from a free mailbox.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct FromFree;

const ABOUT: About = About {
    id: "from-free",
    what: "the sender is at a free mail provider",
    why: "Such domains publish a DMARC policy that makes others refuse mail in their name that they did not send themselves.",
    source: "RFC 7489; DMARC records of the providers",
    fix: "send from a domain of your own; through the provider's own SMTP server it may still work",
};

impl Rule for FromFree {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let domain = draft.facts.edition.from.address.domain().as_str();
        if draft.facts.no_sender.is_none() && FREE.contains(&domain) {
            let message = format!("the sender is at {domain}, which lets nobody else send in its name");
            found.push(Finding::warning(self.id(), message).help(ABOUT.fix));
        }
    }
}

/// Providers whose DMARC policy is quarantine or reject, or who say they will make it so.
pub(super) const FREE: [&str; 20] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "ymail.com",
    "aol.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "proton.me",
    "protonmail.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "mail.ru",
    "yandex.ru",
];
