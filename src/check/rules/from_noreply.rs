//! A sender who does not listen.

use crate::check::{About, Draft, Rule};
use crate::model::address::Address;
use crate::model::finding::Finding;

pub struct FromNoreply;

const ABOUT: About = About {
    id: "from-noreply",
    what: "the sender is a no-reply address and there is no Reply-To",
    why: "Answers are what tells a mailbox provider that a letter is wanted; readers whose answer bounces do not write again.",
    source: "practice of mailbox providers",
    fix: "set `reply_to` in courant.toml or in the front matter",
};

impl Rule for FromNoreply {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let edition = draft.facts.edition;
        if edition.reply_to.is_none() && is_noreply(&edition.from.address) {
            let finding = Finding::warning(self.id(), "answers go to a no-reply address").help(ABOUT.fix);
            found.push(super::at(finding, draft.facts.issue.front.from.as_ref().map(|at| draft.at(at))));
        }
    }
}

/// Whether an address says that nobody reads it.
pub(super) fn is_noreply(address: &Address) -> bool {
    let address = address.to_string().to_lowercase();
    let local = address.split('@').next().unwrap_or_default();
    let local: String = local.chars().filter(|c| c.is_alphanumeric()).collect();
    local.starts_with("noreply") || local.starts_with("donotreply")
}
