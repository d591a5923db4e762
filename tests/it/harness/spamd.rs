//! SpamAssassin's daemon, a private one: on loopback and at a socket, for as long as the test lasts.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::tools::{free_port, tool, wait_until_listening};

pub struct Spamd {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub host: String,
    pub socket: PathBuf,
}

impl Spamd {
    /// Waits until it listens; what it needs to write goes into `folder`.
    pub fn start(folder: &Path) -> Spamd {
        let (port, socket) = (free_port(), folder.join("spamd.sock"));
        let mut command = Command::new(tool("spamd"));
        command
            .args(["--listen", &format!("127.0.0.1:{port}"), "--max-children", "1", "--syslog", "stderr"])
            .args(["--local", "--nouser-config", "--socketmode", "0600"])
            .arg(format!("--socketpath={}", socket.display()))
            .arg(format!("--pidfile={}", folder.join("spamd.pid").display()))
            .arg(format!("--helper-home-dir={}", folder.display()))
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|why| panic!("{command:?}: {why}"));
        let mut spamd = Spamd { child, host: format!("127.0.0.1:{port}"), socket };
        wait_until_listening(port, || match spamd.child.try_wait().expect("our own child can be asked") {
            None => Ok(()),
            Some(status) => Err(format!("it ended with {status}")),
        });
        spamd
    }
}

impl Drop for Spamd {
    fn drop(&mut self) {
        // Told to end, and not killed: so it ends its children, too.
        let _ = Command::new(tool("kill")).arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
