//! One answer → what it says: a redirect, a wall, a page and its source, or why there was none.

use std::time::{Duration, Instant};

use reqwest::Response;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER, SET_COOKIE};

use super::host::Signal;
use super::page::{BEGINNING, WHOLE};
use super::reach::Private;
use super::signs;
use super::visit::{Answer, End, NoAnswer};
use super::walk::Budget;
use super::wanted::Wanted;

/// So much of an error page is read, to recognise a bot wall.
const ERROR: usize = 16 * 1024;

/// So much of an image without a size in its header is counted, in bytes; it is too heavy long before.
const LARGEST_IMAGE: usize = 10 * 1024 * 1024;

/// What one address answered, before anybody follows a redirect.
#[derive(Debug)]
pub enum Step {
    Redirect { status: u16, location: String, cookie: bool },
    End(End),
}

/// Reads the answer to a HEAD: there is nothing but headers.
pub fn of_head(answer: &Response) -> Step {
    redirect(answer).unwrap_or_else(|| Step::End(End::Answered(headers_of(answer))))
}

/// Reads the answer to a GET, within the time that is left; what does not come in time is left out.
pub async fn read(mut answer: Response, wanted: &Wanted, budget: &mut Budget) -> Step {
    if let Some(step) = redirect(&answer) {
        return step;
    }
    let mut said = headers_of(&answer);
    let reading = Reading::of(&said, wanted);
    let mut body = Body::default();
    let began = Instant::now();
    let poured = tokio::time::timeout(budget.left, body.pour(&mut answer, reading)).await;
    budget.spend(began.elapsed());
    said.page.is_late = poured.is_err();
    match (reading, body.end) {
        (Reading::Count(_), Poured::Cut(why)) => return Step::End(End::NoAnswer(NoAnswer::Cut(why))),
        (Reading::Count(_), _) => said.page.bytes = Some(body.bytes),
        (Reading::Error, _) => {
            let page = String::from_utf8_lossy(&body.kept);
            said.wall = said.wall.or_else(|| signs::wall_of_error(&page).map(str::to_owned));
        }
        (Reading::Page(_), end) => {
            let is_whole = end == Poured::Whole && !said.page.is_late;
            said.page.read(&body.kept, &wanted.fragments, is_whole);
            let title = said.page.title.as_deref().unwrap_or_default();
            said.wall = said.wall.or_else(|| signs::wall_of_title(title).map(str::to_owned));
        }
        (Reading::Nothing, _) => {}
    }
    Step::End(End::Answered(said))
}

/// How much of a body is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Nothing,
    Error,
    /// The source of a page, at most so many bytes.
    Page(usize),
    /// Only how many bytes there are, at most so many.
    Count(usize),
}

impl Reading {
    fn of(said: &Answer, wanted: &Wanted) -> Reading {
        let is_html = said.page.kind.as_deref().is_none_or(|kind| kind.contains("html"));
        match said.status {
            status if said.wall.is_none() && signs::may_turn_robots_away(status) => Reading::Error,
            200..=299 if wanted.is_image && said.page.bytes.is_none() => Reading::Count(LARGEST_IMAGE),
            200..=299 if is_html && wanted.fragments.is_empty() => Reading::Page(BEGINNING),
            200..=299 if is_html => Reading::Page(WHOLE),
            _ => Reading::Nothing,
        }
    }

    fn most(self) -> usize {
        match self {
            Reading::Nothing => 0,
            Reading::Error => ERROR,
            Reading::Page(most) | Reading::Count(most) => most,
        }
    }
}

/// A body while it comes in.
#[derive(Debug, Default)]
struct Body {
    kept: Vec<u8>,
    bytes: u64,
    end: Poured,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Poured {
    /// There may be more.
    #[default]
    Enough,
    Whole,
    Cut(String),
}

impl Body {
    async fn pour(&mut self, answer: &mut Response, reading: Reading) {
        let most = reading.most();
        while (self.bytes as usize) < most {
            match answer.chunk().await {
                Ok(Some(chunk)) => self.take(&chunk, reading),
                Ok(None) => return self.end = Poured::Whole,
                Err(error) => return self.end = Poured::Cut(plain_words(&root_of(&error))),
            }
        }
    }

