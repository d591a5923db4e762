//! What SpamAssassin says.

use crate::check::{About, Draft, Opinion, Rule};
use crate::model::finding::{Finding, Severity};
use crate::spam::{Hit, Score};

pub struct SpamScore;

const ABOUT: About = About {
    id: "spam-score",
    what: "SpamAssassin gives the letter more than 3 points (more than 5: an error)",
    why: "From 5 points on most servers that ask it put mail aside, and others weigh the same signs.",
    source: "SpamAssassin, its local tests; the reputation of a sender is not in them",
    fix: "change what gave the most points",
};

const WARN: f64 = 3.0;
const SPAM: f64 = 5.0;

impl Rule for SpamScore {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        match &draft.facts.spam {
            Opinion::None(why) => Some(why.clone()),
            Opinion::Given(_) => None,
        }
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Opinion::Given(score) = &draft.facts.spam else { return };
        let severity = match score.points {
            points if points <= WARN => return,
            points if points <= SPAM => Severity::Warning,
            _ => Severity::Error,
        };
        let message = format!(
            "SpamAssassin gives the letter {:.1} points; {:.1} are spam",
            score.points, score.threshold
        );
        found.push(Finding::new(self.id(), severity, message).help(format!(
            "{}: {}",
            ABOUT.fix,
            hits(score)
        )));
    }
}

/// Every sign with its points, the gravest first.
fn hits(score: &Score) -> String {
    let each = |hit: &Hit| format!("{:+.1} {} ({})", hit.points, hit.rule, hit.words);
    score.hits.iter().map(each).collect::<Vec<_>>().join(", ")
}
