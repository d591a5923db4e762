//! What a form says, in either of the two encodings that RFC 8058 3.2 asks for.

use std::borrow::Cow;

use super::Wish;
use crate::model::subscriber::ListId;

/// The field of RFC 8058, which the page's own button sends, too.
pub(super) const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");
/// What the button for everything sends.
pub(super) const ALL: (&str, &str) = ("all", "yes");
/// What the buttons for second thoughts send.
pub(super) const UNDO: (&str, &str) = ("undo", "yes");
pub(super) const UNDO_ALL: (&str, &str) = ("undo", "all");

/// What the visitor wants. `content_type` is that of the request; without one the body is read as a form of a browser.
pub(super) fn wish(content_type: &str, body: &[u8]) -> Wish {
    let fields = match boundary(content_type) {
        Some(boundary) => parts(body, &boundary),
        None => url::form_urlencoded::parse(body).collect(),
    };
    let says = |(name, value): (&str, &str)| {
        fields.iter().any(|(n, v)| n.eq_ignore_ascii_case(name) && v.trim().eq_ignore_ascii_case(value))
    };
    let known =
        [(ALL, Wish::LeaveAll), (ONE_CLICK, Wish::Leave), (UNDO, Wish::Stay), (UNDO_ALL, Wish::StayAll)];
    known.into_iter().find(|(field, _)| says(*field)).map_or(Wish::Unclear, |(_, wish)| wish)
}

/// The lists that a link names: `l=weekly&l=daily`.
pub(super) fn lists(query: &str) -> Vec<ListId> {
    let named = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "l");
    named.map(|(_, list)| ListId(list.into_owned())).take(MOST_LISTS).collect()
}

/// No link names more.
const MOST_LISTS: usize = 100;

type Field<'a> = (Cow<'a, str>, Cow<'a, str>);

/// RFC 7578 4.1.
fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    let is_multipart = kind.trim().eq_ignore_ascii_case("multipart/form-data");
    is_multipart.then(|| parameter(parameters, "boundary"))?
}

/// The value of `name` among parameters with `;` between them.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(known, _)| known.trim().eq_ignore_ascii_case(name))?;
    Some(value.trim().trim_matches('"').to_owned())
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<Field<'a>> {
    // Values that count are ASCII, as is what stands around them.
    let Ok(text) = std::str::from_utf8(body) else { return Vec::new() };
    text.split(&format!("--{boundary}")).filter_map(part).collect()
}

fn part(text: &str) -> Option<Field<'_>> {
    let (head, value) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n"))?;
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    Some((parameter(disposition, "name")?.into(), value.trim_end().into()))
}

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
