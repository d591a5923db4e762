//! A link that hides where it leads.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::model::finding::Finding;

pub struct LinkShortener;

const ABOUT: About = About {
    id: "link-shortener",
    what: "a link goes through a service that shortens addresses",
    why: "Such hosts are on blocklists because spam uses them; readers cannot see where they go, and when the service ends, so do they.",
    source: "Spamhaus DBL; SURBL",
    fix: "link to the page itself: in a letter nobody sees how long the address is",
};

const HOSTS: &[&str] = &[
    "bit.ly",
    "bitly.com",
    "j.mp",
    "tinyurl.com",
    "t.co",
    "goo.gl",
    "ow.ly",
    "is.gd",
    "v.gd",
    "buff.ly",
    "rebrand.ly",
    "cutt.ly",
    "shorturl.at",
    "tiny.cc",
    "rb.gy",
    "lnkd.in",
    "t.ly",
    "bl.ink",
    "short.io",
    "shorte.st",
    "adf.ly",
    "ouo.io",
    "clck.ru",
    "vk.cc",
    "u.to",
    "trib.al",
    "dlvr.it",
    "ift.tt",
    "fb.me",
    "amzn.to",
    "soo.gd",
    "s.id",
    "qr.ae",
    "po.st",
    "mcaf.ee",
    "su.pr",
    "hyperurl.co",
    "urlz.fr",
    "x.co",
];

impl Rule for LinkShortener {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let Target::Fetch(url) = &link.target else { continue };
            let host = url.host_str().unwrap_or_default();
            let host = host.strip_prefix("www.").unwrap_or(host);
            if HOSTS.contains(&host) {
                let message = format!("`{url}` hides where it leads");
                let place = super::in_link(draft, link.link, host);
                found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
            }
        }
    }
}
