//! Where to listen, and what that address is called from outside.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use crate::model::finding::Explain;

/// Where the preview is, unless somebody else is there.
pub const DEFAULT_PORT: u16 = 8026;

#[derive(Debug, thiserror::Error)]
#[error("`{text}` is no address to listen on")]
pub struct AddressError {
    text: String,
}

impl Explain for AddressError {
    fn help(&self) -> Option<String> {
        Some(format!("write it as 127.0.0.1:{DEFAULT_PORT}, or a port alone; port 0 is any that is free"))
    }
}

/// `127.0.0.1:8026`, `[::1]:8026`, `localhost:8026`, `0.0.0.0`, or a port alone.
pub fn listen_address(text: &str) -> Result<SocketAddr, AddressError> {
    let local = |port: &str| port.parse().ok().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let bare = |text: &str| text.parse::<IpAddr>().ok().map(|ip| SocketAddr::from((ip, DEFAULT_PORT)));
    let named = text.strip_prefix("localhost:").unwrap_or(text);
    let address = text.parse().ok().or_else(|| local(named)).or_else(|| bare(text));
    address.ok_or_else(|| AddressError { text: text.to_owned() })
}

/// The address to type into a browser: one that listens everywhere is named by what this machine is called in its
/// network, or by loopback where it has none.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip().is_unspecified() {
        true => SocketAddr::new(own(address.ip()).unwrap_or(loopback(address.ip())), address.port()),
        false => address,
    }
}

/// What this machine would be called by whoever it talks to. Nothing is sent for that.
fn own(unspecified: IpAddr) -> Option<IpAddr> {
    let (from, to) = match unspecified {
        IpAddr::V4(_) => ("0.0.0.0:0", "192.0.2.1:9"),
        IpAddr::V6(_) => ("[::]:0", "[2001:db8::1]:9"),
    };
    let socket = UdpSocket::bind(from).ok()?;
    socket.connect(to).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

fn loopback(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_can_be_written_in_several_ways() {
        for (text, expected) in [
            ("127.0.0.1:1", "127.0.0.1:1"),
            ("[::1]:2", "[::1]:2"),
            ("localhost:3", "127.0.0.1:3"),
            ("4", "127.0.0.1:4"),
            ("0.0.0.0", "0.0.0.0:8026"),
            ("::", "[::]:8026"),
        ] {
            assert_eq!(listen_address(text).unwrap().to_string(), expected);
        }
        for text in ["", "nowhere", "99999", "http://127.0.0.1", "127.0.0.1:x"] {
            assert!(listen_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_that_is_everywhere_is_named_by_one_that_is_somewhere() {
        let everywhere = "0.0.0.0:7".parse().unwrap();
        assert!(!reachable(everywhere).ip().is_unspecified());
        let here = "127.0.0.1:7".parse().unwrap();
        assert_eq!(reachable(here), here);
    }
}
