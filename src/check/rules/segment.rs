//! The filter of the audience.

use crate::check::{About, Draft, Rule};
use crate::model::finding::{Explain, Finding};
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
        let fault = match segment::Segment::parse(&written.value) {
            Err(error) => Some(error),
            Ok(parsed) => draft.facts.tally.and_then(|tally| {
                let known: Vec<&str> = tally.known().collect();
                parsed.check_fields(&known).err()
            }),
        };
        found.extend(fault.map(|fault| {
            let finding = Finding::error(self.id(), format!("the segment cannot be used: {fault}"));
            finding.at(draft.at(written)).help(fault.help().unwrap_or_else(|| ABOUT.fix.to_owned()))
        }));
    }
}
