//! Whose site an address belongs to, and who sends visitors on by trade.

use url::{Host, Url};

/// What a person registers: `example.co.uk` of `www.news.example.co.uk`, by the Public Suffix List. Hosts that
/// are addresses, and names without a registrable part, stand for themselves.
pub fn site_of(url: &Url) -> Option<String> {
    url.host_str().map(site_of_host)
}

/// The same for a host, as it stands in a URL.
pub fn site_of_host(host: &str) -> String {
    let host = host.trim_end_matches('.').to_lowercase();
    match Host::parse(&host) {
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => host,
        Ok(Host::Domain(_)) | Err(_) => psl::domain_str(&host).map(str::to_owned).unwrap_or(host),
    }
}

/// Hosts whose whole purpose is to lead elsewhere: identifiers that last, and shorteners. That they redirect
/// says nothing, and their addresses are the ones to keep.
const BY_TRADE: [&str; 25] = [
    "doi.org",
    "hdl.handle.net",
    "purl.org",
    "w3id.org",
    "n2t.net",
    "ark.org",
    "youtu.be",
    "aka.ms",
    "t.co",
    "bit.ly",
    "buff.ly",
    "tinyurl.com",
    "ow.ly",
    "is.gd",
    "lnkd.in",
    "goo.gl",
    "maps.app.goo.gl",
    "amzn.to",
    "amzn.eu",
    "git.io",
    "w.wiki",
    "redd.it",
    "fb.me",
    "flic.kr",
    "nyti.ms",
];

/// Whether an address redirects by design.
pub fn sends_on_by_trade(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches("www.").trim_start_matches("dx.");
    BY_TRADE.contains(&host)
}

/// Whether a redirect leads from a page of its own to the front of a site, as many sites do with pages that are
/// gone. Parameters make no page of their own: `/?utm_source=x` is the front.
pub fn falls_to_the_front(from: &Url, to: &Url) -> bool {
    !is_front(from) && is_front(to) && to.query().is_none_or(str::is_empty)
}

/// `/`, `/index.html`, `/en/` and the like.
fn is_front(url: &Url) -> bool {
    let mut parts = url.path().split('/').filter(|part| !part.is_empty());
    let (first, more) = (parts.next(), parts.next());
    let fronts = |part: &str| {
        let stem = part.split('.').next().unwrap_or(part).to_lowercase();
        let is_language = (part.len() == 2 || part.len() == 5 && part.as_bytes()[2] == b'-')
            && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
        is_language || matches!(stem.as_str(), "index" | "home" | "default" | "welcome" | "main")
    };
    more.is_none() && first.is_none_or(fronts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_site_is_what_somebody_registers() {
        for (text, site) in [
            ("https://www.news.example.co.uk/x", "example.co.uk"),
            ("https://example.org./", "example.org"),
            ("https://ada.github.io/", "ada.github.io"),
            ("https://bob.github.io/", "bob.github.io"),
            ("http://127.0.0.1:8080/", "127.0.0.1"),
            ("http://localhost/", "localhost"),
            ("https://bücher.example.de/", "example.de"),
        ] {
            assert_eq!(site_of(&url(text)).as_deref(), Some(site), "{text}");
        }
    }

    #[test]
    fn identifiers_and_shorteners_redirect_by_trade() {
        assert!(sends_on_by_trade(&url("https://dx.doi.org/10.1000/182")));
        assert!(sends_on_by_trade(&url("https://youtu.be/x")));
        assert!(!sends_on_by_trade(&url("https://doi.org.example/x")));
    }

    #[test]
    fn a_page_that_leads_to_the_front_is_told_from_a_front_that_leads_to_a_front() {
        let falls = |from: &str, to: &str| falls_to_the_front(&url(from), &url(to));
        assert!(falls("https://a.example/2019/the-sea", "https://a.example/"));
        assert!(falls("https://a.example/2019/the-sea", "https://a.example/en/"));
        assert!(falls("https://a.example/old?utm_source=x", "https://a.example/"));
        assert!(!falls("https://a.example/?utm_source=x", "https://a.example/"));
        assert!(!falls("https://a.example/", "https://a.example/en"));
        assert!(!falls("https://a.example/index.html", "https://a.example/"));
        assert!(!falls("https://a.example/old", "https://a.example/new"));
        assert!(!falls("https://a.example/old", "https://a.example/?p=3"));
    }
}
