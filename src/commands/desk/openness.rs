//! Whether an issue is for everybody: what goes to a few is on the web only if its author says so.

use super::Desk;
use crate::archive::unfit;
use crate::compose::web_version::web_version;
use crate::model::issue::Issue;
use crate::model::subscriber::ListId;
use crate::report::archive::Why;
use crate::settings::lists::List;

impl Desk {
    /// Where the issue can be read on the web. An issue that the archive leaves out is not there.
    pub(super) fn web_version(&self, issue: &Issue) -> Option<String> {
        let pattern = self.settings.site.web_version.as_deref();
        let is_archive = pattern.is_some() && pattern == self.settings.archive.pattern().as_deref();
        web_version(issue, pattern.filter(|_| !is_archive || self.is_for_all(issue)))
    }

    fn is_for_all(&self, issue: &Issue) -> bool {
        let lists = self.choose_lists(issue).ok().and_then(Result::ok).unwrap_or_default();
        let ids: Vec<ListId> = lists.iter().map(|list| list.id.clone()).collect();
        why_closed(issue, closed_lists(&lists, &ids)).is_none()
    }
}

/// The names of the lists, if none of them is for the archive.
pub fn closed_lists(known: &[List], ids: &[ListId]) -> Option<String> {
    let is_closed = |id: &ListId| known.iter().any(|list| list.id == *id && !list.is_archived);
    let all = !ids.is_empty() && ids.iter().all(is_closed);
    all.then(|| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

/// Why an issue has no page for everybody. What its author says of it goes before what its readers are.
pub fn why_closed(issue: &Issue, closed_lists: Option<String>) -> Option<Why> {
    let asked = issue.front.archive.as_ref().map(|at| at.value);
    match (asked, &issue.front.segment, closed_lists) {
        (Some(false), _, _) => Some(Why::Off),
        (None, Some(_), _) => Some(Why::Segment),
        (None, None, Some(lists)) => Some(Why::Private(lists)),
        (Some(true), _, _) | (None, None, None) => unfit(&issue.id).map(Why::Unfit),
    }
}
