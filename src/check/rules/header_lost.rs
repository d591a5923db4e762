//! What the way out does not let through.

use crate::check::{About, Draft, Rule};
use crate::model::finding::{Finding, Severity};
use crate::settings::lost;
use crate::settings::transport::TransportKind;

pub struct HeaderLost;

const ABOUT: About = About {
    id: "header-lost",
    what: "the provider of the transport writes header fields of the letter anew, or leaves them out",
    why: "What arrives is not what was previewed in these fields; without List-Unsubscribe Gmail and Yahoo take a letter for unwanted mail.",
    source: "the providers' documentation, named in docs/providers/; RFC 8058; rules of Gmail and Yahoo for bulk senders",
    fix: "nothing, where only Message-ID and Date are named; else use the provider's SMTP server, or turn this off: `[check.rules] header-lost = \"off\"`",
};

impl Rule for HeaderLost {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let TransportKind::Http(http) = &draft.facts.settings.transport.transport.kind else { return };
        let fields = lost::headers(http.provider);
        if !draft.facts.live || fields.is_empty() {
            return;
        }
        let severity = match fields.contains(&"List-Unsubscribe") {
            true => Severity::Warning,
            false => Severity::Info,
        };
        let message =
            format!("{} does not keep {} of a letter as they are", http.provider.title(), fields.join(", "));
        found.push(Finding::new(self.id(), severity, message).help(ABOUT.fix));
    }
}
