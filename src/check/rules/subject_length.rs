//! A subject that the list of letters cuts off.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::{Finding, Severity};
pub struct SubjectLength;

const ABOUT: About = About {
    id: "subject-length",
    what: "the subject has more than 60 characters (more than 120: an error)",
    why: "Phones show about 40 characters of a subject, desktops about 60; what comes after is not read.",
    source: "ecosystem practice; widths of common inboxes",
    fix: "put what matters first and say the rest in the preheader",
};

impl Rule for SubjectLength {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let length = flat(&draft.facts.edition.subject).chars().count();
        let severity = match length {
            0..=60 => return,
            61..=120 => Severity::Warning,
            _ => Severity::Error,
        };
        let message = format!("the subject has {length} characters; inboxes cut it off after about 60");
        found.push(super::at(
            Finding::new(self.id(), severity, message).help(ABOUT.fix),
            super::subject_place(draft),
        ));
    }
}
