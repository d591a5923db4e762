//! Visit → what we think of it. Only what a reader would run into is called dead; whatever merely turns
//! away visitors that are no browser is walled, and says nothing about the link.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use url::Url;

use super::signs;
use super::site::{falls_to_the_front, sends_on_by_trade, site_of};
use super::visit::{Answer, End, Hop, NoAnswer, Visit};

/// A page that takes longer than this to begin is slow.
pub const SLOW: Duration = Duration::from_secs(5);

/// What we think of a link. The reasons are sentences without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Alive,
    /// Alive, at another address of the same site.
    Moved {
        to: Url,
        /// The old address has been given up for good.
        permanent: bool,
    },
    /// Something else answers in its place: another site, a parked domain, a page that says “not found”.
    Changed(String),
    /// Alive, but not encrypted.
    Insecure {
        /// Where https shows the same page.
        https: Option<Url>,
        why: String,
    },
    Slow(String),
    /// Something turns robots away; a reader may well get through.
    Walled(String),
    Dead(String),
    Skipped(Skip),
}

impl Verdict {
    /// One word, as JSON and the preview show it.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Alive => "alive",
            Verdict::Moved { .. } => "moved",
            Verdict::Changed(_) => "changed",
            Verdict::Insecure { .. } => "insecure",
            Verdict::Slow(_) => "slow",
            Verdict::Walled(_) => "walled",
            Verdict::Dead(_) => "dead",
            Verdict::Skipped(_) => "skipped",
        }
    }

    /// A sentence without a full stop for a person.
    pub fn words(&self) -> String {
        match self {
            Verdict::Alive => "it answers".to_owned(),
            Verdict::Moved { to, permanent: true } => format!("it has moved for good to {to}"),
            Verdict::Moved { to, permanent: false } => format!("it leads on to {to}"),
            Verdict::Insecure { why, .. } => why.clone(),
            Verdict::Changed(why) | Verdict::Slow(why) | Verdict::Walled(why) | Verdict::Dead(why) => {
                why.clone()
            }
            Verdict::Skipped(why) => why.to_string(),
        }
    }

    /// Whether the link led somewhere: such a verdict may be kept for long.
    pub fn is_good(&self) -> bool {
        match self {
            Verdict::Alive | Verdict::Moved { .. } | Verdict::Changed(_) | Verdict::Insecure { .. } => true,
            Verdict::Slow(_) | Verdict::Walled(_) | Verdict::Dead(_) | Verdict::Skipped(_) => false,
        }
    }
}

/// Why a link was not visited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// Its address holds the subscriber's own values, or does something when it is fetched.
    PerSubscriber,
    /// `links.skip` names its beginning.
    Settings,
    /// A page of the newsletter's own archive, which may not be built yet.
    Own,
    /// It holds a user name or a password.
    Login,
    /// `mailto:`, `tel:` and the like: nothing to fetch.
    NoPage,
    /// It leads to this address of a private network.
    Private(String),
    Offline,
    /// The time for all links was over before its turn came, or before it answered.
    OutOfTime,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Skip::PerSubscriber => f.write_str("made per subscriber"),
            Skip::Settings => f.write_str("`[links] skip` names them"),
            Skip::Own => f.write_str("a page of your own archive: `courant archive build` makes it"),
            Skip::Login => f.write_str("holds a user name or a password"),
            Skip::NoPage => f.write_str("not a page"),
            Skip::Private(ip) => write!(f, "leads to the private address {ip}"),
            Skip::Offline => f.write_str("offline"),
            Skip::OutOfTime => f.write_str("the time for all links together was over"),
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
        End::OutOfTime => Verdict::Skipped(Skip::OutOfTime),
    }
}

fn judge_answer(visit: &Visit, answer: &Answer) -> Verdict {
    if let Some(wall) = &answer.wall {
        return Verdict::Walled(format!("{wall} keeps robots out"));
    }
    match answer.status {
        200..=299 | 304 => judge_page(visit, answer),
        // 999 is what LinkedIn answers to visitors that are no browser.
        401 | 403 | 405 | 407 | 429 | 451 | 999 => {
            Verdict::Walled(format!("it answers {} to robots", status_words(answer.status)))
        }
        503 if answer.retry_after.is_some() => Verdict::Walled("it is closed for the moment (503)".into()),
        status => Verdict::Dead(format!("it answers {}", status_words(status))),
    }
}

