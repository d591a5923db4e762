//! Image files that cannot be shown, where the author names them.

use std::collections::HashSet;

use super::Draft;
use super::links::{Found, in_text};
use crate::compose::images::path;
use crate::compose::markdown::scheme;
use crate::compose::merge::{Marks, Part};
use crate::model::finding::Finding;
use crate::model::image::{Fault, Images};

/// One for each place; those that only the template names have none.
pub fn findings(draft: &Draft<'_>, images: &Images) -> Vec<Finding> {
    let (mut findings, mut placed) = (Vec::new(), HashSet::new());
    for found in in_text(draft).into_iter().filter(|found| found.is_image) {
        let known = path(&found.target, &draft.marks).and_then(|path| images.get(&path));
        let finding = match known {
            Some(Ok(_)) => continue,
            Some(Err(fault)) => {
                placed.insert(std::ptr::from_ref(fault));
                of(fault)
            }
            None if is_nowhere(&found, &draft.marks) => nowhere(&found),
            None => continue,
        };
        findings.push(finding.at(draft.issue.source.at(found.span)));
    }
    let elsewhere = images.faults().filter(|fault| !placed.contains(&std::ptr::from_ref(*fault)));
    findings.extend(elsewhere.map(of));
    findings
}

fn of(fault: &Fault) -> Finding {
    Finding::error(fault.rule, fault.message.clone()).help(fault.help.clone())
}

/// Whether it is neither on the web nor a path that can be looked up, such as one that differs by subscriber.
fn is_nowhere(found: &Found, marks: &Marks) -> bool {
    let begins_with_token = matches!(marks.split(&found.target).first(), Some(Part::Mark(_)));
    scheme(&found.target).is_none() && !begins_with_token
}

fn nowhere(found: &Found) -> Finding {
    Finding::error("image-local", format!("the image `{}` is not on the web", found.target))
        .help("name a file whose path is the same for everybody, or use an https address")
}
