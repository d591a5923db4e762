//! Who a visitor is on the network, also behind a proxy that says so.

use std::net::IpAddr;

use hyper::HeaderMap;

use crate::settings::subscribe::{Network, Proxies, ProxyHeader};

/// The address that a request came from. What a header says is believed from the end, as far as the proxies that it
/// passed are trusted: anybody can write one.
pub(super) fn visitor(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> IpAddr {
    let mut seen = peer.to_canonical();
    let mut chain = chain(headers, proxies.header);
    while proxies.trusted.iter().any(|network| network.holds(seen)) {
        match chain.pop().flatten() {
            Some(before) => seen = before,
            None => break,
        }
    }
    seen
}

/// What stands for a visitor where visits are counted: whoever has one address of IPv6 has the whole /64.
pub(super) fn network(visitor: IpAddr) -> IpAddr {
    Network::of(visitor, if visitor.is_ipv4() { 32 } else { 64 }).base
}

/// The hops, the nearest last; `None` is one that is not said.
fn chain(headers: &HeaderMap, header: ProxyHeader) -> Vec<Option<IpAddr>> {
    let name = match header {
        ProxyHeader::XForwardedFor => "x-forwarded-for",
        ProxyHeader::Forwarded => "forwarded",
    };
    // A hop that is no text is one that is not said; what the proxy wrote behind it counts.
    let hops = headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    hops.map(|hop| {
        let hop = std::str::from_utf8(hop).ok()?;
        match header {
            ProxyHeader::XForwardedFor => address(hop),
            ProxyHeader::Forwarded => hop.split(';').find_map(forwarded_for).and_then(address),
        }
    })
    .collect()
}

/// The value of `for=` (RFC 7239 4).
fn forwarded_for(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    name.trim().eq_ignore_ascii_case("for").then_some(value)
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`, in quotes or not.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let inner = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if text.matches(':').count() == 1 => text.split(':').next()?,
        None => text,
    };
    inner.parse().ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, name: &'static str, values: &[&str], header: ProxyHeader) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        let proxies = Proxies { header, ..Proxies::default() };
        visitor(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_whom_it_saw() {
        let by =
            |peer: &str, values: &[&str]| seen(peer, "x-forwarded-for", values, ProxyHeader::XForwardedFor);
        assert_eq!(by("127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(by("203.0.113.9", &["192.0.2.1"]), "203.0.113.9", "a visitor may say what they like");
        assert_eq!(
            by("127.0.0.1", &["192.0.2.1, 203.0.113.7"]),
            "203.0.113.7",
            "the first was written by them"
        );
        assert_eq!(by("::1", &["192.0.2.1", "203.0.113.7, ::1"]), "203.0.113.7");
        assert_eq!(by("::ffff:127.0.0.1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(by("127.0.0.1", &["192.0.2.1, nonsense"]), "127.0.0.1");
        assert_eq!(by("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(
            seen("127.0.0.1", "forwarded", &["for=192.0.2.1"], ProxyHeader::XForwardedFor),
            "127.0.0.1"
        );
    }

    #[test]
    fn the_header_of_rfc_7239_is_read_in_all_its_forms() {
        let by = |value: &str| seen("127.0.0.1", "forwarded", &[value], ProxyHeader::Forwarded);
        assert_eq!(by("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
        assert_eq!(by("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
        assert_eq!(by("for=192.0.2.1, for=198.51.100.17:80"), "198.51.100.17");
        assert_eq!(by("for=_hidden"), "127.0.0.1");
    }

    #[test]
    fn nobody_hides_behind_a_hop_that_is_no_text() {
        let mut headers = HeaderMap::new();
        let value = hyper::header::HeaderValue::from_bytes(b"\xe9, 203.0.113.7").unwrap();
        headers.append("x-forwarded-for", value);
        let seen = visitor("127.0.0.1".parse().unwrap(), &headers, &Proxies::default());
        assert_eq!(seen.to_string(), "203.0.113.7");
    }

    #[test]
    fn all_of_a_64_is_one_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
