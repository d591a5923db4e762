//! A letter that Gmail cuts off.

use crate::check::page::flat;
use crate::check::sizes::{CLIP, Section, Sizes, parts};
use crate::check::{About, Draft, Rule};
use crate::compose::tracking;
use crate::model::finding::{Finding, Severity};

pub struct SizeClip;

const ABOUT: About = About {
    id: "size-clip",
    what: "the HTML part has more than 90 KB (more than 102 KB: an error)",
    why: "Gmail shows about 102 KB of the HTML and hides the rest, with the link to unsubscribe.",
    source: "measured by many between 99 and 105 KB",
    fix: "shorten the issue, or split it in two; long tables and code weigh most",
};

impl Rule for SizeClip {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let (sizes, whose) = match draft.facts.largest {
            Some(largest) => (largest.sizes.clone(), "of the largest letter"),
            None => (before_values(draft), "before any values"),
        };
        let kilobytes = sizes.html as f64 / 1024.0;
        let (severity, message) = match sizes.html {
            bytes if bytes <= WARN => return,
            ..=CLIP => {
                (Severity::Warning, format!("the HTML part {whose} has {kilobytes:.0} KB; Gmail cuts at 102"))
            }
            _ => (
                Severity::Error,
                format!("the HTML part {whose} has {kilobytes:.0} KB: Gmail cuts it off at 102"),
            ),
        };
        let help = format!("{}; the heaviest parts: {}", ABOUT.fix, heaviest(&sizes));
        found.push(Finding::new(self.id(), severity, message).help(help));
    }
}

fn before_values(draft: &Draft<'_>) -> Sizes {
    let html = flat(&tracking::html(draft.facts.edition));
    Sizes { html: html.len(), sections: parts(draft.facts.issue, &html), ..Sizes::default() }
}

/// The heaviest parts by their headings, with their kilobytes and lines.
fn heaviest(sizes: &Sizes) -> String {
    const SHOWN: usize = 5;
    let line = |section: &Section| section.line.map_or(String::new(), |line| format!(" (line {line})"));
    let named =
        sizes.heaviest().into_iter().take(SHOWN).map(|section| {
            format!("`{}`{} {} KB", section.name, line(section), section.bytes.div_ceil(1024))
        });
    named.collect::<Vec<_>>().join(", ")
}

const WARN: usize = 90 * 1024;
