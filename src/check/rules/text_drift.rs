//! Two parts that do not say the same.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use crate::check::page::{HOLE, Heading, flat};
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct TextDrift;

const ABOUT: About = About {
    id: "text-drift",
    what: "a heading or a link of the HTML part is not in the text part",
    why: "Who reads the text part misses it, and filters compare the two parts.",
    source: "SpamAssassin MPART_ALT_DIFF; RFC 2046 5.1.4",
    fix: "write it in the issue, or into `footer` of the list: both parts are made of them; what only the template says is not in the text",
};

impl Rule for TextDrift {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let text = flat(&draft.facts.edition.text);
        let known: HashSet<String> = words(&text).collect();
        let is_there = |heading: &&Heading| words(&heading.text).all(|word| known.contains(&word));
        for heading in draft.page.headings.iter().filter(|heading| !is_there(heading)) {
            let message = format!("the heading `{}` is not in the text part", heading.text);
            let place = trace::find(draft, &heading.text);
            found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
        }
        let written = Written::of(&text);
        let mut seen = HashSet::new();
        for target in targets(draft).filter(|target| seen.insert(*target) && !written.has(target)) {
            let message = format!("the link to {target} is not in the text part");
            let place = trace::find(draft, target);
            found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
        }
    }
}

/// The addresses of a text, each to the next space, in order of the alphabet.
struct Written<'a>(Vec<&'a str>);

impl<'a> Written<'a> {
    fn of(text: &'a str) -> Written<'a> {
        let to_space = |(at, _): (usize, &str)| text[at..].split(char::is_whitespace).next();
        let mut addresses: Vec<&str> = text.match_indices("http").filter_map(to_space).collect();
        addresses.sort_unstable();
        Written(addresses)
    }

    /// Whether one of them begins as `target` does, as far as that is written in one way only.
    fn has(&self, target: &str) -> bool {
        let plain = plain_part(target);
        let at = self.0.partition_point(|address| *address < plain);
        self.0.get(at).is_some_and(|address| address.starts_with(plain))
    }
}

/// Addresses of the web that links of the HTML lead to, the same for all.
fn targets<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = &'a str> {
    let links = draft.page.markup.named("a").filter_map(|(_, link)| link.attribute("href"));
    links.filter(|href| (href.starts_with("https://") || href.starts_with("http://")) && !href.contains(HOLE))
}

/// Every word of letters, however it is set: H2O may be written with a small 2.
fn words(text: &str) -> impl Iterator<Item = String> {
    let plain: String = text.nfkc().flat_map(char::to_lowercase).collect();
    plain
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// What of an address is written in one way only: the rest may be escaped or not.
fn plain_part(target: &str) -> &str {
    let odd = |c: char| !c.is_ascii() || matches!(c, '%' | ' ' | '(' | ')' | '\\' | '*' | '_');
    target.split(odd).next().unwrap_or_default()
}
