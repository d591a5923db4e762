//! `courant archive`: the issues that were sent, as pages for everybody.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::archive::{self, Entry, Manifest, disk};
use crate::commands::desk::{Desk, say_always};
use crate::commands::proofread::as_finding;
use crate::commands::sending::hashes;
use crate::commands::{Exit, Failure, Global, Plain, roll};
use crate::model::finding::{Finding, Severity};
use crate::model::issue::{Issue, IssueId};
use crate::report::archive::{Built, human, json};
use crate::report::words::counted;
use crate::report::{findings, problem};
use crate::settings::archive::Rebuild;
use crate::workspace::shown_path;

mod choose;
mod entry;
mod site;

use choose::{Choice, Chosen, Wanted, choose};

/// Publish the issues that were sent as a web site
///
/// Pages, feeds and a site map without a script, for any host, or for `courant serve`. docs/archive.md goes through it.
#[derive(Debug, Args)]
pub struct Archive {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write the site into a folder: what is new, and what changed
    ///
    /// Published is every issue of which somebody has a letter, in the order of sending, from its file as it is now. Left
    /// out are issues for a segment or for lists with `archive = false`; the front matter's `archive` says otherwise.
    /// Nothing of a subscriber is on a page. Files of others in the folder are never touched. Ends with 2 where an issue
    /// could not be published.
    #[command(after_help = "Examples:\n  courant archive build                 into public/\n  \
        courant archive build -o ../site/news  into another folder\n  \
        courant archive build --all -o preview  also issues that were not sent yet, to see what they will look like")]
    Build(Build),
}

#[derive(Debug, Args)]
struct Build {
    /// The folder to write into; by default `dir` of `[archive]`, which is public/
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Also issues that were not sent, but no drafts; into a folder of their own (-o)
    #[arg(long)]
    all: bool,
    /// Also drafts, and whatever else was not sent; into a folder of their own (-o)
    #[arg(long)]
    drafts: bool,
}

impl Archive {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Action::Build(build) = &self.action;
        let desk = Desk::open_workspace(global, None)?;
        let wanted = match (build.drafts, build.all) {
            (true, _) => Wanted::Drafts,
            (false, true) => Wanted::Unsent,
            (false, false) => Wanted::Sent,
        };
        let dir = build.output.clone().unwrap_or_else(|| desk.archive_folder());
        if wanted != Wanted::Sent {
            is_a_folder_to_look_at(&desk, &dir)?;
        }
        let built = build_into(&desk, dir, wanted)?;
        tell(&desk, &built)?;
        Ok(if built.has_failed() { Exit::Findings } else { Exit::Done })
    }
}

/// What was not sent yet is nothing for the folder that everybody reads.
fn is_a_folder_to_look_at(desk: &Desk, dir: &Path) -> Result<(), Failure> {
    if !real(dir).starts_with(real(&desk.archive_folder())) {
        return Ok(());
    }
    let message = format!(
        "{} is what everybody reads, and nothing is published before it is sent",
        shown_path(&desk.archive_folder()).display()
    );
    Err(Plain::new(message, "look at it in a folder of its own: `courant archive build --all -o preview`")
        .into())
}

/// The same for every way to write a path, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let found = whole.ancestors().find_map(|above| {
        let real = above.canonicalize().ok()?;
        Some(real.join(whole.strip_prefix(above).ok()?))
    });
    found.unwrap_or(whole)
}

/// Builds the archive of what was sent, where the settings want it after each issue. What is wrong stops nobody, and is
/// said even with `-q`: the letters lead there.
pub fn after_send(desk: &Desk, issue: &IssueId) {
    if !desk.settings.archive.is_on {
        return;
    }
    match desk.settings.archive.build {
        Rebuild::ByHand if !will_be_there(desk, issue) => {}
        Rebuild::ByHand => desk.say("`courant archive build` puts it on the web"),
        Rebuild::AfterSend => match build_into(desk, desk.archive_folder(), Wanted::Sent) {
            Ok(built) => tell_in_passing(desk, &built),
            Err(failure) => {
                say_always(problem::problem(&*failure.error, desk.colour_of_errors).trim_end());
                say_always(
                    "the archive is as it was before; `courant archive build` builds it once that is mended",
                );
            }
        },
    }
}

