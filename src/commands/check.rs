//! `courant check`

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::check::{About, Checked, Earlier, rules};
use crate::commands::desk::Desk;
use crate::commands::proofread::{self, Proof, Wish, as_finding, proofread};
use crate::commands::{Exit, Failure, Global, Plain, roll};
use crate::ledger::Ledger;
use crate::model::delivery::Realm;
use crate::model::finding::{Finding, Severity, suggest};
use crate::model::issue::{Issue, IssueId};
use crate::model::letter::ContentHash;
use crate::report::findings;

/// Find what is wrong with an issue before anybody gets it
///
/// Renders the issue, merges it for every subscriber of its lists, visits its links and runs all rules.
/// Each finding says where it is and what to do. Needs no ledger.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit code: 0 fit to send, 1 it could not be checked, 2 findings (see --fail-on).\n\n\
    Examples:\n  courant check                        all issues that were not sent\n  \
    courant check 12 --offline           without visiting links\n  \
    courant check --explain link-dead    why a rule exists and what to do"
)]
pub struct Check {
    /// A path, an id or a number; `-` reads standard input. Without it: all issues that were not sent
    issue: Option<String>,
    /// Do not visit links
    #[arg(long)]
    offline: bool,
    /// From which severity on the exit code is 2
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOn,
    /// How findings are written
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Say why a rule exists and how to satisfy it; `all` lists the rules
    #[arg(long, value_name = "RULE", conflicts_with = "issue")]
    explain: Option<String>,
    /// Check for this transport: a name of courant.toml or a URL
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Human,
    Json,
}

impl FailOn {
    fn is_met(self, worst: Option<Severity>) -> bool {
        match self {
            FailOn::Error => worst >= Some(Severity::Error),
            FailOn::Warning => worst >= Some(Severity::Warning),
            FailOn::Never => false,
        }
    }
}

/// A file and the issue that it holds.
type Read = (PathBuf, Result<Issue, Failure>);

/// One issue and what became of it.
struct Report {
    issue: Option<IssueId>,
    file: String,
    checked: Checked,
    members: Option<u64>,
    visited: usize,
}

impl Check {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        if let Some(rule) = &self.explain {
            return explain(rule, &Desk::open(global)?);
        }
        let desk = Desk::open_with(global, self.transport.as_deref())?;
        let ledger = ledger_of(&desk)?;
        let mut reports = Vec::new();
        for (path, issue) in self.issues(&desk, ledger.as_ref())? {
            reports.push(self.look_at(&desk, &path, issue, ledger.as_ref()).await);
        }
        self.tell(&desk, &reports)?;
        let worst = reports.iter().filter_map(|report| report.checked.worst()).max();
        Ok(if self.fail_on.is_met(worst) { Exit::Findings } else { Exit::Done })
    }

    /// The issue that is named, else all that were not sent.
    fn issues(&self, desk: &Desk, ledger: Option<&Ledger>) -> Result<Vec<Read>, Failure> {
        let Some(name) = &self.issue else { return unsent(desk, ledger) };
        // A name that leads to no file is a matter of usage; what is wrong in the file is a finding.
        let path = if name == "-" { PathBuf::from(name) } else { desk.workspace.find_issue(name)? };
        Ok(vec![(path, desk.issue(name))])
    }

    async fn look_at(
        &self,
        desk: &Desk,
        path: &Path,
        issue: Result<Issue, Failure>,
        ledger: Option<&Ledger>,
    ) -> Report {
        let issue = match issue {
            Ok(issue) => issue,
            Err(failure) => return Report::unread(roll::shown_path(desk, path), &failure),
        };
        let wish = Wish {
            live: desk.settings.transport.transport.realm() == Realm::Live,
            now: desk.now(),
            no_links: self.offline.then_some("--offline"),
            earlier: &|body| earlier(ledger, &issue.id, body),
        };
        match proofread(desk, &issue, &wish, None).await {
            Ok(proof) => Report::of(&issue, proof),
            Err(failure) => Report::broken(&issue, &failure),
        }
    }

    fn tell(&self, desk: &Desk, reports: &[Report]) -> Result<(), Failure> {
        let format = self.format.unwrap_or(if desk.json() { Format::Json } else { Format::Human });
        match format {
            Format::Json => desk.print(json_of(reports).to_string()),
            Format::Human => desk.print(human_of(reports, desk.colour)),
        }
    }
}

impl Report {
    fn of(issue: &Issue, proof: Proof) -> Report {
        let (members, visited, checked) = (proof.members, proof.visited, proof.checked);
        let file = issue.source.path().display().to_string();
        Report { issue: Some(issue.id.clone()), file, checked, members, visited }
    }

    /// The file could not be read as an issue.
    fn unread(path: &Path, failure: &Failure) -> Report {
        let checked = Checked { findings: vec![as_finding("issue-broken", failure)], skipped: vec![] };
        Report { issue: None, file: path.display().to_string(), checked, members: None, visited: 0 }
    }

