//! Where an issue can be read on the web.

use super::Desk;
use crate::archive::why_closed;
use crate::compose::web_version::web_version;
use crate::model::issue::Issue;
use crate::model::subscriber::ListId;

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
        why_closed(issue, self.settings.archive.url.as_deref(), &lists, &ids).is_none()
    }
}
