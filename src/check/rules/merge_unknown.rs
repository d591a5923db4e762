//! Holes that nobody can fill.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct MergeUnknown;

const ABOUT: About = About {
    id: "merge-unknown",
    what: "a merge field has no value for somebody in the audience",
    why: "A hole in one letter is seen only by the one who gets it, and never by the author.",
    source: "every letter is merged before the first is sent",
    fix: "correct the name, fill the column in, or give a default: `{{ name | default(\"reader\") }}`",
};

impl Rule for MergeUnknown {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.facts.tally.is_none().then(|| "no subscribers could be read".to_owned())
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let source = &draft.facts.issue.source;
        let place = |span: std::ops::Range<usize>| (!span.is_empty()).then(|| source.at(span));
        found.extend(draft.facts.tally.map(|tally| tally.findings(place)).unwrap_or_default());
    }
}
