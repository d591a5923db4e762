//! Visit → what we think of it. Only what a reader would run into is called dead; whatever merely turns
//! away visitors that are no browser is walled, and says nothing about the link.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use url::Url;

use super::visit::{Answer, End, NoAnswer, Visit};

/// A page that takes longer than this to begin is slow.
pub const SLOW: Duration = Duration::from_secs(5);

/// What we think of a link. The reasons are sentences without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Alive,
    /// Alive, at another address.
    Moved {
        to: Url,
        /// The old address has been given up for good.
        permanent: bool,
    },
    Dead(String),
    /// Something turns robots away; a reader may well get through.
    Walled(String),
    Slow(String),
    Skipped(Skip),
}

/// Why a link was not visited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// Its address holds the subscriber's own values, or does something when it is fetched.
    PerSubscriber,
    /// `links.skip` names its beginning.
    Settings,
    /// It holds a user name or a password.
    Login,
    /// `mailto:`, `tel:` and the like: nothing to fetch.
    NoPage,
    /// It leads to this address of a private network.
    Private(String),
    Offline,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Skip::PerSubscriber => f.write_str("made per subscriber"),
            Skip::Settings => f.write_str("`[links] skip` names them"),
            Skip::Login => f.write_str("holds a user name or a password"),
            Skip::NoPage => f.write_str("not a page"),
            Skip::Private(ip) => write!(f, "leads to the private address {ip}"),
            Skip::Offline => f.write_str("offline"),
        }
    }
}

/// Judges what happened. Never looks at anything but the visit.
pub fn judge(visit: &Visit) -> Verdict {
    match &visit.end {
        End::Answered(answer) => judge_answer(visit, answer),
        End::NoAnswer(cause) => judge_silence(cause),
        End::Circle { cookies: true } => {
            Verdict::Walled("it redirects in a circle unless cookies come back".into())
        }
        End::Circle { cookies: false } => Verdict::Dead("it redirects in a circle".into()),
        End::TooManyRedirects(most) => Verdict::Dead(format!("it redirects more than {most} times")),
        End::BadRedirect(target) => Verdict::Dead(format!("it redirects to nowhere: {target}")),
        End::Private(ip) => Verdict::Skipped(Skip::Private(ip.to_string())),
        End::Resting(wait) => Verdict::Walled(format!("its host asks for a pause of {}", seconds(*wait))),
        End::HostBusy => Verdict::Walled("its host asks for one pause after the other".into()),
    }
}

fn judge_answer(visit: &Visit, answer: &Answer) -> Verdict {
    if let Some(wall) = answer.wall {
        return Verdict::Walled(format!("{wall} keeps robots out"));
    }
    match answer.status {
        200..=299 | 304 => judge_page(visit),
        // 999 is what LinkedIn answers to visitors that are no browser.
        401 | 403 | 405 | 407 | 429 | 451 | 999 => {
            Verdict::Walled(format!("it answers {} to robots", status_words(answer.status)))
        }
        503 if answer.retry_after.is_some() => Verdict::Walled("it is closed for the moment (503)".into()),
        status => Verdict::Dead(format!("it answers {}", status_words(status))),
    }
}

fn judge_page(visit: &Visit) -> Verdict {
    let permanent = visit.hops.iter().take_while(|hop| hop.is_permanent()).last();
    match (permanent, visit.hops.last()) {
        (Some(hop), _) => Verdict::Moved { to: hop.to.clone(), permanent: true },
        _ if visit.took > SLOW => Verdict::Slow(format!("takes {} to answer", seconds(visit.took))),
        (None, Some(hop)) => Verdict::Moved { to: hop.to.clone(), permanent: false },
        (None, None) => Verdict::Alive,
    }
}

fn judge_silence(cause: &NoAnswer) -> Verdict {
    match cause {
        NoAnswer::Dns(_) => Verdict::Dead("there is no such host".into()),
        NoAnswer::Connect(cause) => Verdict::Dead(format!("nobody answers there: {cause}")),
        NoAnswer::Tls(cause) => Verdict::Dead(cause.clone()),
        NoAnswer::Cut(cause) => Verdict::Dead(format!("it breaks off: {cause}")),
        NoAnswer::HostSilent => Verdict::Dead("its host gives no answer".into()),
        NoAnswer::TimedOut(limit) => Verdict::Slow(format!("gives no answer within {}", seconds(*limit))),
    }
}

/// Whether it is us: nothing could be reached, over two hosts or more, or not even the name of the only one.
pub fn offline<'a>(visits: impl IntoIterator<Item = &'a Visit>) -> bool {
    let mut hosts = HashSet::new();
    let mut nameless = false;
    for visit in visits {
        match &visit.end {
            End::NoAnswer(NoAnswer::Dns(_)) => nameless = true,
            End::NoAnswer(NoAnswer::Connect(_) | NoAnswer::HostSilent) => {}
            End::Private(_) => continue,
            _ => return false,
        }
        hosts.insert(visit.address.host_str());
    }
    hosts.len() >= 2 || nameless && hosts.len() == 1
}

fn status_words(status: u16) -> String {
    let name = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    name.map_or_else(|| status.to_string(), |name| format!("{status} {name}"))
}

/// `3 s`, rounded; under a second one decimal.
fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        time if time < 1.0 => format!("{time:.1} s"),
        time => format!("{time:.0} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::visit::Hop;
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn visit(end: End, hops: &[(u16, &str)]) -> Visit {
        let hops = hops.iter().map(|(status, to)| Hop { status: *status, to: url(to) }).collect();
        Visit { address: url("https://a.example/"), hops, end, took: Duration::ZERO, tries: 1 }
    }

    fn answered(status: u16) -> End {
        End::Answered(Answer { status, retry_after: None, wall: None })
    }

    #[test]
    fn an_address_that_moved_for_good_and_then_sends_on_is_named_by_its_last_lasting_place() {
        let seen = visit(answered(200), &[(301, "https://b.example/"), (302, "https://b.example/en")]);
        assert_eq!(judge(&seen), Verdict::Moved { to: url("https://b.example/"), permanent: true });
        let seen = visit(answered(200), &[(302, "https://b.example/"), (301, "https://b.example/en")]);
        assert_eq!(judge(&seen), Verdict::Moved { to: url("https://b.example/en"), permanent: false });
    }

    #[test]
    fn what_turns_robots_away_is_not_called_dead() {
        for status in [401, 403, 405, 429, 451, 999] {
            assert!(matches!(judge(&visit(answered(status), &[])), Verdict::Walled(_)), "{status}");
        }
        for status in [400, 404, 410, 500, 503] {
            assert!(matches!(judge(&visit(answered(status), &[])), Verdict::Dead(_)), "{status}");
        }
    }

    #[test]
    fn a_slow_page_is_named_with_its_time() {
        let mut seen = visit(answered(200), &[]);
        seen.took = Duration::from_secs(8);
        assert_eq!(judge(&seen), Verdict::Slow("takes 8 s to answer".into()));
    }

    #[test]
    fn we_are_offline_only_if_nothing_at_all_was_reached() {
        let no_name = || visit(End::NoAnswer(NoAnswer::Dns("no".into())), &[]);
        let refused = |host: &str| Visit {
            address: url(host),
            ..visit(End::NoAnswer(NoAnswer::Connect("refused".into())), &[])
        };
        assert!(offline(&[no_name()]));
        assert!(offline(&[refused("http://a.example"), refused("http://b.example")]));
        assert!(!offline(&[refused("http://a.example"), refused("http://a.example/2")]));
        assert!(!offline(&[no_name(), visit(answered(404), &[])]));
        assert!(!offline(&[]));
    }
}
