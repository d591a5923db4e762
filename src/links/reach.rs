//! Which network addresses may be visited. The check stands between resolving and connecting, so that the
//! very address that was looked at is the one that is used: a name that changes its mind finds no gap.

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// A name or an address that leads into a private network, the machine itself, or nowhere public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Private(pub IpAddr);

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a public address", self.0)
    }
}

impl std::error::Error for Private {}

/// Whether an address is reachable from the whole internet: neither loopback, private (RFC 1918, RFC 4193),
/// link-local, shared (RFC 6598), multicast, reserved nor for documentation; addresses that wrap an IPv4
/// address (mapped, NAT64, 6to4) are judged by what they wrap.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => wrapped_v4(ip).map_or_else(|| is_public_v6(ip), is_public_v4),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let reserved = matches!(
        (a, b, c),
        (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) | (224..=255, ..)
    );
    !(reserved || ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation())
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let global_unicast = first & 0xe000 == 0x2000;
    let documentation = first == 0x2001 && second == 0x0db8 || first == 0x3fff && second < 0x1000;
    let protocol = first == 0x2001 && second < 0x0200;
    global_unicast && !documentation && !protocol
}

fn wrapped_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = ip.segments();
    let from = |high: u16, low: u16| Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => from(high, low),
        (0x2002, ..) => from(b, c),
        _ => None,
    }
}

/// The address in a URL whose host is written as one, if it is not public. Names are looked at by
/// [`PublicResolver`], which an address as a host never meets.
pub fn private_literal(url: &Url) -> Option<Private> {
    let ip = match url.host()? {
        Host::Ipv4(ip) => IpAddr::V4(ip),
        Host::Ipv6(ip) => IpAddr::V6(ip),
        Host::Domain(_) => return None,
    };
    (!is_public(ip)).then_some(Private(ip))
}

/// Whether readers elsewhere can never reach this host: a private address, `localhost`, or a name of the
/// local network (RFC 6761, RFC 6762, RFC 8375).
pub fn is_local(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else { return private_literal(url).is_some() };
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or(name);
    !name.contains('.')
        || matches!(last, "localhost" | "local" | "internal" | "lan" | "intranet" | "localdomain")
        || name.ends_with(".home.arpa")
}

/// How a name becomes addresses: by the system, or as a test says.
type LookUp = dyn Fn(String) -> LookingUp + Send + Sync;
type LookingUp = Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// Resolves names and gives only the public addresses of a name. The client connects to one of these and to no
/// other, so that what a name leads to a moment later does not matter.
#[derive(Clone)]
pub struct PublicResolver {
    look_up: Arc<LookUp>,
}

impl Default for PublicResolver {
    /// Asks the system.
    fn default() -> PublicResolver {
        PublicResolver::over(|name| {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
        })
    }
}

impl PublicResolver {
    /// Asks `look_up`.
    pub(super) fn over(look_up: impl Fn(String) -> LookingUp + Send + Sync + 'static) -> PublicResolver {
        PublicResolver { look_up: Arc::new(look_up) }
    }
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let looking = (self.look_up)(name.as_str().to_owned());
        Box::pin(async move {
            let all = looking.await?;
            let public: Vec<SocketAddr> = all.iter().copied().filter(|found| is_public(found.ip())).collect();
            match (public.is_empty(), all.first()) {
                (true, Some(private)) => Err(Private(private.ip()).into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_every_disguise() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::7f00:1",
            "fec0::1",
            "2001::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_let_through() {
        for text in [
            "93.184.216.34",
            "1.1.1.1",
            "172.32.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn an_address_written_as_a_number_is_still_an_address() {
        for text in ["http://2130706433/", "http://0x7f.1/", "http://[::ffff:127.0.0.1]/", "http://127.1/"] {
            assert!(private_literal(&Url::parse(text).unwrap()).is_some(), "{text}");
        }
    }

    #[test]
    fn names_of_the_local_network_are_local() {
        for (text, local) in [
            ("http://localhost:3000/", true),
            ("http://printer/", true),
            ("http://nas.local/", true),
            ("http://a.localhost./", true),
            ("http://router.home.arpa/", true),
            ("https://example.org/", false),
            ("https://local.example.org/", false),
        ] {
            assert_eq!(is_local(&Url::parse(text).unwrap()), local, "{text}");
        }
    }
}
