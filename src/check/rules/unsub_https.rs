//! A way out that anybody can listen to.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct UnsubHttps;

const ABOUT: About = About {
    id: "unsub-https",
    what: "the links to unsubscribe are not encrypted: `base_url` begins with http://",
    why: "One-click unsubscribing needs https, and a token that travels in the open can be used by others.",
    source: "RFC 8058 3.1; rules of Gmail and Yahoo for bulk senders",
    fix: "set `base_url = \"https://…\"` in courant.toml",
};

impl Rule for UnsubHttps {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        if let Some(url) = &draft.facts.edition.unsubscribe.base_url
            && !url.starts_with("https://")
        {
            let message = format!("the links to unsubscribe are not encrypted: `base_url` is {url}");
            found.push(Finding::new(self.id(), draft.deliverability(), message).help(ABOUT.fix));
        }
    }
}
