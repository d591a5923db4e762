//! Which issues are for everybody, and why others are not.

use std::collections::{BTreeMap, HashMap};

use crate::archive::{LeftOut, Manifest, Why, folded, why_closed};
use crate::commands::desk::Desk;
use crate::commands::proofread::as_finding;
use crate::commands::{Failure, roll};
use crate::ledger::sqlite::Published;
use crate::model::finding::Finding;
use crate::model::issue::{Issue, IssueId};
use crate::model::subscriber::ListId;
use crate::report::archive::names;
use crate::settings::lists::List;

/// How much is wanted of what was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Sent,
    /// And what was not, but for drafts.
    Unsent,
    Drafts,
}

/// An issue to publish.
pub struct Chosen {
    pub issue: Issue,
    /// `None` where it was not sent.
    pub sent: Option<Published>,
}

/// What is published, and what is not.
#[derive(Default)]
pub struct Choice {
    /// In the order of sending; those that were not sent come last.
    pub chosen: Vec<Chosen>,
    pub left_out: Vec<LeftOut>,
    /// Issues whose page stays as it is, because nobody can say what it should be now.
    pub kept: Vec<IssueId>,
    pub findings: Vec<Finding>,
}

/// Looks at every issue that was sent and at every file.
///
/// `before` is what the folder holds.
pub fn choose(
    desk: &Desk,
    published: Vec<Published>,
    before: &Manifest,
    wanted: Wanted,
) -> Result<Choice, Failure> {
    let mut choice = Choice::default();
    let Files { mut by_id, mut twins, broken } = files(desk)?;
    let url = desk.settings.archive.url.as_deref();
    let scales = Scales { url, lists: roll::all_lists(desk)?, before, wanted };
    let mut is_missed = false;
    for sent in published {
        let id = sent.edition.issue.clone();
        if let Some(issue) = by_id.remove(&id) {
            let lists = sent.edition.lists.clone();
            choice.weigh(Chosen { issue, sent: Some(sent) }, &lists, &scales);
            continue;
        }
        match twins.remove(&id) {
            Some(found) => choice.findings.push(found),
            // What is wrong with its file is told.
            None if broken.iter().any(|(stem, _)| *stem == id.0) => is_missed = true,
            None => {
                is_missed = true;
                choice.left_out.push(LeftOut { issue: id.clone(), why: Why::Gone });
            }
        }
        choice.kept.push(id);
    }
    // A file that cannot be read may be an issue that is missed, or is wanted itself; else it is nobody's business here.
    if wanted != Wanted::Sent || is_missed {
        choice.findings.extend(broken.into_iter().map(|(_, found)| found));
    }
    if wanted != Wanted::Sent {
        choice.findings.extend(twins.into_values());
    }
    for issue in unsent(by_id) {
        let goes_to: Vec<ListId> = desk.lists(&issue).into_iter().flatten().map(|list| list.id).collect();
        choice.weigh(Chosen { issue, sent: None }, &goes_to, &scales);
    }
    choice.part_the_alike();
    Ok(choice)
}

/// What an issue is weighed with.
struct Scales<'a> {
    /// Where the archive is.
    url: Option<&'a str>,
    /// Those of the workspace.
    lists: Vec<List>,
    /// What the folder holds.
    before: &'a Manifest,
    wanted: Wanted,
}

impl Choice {
    /// `goes_to` are the lists that it is for.
    fn weigh(&mut self, chosen: Chosen, goes_to: &[ListId], scales: &Scales<'_>) {
        match scales.why_not(&chosen, goes_to) {
            None => self.chosen.push(chosen),
            // It was for everybody when its page was made.
            Some(Why::Unlisted(lists)) if scales.before.has(&chosen.issue.id) => {
                self.findings.push(unlisted(&chosen.issue, &names(&lists)));
                self.chosen.push(chosen);
            }
            Some(why) => self.left_out.push(LeftOut { issue: chosen.issue.id, why }),
        }
    }

