//! Issues of one workspace that have the same number.

use std::path::PathBuf;

use crate::commands::desk::Desk;
use crate::compose::front_matter::parse_issue;
use crate::model::issue::{At, Issue};
use crate::model::source::Source;

impl Desk {
    /// The first other file of `issues/` whose issue has the same number in the same series and for the same lists.
    /// Files that cannot be read are left out: they are findings of their own.
    pub fn namesake(&self, issue: &Issue) -> Option<PathBuf> {
        let number = issue.front.number.as_ref()?.value;
        self.settings.root.as_ref()?;
        let files = self.workspace.issue_files().ok()?;
        let sources = files.iter().filter_map(|path| self.workspace.read_text(path).ok());
        let others =
            sources.filter(|source| source.path() != issue.source.path() && may_have(source, number));
        let mut issues = others.filter_map(|source| parse_issue(source).ok());
        let twin = issues.find(|other| {
            other.front.number.as_ref().is_some_and(|other| other.value == number)
                && is_of_same_series(issue, other)
        });
        twin.map(|twin| twin.source.path().to_owned())
    }
}

/// Whether the file is worth parsing: it has the key, and the digits.
fn may_have(source: &Source, number: u64) -> bool {
    source.text().contains("number") && source.text().contains(&number.to_string())
}

fn is_of_same_series(one: &Issue, other: &Issue) -> bool {
    let series = |issue: &Issue| issue.front.series.as_ref().map(|series| series.value.clone());
    let lists = |issue: &Issue| {
        let mut lists: Vec<String> = issue.front.lists.iter().map(|At { value, .. }| value.clone()).collect();
        lists.sort();
        lists
    };
    series(one) == series(other) && lists(one) == lists(other)
}
