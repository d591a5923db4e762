//! A visit as it is kept between runs: JSON with keys of its own, so that the words of the code may change.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::page::Page;
use super::snapshot::Snapshot;
use super::visit::{Answer, End, Hop, NoAnswer, Visit};

/// Changes when an older record can no longer be read; what has another number is visited again.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    address: String,
    hops: Vec<(u16, String)>,
    end: Ended,
    took_ms: u64,
    tries: u32,
    at: Timestamp,
    secure: Option<String>,
    snapshot: Option<(String, Timestamp)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    Answered {
        status: u16,
        retry_after_ms: Option<u64>,
        wall: Option<String>,
        kind: Option<String>,
        title: Option<String>,
        heading: Option<String>,
        parked: Option<String>,
        bytes: Option<u64>,
        is_late: bool,
        places: BTreeMap<String, bool>,
    },
    Dns(String),
    Connect(String),
    Tls(String),
    TimedOut(u64),
    Cut(String),
    Circle(bool),
    TooManyRedirects(usize),
    BadRedirect(String),
    Resting(u64),
}

/// What is kept of a visit; `None` if nothing is worth keeping: it says more of our run than of the address.
pub fn text_of(visit: &Visit) -> Option<String> {
    let record = Record {
        version: VERSION,
        address: visit.address.to_string(),
        hops: visit.hops.iter().map(|hop| (hop.status, hop.to.to_string())).collect(),
        end: ended(&visit.end)?,
        took_ms: millis(visit.took),
        tries: visit.tries,
        at: visit.at,
        secure: visit.secure.as_ref().map(Url::to_string),
        snapshot: visit.snapshot.as_ref().map(|found| (found.url.to_string(), found.at)),
    };
    serde_json::to_string(&record).ok()
}

/// The visit that was kept; `None` for what this version cannot read.
pub fn visit_of(text: &str) -> Option<Visit> {
    let record: Record =
        serde_json::from_str(text).ok().filter(|record: &Record| record.version == VERSION)?;
    let hop = |(status, to): &(u16, String)| Some(Hop { status: *status, to: Url::parse(to).ok()? });
    let visit = Visit::ended(Url::parse(&record.address).ok()?, end(record.end), record.at);
    Some(Visit {
        hops: record.hops.iter().map(hop).collect::<Option<_>>()?,
        took: Duration::from_millis(record.took_ms),
        tries: record.tries,
        is_remembered: true,
        secure: record.secure.and_then(|url| Url::parse(&url).ok()),
        snapshot: record.snapshot.and_then(|(url, at)| Some(Snapshot { url: Url::parse(&url).ok()?, at })),
        ..visit
    })
}

fn ended(end: &End) -> Option<Ended> {
    Some(match end {
        End::Answered(answer) => answered(answer),
        End::NoAnswer(NoAnswer::Dns(why)) => Ended::Dns(why.clone()),
        End::NoAnswer(NoAnswer::Connect(why)) => Ended::Connect(why.clone()),
        End::NoAnswer(NoAnswer::Tls(why)) => Ended::Tls(why.clone()),
        End::NoAnswer(NoAnswer::TimedOut(limit)) => Ended::TimedOut(millis(*limit)),
        End::NoAnswer(NoAnswer::Cut(why)) => Ended::Cut(why.clone()),
        End::Circle { cookies } => Ended::Circle(*cookies),
        End::TooManyRedirects(most) => Ended::TooManyRedirects(*most),
        End::BadRedirect(target) => Ended::BadRedirect(target.clone()),
        End::Resting(wait) => Ended::Resting(millis(*wait)),
        End::NoAnswer(NoAnswer::HostSilent) | End::Private(_) | End::HostBusy | End::OutOfTime => {
            return None;
        }
    })
}

fn answered(answer: &Answer) -> Ended {
    let page = answer.page.clone();
    Ended::Answered {
        status: answer.status,
        retry_after_ms: answer.retry_after.map(millis),
        wall: answer.wall.clone(),
        kind: page.kind,
        title: page.title,
        heading: page.heading,
        parked: page.parked,
        bytes: page.bytes,
        is_late: page.is_late,
        places: page.places,
    }
}

fn end(ended: Ended) -> End {
    match ended {
        Ended::Answered {
            status,
            retry_after_ms,
            wall,
            kind,
            title,
            heading,
            parked,
            bytes,
            is_late,
            places,
        } => {
            let page = Box::new(Page { kind, title, heading, parked, bytes, is_late, places, likeness: 0 });
            let retry_after = retry_after_ms.map(Duration::from_millis);
            End::Answered(Answer { status, retry_after, wall, page })
        }
        Ended::Dns(why) => End::NoAnswer(NoAnswer::Dns(why)),
        Ended::Connect(why) => End::NoAnswer(NoAnswer::Connect(why)),
        Ended::Tls(why) => End::NoAnswer(NoAnswer::Tls(why)),
        Ended::TimedOut(limit) => End::NoAnswer(NoAnswer::TimedOut(Duration::from_millis(limit))),
        Ended::Cut(why) => End::NoAnswer(NoAnswer::Cut(why)),
        Ended::Circle(cookies) => End::Circle { cookies },
        Ended::TooManyRedirects(most) => End::TooManyRedirects(most),
        Ended::BadRedirect(target) => End::BadRedirect(target),
        Ended::Resting(wait) => End::Resting(Duration::from_millis(wait)),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn again(visit: &Visit) -> Visit {
        visit_of(&text_of(visit).unwrap()).unwrap()
    }

    #[test]
    fn a_visit_comes_back_as_it_was() {
        let mut answer = Answer { retry_after: Some(Duration::from_secs(3)), ..Answer::of(429) };
        answer.page.title = Some("A page".into());
        answer.page.places = [("part".to_owned(), false)].into();
        let at: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let visit = Visit {
            hops: vec![Hop { status: 301, to: url("https://a.example/new") }],
            took: Duration::from_millis(1234),
            tries: 2,
            is_remembered: true,
            secure: Some(url("https://a.example/")),
            snapshot: Some(Snapshot { url: url("https://web.archive.org/x"), at }),
            ..Visit::ended(url("http://a.example/"), End::Answered(answer), at)
        };
        assert_eq!(again(&visit), visit);
    }

    #[test]
    fn every_end_that_says_something_of_the_address_comes_back() {
        let why = || "why".to_owned();
        for end in [
            End::NoAnswer(NoAnswer::Dns(why())),
            End::NoAnswer(NoAnswer::Connect(why())),
            End::NoAnswer(NoAnswer::Tls(why())),
            End::NoAnswer(NoAnswer::TimedOut(Duration::from_secs(20))),
            End::NoAnswer(NoAnswer::Cut(why())),
            End::Circle { cookies: true },
            End::TooManyRedirects(10),
            End::BadRedirect(why()),
            End::Resting(Duration::from_secs(60)),
        ] {
            let visit = Visit::ended(url("https://a.example/"), end.clone(), Timestamp::UNIX_EPOCH);
            assert_eq!(again(&visit).end, end);
        }
    }

    #[test]
    fn what_says_more_of_our_run_is_not_kept_and_nonsense_is_not_read() {
        for end in [End::HostBusy, End::OutOfTime, End::NoAnswer(NoAnswer::HostSilent)] {
            assert_eq!(text_of(&Visit::ended(url("https://a.example/"), end, Timestamp::UNIX_EPOCH)), None);
        }
        assert_eq!(visit_of("{}"), None);
        assert_eq!(visit_of(r#"{"version": 2}"#), None);
    }
}
