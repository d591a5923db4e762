//! Code that is too wide.

use unicode_width::UnicodeWidthStr;

use crate::check::prose::Listing;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::source::Span;

pub struct CodeWidth;

const ABOUT: About = About {
    id: "code-width",
    what: "a line of code has more than 72 columns",
    why: "It is broken where it happens to end, and code that is broken is hard to read; Outlook may widen the letter.",
    source: "width of a letter in a fixed-width font",
    fix: "break the line yourself, where the language allows it",
};

const MOST: usize = 72;

impl Rule for CodeWidth {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for listing in &draft.prose.listings {
            let Some((count, widest, place)) = too_wide(listing) else { continue };
            let message = match count {
                1 => format!("this line of code has {widest} columns"),
                _ => format!("{count} lines of this code have more than {MOST} columns, up to {widest}"),
            };
            let place = draft.facts.issue.source.at(place);
            found.push(Finding::warning(self.id(), message).at(place).help(ABOUT.fix));
        }
    }
}

/// How many lines are too wide, how wide they get, and what is too much of the first of them.
fn too_wide(listing: &Listing) -> Option<(usize, usize, Span)> {
    let wide: Vec<_> = listing.lines.iter().filter(|(_, line)| line.width() > MOST).collect();
    let (start, line) = wide.first()?;
    let widest = wide.iter().map(|(_, line)| line.width()).max()?;
    let rest = line.char_indices().map(|(at, _)| at).find(|at| line[..*at].width() >= MOST)?;
    Some((wide.len(), widest, start + rest..start + line.len()))
}
