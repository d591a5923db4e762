//! A letter to nobody.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct AudienceEmpty;

const ABOUT: About = About {
    id: "audience-empty",
    what: "nobody would get the issue",
    why: "An empty list or a segment that fits nobody is a mistake.",
    source: "the audience",
    fix: "look at `subscribers/` and at `segment`; `courant plan` says who is left out and why",
};

impl Rule for AudienceEmpty {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.facts.tally.is_none().then(|| "no subscribers could be read".to_owned())
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        if draft.facts.tally.is_some_and(|tally| tally.members() == 0) {
            let names: Vec<_> = draft.facts.lists.iter().map(|list| format!("`{}`", list.name)).collect();
            let message =
                format!("nobody would get it: there is no subscriber to choose from {}", names.join(", "));
            found.push(Finding::new(self.id(), draft.deliverability(), message).help(ABOUT.fix));
        }
    }
}
