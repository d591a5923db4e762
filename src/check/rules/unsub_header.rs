//! One-click needs an address of the web.

use crate::check::{About, Draft, Rule};
use crate::model::finding::{Finding, Severity};

pub struct UnsubHeader;

const ABOUT: About = About {
    id: "unsub-header",
    what: "readers can unsubscribe only by mail: there is no `base_url`",
    why: "Gmail and Yahoo ask bulk senders for one-click unsubscribing over https.",
    source: "RFC 8058 3.1; rules of Gmail and Yahoo for bulk senders",
    fix: "set `base_url = \"https://…\"` in courant.toml once `courant serve` answers there (docs/unsubscribe.md)",
};

impl Rule for UnsubHeader {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        if draft.facts.edition.unsubscribe.base_url.is_some() {
            return;
        }
        let message = "readers can unsubscribe only by mail: one-click needs `base_url`";
        let severity = if draft.facts.live { Severity::Warning } else { Severity::Info };
        found.push(Finding::new(self.id(), severity, message).help(ABOUT.fix));
    }
}