    fn broken(issue: &Issue, failure: &Failure) -> Report {
        Report { issue: Some(issue.id.clone()), ..Report::unread(issue.source.path(), failure) }
    }

    fn human(&self, colour: bool) -> String {
        let mut out = String::new();
        let Checked { findings: found, skipped } = &self.checked;
        if !found.is_empty() {
            out += &findings::human(found, colour);
            // The counts stand in the last line, with the name in front.
            out.truncate(out.len() - findings::counts(found).len() - 1);
        }
        out += &findings::skipped(skipped);
        out + &format!("{}: {}{}\n", self.file, findings::counts(found), self.reach())
    }

    /// How much was looked at.
    fn reach(&self) -> String {
        let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let members = self.members.map(|members| format!("{} merged", plural(members, "subscriber")));
        let links = (self.visited > 0).then(|| format!("{} visited", plural(self.visited as u64, "link")));
        let parts: Vec<String> = members.into_iter().chain(links).collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }

    fn json(&self) -> Value {
        json!({
            "issue": self.issue.as_ref().map(|id| &id.0),
            "file": self.file,
            "findings": findings::json(&self.checked.findings),
            "skipped": findings::skipped_json(&self.checked.skipped),
            "subscribers": self.members,
            "links": self.visited,
        })
    }
}

fn human_of(reports: &[Report], colour: bool) -> String {
    match reports {
        [] => "every issue was sent: there is nothing to check".to_owned(),
        reports => {
            let each = reports.iter().map(|report| report.human(colour));
            each.chain((reports.len() > 1).then(|| total(reports))).collect::<Vec<_>>().join("\n")
        }
    }
}

/// `12 issues: 3 errors, 1 warning`.
fn total(reports: &[Report]) -> String {
    format!("{} issues: {}\n", reports.len(), findings::counts(&all(reports)))
}

fn all(reports: &[Report]) -> Vec<Finding> {
    reports.iter().flat_map(|report| report.checked.findings.iter().cloned()).collect()
}

/// Stable: `{"issues": [{"issue", "file", "findings", "skipped", "subscribers", "links"}], "counts": {…}}`.
fn json_of(reports: &[Report]) -> Value {
    json!({
        "issues": reports.iter().map(Report::json).collect::<Vec<_>>(),
        "counts": findings::counts_json(&all(reports)),
    })
}

fn explain(rule: &str, desk: &Desk) -> Result<Exit, Failure> {
    let abouts: Vec<&About> = match rule {
        "all" => rules::abouts().collect(),
        rule => vec![rules::find(rule).ok_or_else(|| no_rule(rule))?],
    };
    desk.print(match (desk.json(), abouts.as_slice()) {
        (true, abouts) => findings::abouts_json(abouts).to_string(),
        (false, [about]) => findings::explain(about),
        (false, abouts) => findings::list(abouts.iter().copied()),
    })?;
    Ok(Exit::Done)
}

fn no_rule(rule: &str) -> Plain {
    let near = suggest(rule, rules::abouts().map(|about| about.id));
    let help = near.map_or("`courant check --explain all` lists the rules".to_owned(), |near| {
        format!("did you mean `{near}`?")
    });
    Plain { message: format!("there is no rule `{rule}`"), help: Some(help) }
}

/// The ledger, if there is one: `check` makes none.
fn ledger_of(desk: &Desk) -> Result<Option<Ledger>, Failure> {
    let path = desk.workspace.ledger_path();
    if desk.settings.root.is_none() || !path.exists() {
        return Ok(None);
    }
    Ok(Some(Ledger::open(&path)?))
}

/// All issues without a live edition; broken ones among them.
fn unsent(desk: &Desk, ledger: Option<&Ledger>) -> Result<Vec<Read>, Failure> {
    let mut issues: Vec<Read> = desk.workspace.issue_files()?.into_iter().zip(desk.issues()?).collect();
    if issues.is_empty() {
        let help = Some("`courant new TITLE` makes one".to_owned());
        return Err(Plain { message: "there are no issues in issues/".to_owned(), help }.into());
    }
    if let Some(ledger) = ledger {
        let sent: Vec<IssueId> = live_editions(ledger)?;
        issues.retain(|(_, issue)| issue.as_ref().map_or(true, |issue| !sent.contains(&issue.id)));
    }
    Ok(issues)
}

fn live_editions(ledger: &Ledger) -> Result<Vec<IssueId>, Failure> {
    let live = ledger.editions()?.into_iter().filter(|edition| edition.realm == Realm::Live);
    Ok(live.map(|edition| edition.issue).collect())
}

/// Whether another issue that says the same is live in the ledger, if there is one.
fn earlier(ledger: Option<&Ledger>, issue: &IssueId, body: &ContentHash) -> Earlier {
    ledger.map_or(Earlier::Unknown("there is no ledger"), |ledger| proofread::earlier(ledger, issue, body))
}
