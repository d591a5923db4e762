//! A field that not everybody has.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct MergeNodefault;

const ABOUT: About = About {
    id: "merge-nodefault",
    what: "a merge field without a default is empty for somebody in the audience",
    why: "Their letter cannot be written: `Dear ,` would be worse than no letter.",
    source: "every letter is merged before the first is sent",
    fix: "say what stands there instead: `{{ name | default(\"reader\") }}`, or fill the column in",
};

impl Rule for MergeNodefault {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.facts.tally.is_none().then(|| "no subscribers could be read".to_owned())
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        found.extend(super::of_merging(draft).into_iter().filter(|finding| finding.rule == ABOUT.id));
    }
}
