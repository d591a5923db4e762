//! Rules about what was seen of each address that was visited: what they share.

use url::Url;

use crate::check::{About, Draft, Followed, Rule, Seen};
use crate::model::finding::Finding;

/// A rule that looks at one visited address at a time.
pub trait SeenRule: Sync {
    fn about(&self) -> &'static About;

    /// Whether it is about images, which others leave alone.
    fn is_about_images(&self) -> bool {
        false
    }

    /// What is wrong there. Its place, and the redirects on the way, are added.
    fn finding(&self, link: &Followed<'_>, seen: &Seen<'_>, draft: &Draft<'_>) -> Option<Finding>;
}

/// A [`SeenRule`] as a rule like any other: skipped where no link was visited.
pub struct Visited<R>(pub R);

impl<R: SeenRule> Rule for Visited<R> {
    fn about(&self) -> &'static About {
        self.0.about()
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let of_kind = draft.seen().filter(|(link, _)| link.link.is_image == self.0.is_about_images());
        found.extend(of_kind.filter_map(|(link, seen)| {
            let finding = self.0.finding(link, seen, draft)?;
            Some(super::at(with_way(finding, seen), draft.place_of(link.link)))
        }));
    }
}

/// With the redirects on the way, if there were any.
pub fn with_way(mut finding: Finding, seen: &Seen<'_>) -> Finding {
    if let Some(help) = finding.help.as_mut().filter(|_| !seen.visit.hops.is_empty()) {
        *help = format!("{help}\nthe way there: {}", seen.visit.chain_words());
    }
    finding
}

/// What to do, and where there is an archived copy, if somebody looked for one.
pub fn with_copy(help: &str, seen: &Seen<'_>) -> String {
    match &seen.visit.snapshot {
        Some(copy) => format!("{help}\na copy of {}: {}", copy.at.strftime("%-d %B %Y"), copy.url),
        None => help.to_owned(),
    }
}

/// With the fix that writes `to`, where the author wrote the address. Not where it was made of fields: it is
/// another one for somebody else.
pub fn with_address(
    finding: Finding,
    draft: &Draft<'_>,
    link: &Followed<'_>,
    seen: &Seen<'_>,
    to: &Url,
) -> Finding {
    let is_made = link.link.target.holes().next().is_some();
    let place = link.place_of_address(&draft.facts.issue.source).filter(|_| !is_made);
    let mut to = to.clone();
    if to.fragment().is_none() {
        to.set_fragment(seen.url.fragment());
    }
    match place.filter(|_| is_harmless(&to)) {
        Some(place) => finding.fix(place, to),
        None => finding,
    }
}

/// Whether an address that a stranger's server gave can stand in Markdown without being read as anything else: it
/// may hold merge syntax, or end the link and begin another.
fn is_harmless(to: &Url) -> bool {
    !to.as_str().contains(['{', '}', '(', ')', '[', ']', '<', '>', '\\', '*', '|', '"', '\'', '`'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_or_the_merge_would_read_otherwise_is_never_written() {
        let is_written = |text: &str| is_harmless(&Url::parse(text).unwrap());
        assert!(is_written("https://a.example/new_page?a=1&b=%20c#part"));
        assert!(!is_written("https://a.example/ok?x={{email}}"));
        assert!(!is_written("https://a.example/ok?a)[free](https://evil.example/"));
    }
}
