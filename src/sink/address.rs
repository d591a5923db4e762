//! Where to listen: on this machine, and nowhere else.

use std::net::{Ipv4Addr, SocketAddr};

use super::SinkError;

/// `127.0.0.1:2525`, `[::1]:2525`, `localhost:2525` or a port alone; port 0 is any that is free.
pub fn loopback(text: &str) -> Result<SocketAddr, SinkError> {
    let port = |text: &str| text.parse().ok().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let address = text
        .parse::<SocketAddr>()
        .ok()
        .or_else(|| port(text.strip_prefix("localhost:").unwrap_or(text)))
        .ok_or_else(|| SinkError::NoAddress { text: text.to_owned() })?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err(SinkError::NotHere { address }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_listened_on() {
        for (text, expected) in [
            ("127.0.0.1:2525", "127.0.0.1:2525"),
            ("[::1]:1", "[::1]:1"),
            ("localhost:7", "127.0.0.1:7"),
            ("2525", "127.0.0.1:2525"),
        ] {
            assert_eq!(loopback(text).unwrap().to_string(), expected);
        }
        for text in ["0.0.0.0:25", "192.168.1.4:25", "[::]:25"] {
            assert!(matches!(loopback(text), Err(SinkError::NotHere { .. })), "{text}");
        }
        for text in ["", "mail.example:25", "localhost", "127.0.0.1", "127.0.0.1:99999"] {
            assert!(matches!(loopback(text), Err(SinkError::NoAddress { .. })), "{text}");
        }
    }
}
