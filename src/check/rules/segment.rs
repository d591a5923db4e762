//! The filter of the audience.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::subscribers::segment;
pub struct Segment;

const ABOUT: About = About {
    id: "segment",
    what: "`segment` cannot be read, or asks for a field that nobody has",
    why: "A filter that is wrong sends to the wrong people, or to nobody.",
    source: "the filter language",
    fix: "mend the filter; `courant subscribers show` lists the fields",
};

impl Rule for Segment {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(written) = &draft.facts.issue.front.segment else { return };
        match segment::Segment::parse(&written.value) {
            Err(error) => {
                let message = format!("the segment cannot be read: {error}");
                found.push(Finding::error(self.id(), message).at(draft.at(written)).help(ABOUT.fix));
            }
            Ok(parsed) => found.extend(draft.facts.tally.into_iter().flat_map(|tally| {
                let unknown = parsed
                    .fields()
                    .into_iter()
                    .filter(|field| !tally.knows(field))
                    .map(str::to_owned)
                    .collect::<Vec<_>>();
                unknown.into_iter().map(|field| {
                    let message =
                        format!("the segment asks for `{field}`, which is not a field of any subscriber");
                    Finding::error(self.id(), message).at(draft.at(written)).help(ABOUT.fix)
                })
            })),
        }
    }
}
