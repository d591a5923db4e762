//! One request with its redirects and timing → [`Visit`]: what happened, not what we think of it.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, HeaderMap, LOCATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, Method, Response};
use tokio::sync::Semaphore;
use url::Url;

use super::host::{Hosts, Shut, Signal};
use super::reach::{self, Private};

/// So much of an error page is read, to recognise a bot wall.
const PAGE_START: usize = 16 * 1024;

/// Everything that happened on the way to one address.
#[derive(Debug, Clone)]
pub struct Visit {
    pub address: Url,
    /// The redirects that were followed, in order.
    pub hops: Vec<Hop>,
    pub end: End,
    /// From the first request of the last try to its end, without waiting for turns.
    pub took: Duration,
    /// From 1.
    pub tries: u32,
}

/// One redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub status: u16,
    pub to: Url,
}

impl Hop {
    /// 301 and 308: the address has changed for good (RFC 9110 15.4).
    pub fn is_permanent(&self) -> bool {
        matches!(self.status, 301 | 308)
    }
}

/// Where a visit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Answered(Answer),
    NoAnswer(NoAnswer),
    /// The redirects lead back to where they have been. `cookies`: something on the way set one and may
    /// have waited for it to come back.
    Circle {
        cookies: bool,
    },
    TooManyRedirects(usize),
    /// A redirect without a target that can be visited.
    BadRedirect(String),
    /// It leads into a private network, which was not entered.
    Private(IpAddr),
    /// The host asked for a pause that is longer than we wait.
    Resting(Duration),
    /// The host asked for pauses so often that this request was not made.
    HostBusy,
}

/// The last answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    /// The bot wall that answered in place of the page.
    pub wall: Option<&'static str>,
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// The name leads to no address.
    Dns(String),
    Connect(String),
    /// The certificate or the handshake.
    Tls(String),
    /// A connection, but no answer within this time.
    TimedOut(Duration),
    /// The connection ended in the middle.
    Cut(String),
    /// Earlier requests to this host got no answer, so this one was not made.
    HostSilent,
}

impl End {
    /// Whether the same visit may end otherwise a moment later.
    pub fn may_pass(&self) -> bool {
        match self {
            End::Answered(answer) => matches!(answer.status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            End::NoAnswer(NoAnswer::Dns(cause)) => cause.contains("emporary"),
            End::NoAnswer(NoAnswer::Connect(_) | NoAnswer::TimedOut(_) | NoAnswer::Cut(_)) => true,
            End::NoAnswer(NoAnswer::Tls(_) | NoAnswer::HostSilent)
            | End::Circle { .. }
            | End::TooManyRedirects(_)
            | End::BadRedirect(_)
            | End::Private(_)
            | End::Resting(_)
            | End::HostBusy => false,
        }
    }

    /// The pause that the other side asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            End::Answered(answer) => answer.retry_after,
            _ => None,
        }
    }
}

/// The time that is left for one address.
#[derive(Debug)]
pub struct Budget {
    whole: Duration,
    pub left: Duration,
}

impl Budget {
    pub fn new(whole: Duration) -> Budget {
        Budget { whole, left: whole }
    }

    pub fn spend(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }
}

/// Makes requests: one at a time for each address, with a turn at the host and one of all slots.
pub struct Walker {
    pub client: Client,
    pub hosts: Hosts,
    /// Requests at a time over all hosts.
    pub slots: Arc<Semaphore>,
    pub redirects: usize,
    pub allow_private: bool,
}

/// What one address answered, before anybody follows a redirect.
enum Step {
    Redirect { status: u16, location: String, cookie: bool },
    End(End),
}

impl Walker {
    /// Follows `start` to its end within `budget`.
    pub async fn walk(&self, start: &Url, budget: &mut Budget) -> (Vec<Hop>, End) {
        let mut way = Way::new(start.clone());
        loop {
            match self.step(&way.here, budget).await {
                Step::End(end) => return (way.hops, end),
                Step::Redirect { status, location, cookie } => {
                    way.cookies |= cookie;
                    if let Err(end) = way.follow(status, &location, self.redirects) {
                        return (way.hops, end);
                    }
                }
            }
        }
    }

