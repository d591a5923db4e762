//! A picture that keeps readers waiting.

use std::time::Duration;

use crate::check::{About, Draft, Rule};
use crate::links::Verdict;
use crate::model::finding::Finding;

pub struct ImgSlow;

/// An image that takes longer is slow.
const SLOW: Duration = Duration::from_secs(2);

const ABOUT: About = About {
    id: "img-slow",
    what: "an image of the web takes more than two seconds, or no end",
    why: "Mail clients give up, and readers scroll past an empty frame.",
    source: "visited",
    fix: "put it on a faster host, or into the workspace: it travels in the letter then",
};

impl Rule for ImgSlow {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (link, seen) in draft.pictures() {
            let is_slow = matches!(seen.verdict, Verdict::Slow(_));
            if is_slow || seen.verdict.is_good() && seen.visit.took > SLOW {
                let seconds = seen.visit.took.as_secs_f64();
                let message = format!("the image `{}` takes {seconds:.0} s", seen.url);
                let finding = Finding::warning(self.id(), message).help(super::with_way(ABOUT.fix, seen));
                found.push(super::at(finding, draft.place_of(link.link)));
            }
        }
    }
}
