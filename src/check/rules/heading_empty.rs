//! A heading that says nothing.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct HeadingEmpty;

const ABOUT: About = About {
    id: "heading-empty",
    what: "a heading has no words",
    why: "Screen readers announce a heading and then nothing, and everybody else sees a hole.",
    source: "WCAG 1.3.1; axe empty-heading",
    fix: "write the heading, or delete its marks; a line across is `---`",
};

impl Rule for HeadingEmpty {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for heading in draft.prose.headings.iter().filter(|heading| heading.text.trim().is_empty()) {
            let place = draft.facts.issue.source.at(heading.span.clone());
            found.push(Finding::warning(self.id(), "the heading has no words").at(place).help(ABOUT.fix));
        }
    }
}
