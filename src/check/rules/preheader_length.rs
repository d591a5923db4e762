//! A line beside the subject that is too short or too long.

use unicode_width::UnicodeWidthStr;

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct PreheaderLength;

const ABOUT: About = About {
    id: "preheader-length",
    what: "the preheader has fewer than 30 or more than 110 characters",
    why: "A short one leaves room that the inbox fills with the words the letter begins with; a long one is cut off.",
    source: "widths of common inboxes",
    fix: "write 40 to 110 characters that go on where the subject ends",
};

const FEWEST: usize = 30;
const MOST: usize = 110;

impl Rule for PreheaderLength {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(written) = &draft.facts.issue.front.preheader else { return };
        let Some(pieces) = &draft.facts.rendered.preheader else { return };
        // A value may be of any length: only what is fixed can be too long, and nothing too short.
        let varies = pieces.has_logic() || pieces.holes().next().is_some();
        let length = flat(pieces).trim().width();
        let message = match length {
            0 => return,
            1..FEWEST if !varies => format!("the preheader has only {length} characters"),
            _ if length > MOST => {
                format!("the preheader has {length} characters; inboxes cut it off after {MOST}")
            }
            _ => return,
        };
        found.push(Finding::warning(self.id(), message).at(draft.at(written)).help(ABOUT.fix));
    }
}
