//! Whether an issue is for everybody: what goes to a few is on the web only if its author says so.

use super::names::unfit;
use crate::model::issue::{Issue, IssueId};
use crate::model::subscriber::ListId;
use crate::settings::lists::List;

/// An issue that is not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub issue: IssueId,
    pub why: Why,
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// `archive: false`.
    Off,
    Segment,
    /// All its lists are private.
    Private(Vec<ListId>),
    /// The workspace does not have these of its lists any more.
    Unlisted(Vec<ListId>),
    NotSent,
    /// Only a part of its letters was sent.
    HeldBack,
    Draft,
    /// It was sent, and no file has its id any more.
    Gone,
    /// Its id is no name for a folder, and why.
    Unfit(&'static str),
}

impl Why {
    /// Whether it should be there, and could not be made.
    pub fn is_failure(&self) -> bool {
        matches!(self, Why::Unfit(_))
    }
}

/// Why an issue has no page for everybody, if it is sent and has none. What its author says of it goes before what its
/// readers are: `goes_to`, of the lists that the workspace has. `url` is where the archive is.
pub fn why_closed(issue: &Issue, url: Option<&str>, known: &[List], goes_to: &[ListId]) -> Option<Why> {
    let asked = issue.front.archive.as_ref().map(|at| at.value);
    let for_a_few = || match issue.front.segment {
        Some(_) => Some(Why::Segment),
        None => closed_lists(known, goes_to),
    };
    let closed = match asked {
        Some(false) => Some(Why::Off),
        Some(true) => None,
        None => for_a_few(),
    };
    closed.or_else(|| unfit(&issue.id, url).map(Why::Unfit))
}

/// Why no list of these is for the archive, if none is. One that the workspace does not have any more may have been kept
/// from it.
fn closed_lists(known: &[List], ids: &[ListId]) -> Option<Why> {
    let of = |id: &ListId| known.iter().find(|list| list.id == *id);
    let is_closed = |id: &ListId| of(id).is_none_or(|list| !list.is_archived);
    let all = !ids.is_empty() && ids.iter().all(is_closed);
    let unknown: Vec<ListId> = ids.iter().filter(|id| of(id).is_none()).cloned().collect();
    all.then(|| if unknown.is_empty() { Why::Private(ids.to_vec()) } else { Why::Unlisted(unknown) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::issue::{At, FrontMatter};
    use crate::model::source::Source;

    fn issue(id: &str, archive: Option<bool>, segment: Option<&str>) -> Issue {
        let front = FrontMatter {
            archive: archive.map(|value| At::new(value, 0..0)),
            segment: segment.map(|text| At::new(text.to_owned(), 0..0)),
            ..FrontMatter::default()
        };
        Issue { id: IssueId(id.to_owned()), source: Source::new("issues/1.md", ""), front, body: 0..0 }
    }

    fn list(id: &str, is_archived: bool) -> List {
        List {
            name: id.to_owned(),
            id: ListId(id.to_owned()),
            title: id.to_owned(),
            description: None,
            is_open: false,
            from: None,
            reply_to: None,
            list_id: None,
            template: None,
            footer: None,
            is_archived,
            file: None,
        }
    }

    fn ids(ids: &[&str]) -> Vec<ListId> {
        ids.iter().map(|id| ListId((*id).to_owned())).collect()
    }

    #[test]
    fn one_list_for_all_makes_an_issue_one_for_everybody() {
        let known = [list("open", true), list("inner", false)];
        let why = |goes_to: &[&str]| why_closed(&issue("1", None, None), None, &known, &ids(goes_to));
        assert_eq!(why(&["inner", "open"]), None);
        assert_eq!(why(&["inner"]), Some(Why::Private(ids(&["inner"]))));
        assert_eq!(why(&["inner", "gone"]), Some(Why::Unlisted(ids(&["gone"]))));
    }

    #[test]
    fn what_the_author_says_goes_before_what_the_readers_are() {
        let known = [list("inner", false)];
        let why =
            |archive, segment| why_closed(&issue("1", archive, segment), None, &known, &ids(&["inner"]));
        assert_eq!(why(Some(true), Some("plan == \"paid\"")), None);
        assert_eq!(why(None, Some("plan == \"paid\"")), Some(Why::Segment));
        assert_eq!(why(Some(false), None), Some(Why::Off));
        let unfit = why_closed(&issue("page", Some(true), None), None, &known, &[]);
        assert!(unfit.is_some_and(|why| why.is_failure()));
    }
}