/// With `-q` only where something failed.
fn tell_in_passing(desk: &Desk, built: &Built) {
    say_findings(desk, built);
    if !desk.quiet || built.has_failed() {
        say_always(human(built).trim_end());
    }
}

/// Whether the archive has a page for it, as far as its file says.
fn will_be_there(desk: &Desk, id: &IssueId) -> bool {
    let issues = desk.issues().into_iter().flatten().flatten();
    issues.filter(|issue| issue.id == *id).any(|issue| desk.is_for_all(&issue))
}

/// The page of an issue as one file that needs no other, as it will be in the archive.
pub fn page_alone(desk: &Desk, issue: &Issue) -> Result<String, Failure> {
    let (entry, found) = entry::entry(desk, &Chosen { issue: issue.clone(), sent: None })?;
    for finding in &found {
        desk.say(problem::finding(finding, desk.colour_of_errors).trim_end());
    }
    Ok(archive::alone(&site::site(desk)?, &entry, &site::templates(desk)?)?)
}

fn build_into(desk: &Desk, dir: PathBuf, wanted: Wanted) -> Result<Built, Failure> {
    let ledger = roll::open(desk)?;
    let published = ledger.map(|ledger| ledger.published()).transpose()?.unwrap_or_default();
    let before = disk::manifest(&dir)?;
    if wanted == Wanted::Sent && published.is_empty() {
        nothing_would_be_lost(&dir, &before)?;
    }
    let Choice { chosen, left_out, mut kept, mut findings } = choose(desk, published, &before, wanted)?;
    let mut entries: Vec<(Entry, bool)> = Vec::new();
    for one in &chosen {
        match entry::entry(desk, one) {
            Ok((entry, found)) => {
                findings.extend(found);
                entries.push((entry, one.has_changed()));
            }
            Err(failure) => {
                kept.push(one.issue.id.clone());
                findings.push(as_finding("archive-issue", &failure));
            }
        }
    }
    let site = site::site(desk)?;
    findings.extend(site::findings(desk));
    let changed = entries.iter().filter(|(_, changed)| *changed).map(|(entry, _)| entry.id.clone()).collect();
    let entries: Vec<Entry> = entries.into_iter().map(|(entry, _)| entry).collect();
    let files = archive::files(&site, &entries, &site::templates(desk)?)?;
    kept.retain(|issue| before.has(issue));
    let written = disk::put(&dir, &files, &kept, desk.settings.workspace_id.as_deref())?;
    Ok(Built { dir: shown_path(&dir), url: site.url, entries, changed, left_out, kept, findings, written })
}

/// A ledger that knows of nothing is more likely lost than right, where pages of issues are there.
fn nothing_would_be_lost(dir: &Path, before: &Manifest) -> Result<(), Failure> {
    let pages = counted(before.pages() as u64, "issue", "issues");
    let message = format!(
        "the ledger knows of no issue that was sent, and {} has the pages of {pages}: nothing was changed",
        shown_path(dir).display()
    );
    let help =
        "put the ledger back with `courant db restore BACKUP`; if the pages are to go, delete the folder";
    if before.pages() == 0 { Ok(()) } else { Err(Plain::new(message, help).into()) }
}

fn tell(desk: &Desk, built: &Built) -> Result<(), Failure> {
    if !desk.json() {
        say_findings(desk, built);
    }
    desk.answer(|| human(built), || json(built))
}

/// With `-q` only what has failed.
fn say_findings(desk: &Desk, built: &Built) {
    let is_shown = |found: &&Finding| !desk.quiet || found.severity == Severity::Error;
    let shown: Vec<Finding> = built.findings.iter().filter(is_shown).cloned().collect();
    if !shown.is_empty() {
        say_always(findings::human(&shown, desk.colour_of_errors).trim_end());
    }
}

impl Chosen {
    /// Whether the file says something else than what was sent.
    fn has_changed(&self) -> bool {
        self.sent
            .as_ref()
            .is_some_and(|sent| sent.edition.hashes.sources.issue != hashes::of_issue(&self.issue))
    }
}
