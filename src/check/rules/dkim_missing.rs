//! Letters without a signature.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::settings::transport::TransportKind;

pub struct DkimMissing;

const ABOUT: About = About {
    id: "dkim-missing",
    what: "letters go out by SMTP, and there is no key to sign them with",
    why: "Gmail, Yahoo and Outlook refuse bulk mail that is not signed by DKIM; one-click unsubscribing counts only inside a signature.",
    source: "RFC 6376; RFC 8058 4; rules of Gmail, Yahoo and Outlook for bulk senders",
    fix: "`courant dkim keygen` makes a key; if your provider signs for your domain, turn this off: `[check.rules] dkim-missing = \"off\"`",
};

impl Rule for DkimMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let settings = draft.facts.settings;
        let by_smtp = matches!(settings.transport.transport.kind, TransportKind::Smtp(_));
        if draft.facts.live && by_smtp && settings.dkim.is_empty() && draft.facts.no_sender.is_none() {
            let message = "letters are not signed by DKIM unless the mail server does it";
            found.push(Finding::warning(self.id(), message).help(ABOUT.fix));
        }
    }
}