    /// Of two issues whose folders would be one on some disks, the first has it.
    fn part_the_alike(&mut self) {
        let mut seen: HashMap<String, IssueId> = HashMap::new();
        for chosen in std::mem::take(&mut self.chosen) {
            match seen.get(&folded(&chosen.issue.id)) {
                Some(first) => {
                    let message = format!(
                        "the ids `{first}` and `{}` differ only in case: on many disks and hosts they are one",
                        chosen.issue.id
                    );
                    let help = "give this issue a `slug` of its own in its front matter";
                    let found = Finding::error("archive-issue", message).at(chosen.issue.source.at(0..0));
                    self.findings.push(found.help(help));
                    self.kept.push(chosen.issue.id);
                }
                None => {
                    seen.insert(folded(&chosen.issue.id), chosen.issue.id.clone());
                    self.chosen.push(chosen);
                }
            }
        }
    }
}

/// What lies in `issues/`.
struct Files {
    by_id: BTreeMap<IssueId, Issue>,
    /// Ids that several files have.
    twins: BTreeMap<IssueId, Finding>,
    /// What is wrong with files that cannot be read, each with the name that the file has without its ending.
    broken: Vec<(String, Finding)>,
}

fn files(desk: &Desk) -> Result<Files, Failure> {
    let mut files = Files { by_id: BTreeMap::new(), twins: BTreeMap::new(), broken: Vec::new() };
    for (path, issue) in desk.workspace.issue_files()?.iter().zip(desk.issues()?) {
        match issue {
            Err(failure) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                files.broken.push((stem, as_finding("archive-issue", &failure)));
            }
            Ok(issue) => match files.by_id.get(&issue.id) {
                Some(other) => {
                    files.twins.insert(issue.id.clone(), same_id(other, &issue));
                }
                None => {
                    files.by_id.insert(issue.id.clone(), issue);
                }
            },
        }
    }
    files.by_id.retain(|id, _| !files.twins.contains_key(id));
    Ok(files)
}

fn same_id(one: &Issue, other: &Issue) -> Finding {
    let (first, second) = (one.source.path().display(), other.source.path().display());
    Finding::error("archive-issue", format!("{first} and {second} are both the issue `{}`", other.id))
        .help("rename one, or give it a `slug` of its own: the page that is there stays as it is")
}

fn unlisted(issue: &Issue, lists: &str) -> Finding {
    let message =
        format!("its list is not in the workspace any more ({lists}): the page is there, and stays");
    let help = "`archive: true` or `archive: false` in the front matter says it for good";
    Finding::warning("archive-list", message).at(issue.source.at(0..0)).help(help)
}

/// Those with a date in its order, then the others by name.
fn unsent(files: BTreeMap<IssueId, Issue>) -> Vec<Issue> {
    let mut issues: Vec<Issue> = files.into_values().collect();
    let date = |issue: &Issue| issue.front.date.as_ref().map(|date| date.value);
    issues.sort_by_key(|issue| (date(issue).is_none(), date(issue), issue.source.path().to_owned()));
    issues
}

impl Scales<'_> {
    /// Why an issue is not published.
    fn why_not(&self, chosen: &Chosen, goes_to: &[ListId]) -> Option<Why> {
        let is_held = chosen.sent.as_ref().is_some_and(|sent| sent.is_held_back);
        let (is_sent, is_draft) = (chosen.sent.is_some(), chosen.issue.front.draft);
        match () {
            () if !is_sent && self.wanted == Wanted::Sent => Some(Why::NotSent),
            () if !is_sent && is_draft && self.wanted != Wanted::Drafts => Some(Why::Draft),
            () if is_held => Some(Why::HeldBack),
            () if went_to_a_segment(chosen) => Some(Why::Segment),
            () => why_closed(&chosen.issue, self.url, &self.lists, goes_to),
        }
    }
}

/// What went to a few is not for all because a line was taken out of its file.
fn went_to_a_segment(chosen: &Chosen) -> bool {
    chosen.issue.front.archive.is_none() && chosen.sent.as_ref().is_some_and(|sent| sent.is_for_segment)
}
