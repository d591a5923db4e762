//! The filter of the audience.

use crate::check::merge::Tally;
use crate::check::{About, Draft, Rule};
use crate::model::finding::{Explain, Finding};
use crate::subscribers::segment::{self, SegmentError};
pub struct Segment;

const ABOUT: About = About {
    id: "segment",
    what: "`segment` cannot be read, or asks for a field that nobody has",
    why: "A filter that is wrong sends to the wrong people, or to nobody.",
    source: "the filter language",
    fix: "mend the filter; `courant subscribers show --fields` lists the fields",
};

impl Rule for Segment {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(written) = &draft.facts.issue.front.segment else { return };
        let wrong = match segment::Segment::parse(&written.value) {
            Err(error) => vec![error],
            Ok(parsed) => draft.facts.tally.map_or_else(Vec::new, |tally| unknown_fields(&parsed, tally)),
        };
        found.extend(wrong.into_iter().map(|error| {
            let place = error.place_of(&draft.facts.issue.source, written);
            let finding = Finding::error(self.id(), format!("the segment cannot be used: {error}")).at(place);
            finding.help(error.help().unwrap_or_else(|| ABOUT.fix.to_owned()))
        }));
    }
}

/// A filter that asks for what nobody has chooses the wrong people without a word.
fn unknown_fields(parsed: &segment::Segment, tally: &Tally) -> Vec<SegmentError> {
    let known: Vec<&str> = tally.known().collect();
    parsed.check_fields(&known).err().into_iter().collect()
}
