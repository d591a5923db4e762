//! Colours of three digits in attributes.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;
use crate::model::source::Source;

pub struct ColorHex6;

const ABOUT: About = About {
    id: "color-hex6",
    what: "an attribute of the template has a colour of three digits: `#abc`",
    why: "`bgcolor` and `color` read three digits otherwise than style sheets do: `#abc` becomes `#0a0b0c`, nearly black.",
    source: "HTML Living Standard 2.3.6, legacy colours",
    fix: "write six digits: `#aabbcc`; `courant check --fix` does",
};

impl Rule for ColorHex6 {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let template = &draft.facts.rendered.template;
        let parts = template.parts.iter().map(|(_, part)| part);
        for source in [&template.main].into_iter().chain(parts).filter(|source| trace::is_own(source)) {
            found.extend(short_colours(source).map(|at| finding(source, at)));
        }
    }
}

/// Where colours of three digits stand as the whole value of an attribute.
fn short_colours(source: &Source) -> impl Iterator<Item = usize> + '_ {
    let text = source.text();
    text.match_indices("=\"#").filter_map(move |(at, _)| {
        let (start, digits) = (at + 2, text.get(at + 3..at + 6)?);
        let is_short = digits.chars().all(|c| c.is_ascii_hexdigit()) && text[at + 6..].starts_with('"');
        let name = text[..at].rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
        (is_short && name.ends_with("color")).then_some(start)
    })
}

fn finding(source: &Source, at: usize) -> Finding {
    let short = &source.text()[at..at + 4];
    let long: String = short[1..].chars().flat_map(|digit| [digit, digit]).collect();
    let place = source.at(at..at + short.len());
    let message = format!("`{short}` stands in an attribute: `#{long}` is read alike everywhere");
    Finding::info(ABOUT.id, message).at(place.clone()).help(ABOUT.fix).fix(place, format!("#{long}"))
}
