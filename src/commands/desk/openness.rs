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

    /// Whether the archive has a page for it, once it was sent.
    pub fn is_for_all(&self, issue: &Issue) -> bool {
        let lists = self.choose_lists(issue).ok().and_then(Result::ok).unwrap_or_default();
        let ids: Vec<ListId> = lists.iter().map(|list| list.id.clone()).collect();
        self.why_closed(issue, closed_lists(&lists, &ids)).is_none()
    }

    /// Why an issue has no page for everybody. What its author says of it goes before what its readers are.
    pub fn why_closed(&self, issue: &Issue, closed_lists: Option<Why>) -> Option<Why> {
        let asked = issue.front.archive.as_ref().map(|at| at.value);
        let url = self.settings.archive.url.as_deref();
        match (asked, &issue.front.segment, closed_lists) {
            (Some(false), _, _) => Some(Why::Off),
            (None, Some(_), _) => Some(Why::Segment),
            (None, None, Some(why)) => Some(why),
            (Some(true), _, _) | (None, None, None) => unfit(&issue.id, url).map(Why::Unfit),
        }
    }
}

/// Why no list of these is for the archive, if none is. One that the workspace does not have any more may have been kept
/// from it.
pub fn closed_lists(known: &[List], ids: &[ListId]) -> Option<Why> {
    let of = |id: &ListId| known.iter().find(|list| list.id == *id);
    let is_closed = |id: &ListId| of(id).is_none_or(|list| !list.is_archived);
    let all = !ids.is_empty() && ids.iter().all(is_closed);
    let unknown: Vec<ListId> = ids.iter().filter(|id| of(id).is_none()).cloned().collect();
    all.then(|| match unknown.is_empty() {
        true => Why::Private(names(ids)),
        false => Why::Unlisted(names(&unknown)),
    })
}

fn names(ids: &[ListId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
