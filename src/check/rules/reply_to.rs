//! Where answers go.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct ReplyTo;

const ABOUT: About = About {
    id: "reply-to",
    what: "answers go to an address that does not read them, or to a free mailbox beside a sender of its own domain",
    why: "Answers are what tells a mailbox provider that a letter is wanted; a free mailbox in Reply-To is the habit of fraud.",
    source: "practice of mailbox providers; FREEMAIL_FORGED_REPLYTO of SpamAssassin",
    fix: "set `reply_to` to an address of your own domain that somebody reads",
};

impl Rule for ReplyTo {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let edition = draft.facts.edition;
        let Some(reply_to) = &edition.reply_to else { return };
        let domain = reply_to.address.domain().as_str();
        let is_free = |domain: &str| super::from_free::FREE.contains(&domain);
        let message = if super::from_noreply::is_noreply(&reply_to.address) {
            "answers go to a no-reply address".to_owned()
        } else if is_free(domain) && !is_free(edition.from.address.domain().as_str()) {
            format!("answers go to {domain}, while the sender has a domain of its own")
        } else {
            return;
        };
        let place = draft.facts.issue.front.reply_to.as_ref().map(|at| draft.at(at));
        found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
    }
}
