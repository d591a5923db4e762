//! The same letter under another name.

use crate::check::{About, Draft, Earlier, Rule};
use crate::model::finding::Finding;

pub struct DuplicateIssue;

const ABOUT: About = About {
    id: "duplicate-issue",
    what: "the same text was sent before under another id",
    why: "Nobody wants the same letter twice; a renamed file is the usual cause.",
    source: "the ledger",
    fix: "change the text if it is another issue; `--also-new` sends the old one to those who joined since",
};

impl Rule for DuplicateIssue {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        match draft.facts.earlier {
            Earlier::Unknown(why) => Some(why.to_owned()),
            Earlier::Never | Earlier::Sent(_) => None,
        }
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        if let Earlier::Sent(id) = &draft.facts.earlier {
            let issue = &draft.facts.issue.id;
            let message = format!("`{issue}` says the same as `{id}`, which was sent already");
            let found_as = if draft.facts.live { Finding::error } else { Finding::warning };
            found.push(found_as(self.id(), message).help(ABOUT.fix));
        }
    }
}
