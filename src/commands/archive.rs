//! `courant archive`: the issues that were sent, as pages for everybody.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::archive::{self, Entry, disk};
use crate::commands::desk::{Desk, say_always};
use crate::commands::proofread::as_finding;
use crate::commands::sending::hashes;
use crate::commands::{Exit, Failure, Global, roll};
use crate::model::finding::{Finding, Severity};
use crate::model::issue::Issue;
use crate::report::archive::{Built, human, json};
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
        courant archive build --all           also issues that were not sent yet, to see what they will look like")]
    Build(Build),
}

#[derive(Debug, Args)]
struct Build {
    /// The folder to write into; by default `dir` of `[archive]`, which is public/
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Also issues that were not sent, but no drafts
    #[arg(long)]
    all: bool,
    /// Also drafts, and whatever else was not sent
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
        let built = build_into(&desk, dir, wanted)?;
        tell(&desk, &built)?;
        Ok(if built.has_failed() { Exit::Findings } else { Exit::Done })
    }
}

/// Builds the archive of what was sent, where the settings want it after each issue; what is wrong is said, and stops
/// nobody.
pub fn after_send(desk: &Desk) {
    if !desk.settings.archive.is_on {
        return;
    }
    match desk.settings.archive.build {
        Rebuild::ByHand => desk.say("`courant archive build` puts it on the web"),
        Rebuild::AfterSend => match build_into(desk, desk.archive_folder(), Wanted::Sent) {
            Ok(built) => {
                say_findings(desk, &built);
                desk.say(human(&built).trim_end());
            }
            Err(failure) => desk.say(format!("the archive was not built: {}", failure.error)),
        },
    }
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
    let Choice { chosen, left_out, mut kept, mut findings } = choose(desk, published, wanted)?;
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
    let before = disk::manifest(&dir)?;
    kept.retain(|issue| before.has(issue));
    let written = disk::put(&dir, &files, &kept)?;
    Ok(Built { dir: shown_path(&dir), url: site.url, entries, changed, left_out, kept, findings, written })
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
