//! Is this issue fit to send? The rules are pure; what they need to know is handed in.

pub mod addresses;
pub mod dates;
pub mod clients;
pub mod headers;
pub mod ignore;
pub mod leads;
pub mod markup;
pub mod mend;
pub mod merge;
pub mod page;
pub mod prose;
pub mod rules;
pub mod words;
pub mod sizes;
pub mod trace;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::Url;

use crate::compose::{Link, Rendered};
use crate::links::verdict::{Skip, offline};
use crate::links::{Made, Target, Verdict, Visit};
use crate::model::finding::{Finding, Severity, suggest};
use crate::model::issue::{At, Issue, IssueId};
use crate::model::letter::Edition;
use crate::model::source::Place;
use crate::settings::Settings;
use crate::settings::lists::List;
use crate::spam::Score;
use ignore::Ignored;
pub use leads::{Followed, Seen, Told};
use merge::Tally;
use page::Page;
use prose::Prose;
use sizes::Pressed;

/// What is known about an issue when it is checked.
pub struct Facts<'a> {
    pub issue: &'a Issue,
    pub rendered: &'a Rendered,
    pub edition: &'a Edition,
    pub settings: &'a Settings,
    /// The lists it goes to, in order.
    pub lists: &'a [List],
    /// Whether it would go to people: rules of deliverability are errors then, warnings otherwise.
    pub live: bool,
    pub now: Timestamp,
    /// Why nobody can be the sender; the edition has a stand-in then.
    pub no_sender: Option<String>,
    /// The whole audience, merged; `None` if nobody could be read.
    pub tally: Option<&'a Tally>,
    /// The letter of whoever has most to be said to; `None` if none could be pressed.
    pub largest: Option<&'a Pressed>,
    /// What fields make of links; `None` if nobody could be read.
    pub made: Option<&'a Made>,
    pub earlier: Earlier,
    /// Another issue of the workspace with the same number in the same series.
    pub namesake: Option<&'a Path>,
    pub visits: Visits<'a>,
    pub spam: Opinion,
}

/// What SpamAssassin thinks of the largest letter.
#[derive(Debug, Clone)]
pub enum Opinion {
    /// Nothing, and why.
    None(String),
    Given(Score),
}

/// What the ledger knows of the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// Nobody looked, and why.
    Unknown(&'static str),
    Never,
    /// Sent live before, under this id.
    Sent(IssueId),
}

/// What became of the links.
#[derive(Clone, Copy)]
pub enum Visits<'a> {
    /// They were not visited, and why.
    None(&'static str),
    Done(&'a BTreeMap<Url, Visit>),
}

/// What the rules look at: the facts, and what can be read from them once for all rules.
pub struct Draft<'a> {
    pub facts: Facts<'a>,
    /// The HTML part as a document; holes are one character each.
    pub page: Page,
    /// The author's text without code and merge syntax.
    pub prose: Prose,
    pub links: Vec<Followed<'a>>,
}

impl<'a> Draft<'a> {
    pub fn new(facts: Facts<'a>) -> Draft<'a> {
        let page = Page::of(&facts.edition.html);
        let prose = Prose::of(facts.issue);
        let leads = leads::leads(facts.rendered, facts.made, &facts.settings.links);
        let links = leads.into_iter().map(|lead| Followed::of(lead, facts.visits)).collect();
        Draft { facts, page, prose, links }
    }

    /// Errors when letters reach people, warnings in a rehearsal.
    pub fn deliverability(&self) -> Severity {
        if self.facts.live { Severity::Error } else { Severity::Warning }
    }

    /// Where a value of the front matter stands.
    pub fn at<T>(&self, value: &At<T>) -> Place {
        self.facts.issue.source.at(value.span.clone())
    }

    /// BCP 47: of the issue, else of the workspace.
    pub fn lang(&self) -> &str {
        self.facts.issue.front.lang.as_ref().map_or(&self.facts.settings.site.lang, |lang| &lang.value)
    }

    /// The day it is where the workspace is.
    pub fn today(&self) -> Date {
        self.zone().to_datetime(self.facts.now).date()
    }

    /// The days that the front matter names: `date`, and that of `send_at`.
    pub fn own_dates(&self) -> Vec<Date> {
        let issue = self.facts.issue;
        let zone = self.zone();
        let due = issue.send_at(Some(&zone)).ok().flatten().map(|due| zone.to_datetime(due).date());
        issue.front.date.as_ref().map(|date| date.value).into_iter().chain(due).collect()
    }

    fn zone(&self) -> TimeZone {
        self.facts.settings.site.timezone.clone()
    }

    /// Where a link stands, if it is the author's.
    pub fn place_of(&self, link: &Link) -> Option<Place> {
        link.span.clone().map(|span| self.facts.issue.source.at(span))
    }

    /// Whether it is the path of an image that cannot be shown, which is a finding of its own.
    pub fn is_local_image(&self, link: &Link) -> bool {
        let found = self.facts.rendered.findings.iter().filter(|found| found.rule.starts_with("image-"));
        let mut places = found.filter_map(|found| found.place.as_ref());
        places.any(|place| Some(&place.span) == link.span.as_ref())
    }

    /// Every address that was visited, with the link or image that leads there.
    pub fn seen(&self) -> impl Iterator<Item = (&Followed<'a>, &Seen<'a>)> {
        self.links.iter().flat_map(|followed| followed.seen.iter().map(move |seen| (followed, seen)))
    }

    /// What is to be told of each address, link by link.
    pub fn told(&self) -> Vec<Told> {
        let source = &self.facts.issue.source;
        self.links.iter().flat_map(|followed| followed.told(source, self.facts.now)).collect()
    }

    /// Why nothing can be said about visited links; `None` if something can.
    pub fn links_skipped(&self) -> Option<String> {
        match self.facts.visits {
            Visits::None(why) => Some(why.to_owned()),
            Visits::Done(visits) => offline(visits.values()).then(|| "offline".to_owned()),
        }
    }
}

/// What there is to know about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    pub id: &'static str,
    /// What it looks for, in one line.
    pub what: &'static str,
    pub why: &'static str,
    /// Where the reason is written down.
    pub source: &'static str,
    pub fix: &'static str,
}

