//! An issue as one person sees it, in the form of the page.

use url::Url;

use super::anatomy::Anatomy;
use super::checking::Verdicts;
use super::draft::Draft;
use super::made::{Letter, Made};
use super::trouble::trouble;
use super::visiting::{Visiting, verdict};
use super::who::{person, personas};
use crate::check::leads::{self, Lead};
use crate::check::sizes::{CLIP, Sizes};
use crate::compose::trace::Traced;
use crate::links::Target;
use crate::links::target::{Wrong, words};
use crate::links::verdict::Skip;
use crate::links::wanted::without_fragment;
use crate::model::finding::{Finding, Severity};
use crate::model::source::Source;
use crate::model::subscriber::Subscriber;
use crate::settings::Settings;
use crate::web::preview::view::{
    Block, Counts, Envelope, Found, Link, People, Person, Section, Skip as SkippedRule, Trouble, Verdict,
    View, Weight,
};

/// Whatever the page wants to know besides the letter itself.
pub struct Around<'a> {
    /// What the page knows the issue by.
    pub id: String,
    pub settings: &'a Settings,
    pub visiting: &'a Visiting,
    pub person: &'a Subscriber,
    /// What is to be said of them.
    pub note: Option<String>,
    /// Why their list cannot be read, in which case they are made up.
    pub unread: Option<Trouble>,
    /// The first subscribers.
    pub some: Vec<Person>,
}

/// The view of an issue of which something could be made.
pub fn view(made: &Made, draft: &Draft, around: &Around<'_>) -> View {
    let found = draft.findings();
    let mut view = View {
        id: around.id.clone(),
        file: made.issue.source.path().display().to_string(),
        revision: draft.revision,
        error: draft.trouble.clone().or_else(|| around.unread.clone()),
        stale: draft.trouble.is_some(),
        checking: found.is_none(),
        mjml: made.rendered.mjml.trim().to_owned(),
        markdown: made.issue.source.text().to_owned(),
        people: people(draft, around),
        links: links(made, found, around),
        ..View::default()
    };
    match made.letter(around.person) {
        Ok(letter) => with_letter(&mut view, made, &letter, around.person),
        Err(unfilled) if view.error.is_none() => view.error = Some(trouble(&unfilled)),
        Err(_) => {}
    }
    view.values =
        made.press.fields().into_iter().map(|name| (name.clone(), around.person.field(&name))).collect();
    with_findings(&mut view, made, found);
    view
}

fn with_letter(view: &mut View, made: &Made, letter: &Letter, to: &Subscriber) {
    let edition = &made.edition;
    view.envelope = Envelope {
        from_name: edition.from.name.clone(),
        from_address: edition.from.address.to_string(),
        to_name: to.name.clone(),
        to_address: to.address.to_string(),
        reply_to: edition.reply_to.as_ref().map(ToString::to_string),
        subject: letter.unfolded.subject.clone(),
        preheader: letter.preheader.clone(),
        date: made.date.to_string(),
    };
    if let Some(anatomy) = Anatomy::of(&letter.bytes) {
        view.headers = anatomy.headers();
        view.tree = Some(anatomy.tree());
    }
    view.sizes = sizes(&Sizes::of(&made.issue, edition, letter.bytes.len(), &letter.unfolded));
    view.text = letter.unfolded.text.clone();
    view.html = letter.unfolded.html.clone();
    view.eml = String::from_utf8_lossy(&letter.bytes).into_owned();
    view.blocks = made.blocks(to).into_iter().map(|block| block_of(block, &made.issue.source)).collect();
}

fn block_of(block: Traced, issue: &Source) -> Block {
    let line = |offset| issue.position(offset).line;
    let written = issue.text().get(block.span.clone()).unwrap_or_default();
    let end = block.span.start + written.trim_end().len();
    Block { line: line(block.span.start), end_line: line(end), selector: block.selector }
}

fn sizes(sizes: &Sizes) -> crate::web::preview::view::Sizes {
    let section = |section: &crate::check::sizes::Section| Section {
        name: section.name.clone(),
        bytes: section.bytes,
        line: section.line,
    };
    let weight =
        |weight: &crate::check::sizes::Weight| Weight { name: weight.name.clone(), bytes: weight.bytes };
    crate::web::preview::view::Sizes {
        letter: sizes.letter,
        html: sizes.html,
        text: sizes.text,
        limit: CLIP,
        sections: sizes.sections.iter().map(section).collect(),
        images: sizes.images.iter().map(weight).collect(),
    }
}

