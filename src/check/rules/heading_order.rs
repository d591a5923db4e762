//! A heading that skips a level.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct HeadingOrder;

const ABOUT: About = About {
    id: "heading-order",
    what: "a heading skips a level, as from `##` to `####`",
    why: "Screen readers offer the headings as a table of contents: where a level is missing, listeners look for what they missed.",
    source: "WCAG 1.3.1; axe heading-order",
    fix: "write one `#` more than the heading above it, at most",
};

impl Rule for HeadingOrder {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let headings = &draft.prose.headings;
        // The highest level that the text has stands below the title, whichever it is.
        let highest = headings.iter().map(|heading| heading.level).min().unwrap_or(1);
        let mut above = highest - 1;
        for heading in headings {
            if heading.level > above + 1 {
                let (from, to) = (marks(above), marks(heading.level));
                let message = match above < highest {
                    true => format!("the first heading has `{to}`, and a later one is higher"),
                    false => format!("this heading skips a level: from `{from}` to `{to}`"),
                };
                let place = draft.facts.issue.source.at(heading.span.clone());
                found.push(Finding::warning(self.id(), message).at(place).help(ABOUT.fix));
            }
            above = heading.level;
        }
    }
}

fn marks(level: u8) -> String {
    "#".repeat(usize::from(level))
}