    /// HEAD, and GET where the answer to HEAD is not to be believed.
    async fn step(&self, url: &Url, budget: &mut Budget) -> Step {
        if let Some(Private(ip)) = reach::private_literal(url).filter(|_| !self.allow_private) {
            return Step::End(End::Private(ip));
        }
        let half = budget.left / 2;
        match self.request(Method::HEAD, url, half, budget).await {
            Ok(answer) if head_is_believable(&answer) => read(answer, false).await,
            Err(end) if !get_may_do_better(&end) => Step::End(end),
            head => match (self.request(Method::GET, url, budget.left, budget).await, head) {
                (Ok(answer), _) => read_within(answer, budget).await,
                (Err(End::HostBusy), Ok(answer)) => read(answer, false).await,
                (Err(end), _) => Step::End(end),
            },
        }
    }

    async fn request(
        &self,
        method: Method,
        url: &Url,
        limit: Duration,
        budget: &mut Budget,
    ) -> Result<Response, End> {
        let turn = self.hosts.turn(url).await.map_err(shut)?;
        let _slot = self.slots.acquire().await.expect("the slots are never closed");
        let began = Instant::now();
        let sent = tokio::time::timeout(limit, self.client.request(method, url.clone()).send()).await;
        budget.spend(began.elapsed());
        let result = match sent {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(failure(&error, budget.whole)),
            Err(_) => Err(End::NoAnswer(NoAnswer::TimedOut(budget.whole))),
        };
        turn.end(signal(&result));
        result
    }
}

/// The redirects so far.
struct Way {
    here: Url,
    seen: HashSet<Url>,
    hops: Vec<Hop>,
    cookies: bool,
}

impl Way {
    fn new(start: Url) -> Way {
        Way { seen: HashSet::from([start.clone()]), here: start, hops: Vec::new(), cookies: false }
    }

    fn follow(&mut self, status: u16, location: &str, most: usize) -> Result<(), End> {
        let mut to = self.here.join(location).map_err(|_| End::BadRedirect(location.to_owned()))?;
        to.set_fragment(None);
        if !matches!(to.scheme(), "http" | "https") {
            return Err(End::BadRedirect(to.to_string()));
        }
        if self.hops.len() >= most {
            return Err(End::TooManyRedirects(most));
        }
        self.hops.push(Hop { status, to: to.clone() });
        if !self.seen.insert(to.clone()) {
            return Err(End::Circle { cookies: self.cookies });
        }
        self.here = to;
        Ok(())
    }
}

