//! What an author lets pass, and why: `<!-- courant: ignore RULE because REASON -->`.
//!
//! Such a remark counts for its own paragraph, or for the block that follows it, up to the next empty line. In
//! the front matter it is a comment, `# courant: ignore RULE because REASON`, and counts for the whole issue. It
//! never makes a finding vanish: what was let pass is told with its reason.

use pulldown_cmark::{Event, Parser, Tag};

use super::{Checked, rules};
use crate::compose::dialect;
use crate::model::finding::{Finding, suggest};
use crate::model::issue::Issue;
use crate::model::source::{Place, Source, Span};

/// A finding that somebody lets pass.
#[derive(Debug, Clone)]
pub struct Ignored {
    pub finding: Finding,
    /// Why, in the author's words.
    pub reason: String,
}

/// Takes out of `checked` what the remarks in the issue and in its template let pass. Remarks that are not
/// understood or let nothing pass are findings of their own.
pub fn apply(mut checked: Checked, issue: &Issue) -> Checked {
    let mut remarks = of_issue(issue);
    for source in other_sources(&checked.findings, issue) {
        remarks.extend(of_file(&source));
    }
    let found = std::mem::take(&mut checked.findings);
    for finding in found {
        match remarks.iter_mut().find_map(|remark| remark.lets_pass(&finding)) {
            Some(reason) => checked.ignored.push(Ignored { finding, reason }),
            None => checked.findings.push(finding),
        }
    }
    let complaints = remarks.iter().flat_map(|remark| remark.complaints(&checked)).collect::<Vec<_>>();
    checked.findings.extend(complaints);
    checked
}

/// One remark.
struct Remark {
    place: Place,
    /// Each with whether it let something pass.
    rules: Vec<(String, bool)>,
    reason: Option<String>,
    covers: Covers,
    /// Whether it is the issue's own: others may be there for other issues.
    is_own: bool,
}

enum Covers {
    Everything,
    Within(Span),
}

impl Remark {
    /// The remark in `text`, the inside of a comment; `None` if it speaks of something else.
    fn read(text: &str, place: Place, covers: Covers) -> Option<Remark> {
        let words = text.trim().strip_prefix("courant:")?.trim();
        let words = words.strip_prefix("ignore").unwrap_or_default();
        let (rules, reason) = words.split_once(" because ").unwrap_or((words, ""));
        let names = rules.split([',', ' ', '\n']).map(str::trim).filter(|name| !name.is_empty());
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Remark {
            place,
            rules: names.map(|name| (name.to_owned(), false)).collect(),
            reason: (!reason.is_empty()).then_some(reason),
            covers,
            is_own: true,
        })
    }

    /// The reason, if the finding is let pass.
    fn lets_pass(&mut self, finding: &Finding) -> Option<String> {
        let reason = self.reason.as_ref().filter(|_| self.is_about(finding))?.clone();
        let (_, used) = self.rules.iter_mut().find(|(rule, _)| rule == finding.rule)?;
        *used = true;
        Some(reason)
    }

    fn is_about(&self, finding: &Finding) -> bool {
        match (&self.covers, &finding.place) {
            (Covers::Everything, _) => true,
            (Covers::Within(_), None) => false,
            (Covers::Within(span), Some(place)) => {
                place.source.path() == self.place.source.path() && span.contains(&place.span.start)
            }
        }
    }

    fn complaints(&self, checked: &Checked) -> Vec<Finding> {
        if !self.is_own {
            return vec![];
        }
        match self.reason.is_none() || self.rules.is_empty() {
            true => vec![self.not_understood()],
            false => self.rules.iter().filter_map(|rule| self.complaint(rule, checked)).collect(),
        }
    }

    fn not_understood(&self) -> Finding {
        let message = match self.rules.is_empty() {
            true => "this remark to Courant is not understood",
            false => "this remark lets nothing pass: it gives no reason",
        };
        Finding::warning("ignore-broken", message)
            .at(self.place.clone())
            .help("write `courant: ignore RULE because REASON`")
    }

    fn complaint(&self, (rule, used): &(String, bool), checked: &Checked) -> Option<Finding> {
        if rules::find(rule).is_none() {
            let near = suggest(rule, rules::abouts().map(|about| about.id));
            let help = near.map_or_else(
                || "`courant check --explain all` lists the rules".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("there is no rule `{rule}` to ignore");
            return Some(Finding::warning("ignore-broken", message).at(self.place.clone()).help(help));
        }
        let ran = !checked.skipped.iter().any(|skip| skip.rule == rule);
        let message = format!("`{rule}` finds nothing here any more");
        (!used && ran).then(|| {
            Finding::warning("ignore-unused", message).at(self.place.clone()).help("take the remark out")
        })
    }
}