    fn take(&mut self, chunk: &[u8], reading: Reading) {
        self.bytes += chunk.len() as u64;
        if !matches!(reading, Reading::Count(_)) {
            let room = reading.most() - self.kept.len();
            self.kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
    }
}

/// Servers that do not do HEAD answer it with an error, or with an empty page where there is one.
pub fn head_is_believable(answer: &Response) -> bool {
    let status = answer.status().as_u16();
    let headers = answer.headers();
    let empty = headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0");
    match status {
        429 => true,
        503 => headers.contains_key(RETRY_AFTER),
        200 => !empty,
        _ => status < 400,
    }
}

pub fn get_may_do_better(end: &End) -> bool {
    matches!(end, End::NoAnswer(NoAnswer::TimedOut(_) | NoAnswer::Cut(_)))
}

fn redirect(answer: &Response) -> Option<Step> {
    let (status, headers) = (answer.status().as_u16(), answer.headers());
    if !matches!(status, 300..=303 | 307 | 308) {
        return None;
    }
    let Some(location) = headers.get(LOCATION) else {
        return Some(Step::End(End::BadRedirect(format!("a {status} without a target"))));
    };
    let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
    Some(Step::Redirect { status, location, cookie: headers.contains_key(SET_COOKIE) })
}

fn headers_of(answer: &Response) -> Answer {
    let headers = answer.headers();
    let status = answer.status().as_u16();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut said = Answer::of(status);
    said.retry_after = text(RETRY_AFTER).and_then(|text| pause_of(text, jiff::Timestamp::now()));
    said.wall = wall_of_headers(status, headers).map(str::to_owned);
    said.page.kind = text(CONTENT_TYPE).map(media_type);
    said.page.bytes = text(CONTENT_LENGTH).and_then(|text| text.trim().parse().ok());
    said
}

fn media_type(text: &str) -> String {
    text.split(';').next().unwrap_or_default().trim().to_lowercase()
}

/// Seconds, or a date (RFC 9110 10.2.3); a date that has passed is no pause at all.
fn pause_of(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    let pause = match text.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
            date.duration_since(now).try_into().unwrap_or(Duration::ZERO)
        }
    };
    Some(pause.min(LONGEST_PAUSE))
}

/// No pause that a server asks for is believed to be longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 3600);

fn wall_of_headers(status: u16, headers: &HeaderMap) -> Option<&'static str> {
    let has = |name: &str| headers.contains_key(name);
    match status {
        _ if has("cf-mitigated") => Some("Cloudflare"),
        _ if has("x-amzn-waf-action") => Some("AWS WAF"),
        _ if has("x-datadome") && signs::may_turn_robots_away(status) => Some("DataDome"),
        _ => None,
    }
}

/// What an answer, or its absence, says about the host.
pub fn signal(result: &Result<Response, End>) -> Signal {
    match result {
        Ok(answer) if matches!(answer.status().as_u16(), 429 | 503) => {
            Signal::Busy(headers_of(answer).retry_after)
        }
        Ok(_) => Signal::Answered,
        Err(End::NoAnswer(NoAnswer::Connect(_) | NoAnswer::TimedOut(_) | NoAnswer::Dns(_))) => Signal::Silent,
        Err(_) => Signal::Nothing,
    }
}

/// Why a request failed; `limit` is the time it had.
pub fn failure(error: &reqwest::Error, limit: Duration) -> End {
    if let Some(Private(ip)) = causes(error).find_map(|cause| cause.downcast_ref()) {
        return End::Private(*ip);
    }
    let root = root_of(error);
    End::NoAnswer(match () {
        () if causes(error).any(is_tls) => NoAnswer::Tls(tls_words(&root)),
        () if error.is_dns() || root.contains("lookup address") => NoAnswer::Dns(root),
        () if error.is_connect() && error.is_timeout() => {
            NoAnswer::Connect("no connection in time".to_owned())
        }
        () if error.is_connect() => NoAnswer::Connect(plain_words(&root)),
        () if error.is_timeout() => NoAnswer::TimedOut(limit),
        () => NoAnswer::Cut(plain_words(&root)),
    })
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
}

fn root_of(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// An I/O error leaves what it holds out of the chain of causes, and may hold another one.
fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    cause.is::<rustls::Error>() || inner.is_some_and(|inner| is_tls(inner))
}

fn tls_words(root: &str) -> String {
    let known = [
        ("xpired", "its certificate has expired"),
        ("NotValidForName", "its certificate is for another name"),
        ("not valid for name", "its certificate is for another name"),
        ("NotValidYet", "its certificate is not valid yet"),
        ("not valid yet", "its certificate is not valid yet"),
        ("UnknownIssuer", "nobody that browsers trust signed its certificate"),
        ("BadSignature", "nobody that browsers trust signed its certificate"),
        ("CaUsedAsEndEntity", "nobody that browsers trust signed its certificate"),
    ];
    let words = known.into_iter().find(|(sign, _)| root.contains(sign)).map(|(_, words)| words.to_owned());
    words.unwrap_or_else(|| format!("no secure connection: {root}"))
}

/// Without the number that the operating system adds.
fn plain_words(root: &str) -> String {
    root.split(" (os error").next().unwrap_or(root).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_read_as_seconds_and_as_a_date() {
        let now: jiff::Timestamp = "2015-10-21T07:27:00Z".parse().unwrap();
        assert_eq!(pause_of("120", now), Some(Duration::from_secs(120)));
        assert_eq!(pause_of("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(pause_of("Wed, 21 Oct 2015 07:26:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(pause_of("18446744073709551615", now), Some(LONGEST_PAUSE));
        assert_eq!(pause_of("soon", now), None);
        assert_eq!(pause_of("-3", now), None);
    }

    #[test]
    fn a_media_type_is_read_without_its_parameters() {
        assert_eq!(media_type("Text/HTML; charset=utf-8"), "text/html");
    }
}
