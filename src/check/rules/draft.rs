//! An issue that says it is not done.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct Unfinished;

const ABOUT: About = About {
    id: "draft",
    what: "the front matter says `draft: true`",
    why: "`courant run` leaves drafts alone, and nobody should get one by accident.",
    source: "the meaning of `draft`",
    fix: "delete the line when the issue is done",
};

impl Rule for Unfinished {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        if draft.facts.issue.front.draft {
            found.push(
                Finding::info(self.id(), "the issue is a draft: `run` leaves it alone").help(ABOUT.fix),
            );
        }
    }
}
