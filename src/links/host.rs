//! Manners: how many at a time for each host, a pause when it asks for one, and an end to knocking where
//! nobody opens, or where only somebody busy does. There is no fixed interval between requests: a host that copes is not kept waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use url::Url;

/// So many requests in a row without any answer, and the host is not asked again in this run.
const SILENCE: u32 = 5;

/// So many pauses in a row without a good answer, and the host is not asked again in this run. One page that
/// is down asks for six of them by itself: HEAD and GET, and two retries.
const PAUSES: u32 = 7;

/// What a request says about its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Answered,
    /// 429 or 503: too much, with the pause it asked for, if it named one.
    Busy(Option<Duration>),
    /// No connection, or no answer in time.
    Silent,
    /// The request was given up by us.
    Nothing,
}

/// What may be done about a host right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Enter,
    /// As many as may are in flight; one of them has to come back first.
    WaitForTurn,
    WaitUntil(Instant),
    /// The host gave no answer, or only asked for pauses, so often that nobody asks again.
    GivenUp(Shut),
}

/// How fast one host is asked. Pure: the time is an argument.
#[derive(Debug)]
pub struct Pace {
    most: usize,
    limit: usize,
    in_flight: usize,
    calm: usize,
    silent: u32,
    pauses: u32,
    pause: Duration,
    resume: Option<Instant>,
}

impl Pace {
    /// Starts with `most` requests at a time, at least one; `pause` is the wait after a busy answer that
    /// names none, doubled while the host stays busy.
    pub fn new(most: usize, pause: Duration) -> Pace {
        let most = most.max(1);
        Pace { most, limit: most, in_flight: 0, calm: 0, silent: 0, pauses: 0, pause, resume: None }
    }

    pub fn entry(&self, now: Instant) -> Entry {
        match self.resume {
            _ if self.silent >= SILENCE => Entry::GivenUp(Shut::Silent),
            _ if self.pauses >= PAUSES => Entry::GivenUp(Shut::Busy),
            Some(resume) if resume > now => Entry::WaitUntil(resume),
            _ if self.in_flight >= self.limit => Entry::WaitForTurn,
            _ => Entry::Enter,
        }
    }

    pub fn enter(&mut self) {
        self.in_flight += 1;
    }

    /// Halves the limit of a busy host; lets one more in after as many good answers as the limit is.
    pub fn leave(&mut self, signal: Signal, now: Instant) {
        self.in_flight -= 1;
        match signal {
            Signal::Answered => self.answered(),
            Signal::Busy(asked) => self.busy(asked, now),
            Signal::Silent => self.silent += 1,
            Signal::Nothing => {}
        }
    }

    /// How many more may come in now.
    pub fn room(&self) -> usize {
        match self.silent >= SILENCE || self.pauses >= PAUSES {
            true => usize::MAX,
            false => self.limit.saturating_sub(self.in_flight),
        }
    }

    fn answered(&mut self) {
        (self.silent, self.pauses) = (0, 0);
        self.calm += 1;
        if self.calm >= self.limit {
            self.calm = 0;
            self.limit = (self.limit + 1).min(self.most);
        }
    }

    fn busy(&mut self, asked: Option<Duration>, now: Instant) {
        let already_resting = self.resume.is_some_and(|resume| resume > now);
        let resume = now + asked.unwrap_or(self.pause);
        self.silent = 0;
        self.calm = 0;
        self.resume = self.resume.max(Some(resume));
        if !already_resting {
            self.pauses += 1;
            self.limit = (self.limit / 2).max(1);
            self.pause = (self.pause * 2).min(Duration::from_secs(60));
        }
    }
}

/// Why a host is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// It wants to be left alone for longer than we wait.
    Resting(Duration),
    Silent,
    /// It asked for a pause, and for another after it, again and again.
    Busy,
}

/// All hosts of one run.
pub struct Hosts {
    per_host: usize,
    pause: Duration,
    patience: Duration,
    by_name: Mutex<HashMap<String, Arc<Host>>>,
}

struct Host {
    pace: Mutex<Pace>,
    turn: Notify,
}

impl Host {
    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().expect("nothing panics while it holds the pace of a host")
    }
}

impl Hosts {
    /// `patience` is the longest pause that is waited out.
    pub fn new(per_host: usize, pause: Duration, patience: Duration) -> Hosts {
        Hosts { per_host, pause, patience, by_name: Mutex::default() }
    }

    /// Waits for a turn at the host of `url`. Dropping the future gives the place in the queue up.
    pub async fn turn(&self, url: &Url) -> Result<Turn, Shut> {
        let host = self.host(url);
        loop {
            // Made before the look at the pace, so that a turn that ends in between is not missed.
            let called = host.turn.notified();
            match Self::try_enter(&host) {
                Entry::Enter => return Ok(Turn { host: host.clone(), signal: Signal::Nothing }),
                Entry::GivenUp(why) => return Err(why),
                Entry::WaitForTurn => called.await,
                Entry::WaitUntil(resume) => self.rest(resume).await?,
            }
        }
    }