/// One thing to look for.
pub trait Rule: Sync {
    fn about(&self) -> &'static About;

    fn id(&self) -> &'static str {
        self.about().id
    }

    /// Why the rule cannot run on this draft; it is then reported as skipped, never as passed.
    fn skipped(&self, _draft: &Draft<'_>) -> Option<String> {
        None
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>);
}

/// A rule that could not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub rule: &'static str,
    pub why: String,
}

/// What all rules together say.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// In the order of the file; those without a place come last.
    pub findings: Vec<Finding>,
    /// What a remark in the issue or its template lets pass.
    pub ignored: Vec<Ignored>,
    pub skipped: Vec<Skipped>,
}

impl Checked {
    /// The gravest severity that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Applies the severities of the settings and the remarks of the author, drops what is turned off, and sorts.
    /// To be called once, when everything was found.
    pub fn settle(self, settings: &Settings, issue: &Issue) -> Checked {
        let mut settled = ignore::apply(self, issue).weighed(settings);
        settled.findings.sort_by_cached_key(order);
        settled
    }

    fn weighed(mut self, settings: &Settings) -> Checked {
        self.findings.retain_mut(|finding| match settings.check.rules.get(finding.rule) {
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
            None => true,
        });
        self
    }
}

/// As a person goes through it: file by file from the top, then what has no place.
fn order(finding: &Finding) -> impl Ord + use<> {
    let place = finding.place.as_ref().map(|place| {
        let position = place.position();
        (place.source.path().to_owned(), position.line, position.column)
    });
    (place.is_none(), place, std::cmp::Reverse(finding.severity))
}

/// Runs all rules that the settings do not turn off. Whoever calls it settles what was found.
pub fn check(draft: &Draft<'_>) -> Checked {
    let settings = draft.facts.settings;
    let mut checked = Checked::default();
    let is_on = |rule: &&&dyn Rule| !matches!(settings.check.rules.get(rule.id()), Some(None));
    for rule in rules::ALL.iter().filter(is_on) {
        match rule.skipped(draft) {
            Some(why) => checked.skipped.push(Skipped { rule: rule.id(), why }),
            None => rule.check(draft, &mut checked.findings),
        }
    }
    checked.skipped.extend(links_left_alone(draft));
    checked.findings.extend(draft.facts.rendered.findings.iter().cloned());
    checked.findings.extend(unknown_rules(settings));
    checked
}

/// Links that were not visited one by one, counted by reason.
fn links_left_alone(draft: &Draft<'_>) -> impl Iterator<Item = Skipped> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for link in draft.links.iter().filter(|_| draft.links_skipped().is_none()) {
        if let Target::Skip(why) = &link.target {
            *counts.entry(why.to_string()).or_default() += 1;
        }
        let is_late = |seen: &&Seen<'_>| seen.verdict == Verdict::Skipped(Skip::OutOfTime);
        let late = link.seen.iter().filter(is_late).count();
        if late > 0 {
            *counts.entry(Skip::OutOfTime.to_string()).or_default() += late;
        }
    }
    let words = |count| format!("{count} link{}", if count == 1 { "" } else { "s" });
    counts
        .into_iter()
        .map(move |(why, count)| Skipped { rule: "links", why: format!("{why} ({})", words(count)) })
}

/// Rules that `[check.rules]` names and that do not exist.
fn unknown_rules(settings: &Settings) -> impl Iterator<Item = Finding> {
    let unknown = settings.check.rules.keys().filter(|id| rules::find(id).is_none());
    unknown.map(|id| {
        let near = suggest(id, rules::abouts().map(|about| about.id));
        let help = near.map_or("`courant check --explain all` lists the rules".to_owned(), |near| {
            format!("did you mean `{near}`?")
        });
        Finding::warning("unknown-rule", format!("`[check.rules]` names `{id}`, which is no rule")).help(help)
    })
}

/// `1,234`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
