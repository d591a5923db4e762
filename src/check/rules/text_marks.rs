//! Marks that shout.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::source::Span;

pub struct TextMarks;

const ABOUT: About = About {
    id: "text-marks",
    what: "three or more exclamation or question marks stand in a row",
    why: "Filters count them, and the third says no more than the first.",
    source: "SpamAssassin PLING_PLING, MANY_EXCLAMATIONS",
    fix: "keep one of them",
};

impl Rule for TextMarks {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let source = &draft.facts.issue.source;
        for passage in &draft.prose.passages {
            found.extend(runs(&passage.text).into_iter().map(|span| {
                let message = format!("`{}` shouts", &passage.text[span.clone()]);
                let place = source.at(passage.start + span.start..passage.start + span.end);
                Finding::warning(self.id(), message).at(place).help(ABOUT.fix)
            }));
        }
    }
}

fn runs(text: &str) -> Vec<Span> {
    let mut runs: Vec<Span> = Vec::new();
    for (at, _) in text.match_indices(['!', '?']) {
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => run.end += 1,
            None => runs.push(at..at + 1),
        }
    }
    runs.retain(|run| run.len() >= 3);
    runs
}
