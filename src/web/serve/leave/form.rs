//! What whoever opens an unsubscribe link wants.

use super::Wish;
use crate::ledger::consent::Ticks;
use crate::model::subscriber::ListId;
use crate::web::serve::form::Form;

/// The field of RFC 8058, which the page's own button sends, too.
pub(super) const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");
/// What the button for everything sends.
pub(super) const ALL: (&str, &str) = ("all", "yes");
/// What the button of the preferences sends.
pub(super) const SAVE: (&str, &str) = ("save", "yes");
/// The field that names each box of the preferences.
pub(super) const SHOWN: &str = "shown";
/// What the buttons for second thoughts send.
pub(super) const UNDO: (&str, &str) = ("undo", "yes");
pub(super) const UNDO_ALL: (&str, &str) = ("undo", "all");

/// What the visitor wants. `content_type` is that of the request; without one the body is read as a form of a browser.
pub(super) fn wish(content_type: &str, body: &[u8]) -> Wish {
    let form = Form::read(content_type, body);
    let known =
        [(ALL, Wish::LeaveAll), (ONE_CLICK, Wish::Leave), (UNDO, Wish::Stay), (UNDO_ALL, Wish::StayAll)];
    known.into_iter().find(|(field, _)| form.says(*field)).map_or(Wish::Unclear, |(_, wish)| wish)
}

/// What whoever sends the page of their preferences wants; `None` if it is none of its forms.
pub(super) fn chosen(content_type: &str, body: &[u8]) -> Option<Chosen> {
    let form = Form::read(content_type, body);
    let of = |field, chosen| form.says(field).then_some(chosen);
    let lists = |name: &str| form.all(name).map(|list| ListId(list.to_owned())).take(MOST_LISTS).collect();
    let ticks = || Ticks { wanted: lists("l"), shown: lists(SHOWN) };
    of(ALL, Chosen::Nothing)
        .or_else(|| of(UNDO_ALL, Chosen::Back))
        .or_else(|| form.says(SAVE).then(|| Chosen::These(ticks())))
}

/// What somebody chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    These(Ticks),
    Nothing,
    /// That it was a mistake to choose nothing.
    Back,
}

/// The lists that a link names: `l=weekly&l=daily`.
pub(super) fn lists(query: &str) -> Vec<ListId> {
    let named = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "l");
    named.map(|(_, list)| ListId(list.into_owned())).take(MOST_LISTS).collect()
}

/// No link names more.
const MOST_LISTS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    const MULTIPART: &str = "multipart/form-data; boundary=\"x-1\"";

    #[test]
    fn one_click_is_understood_in_both_encodings() {
        for kind in
            ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", ""]
        {
            assert_eq!(wish(kind, b"List-Unsubscribe=One-Click"), Wish::Leave, "{kind}");
            assert_eq!(wish(kind, b"undo=yes"), Wish::Stay, "{kind}");
            assert_eq!(wish(kind, b"undo=all"), Wish::StayAll, "{kind}");
            assert_eq!(wish(kind, b"all=yes"), Wish::LeaveAll, "{kind}");
        }
        let body = "--x-1\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x-1--\r\n";
        assert_eq!(wish(MULTIPART, body.as_bytes()), Wish::Leave);
        let bare = body.replace("\r\n", "\n").replace("\"List-Unsubscribe\"", "List-Unsubscribe");
        assert_eq!(wish("Multipart/Form-Data; charset=x; boundary=x-1", bare.as_bytes()), Wish::Leave);
    }

    #[test]
    fn what_says_something_else_or_nothing_is_no_wish() {
        for body in ["", "List-Unsubscribe=", "List-Unsubscribe=No", "One-Click", "undo=no", "\u{0}"] {
            assert_eq!(wish("application/x-www-form-urlencoded", body.as_bytes()), Wish::Unclear, "{body}");
            assert_eq!(wish(MULTIPART, body.as_bytes()), Wish::Unclear, "{body}");
        }
        assert_eq!(wish(MULTIPART, b"--x-1\r\n\r\nList-Unsubscribe=One-Click\r\n--x-1--"), Wish::Unclear);
        assert_eq!(wish("multipart/form-data", b"\xff\xfe"), Wish::Unclear);
    }
}
