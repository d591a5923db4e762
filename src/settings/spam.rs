//! Whom `check` asks whether a letter looks like spam.

use std::path::PathBuf;

/// `[check] spamassassin`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SpamSettings {
    /// The daemon of this machine, else the command `spamassassin`, if there is one.
    #[default]
    Auto,
    Off,
    /// A daemon at `HOST:PORT`.
    Tcp(String),
    /// A daemon at a socket of this machine.
    Socket(PathBuf),
}

impl SpamSettings {
    /// Whether somebody named a daemon: `send` asks it, too.
    pub fn is_named(&self) -> bool {
        matches!(self, SpamSettings::Tcp(_) | SpamSettings::Socket(_))
    }

    /// `None` for what is neither a word, a socket nor a host with its port.
    pub fn read(text: &str) -> Option<SpamSettings> {
        match text {
            "auto" => Some(SpamSettings::Auto),
            "off" => Some(SpamSettings::Off),
            path if path.starts_with('/') => Some(SpamSettings::Socket(PathBuf::from(path))),
            host => {
                let (name, port) = host.rsplit_once(':')?;
                let is_host = !name.is_empty() && !name.contains(char::is_whitespace);
                (is_host && port.parse::<u16>().is_ok_and(|port| port > 0))
                    .then(|| SpamSettings::Tcp(host.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_port_and_a_socket_a_path() {
        assert_eq!(SpamSettings::read("off"), Some(SpamSettings::Off));
        assert_eq!(SpamSettings::read("[::1]:783"), Some(SpamSettings::Tcp("[::1]:783".into())));
        assert_eq!(SpamSettings::read("/run/spamd"), Some(SpamSettings::Socket("/run/spamd".into())));
        for wrong in ["", "on", "localhost", ":783", "localhost:0", "localhost:x"] {
            assert_eq!(SpamSettings::read(wrong), None, "{wrong}");
        }
    }
}