fn people(draft: &Draft, around: &Around<'_>) -> People {
    People {
        total: draft.findings().and_then(|found| found.met.audience.members()),
        chosen: Some(person(around.person)),
        note: around.note.clone(),
        some: around.some.clone(),
        personas: personas(),
        branches: draft.findings().map(|found| found.met.branches.to_vec()).unwrap_or_default(),
    }
}

/// What was found; before everybody was merged, what rendering noticed.
fn with_findings(view: &mut View, made: &Made, found: Option<&Verdicts>) {
    let (source, blocks) = (&made.issue.source, &view.blocks);
    let findings = found.map_or(&made.rendered.findings, |found| &found.checked.findings);
    view.counts = counts(findings);
    view.findings = findings.iter().map(|finding| finding_at(finding, source, blocks)).collect();
    let skipped = found.iter().flat_map(|found| &found.checked.skipped);
    view.skipped =
        skipped.map(|skip| SkippedRule { rule: skip.rule.to_owned(), reason: skip.why.clone() }).collect();
}

fn counts(findings: &[Finding]) -> Counts {
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    Counts { error: of(Severity::Error), warning: of(Severity::Warning), info: of(Severity::Info) }
}

fn finding_at(finding: &Finding, issue: &Source, blocks: &[Block]) -> Found {
    let place = finding.place.as_ref();
    let start = place.map(|place| place.position());
    let end = place.map(|place| place.source.position(place.span.end));
    let is_here = place.is_some_and(|place| place.source.path() == issue.path());
    let block = start.filter(|_| is_here).and_then(|start| block_at(blocks, start.line));
    Found {
        rule: finding.rule.to_owned(),
        severity: finding.severity.name(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        file: place.map(|place| place.source.path().display().to_string()),
        line: start.map(|start| start.line),
        column: start.map(|start| start.column),
        end_line: end.map(|end| end.line),
        end_column: end.map(|end| end.column),
        fixable: finding.fix.is_some(),
        selector: block.map(|block| block.selector.clone()),
    }
}

/// The smallest block that holds the line.
fn block_at(blocks: &[Block], line: usize) -> Option<&Block> {
    let around = blocks.iter().filter(|block| (block.line..=block.end_line).contains(&line));
    around.min_by_key(|block| block.end_line - block.line)
}

/// Every address that the letter leads to or shows, link by link.
fn links(made: &Made, found: Option<&Verdicts>, around: &Around<'_>) -> Vec<Link> {
    let met = found.and_then(|found| found.met.audience.made());
    let leads = leads::leads(&made.rendered, met, &around.settings.links);
    leads.iter().flat_map(|lead| rows(made, lead, around.visiting)).collect()
}

fn rows(made: &Made, lead: &Lead<'_>, visiting: &Visiting) -> Vec<Link> {
    let row = |url: String, verdict| Link {
        url,
        line: lead.link.span.as_ref().map(|span| made.issue.source.position(span.start).line),
        text: lead.link.text.clone(),
        image: lead.link.is_image,
        verdict,
    };
    let visited = lead.addresses().map(|url| row(url.to_string(), verdict_of(url, visiting)));
    let rows: Vec<Link> = visited.collect();
    match unvisited(&lead.target) {
        Some(verdict) if rows.is_empty() => vec![row(words(&lead.link.target), verdict)],
        _ => rows,
    }
}

fn verdict_of(url: &Url, visiting: &Visiting) -> Verdict {
    match visiting.seen(&without_fragment(url.clone())) {
        Some(visit) => verdict(visit),
        None if visiting.is_on() => plain("waiting", "is being visited"),
        None => plain("skipped", "links are not visited: --offline"),
    }
}

/// What is known of a link that nobody visits.
fn unvisited(target: &Target) -> Option<Verdict> {
    match target {
        Target::Fetch(_) => None,
        Target::Fine => Some(plain("skipped", &Skip::NoPage.to_string())),
        Target::Skip(why) => Some(plain("skipped", &why.to_string())),
        Target::Wrong(wrong) => Some(plain("dead", wrong_words(wrong))),
    }
}

fn plain(state: &'static str, words: &str) -> Verdict {
    Verdict { state, words: words.to_owned(), chain: Vec::new() }
}

fn wrong_words(wrong: &Wrong) -> &'static str {
    match wrong {
        Wrong::Empty => "leads nowhere: it is empty",
        Wrong::Placeholder(_) => "leads nowhere: it stands for a link that is still to come",
        Wrong::Relative(_) => "leads nowhere from a mailbox: it has no scheme",
        Wrong::Malformed(_) => "is no address",
        Wrong::Mail(_) => "holds no address to write to",
        Wrong::Phone(_) => "holds no number to call",
        Wrong::OpenHost(_) => "leads to a host that a merge field decides",
    }
}
