//! Makes the requests of one visit: a turn at the host, a slot of all, redirects by hand, GET once where a page
//! is likely and HEAD first where only a file is.
//!
//! A page is asked for with one GET and never with HEAD before it: what readers get is what GET gives, the page
//! has to be read to see that it only says “not found”, and a link that works once must not be used up by the
//! first of two requests. Of a page only the beginning is read, and of anything else nothing. A file to download
//! (`.pdf`, `.zip`…) is asked for with HEAD, and so is everything if the settings want no page read; GET follows
//! only where the answer to HEAD is not to be believed.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, Response};
use tokio::sync::Semaphore;
use url::Url;

use super::answer::{self, Step};
use super::host::{Hosts, Shut, Signal};
use super::reach::{self, Private};
use super::visit::{End, Hop, NoAnswer};
use super::wanted::Wanted;

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
    pub seats: Seats,
    pub redirects: usize,
    pub allow_private: bool,
    /// Whether pages are read.
    pub pages: bool,
    /// Hosts that do not speak https.
    pub plain: Mutex<HashSet<String>>,
    pub ports: Ports,
}

/// Where http and https are spoken: a page of one is looked for at the other.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub http: u16,
    pub https: u16,
}

impl Default for Ports {
    fn default() -> Ports {
        Ports { http: 80, https: 443 }
    }
}

/// Requests at a time over all hosts. One that hangs gives its slot to the next and waits aside, so that a
/// thousand silent hosts do not hold up those that answer.
pub struct Seats {
    slots: Arc<Semaphore>,
    aside: Arc<Semaphore>,
    linger: Duration,
}

/// So many times as many as have a slot may wait aside.
const ASIDE: usize = 8;

impl Seats {
    /// `linger` is how long a request keeps its slot without an answer.
    pub fn new(slots: usize, linger: Duration) -> Seats {
        let slots = slots.clamp(1, Semaphore::MAX_PERMITS / ASIDE);
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Seats { slots: semaphore(slots), aside: semaphore(slots * ASIDE), linger }
    }

    async fn seated<T>(&self, work: impl Future<Output = T>) -> T {
        let slot = self.slots.acquire().await.expect("the slots are never closed");
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(self.linger, work.as_mut()).await {
            return done;
        }
        let aside = self.aside.try_acquire();
        if aside.is_ok() {
            drop(slot);
        }
        work.await
    }
}

/// What a request brought, and whether an answer to HEAD is to be believed.
struct Said {
    step: Step,
    is_believable: bool,
}

impl Walker {
    /// Follows the redirects from the address to their end within `budget`.
    pub async fn walk(&self, wanted: &Wanted, budget: &mut Budget) -> (Vec<Hop>, End) {
        let mut way = Way::new(wanted.address.clone());
        loop {
            match self.step(&way.here, wanted, budget).await {
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

    async fn step(&self, url: &Url, wanted: &Wanted, budget: &mut Budget) -> Step {
        if let Some(Private(ip)) = reach::private_literal(url).filter(|_| !self.allow_private) {
            return Step::End(End::Private(ip));
        }
        if self.has_to_read(url, wanted) {
            let said = self.ask(Method::GET, url, wanted, budget.left, budget).await;
            return said.map_or_else(Step::End, |said| said.step);
        }
        match self.ask(Method::HEAD, url, wanted, budget.left / 2, budget).await {
            Ok(said) if said.is_believable => said.step,
            Err(end) if !answer::get_may_do_better(&end) => Step::End(end),
            head => match (self.ask(Method::GET, url, wanted, budget.left, budget).await, head) {
                (Ok(said), _) | (Err(End::HostBusy), Ok(said)) => said.step,
                (Err(end), _) => Step::End(end),
            },
        }
    }

    fn has_to_read(&self, url: &Url, wanted: &Wanted) -> bool {
        wanted.is_image || !wanted.fragments.is_empty() || self.pages && !is_file(url)
    }

    async fn ask(
        &self,
        method: Method,
        url: &Url,
        wanted: &Wanted,
        limit: Duration,
        budget: &mut Budget,
    ) -> Result<Said, End> {
        let turn = self.hosts.turn(url).await.map_err(shut)?;
        let (said, signal) = self.seats.seated(self.exchange(method, url, wanted, limit, budget)).await;
        turn.end(signal);
        said
    }

    /// One request and its answer, read as far as it is of interest.
    async fn exchange(
        &self,
        method: Method,
        url: &Url,
        wanted: &Wanted,
        limit: Duration,
        budget: &mut Budget,
    ) -> (Result<Said, End>, Signal) {
        let is_head = method == Method::HEAD;
        let answer = self.send(method, url, limit, budget).await;
        let signal = answer::signal(&answer);
        let said = match answer {
            Ok(answer) if is_head => {
                let is_believable = answer::head_is_believable(&answer);
                Ok(Said { step: answer::of_head(&answer), is_believable })
            }
            Ok(answer) => Ok(Said { step: answer::read(answer, wanted, budget).await, is_believable: true }),
            Err(end) => Err(end),
        };
        (said, signal)
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        limit: Duration,
        budget: &mut Budget,
    ) -> Result<Response, End> {
        let began = Instant::now();
        let sent = tokio::time::timeout(limit, self.client.request(method, url.clone()).send()).await;
        budget.spend(began.elapsed());
        match sent {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(answer::failure(&error, budget.whole)),
            Err(_) => Err(End::NoAnswer(NoAnswer::TimedOut(budget.whole))),
        }
    }
}

/// Endings of paths that lead to a file and to no page, in lower case.
const FILES: [&str; 34] = [
    "pdf", "epub", "mobi", "zip", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "tar", "exe", "msi", "dmg",
    "pkg", "deb", "rpm", "apk", "iso", "mp3", "m4a", "ogg", "flac", "wav", "mp4", "m4v", "webm", "mov",
    "avi", "mkv", "docx", "xlsx", "pptx",
];

fn is_file(url: &Url) -> bool {
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    ending.is_some_and(|ending| FILES.contains(&ending.as_str()))
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

fn shut(shut: Shut) -> End {
    match shut {
        Shut::Resting(wait) => End::Resting(wait),
        Shut::Silent => End::NoAnswer(NoAnswer::HostSilent),
        Shut::Busy => End::HostBusy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_pages_by_their_ending() {
        for (text, file) in [
            ("https://a.example/report.PDF", true),
            ("https://a.example/archive.tar.gz?x=1", true),
            ("https://a.example/page.html", false),
            ("https://a.example/", false),
            ("https://a.example/v1.2/notes", false),
        ] {
            assert_eq!(is_file(&Url::parse(text).unwrap()), file, "{text}");
        }
    }
}
