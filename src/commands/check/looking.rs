//! Which issues are looked at, and what is found in each.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Check;
use crate::check::{Checked, Earlier};
use crate::commands::desk::Desk;
use crate::commands::proofread::visiting::{Looks, memory_of};
use crate::commands::proofread::{self, Proof, Wish, as_finding, proofread};
use crate::commands::{Failure, Plain, roll};
use crate::ledger::Ledger;
use crate::model::delivery::Realm;
use crate::model::issue::{Issue, IssueId};
use crate::model::letter::ContentHash;
use crate::report::check::Report;

/// A file and the issue that it holds.
type Read = (PathBuf, Result<Issue, Failure>);

impl Check {
    pub(super) async fn look(&self, desk: &Desk) -> Result<Vec<Report>, Failure> {
        let ledger = ledger_of(desk)?;
        let mut reports = Vec::new();
        for (path, issue) in self.issues(desk, ledger.as_ref())? {
            reports.push(self.look_at(desk, &path, issue, ledger.as_ref()).await);
        }
        Ok(reports)
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
            Err(failure) => return unread(roll::shown_path(desk, path), &failure),
        };
        let memory = memory_of(desk, ledger);
        let wish = Wish {
            live: desk.settings.transport.transport.realm() == Realm::Live,
            now: desk.now(),
            no_links: self.offline.then_some("--offline"),
            looks: Looks {
                memory: memory.as_deref(),
                believed: if self.fresh { Duration::ZERO } else { desk.settings.links.cache },
            },
            asks_spam_filter: true,
            earlier: &|body| earlier(ledger, &issue.id, body),
        };
        match proofread(desk, &issue, &wish, None).await {
            Ok(proof) => of_proof(&issue, proof),
            Err(failure) => Report { issue: Some(issue.id.clone()), ..unread(issue.source.path(), &failure) },
        }
    }
}

fn of_proof(issue: &Issue, proof: Proof) -> Report {
    Report {
        issue: Some(issue.id.clone()),
        file: issue.source.path().display().to_string(),
        checked: proof.checked,
        known: vec![],
        fixed: vec![],
        members: proof.members,
        visited: proof.visited,
        verdicts: proof.verdicts,
    }
}

/// The file could not be read as an issue, or not be rendered.
fn unread(path: &Path, failure: &Failure) -> Report {
    Report {
        issue: None,
        file: path.display().to_string(),
        checked: Checked { findings: vec![as_finding("issue-broken", failure)], ..Checked::default() },
        known: vec![],
        fixed: vec![],
        members: None,
        visited: 0,
        verdicts: vec![],
    }
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
