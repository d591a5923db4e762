//! No line beside the subject.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct PreheaderMissing;

const ABOUT: About = About {
    id: "preheader-missing",
    what: "there is no preheader",
    why: "Inboxes show a line of text beside the subject; without a preheader it is whatever the letter begins with.",
    source: "design of common inboxes",
    fix: "write `preheader:` into the front matter: 40 to 110 characters that go on where the subject ends",
};

impl Rule for PreheaderMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let written = draft.facts.issue.front.preheader.as_ref();
        if written.is_none_or(|text| text.value.trim().is_empty()) {
            let message =
                "there is no preheader: inboxes show the first words of the letter beside the subject";
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, written.map(|at| draft.at(at))));
        }
    }
}
