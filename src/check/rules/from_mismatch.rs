//! A sender whose domain none of the DKIM keys is for.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::settings::dkim::fitting;

pub struct FromMismatch;

const ABOUT: About = About {
    id: "from-mismatch",
    what: "letters are signed with DKIM, but no key is for the domain of the sender",
    why: "Such letters go out unsigned: a signature counts only if its domain is that of the sender, or above or below it.",
    source: "RFC 7489 3.1.1; rules of Gmail and Yahoo for bulk senders",
    fix: "add a `[[dkim]]` for that domain, or send from one that has a key",
};

impl Rule for FromMismatch {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let (keys, sender) = (&draft.facts.settings.dkim, draft.facts.edition.from.address.domain());
        if keys.is_empty() || draft.facts.no_sender.is_some() || !fitting(keys, sender).is_empty() {
            return;
        }
        let mut domains: Vec<&str> =
            keys.iter().filter_map(|key| Some(key.domain.as_ref()?.as_str())).collect();
        domains.dedup();
        let message =
            format!("letters from {sender} are not signed: the DKIM keys are for {}", domains.join(", "));
        found.push(Finding::new(self.id(), draft.deliverability(), message).help(ABOUT.fix));
    }
}