fn of_issue(issue: &Issue) -> Vec<Remark> {
    let mut remarks = of_front_matter(issue);
    let markdown = issue.markdown();
    for (event, span) in Parser::new_ext(markdown, dialect::options()).into_offset_iter() {
        if matches!(event, Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_)) {
            let start = issue.body.start;
            remarks.extend(of_markup(&issue.source, span.start + start..span.end + start));
        }
    }
    remarks
}

fn of_front_matter(issue: &Issue) -> Vec<Remark> {
    let mut start = 0;
    let mut remarks = Vec::new();
    for line in issue.source.text()[..issue.body.start].split_inclusive('\n') {
        if let Some((before, comment)) = line.split_once('#') {
            let place = issue.source.at(start + before.len()..start + line.trim_end().len());
            remarks.extend(Remark::read(comment, place, Covers::Everything));
        }
        start += line.len();
    }
    remarks
}

/// The remarks of a template.
fn of_file(source: &Source) -> Vec<Remark> {
    let mut remarks = of_markup(source, 0..source.text().len());
    remarks.iter_mut().for_each(|remark| remark.is_own = false);
    remarks
}

/// The remarks in the comments of a stretch of markup.
fn of_markup(source: &Source, within: Span) -> Vec<Remark> {
    let text = source.text();
    let mut remarks = Vec::new();
    let mut at = within.start;
    while let Some(start) = text[at..within.end].find("<!--").map(|found| at + found) {
        // `<!-->` and `<!--->` are whole comments (CommonMark 0.31.2 6.6).
        let Some(end) = text[start + 2..].find("-->").map(|found| start + found + 5) else { break };
        let covers = Covers::Within(covered(text, start, end));
        let inside = text.get(start + 4..end - 3).unwrap_or_default();
        remarks.extend(Remark::read(inside, source.at(start..end), covers));
        at = end.min(within.end);
    }
    remarks
}

/// What the comment `start..end` is about: the lines around it up to empty ones, or, where it stands alone, the
/// block that follows.
fn covered(text: &str, start: usize, end: usize) -> Span {
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
    let is_alone = text[line_start..start].trim().is_empty() && text[end..line_end].trim().is_empty();
    match is_alone {
        true => line_start..next_gap(text, skip_blank(text, line_end)),
        false => last_gap(&text[..line_start])..next_gap(text, line_end),
    }
}

fn skip_blank(text: &str, from: usize) -> usize {
    text[from..].find(|c: char| !c.is_whitespace()).map_or(text.len(), |found| from + found)
}

/// Where the first empty line after `from` begins; one of spaces is empty, too.
fn next_gap(text: &str, from: usize) -> usize {
    let mut at = text[from..].find('\n').map_or(text.len(), |newline| from + newline + 1);
    for line in text[at..].split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        at += line.len();
    }
    at
}

/// Where the lines begin that follow the last empty one.
fn last_gap(before: &str) -> usize {
    let mut at = before.len();
    for line in before.split_inclusive('\n').rev() {
        if line.trim().is_empty() {
            break;
        }
        at -= line.len();
    }
    at
}

/// The files other than the issue that findings are in, each once.
fn other_sources(findings: &[Finding], issue: &Issue) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for source in findings.iter().filter_map(|finding| finding.place.as_ref()).map(|place| &place.source) {
        let known = sources.iter().any(|known| known.path() == source.path());
        if !known && source.path() != issue.source.path() {
            sources.push(source.clone());
        }
    }
    sources
}
