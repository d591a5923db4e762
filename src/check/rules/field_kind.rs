//! Columns that hold something else than was declared.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct FieldKind;

const ABOUT: About = About {
    id: "field-kind",
    what: "a column holds values of another kind than `[fields]` of courant.toml declares",
    why: "A segment or a letter that counts on numbers, dates or yes and no goes wrong for these subscribers.",
    source: "`[fields]` of courant.toml",
    fix: "mend the values in the list, or declare the column as `text`",
};

impl Rule for FieldKind {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (field, kind, whom) in draft.facts.tally.into_iter().flat_map(|tally| tally.odd()) {
            let message = format!("`{field}` is not {} for {whom}", kind.wanted());
            found.push(Finding::warning(self.id(), message).help(ABOUT.fix));
        }
    }
}
