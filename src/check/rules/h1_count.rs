//! Not exactly one title.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct H1Count;

const ABOUT: About = About {
    id: "h1-count",
    what: "the HTML part has no heading of the first level, or several",
    why: "The one `h1` tells screen readers and archives what the letter is called.",
    source: "WCAG 1.3.1; axe page-has-heading-one",
    fix: "keep one `<h1>` in the template, and begin headings of the text with `##`",
};

impl Rule for H1Count {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let message = match draft.page.headings.iter().filter(|heading| heading.level == 1).count() {
            1 => return,
            0 => "the HTML part has no heading of the first level".to_owned(),
            count => format!("the HTML part has {count} headings of the first level"),
        };
        let issue = draft.facts.issue;
        let own = issue.markdown().find("<h1").map(|at| issue.body.start + at..issue.body.start + at + 3);
        let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
        found.push(super::at(finding, own.map(|span| issue.source.at(span))));
    }
}
