//! A picture that keeps readers waiting.

use std::time::Duration;

use super::visited::SeenRule;
use crate::check::{About, Draft, Followed, Seen};
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

impl SeenRule for ImgSlow {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn is_about_images(&self) -> bool {
        true
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        let is_slow = matches!(seen.verdict, Verdict::Slow(_));
        if !is_slow && (!seen.verdict.is_good() || seen.visit.took <= SLOW) {
            return None;
        }
        let seconds = seen.visit.took.as_secs_f64();
        let message = format!("the image `{}` takes {seconds:.0} s", seen.url);
        Some(Finding::warning(ABOUT.id, message).help(ABOUT.fix))
    }
}
