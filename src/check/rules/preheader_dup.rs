//! The same line twice in the inbox.

use crate::check::page::flat;
use crate::check::prose::same_letters;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct PreheaderDup;

const ABOUT: About = About {
    id: "preheader-dup",
    what: "the preheader only repeats the subject or the title",
    why: "Inboxes show both side by side: half of the space says nothing new.",
    source: "design of common inboxes",
    fix: "go on where the subject ends: who, what for, until when",
};

impl Rule for PreheaderDup {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(written) = &draft.facts.issue.front.preheader else { return };
        let preheader = draft.facts.rendered.preheader.as_ref().map(flat).unwrap_or_default();
        let subject = flat(&draft.facts.edition.subject);
        let repeats = |text: &str| !preheader.trim().is_empty() && same_letters(&preheader, text);
        let what = match () {
            () if repeats(&subject) => "subject",
            () if repeats(draft.facts.issue.title()) => "title",
            () => return,
        };
        let message = format!("the preheader only repeats the {what}");
        found.push(Finding::warning(self.id(), message).at(draft.at(written)).help(ABOUT.fix));
    }
}
