//! From a request to where it leads.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};

use super::desk::Tracker;
use super::{Errand, Led};
use crate::model::path;
use crate::policy::visitor::{Visitor, by_request};
use crate::web::serve::plain::{Answer, later, not_allowed, plain, private};

/// The parts of a path that leads here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    list: &'a str,
    link: u32,
    token: &'a str,
}

impl<'a> Asked<'a> {
    /// `None` for a path of something else.
    pub fn of(path: &'a str) -> Option<Asked<'a>> {
        let (first, rest) = path.strip_prefix('/')?.split_once('/')?;
        let (list, rest) = rest.split_once('/')?;
        match first {
            path::OPEN => Some(Asked { list, link: 0, token: rest.strip_suffix(".gif")? }),
            path::CLICK => {
                let (number, token) = rest.split_once('/')?;
                // A number is written in one way only.
                let link =
                    number.parse().ok().filter(|link: &u32| *link > 0 && link.to_string() == number)?;
                Some(Asked { list, link, token })
            }
            _ => None,
        }
    }
}

/// A picture of one point that cannot be seen.
const PICTURE: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x21\xf9\x04\x01\x00\x00\x00\x00\
    \x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b";

pub async fn answer(tracker: &Tracker, asked: Asked<'_>, head: &Parts) -> Answer {
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return private(not_allowed("GET, HEAD"));
    }
    let errand = Errand {
        list: asked.list.to_owned(),
        link: asked.link,
        token: asked.token.to_owned(),
        visitor: visitor(&head.method, &head.headers),
    };
    match tracker.ask(errand).await {
        Led::To(target) => led(&target),
        Led::Picture => picture(),
        Led::Unsent => said(StatusCode::NOT_FOUND, "This link leads on once its issue was sent.\n"),
        Led::Unknown => said(StatusCode::NOT_FOUND, "This link is not whole, or none of ours.\n"),
        Led::Trouble => private(later("Please try again in a minute.\n", 60)),
    }
}

fn visitor(method: &Method, headers: &HeaderMap) -> Visitor {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let purposes = ["purpose", "sec-purpose", "x-purpose", "x-moz"].map(text);
    let is_prefetch =
        purposes.iter().any(|purpose| purpose.contains("prefetch") || purpose.contains("preview"));
    by_request(*method == Method::HEAD, is_prefetch, text("user-agent"))
}

fn led(target: &str) -> Answer {
    let Some(location) = location(target) else {
        return said(StatusCode::NOT_FOUND, "This link is not whole, or none of ours.\n");
    };
    let mut answer = said(StatusCode::FOUND, "");
    answer.headers_mut().insert(header::LOCATION, location);
    answer
}

/// As it stood in the letter; what may not stand in a header, such as a name of a host in letters of other scripts, as
/// browsers ask for it.
fn location(target: &str) -> Option<HeaderValue> {
    let host = target.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    if target.bytes().all(|byte| byte.is_ascii_graphic()) && !host.unwrap_or_default().contains('%') {
        return HeaderValue::from_str(target).ok();
    }
    HeaderValue::from_str(url::Url::parse(target).ok()?.as_str()).ok()
}

fn picture() -> Answer {
    let mut answer = said(StatusCode::OK, "");
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    *answer.body_mut() = Full::new(Bytes::from_static(PICTURE));
    answer
}

fn said(status: StatusCode, words: &'static str) -> Answer {
    private(plain(status, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_here_in_one_way_only() {
        let click = Some(Asked { list: "abc", link: 7, token: "tok" });
        assert_eq!(Asked::of("/c/abc/7/tok"), click);
        let opened = Some(Asked { list: "abc", link: 0, token: "tok" });
        assert_eq!(Asked::of("/o/abc/tok.gif"), opened);
        for other in [
            "/c/abc/0/tok",
            "/c/abc/07/tok",
            "/c/abc/+7/tok",
            "/c/abc/x/tok",
            "/c/abc/7",
            "/c/abc",
            "/o/abc/tok",
            "/o/tok.gif",
            "/u/tok",
            "/c/abc/99999999999/tok",
            "//c/abc/7/tok",
            "/news/c/abc/7/tok",
        ] {
            assert_eq!(Asked::of(other), None, "{other}");
        }
    }

    #[test]
    fn the_picture_is_one() {
        let size = imagesize::blob_size(PICTURE).unwrap();
        assert_eq!((size.width, size.height), (1, 1));
    }

    #[test]
    fn a_target_in_any_script_is_led_to_and_one_in_ascii_as_it_was_written() {
        let led_to = |target: &str| location(target).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(led_to("https://a.example?x=%41").as_deref(), Some("https://a.example?x=%41"));
        assert_eq!(led_to("https://a.example/a b").as_deref(), Some("https://a.example/a%20b"));
        let expected = "https://xn--bcher-kva.example/%C3%BCber?q=%C3%A4";
        for written in ["https://bücher.example/über?q=ä", "https://b%C3%BCcher.example/%C3%BCber?q=%C3%A4"]
        {
            assert_eq!(led_to(written).as_deref(), Some(expected));
        }
        assert_eq!(
            led_to("https://a.example/\r\nSet-Cookie: x"),
            led_to("https://a.example/Set-Cookie:%20x")
        );
    }
}
