//! A letter that Gmail cuts off.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::compose::html::sections;
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
        let bytes = draft.facts.largest_html.unwrap_or_else(|| flat(&draft.facts.edition.html).len());
        let kilobytes = bytes as f64 / 1024.0;
        let whose =
            if draft.facts.largest_html.is_some() { "of the largest letter" } else { "before any values" };
        let (severity, message) = match bytes {
            _ if bytes <= WARN => return,
            ..=CLIP => {
                (Severity::Warning, format!("the HTML part {whose} has {kilobytes:.0} KB; Gmail cuts at 102"))
            }
            _ => (
                Severity::Error,
                format!("the HTML part {whose} has {kilobytes:.0} KB: Gmail cuts it off at 102"),
            ),
        };
        let help =
            format!("{}; the heaviest parts: {}", ABOUT.fix, heaviest(&flat(&draft.facts.edition.html)));
        found.push(Finding::new(self.id(), severity, message).help(help));
    }
}

/// The three heaviest parts by their headings, with their kilobytes.
fn heaviest(html: &str) -> String {
    let mut parts = sections(html);
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    let named = parts.iter().take(3).map(|part| format!("`{}` {} KB", part.name, part.bytes.div_ceil(1024)));
    named.collect::<Vec<_>>().join(", ")
}

const WARN: usize = 90 * 1024;
const CLIP: usize = 102 * 1024;
