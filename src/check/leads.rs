//! Where the letter leads: every link and image with the addresses it stands for, what became of each, and how
//! that is told. `check` and the preview share it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::Visits;
use crate::compose::{Link, Rendered};
use crate::links::snapshot::Snapshot;
use crate::links::verdict::{Skip, judge};
use crate::links::visit::Hop;
use crate::links::wanted::without_fragment;
use crate::links::{Made, Target, Verdict, Visit, Wanted};
use crate::model::source::{Place, Source};
use crate::settings::LinkSettings;

/// A link or an image, before anybody visits it.
pub struct Lead<'a> {
    pub link: &'a Link,
    pub target: Target,
    /// What else fields make of it, for other subscribers.
    pub also: Vec<Url>,
}

impl Lead<'_> {
    /// Every address that it leads to.
    pub fn addresses(&self) -> impl Iterator<Item = &Url> {
        let first = match &self.target {
            Target::Fetch(url) => Some(url),
            Target::Fine | Target::Skip(_) | Target::Wrong(_) => None,
        };
        first.into_iter().chain(&self.also)
    }
}

/// Every link and image of the letter, in the order of the file; those of the template come last.
pub fn leads<'a>(rendered: &'a Rendered, made: Option<&Made>, settings: &LinkSettings) -> Vec<Lead<'a>> {
    let lead = |(place, link): (usize, &'a Link)| {
        let mut texts = made.into_iter().flat_map(|made| made.texts(place));
        let target = Target::read(&link.target, texts.next(), settings);
        let others = texts.map(|text| Target::read(&link.target, Some(text), settings));
        let also = others.filter_map(|target| match target {
            Target::Fetch(url) => Some(url),
            Target::Fine | Target::Skip(_) | Target::Wrong(_) => None,
        });
        Lead { link, also: also.collect(), target }
    };
    rendered.links.iter().enumerate().map(lead).collect()
}

/// What has to be visited: each address once, with everything that anybody wants to know of it.
pub fn wanted(leads: &[Lead<'_>]) -> Vec<Wanted> {
    let of = |lead: &Lead<'_>| {
        let want = if lead.link.is_image { Wanted::image } else { Wanted::page };
        lead.addresses().map(want).collect::<Vec<_>>()
    };
    Wanted::each_once(leads.iter().flat_map(of))
}

/// A link, what can be done about it, and what became of each address it leads to.
pub struct Followed<'a> {
    pub link: &'a Link,
    pub target: Target,
    /// Empty if nothing was visited.
    pub seen: Vec<Seen<'a>>,
}

/// One address that was visited.
pub struct Seen<'a> {
    /// With its fragment.
    pub url: Url,
    pub visit: &'a Visit,
    pub verdict: Verdict,
}

impl<'a> Followed<'a> {
    /// Joins a lead with what was seen.
    pub fn of(lead: Lead<'a>, visits: Visits<'a>) -> Followed<'a> {
        let seen = match visits {
            Visits::None(_) => Vec::new(),
            Visits::Done(visits) => lead.addresses().filter_map(|url| seen(url, visits)).collect(),
        };
        Followed { link: lead.link, target: lead.target, seen }
    }

    /// What is to be told of it: nothing of what is never visited, such as `mailto:`, or cannot be.
    pub fn told(&self, source: &Source, now: Timestamp) -> Vec<Told> {
        let told = |url: String, verdict| Told {
            url,
            text: self.link.text.clone(),
            place: self.link.span.clone().map(|span| source.at(span)),
            verdict,
            chain: Vec::new(),
            age: None,
            snapshot: None,
        };
        let of_seen = |seen: &Seen<'_>| Told {
            chain: seen.visit.hops.clone(),
            age: seen.visit.age(now),
            snapshot: seen.visit.snapshot.clone(),
            ..told(seen.url.to_string(), seen.verdict.clone())
        };
        match &self.target {
            Target::Fetch(_) if !self.seen.is_empty() => self.seen.iter().map(of_seen).collect(),
            Target::Fetch(url) => vec![told(url.to_string(), Verdict::Skipped(Skip::Offline))],
            Target::Skip(why) => {
                let words = crate::links::target::words(&self.link.target);
                vec![told(words, Verdict::Skipped(why.clone()))]
            }
            Target::Fine | Target::Wrong(_) => Vec::new(),
        }
    }

    /// Where the address itself stands in the author's file, if it stands there once and as it is.
    pub fn place_of_address(&self, source: &Source) -> Option<Place> {
        let span = self.link.span.clone()?;
        let written = self.link.target.as_written();
        let text = source.text().get(span.clone())?;
        let is_whole = |at: usize| {
            let before = text[..at].chars().next_back();
            let after = text[at + written.len()..].chars().next();
            before.is_none_or(|c| matches!(c, '(' | '<' | '"' | '\'' | ' '))
                && after.is_none_or(|c| matches!(c, ')' | '>' | '"' | '\'' | ' '))
        };
        let mut places = text.match_indices(&written).map(|(at, _)| at).filter(|at| is_whole(*at));
        let (only, more) = (places.next()?, places.next());
        let start = span.start + only;
        (more.is_none() && !written.is_empty()).then(|| source.at(start..start + written.len()))
    }
}

fn seen<'a>(url: &Url, visits: &'a BTreeMap<Url, Visit>) -> Option<Seen<'a>> {
    let visit = visits.get(&without_fragment(url.clone()))?;
    Some(Seen { url: url.clone(), verdict: judge(visit), visit })
}

/// What is told of one address that a link leads to.
#[derive(Debug, Clone)]
pub struct Told {
    pub url: String,
    /// What the reader sees.
    pub text: String,
    /// `None` if it comes from the template.
    pub place: Option<Place>,
    pub verdict: Verdict,
    pub chain: Vec<Hop>,
    /// How long ago it was looked at, if that was not now.
    pub age: Option<Duration>,
    pub snapshot: Option<Snapshot>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::letter::Pieces;

    fn place(text: &str, target: &str) -> Option<String> {
        let link = Link {
            target: Pieces::literal(target),
            text: String::new(),
            span: Some(0..text.len()),
            is_image: false,
        };
        let source = Source::new("a.md", text);
        let followed = Followed { link: &link, target: Target::Fine, seen: vec![] };
        let place = followed.place_of_address(&source)?;
        Some(format!("{}[{}]", place.span.start, &text[place.span.clone()]))
    }

    #[test]
    fn an_address_is_found_where_the_author_wrote_it() {
        let url = "https://a.example/x";
        assert_eq!(place("[the sea](https://a.example/x)", url).as_deref(), Some("10[https://a.example/x]"));
        assert_eq!(place("<https://a.example/x>", url).as_deref(), Some("1[https://a.example/x]"));
        assert_eq!(
            place("[the sea](https://a.example/x \"A title\")", url).as_deref(),
            Some("10[https://a.example/x]")
        );
        assert_eq!(place("https://a.example/x", url).as_deref(), Some("0[https://a.example/x]"));
    }

    #[test]
    fn an_address_that_is_written_otherwise_or_elsewhere_is_not_guessed() {
        let url = "https://a.example/x";
        assert_eq!(place("[the sea][ref]", url), None);
        assert_eq!(place("[the sea](https://a.example/xyz)", url), None);
        assert_eq!(
            place("<a href='https://a.example/x'>a</a> <a href='https://a.example/x'>b</a>", url),
            None
        );
    }
}
