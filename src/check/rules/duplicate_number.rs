//! Two issues with one number.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct DuplicateNumber;

const ABOUT: About = About {
    id: "duplicate-number",
    what: "another issue of the same series has the same `number`",
    why: "Readers and archives tell issues by their numbers, and so do you: `courant send 12`.",
    source: "the other issues of the workspace",
    fix: "count on: `courant new` takes the next number",
};

impl Rule for DuplicateNumber {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(number) = &draft.facts.issue.front.number else { return };
        if let Some(other) = draft.facts.namesake {
            let message = format!("{} has the number {}, too", other.display(), number.value);
            found.push(Finding::warning(self.id(), message).at(draft.at(number)).help(ABOUT.fix));
        }
    }
}