/// Servers that do not do HEAD answer it with an error, or with an empty page where there is one.
fn head_is_believable(answer: &Response) -> bool {
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

fn get_may_do_better(end: &End) -> bool {
    matches!(end, End::NoAnswer(NoAnswer::TimedOut(_) | NoAnswer::Cut(_)))
}

async fn read_within(answer: Response, budget: &mut Budget) -> Step {
    let began = Instant::now();
    let headers_only = headers_of(&answer);
    let step = tokio::time::timeout(budget.left, read(answer, true)).await;
    budget.spend(began.elapsed());
    step.unwrap_or(Step::End(End::Answered(headers_only)))
}

async fn read(answer: Response, has_body: bool) -> Step {
    let status = answer.status().as_u16();
    if matches!(status, 300..=303 | 307 | 308) {
        return redirect(status, answer.headers());
    }
    let mut end = headers_of(&answer);
    if has_body && end.wall.is_none() && status >= 400 {
        end.wall = wall_of_page(&page_start(answer).await);
    }
    Step::End(End::Answered(end))
}

fn redirect(status: u16, headers: &HeaderMap) -> Step {
    let Some(location) = headers.get(LOCATION) else {
        return Step::End(End::BadRedirect(format!("a {status} without a target")));
    };
    let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
    Step::Redirect { status, location, cookie: headers.contains_key(SET_COOKIE) }
}

fn headers_of(answer: &Response) -> Answer {
    let headers = answer.headers();
    let status = answer.status().as_u16();
    let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Answer {
        status,
        retry_after: retry_after.and_then(|text| pause_of(text, jiff::Timestamp::now())),
        wall: wall_of_headers(status, headers),
    }
}

/// Seconds, or a date (RFC 9110 10.2.3); a date that has passed is no pause at all.
fn pause_of(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(date.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

fn wall_of_headers(status: u16, headers: &HeaderMap) -> Option<&'static str> {
    let has = |name: &str| headers.contains_key(name);
    match status {
        _ if has("cf-mitigated") => Some("Cloudflare"),
        _ if has("x-amzn-waf-action") => Some("AWS WAF"),
        400.. if has("x-datadome") => Some("DataDome"),
        _ => None,
    }
}

/// The beginning of an error page; what cannot be read is left out.
async fn page_start(mut answer: Response) -> Vec<u8> {
    let mut page = Vec::new();
    while page.len() < PAGE_START
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        page.extend_from_slice(&chunk[..chunk.len().min(PAGE_START - page.len())]);
    }
    page
}

fn wall_of_page(page: &[u8]) -> Option<&'static str> {
    let page = String::from_utf8_lossy(page).to_lowercase();
    let signs = [
        ("just a moment...", "Cloudflare"),
        ("cf-browser-verification", "Cloudflare"),
        ("captcha", "a captcha"),
        ("are you a robot", "a robot test"),
        ("verify you are human", "a robot test"),
        ("unusual traffic", "a robot test"),
    ];
    signs.into_iter().find(|(sign, _)| page.contains(sign)).map(|(_, name)| name)
}

fn shut(shut: Shut) -> End {
    match shut {
        Shut::Resting(wait) => End::Resting(wait),
        Shut::Silent => End::NoAnswer(NoAnswer::HostSilent),
        Shut::Busy => End::HostBusy,
    }
}

fn signal(result: &Result<Response, End>) -> Signal {
    match result {
        Ok(answer) if matches!(answer.status().as_u16(), 429 | 503) => {
            Signal::Busy(headers_of(answer).retry_after)
        }
        Ok(_) => Signal::Answered,
        Err(End::NoAnswer(NoAnswer::Connect(_) | NoAnswer::TimedOut(_) | NoAnswer::Dns(_))) => Signal::Silent,
        Err(_) => Signal::Nothing,
    }
}

fn failure(error: &reqwest::Error, limit: Duration) -> End {
    let causes = || std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    if let Some(Private(ip)) = causes().find_map(|cause| cause.downcast_ref()) {
        return End::Private(*ip);
    }
    let root = causes().last().map(ToString::to_string).unwrap_or_default();
    End::NoAnswer(match () {
        () if causes().any(is_tls) => NoAnswer::Tls(tls_words(&root)),
        () if error.is_dns() || root.contains("lookup address") => NoAnswer::Dns(root),
        () if error.is_connect() && error.is_timeout() => {
            NoAnswer::Connect("no connection in time".to_owned())
        }
        () if error.is_connect() => NoAnswer::Connect(plain_words(&root)),
        () if error.is_timeout() => NoAnswer::TimedOut(limit),
        () => NoAnswer::Cut(plain_words(&root)),
    })
}

fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    cause.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>())
}

fn tls_words(root: &str) -> String {
    let known = [
        ("Expired", "its certificate has expired"),
        ("expired", "its certificate has expired"),
        ("NotValidForName", "its certificate is for another name"),
        ("not valid for name", "its certificate is for another name"),
        ("UnknownIssuer", "nobody that browsers trust signed its certificate"),
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
        assert_eq!(pause_of("soon", now), None);
        assert_eq!(pause_of("-3", now), None);
    }

    #[test]
    fn a_wall_is_known_by_its_page() {
        assert_eq!(wall_of_page(b"<title>Just a moment...</title>"), Some("Cloudflare"));
        assert_eq!(wall_of_page(b"<h1>Not found</h1>"), None);
    }
}