/// Something answered well. What a reader must know first comes first.
fn judge_page(visit: &Visit, answer: &Answer) -> Verdict {
    if let Some(why) = changed(visit, answer) {
        return Verdict::Changed(why);
    }
    if falls_back(visit) {
        let why = "it leads from https back to http".to_owned();
        return Verdict::Insecure { https: None, why };
    }
    if let Some(to) = lasting_place(visit) {
        return Verdict::Moved { to: to.clone(), permanent: true };
    }
    if let Some(why) = slow(visit, answer) {
        return Verdict::Slow(why);
    }
    match (&visit.secure, visit.hops.last()) {
        (Some(https), _) => {
            let why = format!("https shows the same page: {https}");
            Verdict::Insecure { https: Some(https.clone()), why }
        }
        (None, Some(hop)) => Verdict::Moved { to: hop.to.clone(), permanent: false },
        (None, None) => Verdict::Alive,
    }
}

/// What answers in place of the page that was meant.
fn changed(visit: &Visit, answer: &Answer) -> Option<String> {
    let (site, meant) = (site_of(visit.last()), site_of(&visit.address));
    if let Some(who) = &answer.page.parked {
        return Some(format!("its domain is parked by {who}"));
    }
    if let Some(site) =
        site.as_deref().filter(|site| signs::is_seller(site) && Some(*site) != meant.as_deref())
    {
        return Some(format!("its domain is for sale at {site}"));
    }
    if let Some(said) = answer.page.says_not_found() {
        return Some(format!("its page says “{said}”"));
    }
    if sends_on_by_trade(&visit.address) {
        return None;
    }
    match site {
        Some(site) if Some(&site) != meant.as_ref() => Some(format!("it leads to another site, {site}")),
        _ if falls_to_the_front(&visit.address, visit.last()) => {
            Some(format!("it only leads to the front page, {}", visit.last()))
        }
        _ => None,
    }
}

/// Whether the way was encrypted somewhere, and its end is not.
fn falls_back(visit: &Visit) -> bool {
    let mut way = std::iter::once(&visit.address).chain(visit.hops.iter().map(|hop| &hop.to));
    visit.last().scheme() == "http" && way.any(|url| url.scheme() == "https")
}

/// Where the permanent redirects at the beginning of the way lead.
fn lasting_place(visit: &Visit) -> Option<&Url> {
    if sends_on_by_trade(&visit.address) {
        return None;
    }
    visit.hops.iter().take_while(|hop| hop.is_permanent()).last().map(|Hop { to, .. }| to)
}

