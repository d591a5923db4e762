//! A letter without a subject.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
pub struct SubjectMissing;

const ABOUT: About = About {
    id: "subject-missing",
    what: "the subject is empty",
    why: "A letter without a subject looks like a mistake to readers and like spam to filters.",
    source: "RFC 5322 3.6.5; SpamAssassin MISSING_SUBJECT",
    fix: "write `subject:` or `title:` into the front matter",
};

impl Rule for SubjectMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let subject = flat(&draft.facts.edition.subject);
        if subject.trim().is_empty() {
            let finding =
                Finding::new(self.id(), draft.deliverability(), "the subject is empty").help(ABOUT.fix);
            found.push(super::at(finding, super::subject_place(draft)));
        }
    }
}
