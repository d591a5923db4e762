//! Holes that nobody can fill.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct MergeUnknown;

const ABOUT: About = About {
    id: "merge-unknown",
    what: "a merge field names something that no subscriber has",
    why: "A hole in one letter is seen only by the one who gets it, and never by the author.",
    source: "every letter is merged before the first is sent",
    fix: "correct the name, or add the column to the list",
};

impl Rule for MergeUnknown {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.facts.tally.is_none().then(|| "no subscribers could be read".to_owned())
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let found_here = super::of_merging(draft).into_iter();
        found.extend(found_here.filter(|finding| finding.rule != "merge-nodefault"));
    }
}