fn slow(visit: &Visit, answer: &Answer) -> Option<String> {
    match () {
        () if answer.page.is_late => Some("its page does not come to an end in time".to_owned()),
        () if visit.took > SLOW => Some(format!("takes {} to answer", seconds(visit.took))),
        () => None,
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

/// Whether it is us: nothing could be reached, over two hosts or more, or not even the name of the only one. A
/// refusal comes over a network, and so does the word that there is no such name.
pub fn offline<'a>(visits: impl IntoIterator<Item = &'a Visit>) -> bool {
    let mut hosts = HashSet::new();
    let mut nameless = false;
    for visit in visits {
        match &visit.end {
            End::NoAnswer(NoAnswer::Dns(why)) if is_said_by_a_name_server(why) => return false,
            End::NoAnswer(NoAnswer::Dns(why)) => nameless |= is_temporary(why),
            End::NoAnswer(NoAnswer::Connect(why)) if is_said_by_a_host(why) => return false,
            End::NoAnswer(NoAnswer::Connect(_) | NoAnswer::HostSilent) => {}
            End::Private(_) | End::OutOfTime => continue,
            _ => return false,
        }
        hosts.insert(visit.address.host_str());
    }
    hosts.len() >= 2 || nameless && hosts.len() == 1
}

/// What glibc and musl say of a name that nobody has. macOS and Windows have one word for that and for a machine
/// without a network.
fn is_said_by_a_name_server(why: &str) -> bool {
    let words =
        ["Name or service not known", "No address associated", "Name does not resolve", "no usable address"];
    words.iter().any(|words| why.contains(words))
}

/// What glibc and musl say if no name server answers.
fn is_temporary(why: &str) -> bool {
    ["emporary", "Try again"].iter().any(|words| why.contains(words))
}

fn is_said_by_a_host(why: &str) -> bool {
    ["refused", "reset"].iter().any(|word| why.contains(word))
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
        Visit { hops, ..Visit::ended(url("https://a.example/x"), end, jiff::Timestamp::UNIX_EPOCH) }
    }

    fn answered(status: u16) -> End {
        End::Answered(Answer::of(status))
    }

    #[test]
    fn an_address_that_moved_for_good_and_then_sends_on_is_named_by_its_last_lasting_place() {
        let seen = visit(answered(200), &[(301, "https://www.a.example/y"), (302, "https://a.example/y/en")]);
        assert_eq!(judge(&seen), Verdict::Moved { to: url("https://www.a.example/y"), permanent: true });
        let seen = visit(answered(200), &[(302, "https://a.example/y"), (301, "https://a.example/y/en")]);
        assert_eq!(judge(&seen), Verdict::Moved { to: url("https://a.example/y/en"), permanent: false });
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

    fn unresolved(why: &str) -> Visit {
        let why = format!("failed to lookup address information: {why}");
        visit(End::NoAnswer(NoAnswer::Dns(why)), &[])
    }

    fn no_name() -> Visit {
        unresolved("Temporary failure in name resolution")
    }

    #[test]
    fn a_name_that_a_server_does_not_know_is_dead_and_we_are_not_offline() {
        for why in
            ["Name or service not known", "No address associated with hostname", "Name does not resolve"]
        {
            assert!(!offline(&[unresolved(why), no_name()]), "{why}");
            assert_eq!(judge(&unresolved(why)), Verdict::Dead("there is no such host".into()));
        }
        assert!(!offline(&[unresolved("nodename nor servname provided, or not known")]), "it may be either");
    }

    #[test]
    fn we_are_offline_only_if_nothing_at_all_was_reached() {
        let lost = |host: &str, why: &str| Visit {
            address: url(host),
            ..visit(End::NoAnswer(NoAnswer::Connect(why.into())), &[])
        };
        let no_way = |host| lost(host, "network is unreachable");
        assert!(offline(&[no_name()]));
        assert!(offline(&[no_way("http://a.example"), no_way("http://b.example")]));
        assert!(!offline(&[no_way("http://a.example"), no_way("http://a.example/2")]));
        for why in ["connection refused", "connection reset by peer"] {
            assert!(!offline(&[lost("http://a.example", why), lost("http://b.example", why)]), "{why}");
        }
        assert!(!offline(&[no_name(), visit(answered(404), &[])]));
        assert!(!offline(&[]));
    }

    fn page(title: &str) -> End {
        let mut answer = Answer::of(200);
        answer.page.title = Some(title.to_owned());
        End::Answered(answer)
    }

    #[test]
    fn something_else_in_place_of_the_page_is_a_change() {
        let says = |end, hops: &[(u16, &str)]| judge(&visit(end, hops)).words();
        assert_eq!(
            says(answered(200), &[(301, "https://b.example/x")]),
            "it leads to another site, b.example"
        );
        assert_eq!(
            says(answered(200), &[(302, "https://a.example/")]),
            "it only leads to the front page, https://a.example/"
        );
        assert_eq!(says(page("Page not found – A"), &[]), "its page says “Page not found – A”");
        assert_eq!(
            says(answered(200), &[(302, "https://www.hugedomains.com/x")]),
            "its domain is for sale at hugedomains.com"
        );
    }

    #[test]
    fn an_identifier_that_leads_elsewhere_keeps_its_address() {
        let hops = vec![Hop { status: 301, to: url("https://b.example/paper") }];
        let doi = Visit {
            hops,
            ..Visit::ended(url("https://doi.org/10.1/2"), answered(200), jiff::Timestamp::UNIX_EPOCH)
        };
        assert_eq!(judge(&doi), Verdict::Moved { to: url("https://b.example/paper"), permanent: false });
    }

    #[test]
    fn a_way_that_leaves_encryption_is_insecure() {
        let seen = visit(answered(200), &[(301, "http://a.example/y")]);
        assert_eq!(judge(&seen).words(), "it leads from https back to http");
        let seen = visit(answered(200), &[(301, "http://a.example/y"), (301, "https://a.example/y")]);
        assert!(matches!(judge(&seen), Verdict::Moved { permanent: true, .. }));
    }

    #[test]
    fn an_address_of_http_whose_page_https_has_too_is_insecure() {
        let mut seen = visit(answered(200), &[]);
        seen.address = url("http://a.example/x");
        assert_eq!(judge(&seen), Verdict::Alive);
        seen.secure = Some(url("https://a.example/x"));
        assert!(matches!(judge(&seen), Verdict::Insecure { https: Some(_), .. }));
    }
}
