//! What a form says, in either of the two encodings that browsers and RFC 8058 3.2 have.

use std::borrow::Cow;

use hyper::Uri;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

/// The fields of a form, in their order.
pub(super) struct Form<'a>(Vec<Field<'a>>);

type Field<'a> = (Cow<'a, str>, Cow<'a, str>);

impl<'a> Form<'a> {
    /// `content_type` is that of the request; without one the body is read as a form of a browser.
    pub(super) fn read(content_type: &str, body: &'a [u8]) -> Form<'a> {
        Form(match boundary(content_type) {
            Some(boundary) => parts(body, &boundary),
            None => url::form_urlencoded::parse(body).collect(),
        })
    }

    /// Whether a field has this value, whatever their capitals.
    pub(super) fn says(&self, (name, value): (&str, &str)) -> bool {
        self.0.iter().any(|(n, v)| n.eq_ignore_ascii_case(name) && v.trim().eq_ignore_ascii_case(value))
    }

    /// The value of the first field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_ref())
    }
}

/// The language that an address names: that of the letter whose link it is.
pub(super) fn named_lang(uri: &Uri) -> Option<String> {
    let mut named = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    named.find(|(name, _)| name == "lang").map(|(_, lang)| lang.into_owned())
}

/// What a request says its body is.
pub(super) fn content_type(head: &Parts) -> &str {
    head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

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
    // What is no UTF-8 is none of our forms.
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
    use proptest::prelude::*;

    use super::*;

    const MULTIPART: &str = "multipart/form-data; boundary=\"x-1\"";

    #[test]
    fn both_encodings_say_the_same() {
        let form = Form::read("application/x-www-form-urlencoded", b"email=ada%40example.org&l=weekly&l=d+1");
        let body = "--x-1\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nada@example.org\r\n\
                    --x-1\r\nContent-Disposition: form-data; name=\"l\"\r\n\r\nweekly\r\n\
                    --x-1\r\nContent-Disposition: form-data; name=\"l\"\r\n\r\nd 1\r\n--x-1--\r\n";
        let other = Form::read(MULTIPART, body.as_bytes());
        for form in [form, other] {
            assert_eq!(form.get("email"), Some("ada@example.org"));
            assert_eq!(form.all("l").collect::<Vec<_>>(), ["weekly", "d 1"]);
            assert_eq!(form.get("t"), None);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_posted_is_read(kind in ".{0,40}", body in proptest::collection::vec(any::<u8>(), 0..200)) {
            for kind in [kind.as_str(), MULTIPART, ""] {
                let form = Form::read(kind, &body);
                prop_assert!(form.all("l").count() <= body.len());
            }
        }
    }
}
