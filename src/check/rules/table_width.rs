//! A table with too many columns.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct TableWidth;

const ABOUT: About = About {
    id: "table-width",
    what: "a table has more than four columns",
    why: "A letter is 600 pixels wide at most; where a phone does not show rows as cards, such a table is read sideways.",
    source: "widths of phones and of Outlook",
    fix: "leave columns out, turn the table around, or show it as an image with a link to the page",
};

const MOST: usize = 4;

impl Rule for TableWidth {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for table in draft.prose.tables.iter().filter(|table| table.columns > MOST) {
            let message = format!("the table has {} columns", table.columns);
            let place = draft.facts.issue.source.at(table.head.clone());
            found.push(Finding::warning(self.id(), message).at(place).help(ABOUT.fix));
        }
    }
}
