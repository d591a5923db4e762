//! Whether a person opened a letter or followed a link, or a machine that looks into mail. Nobody can know: what is
//! said here is how sure one may be.

use jiff::SignedDuration;

/// Who it was, most likely. The greater one counts where a letter has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visitor {
    Machine,
    Unsure,
    Person,
}

impl Visitor {
    pub const ALL: [Visitor; 3] = [Visitor::Machine, Visitor::Unsure, Visitor::Person];

    pub fn name(self) -> &'static str {
        match self {
            Visitor::Machine => "machine",
            Visitor::Unsure => "unsure",
            Visitor::Person => "person",
        }
    }

    pub fn from_name(name: &str) -> Option<Visitor> {
        Visitor::ALL.into_iter().find(|visitor| visitor.name() == name)
    }
}

/// Nobody reads a letter sooner after a server took it.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(10);
/// Few do.
const SOON: SignedDuration = SignedDuration::from_secs(60);
/// So many different links of one letter, within [`BURST`], are followed by machines alone.
pub const MANY: u32 = 3;
/// See [`MANY`].
pub const BURST: SignedDuration = SignedDuration::from_secs(5);

/// Programs that fetch what stands in mail: scanners of mail gateways, previews of chats, libraries.
const MACHINES: [&str; 38] = [
    "bot",
    "crawl",
    "spider",
    "scan",
    "preview",
    "curl/",
    "wget",
    "python",
    "go-http",
    "java/",
    "okhttp",
    "libwww",
    "axios",
    "node-fetch",
    "ruby",
    "perl",
    "php/",
    "headless",
    "phantom",
    "barracuda",
    "proofpoint",
    "mimecast",
    "safelinks",
    "urldefense",
    "symantec",
    "fireeye",
    "trendmicro",
    "trend micro",
    "cisco",
    "ironport",
    "sophos",
    "virustotal",
    "facebookexternalhit",
    "slack",
    "whatsapp",
    "telegram",
    "monitor",
    "zgrab",
];

/// Makes phones, whose browsers say so.
const NO_BOT: &str = "cubot";

/// Servers of mailbox providers that fetch pictures for a person, or ahead of one.
const PROXIES: [&str; 4] = ["googleimageproxy", "ggpht.com", "yahoomailproxy", "yahoocachesystem"];

/// What Apple's Mail Privacy Protection calls itself: it loads every picture, whether the letter is read or not.
const APPLE: &str = "Mozilla/5.0";

/// By what the request says of itself. `agent` is its `User-Agent`.
pub fn by_request(is_head: bool, is_prefetch: bool, agent: &str) -> Visitor {
    let (agent, lower) = (agent.trim(), agent.to_ascii_lowercase().replace(NO_BOT, ""));
    let says = |all: &[&str]| all.iter().any(|word| lower.contains(word));
    match () {
        () if says(&PROXIES) => Visitor::Unsure,
        () if is_head || agent.is_empty() || agent == APPLE || says(&MACHINES) => Visitor::Machine,
        () if is_prefetch => Visitor::Unsure,
        () => Visitor::Person,
    }
}

/// And by when it came: `after` is the time since the letter was taken, `None` where it was not yet.
pub fn by_time(visitor: Visitor, after: Option<SignedDuration>) -> Visitor {
    match after {
        Some(after) if after >= SOON => visitor,
        Some(after) if after >= AT_ONCE => visitor.min(Visitor::Unsure),
        Some(_) | None => Visitor::Machine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";

    #[test]
    fn only_what_looks_like_a_browser_of_a_person_is_called_one() {
        use Visitor::{Machine, Person, Unsure};
        for (agent, visitor) in [
            (CHROME, Person),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
                Person,
            ),
            (
                "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
                Unsure,
            ),
            ("YahooMailProxy; https://help.yahoo.com/", Unsure),
            ("Mozilla/5.0", Machine),
            (
                "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
                Person,
            ),
            ("", Machine),
            ("Mozilla/5.0 (compatible; bingbot/2.0)", Machine),
            ("Barracuda Sentinel (EE)", Machine),
            ("python-requests/2.32", Machine),
            ("Slackbot-LinkExpanding 1.0", Machine),
        ] {
            assert_eq!(by_request(false, false, agent), visitor, "{agent}");
        }
        assert_eq!(by_request(true, false, CHROME), Machine, "nobody asks for the head alone");
        assert_eq!(by_request(false, true, CHROME), Unsure);
    }

    #[test]
    fn nobody_reads_a_letter_in_the_moment_in_which_it_arrives() {
        use Visitor::{Machine, Person, Unsure};
        let after = |seconds| by_time(Person, Some(SignedDuration::from_secs(seconds)));
        assert_eq!(
            [after(-1), after(9), after(10), after(59), after(60)],
            [Machine, Machine, Unsure, Unsure, Person]
        );
        assert_eq!(by_time(Person, None), Machine, "a scanner reads it before it is taken");
        assert_eq!(by_time(Machine, Some(SignedDuration::from_hours(9))), Machine);
    }
}
