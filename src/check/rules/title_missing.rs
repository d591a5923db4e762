//! A letter without a title.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct TitleMissing;

const ABOUT: About = About {
    id: "title-missing",
    what: "the HTML part has no `<title>`, or an empty one",
    why: "Screen readers read it first, and browsers show it where the letter is opened in one.",
    source: "WCAG 2.4.2; Email Markup Consortium report 2026",
    fix: "write `<mj-title>{{ title }}</mj-title>` in the `<mj-head>` of your template",
};

impl Rule for TitleMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        if !draft.page.markup.named("title").any(|(_, title)| !title.text.trim().is_empty()) {
            found.push(Finding::error(self.id(), "the HTML part has no title").help(ABOUT.fix));
        }
    }
}
