//! What `courant check` found, for people and for programs.

pub mod human;
pub mod json;
pub mod junit;
pub mod sarif;

use crate::check::{Checked, Told};
use crate::model::finding::{Finding, Severity};
use crate::model::issue::IssueId;

/// One issue and what became of it.
pub struct Report {
    /// `None` if the file could not be read as an issue.
    pub issue: Option<IssueId>,
    /// As it is shown.
    pub file: String,
    pub checked: Checked,
    /// What the baseline knows already; not among the findings of `checked`.
    pub known: Vec<Finding>,
    /// What `--fix` changed in the files; not among the findings of `checked`.
    pub fixed: Vec<Finding>,
    /// Subscribers that were merged; `None` if nobody could be read.
    pub members: Option<u64>,
    /// Links that were visited.
    pub visited: usize,
    /// What became of each link.
    pub verdicts: Vec<Told>,
}

impl Report {
    /// Whether it holds something of this severity or a graver one; nothing fails for `None`.
    pub fn fails(&self, from: Option<Severity>) -> bool {
        from.is_some() && self.checked.worst() >= from
    }
}

/// The findings of all reports, in order.
fn all(reports: &[Report]) -> Vec<Finding> {
    reports.iter().flat_map(|report| report.checked.findings.iter().cloned()).collect()
}

#[cfg(test)]
mod tests;
