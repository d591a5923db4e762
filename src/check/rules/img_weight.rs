//! A picture that is heavy.

use super::visited::SeenRule;
use crate::check::{About, Draft, Followed, Seen, thousands};
use crate::model::finding::{Finding, Severity};

pub struct ImgWeight;

/// Bytes up to which an image is fine, and up to which it is no error.
const HEAVY: u64 = 200_000;
const TOO_HEAVY: u64 = 1_000_000;

const ABOUT: About = About {
    id: "img-weight",
    what: "an image of the web has more than 200 KB, or more than 1 MB",
    why: "Readers on the way wait for it and pay for it.",
    source: "react-email linter; practice of mail clients",
    fix: "make it smaller: twice the width at which it is shown is enough",
};

impl SeenRule for ImgWeight {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn is_about_images(&self) -> bool {
        true
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        let answer = seen.visit.answer().filter(|_| seen.verdict.is_good())?;
        let bytes = answer.page.bytes.filter(|bytes| *bytes > HEAVY)?;
        let severity = if bytes > TOO_HEAVY { Severity::Error } else { Severity::Warning };
        let message = format!("the image `{}` has {} KB", seen.url, thousands(bytes / 1000));
        Some(Finding::new(ABOUT.id, severity, message).help(ABOUT.fix))
    }
}