    fn try_enter(host: &Host) -> Entry {
        let mut pace = host.pace();
        let entry = pace.entry(Instant::now());
        if entry == Entry::Enter {
            pace.enter();
        }
        entry
    }

    async fn rest(&self, resume: Instant) -> Result<(), Shut> {
        let wait = resume.saturating_duration_since(Instant::now());
        if wait > self.patience {
            return Err(Shut::Resting(wait));
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let name = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default()
        );
        let mut hosts = self.by_name.lock().expect("nothing panics while it holds the hosts");
        hosts.entry(name).or_insert_with(|| self.stranger()).clone()
    }

    fn stranger(&self) -> Arc<Host> {
        Arc::new(Host { pace: Mutex::new(Pace::new(self.per_host, self.pause)), turn: Notify::new() })
    }
}

/// One request's turn at a host; it ends when this is dropped.
pub struct Turn {
    host: Arc<Host>,
    signal: Signal,
}

impl Turn {
    /// Ends the turn and says how it went.
    pub fn end(mut self, signal: Signal) {
        self.signal = signal;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let room = {
            let mut pace = self.host.pace();
            pace.leave(self.signal, Instant::now());
            pace.room()
        };
        // A host that rests or is given up concerns everybody in the queue, not only the next.
        if room == usize::MAX || matches!(self.signal, Signal::Busy(_)) {
            return self.host.turn.notify_waiters();
        }
        (0..room).for_each(|_| self.host.turn.notify_one());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_busy_host_is_asked_half_as_much_after_the_pause_it_wants() {
        let start = Instant::now();
        let mut pace = Pace::new(8, SECOND);
        (0..8).for_each(|_| pace.enter());
        assert_eq!(pace.entry(start), Entry::WaitForTurn);
        pace.leave(Signal::Busy(Some(30 * SECOND)), start);
        assert_eq!(pace.entry(start), Entry::WaitUntil(start + 30 * SECOND));
        (0..7).for_each(|_| pace.leave(Signal::Busy(None), start));
        assert_eq!(pace.room(), 4, "one burst of refusals halves once");
        assert_eq!(pace.entry(start + 31 * SECOND), Entry::Enter);
    }

    #[test]
    fn good_answers_win_the_speed_back_step_by_step() {
        let now = Instant::now();
        let mut pace = Pace::new(4, Duration::ZERO);
        pace.enter();
        pace.leave(Signal::Busy(None), now);
        assert_eq!(pace.room(), 2);
        for _ in 0..2 {
            pace.enter();
            pace.leave(Signal::Answered, now);
        }
        assert_eq!(pace.room(), 3);
        for _ in 0..50 {
            pace.enter();
            pace.leave(Signal::Answered, now);
        }
        assert_eq!(pace.room(), 4, "never more than was allowed");
    }

    #[test]
    fn a_host_that_never_answers_is_given_up_and_one_answer_saves_it() {
        let now = Instant::now();
        let mut pace = Pace::new(2, SECOND);
        for _ in 0..SILENCE - 1 {
            pace.enter();
            pace.leave(Signal::Silent, now);
        }
        assert_eq!(pace.entry(now), Entry::Enter);
        pace.enter();
        pace.leave(Signal::Answered, now);
        for _ in 0..SILENCE {
            pace.enter();
            pace.leave(Signal::Silent, now);
        }
        assert_eq!(pace.entry(now), Entry::GivenUp(Shut::Silent));
    }

    #[test]
    fn a_host_that_asks_for_pause_after_pause_is_given_up_and_one_answer_saves_it() {
        let mut now = Instant::now();
        let mut pace = Pace::new(2, SECOND);
        let mut busy = |pace: &mut Pace| {
            pace.enter();
            pace.leave(Signal::Busy(Some(SECOND)), now);
            now += 2 * SECOND;
            pace.entry(now)
        };
        assert!((1..PAUSES).all(|_| busy(&mut pace) == Entry::Enter));
        pace.enter();
        pace.leave(Signal::Answered, Instant::now());
        assert!((1..PAUSES).all(|_| busy(&mut pace) == Entry::Enter));
        assert_eq!(busy(&mut pace), Entry::GivenUp(Shut::Busy));
        assert_eq!(pace.room(), usize::MAX, "whoever waits is told");
    }

    #[tokio::test]
    async fn a_turn_that_is_dropped_lets_the_next_one_in() {
        let hosts = Arc::new(Hosts::new(1, SECOND, SECOND));
        let url = Url::parse("http://one.example/").unwrap();
        let first = hosts.turn(&url).await.unwrap();
        let waiting = tokio::spawn({
            let (hosts, url) = (hosts.clone(), url.clone());
            async move { hosts.turn(&url).await.is_ok() }
        });
        tokio::task::yield_now().await;
        drop(first);
        assert!(waiting.await.unwrap());
    }
}
