//! Postfix's `smtp-sink`: takes mail at speed, and fails in the ways its flags name.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::mail::Received;
use super::tools::{Daemon, free_port, is_root, tool};

/// A running `smtp-sink` that keeps every message it took as a file.
pub struct SmtpSink {
    port: u16,
    dumps: TempDir,
    daemon: Daemon,
}

impl SmtpSink {
    /// With more flags of smtp-sink(1): `-r RCPT` defers every subscriber, `-f RCPT` refuses them, `-q .`
    /// takes the message and closes without an answer.
    pub fn start(flags: &[&str]) -> SmtpSink {
        let (port, dumps) = (free_port(), folder_for_anybody());
        let mut command = Command::new(tool("smtp-sink"));
        command.arg("-4").args(["-m", "512"]).args(flags);
        command.arg("-d").arg(dumps.path().join("%M."));
        // smtp-sink refuses to stay root.
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        command.arg(format!("127.0.0.1:{port}")).arg("512").stderr(Stdio::null());
        SmtpSink { port, dumps, daemon: Daemon::listening_on(port, &mut command) }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// How many messages began to arrive and were not cut.
    pub fn begun(&self) -> usize {
        fs::read_dir(self.dumps.path()).expect("the folder of dumps is ours").count()
    }

    /// Kills it, as a crash would; what it had until then.
    pub fn kill(self) -> Vec<Received> {
        drop(self.daemon);
        messages_in(&self.dumps)
    }

    /// Every message whose end arrived. One that was cut in its body is not among them; one that was refused
    /// after its body, or never answered, is.
    pub fn messages(&self) -> Vec<Received> {
        messages_in(&self.dumps)
    }
}

fn messages_in(dumps: &TempDir) -> Vec<Received> {
    let files = fs::read_dir(dumps.path()).expect("the folder of dumps is ours");
    let paths = files.map(|file| file.expect("the folder can be read").path());
    paths.filter_map(|path| read_dump(&path)).collect()
}

/// `smtp-sink` writes as another user than the one who looks.
fn folder_for_anybody() -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let everybody = fs::Permissions::from_mode(0o777);
    fs::set_permissions(folder.path(), everybody).expect("the folder is ours");
    folder
}

/// A dump is a few `X-…-Args` lines, a `Received` field of the sink's own, and the content with bare LF. It
/// vanishes between listing and reading where the connection was cut within the body.
fn read_dump(path: &Path) -> Option<Received> {
    let dump = fs::read(path).ok()?;
    let (envelope, content) = split_after_received(&dump)?;
    let args =
        |name: &str| envelope.lines().filter_map(|line| line.strip_prefix(name)).map(bare_path).collect();
    let senders: Vec<String> = args("X-Mail-Args: ");
    Some(Received {
        sender: senders.into_iter().next()?,
        recipients: args("X-Rcpt-Args: "),
        raw: with_crlf(content),
    })
}

/// The `Received` field has two continuation lines; what follows them is the message.
fn split_after_received(dump: &[u8]) -> Option<(&str, &[u8])> {
    let start = memchr::memmem::find(dump, b"\nReceived: ")? + 1;
    let ends: Vec<usize> = memchr::memchr_iter(b'\n', &dump[start..]).take(3).collect();
    let end = start + ends.get(2)? + 1;
    Some((std::str::from_utf8(&dump[..start]).ok()?, &dump[end..]))
}

/// `<ada@example.org> SMTPUTF8` without brackets and parameters.
fn bare_path(args: &str) -> String {
    let inner = args.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(args, |(path, _)| path).to_owned()
}

fn with_crlf(content: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(content.len() + content.len() / 40);
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => lines.extend([text, b"\r\n"].concat()),
            None => lines.extend(line),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::mail::count_by_message_id;

    fn smtp_source(sink: &SmtpSink, messages: &str, more: &[&str]) -> bool {
        let mut source = Command::new(tool("smtp-source"));
        source.args(["-4", "-d", "-s", "2", "-m", messages, "-l", "2000", "-f", "us@example.org"]);
        source.args(["-t", "ada@example.org", "-N"]).args(more).arg(format!("127.0.0.1:{}", sink.port));
        source.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("smtp-source starts").success()
    }

    #[test]
    fn the_sink_keeps_what_it_took_under_its_message_id() {
        let sink = SmtpSink::start(&[]);
        assert!(smtp_source(&sink, "20", &[]));
        let messages = sink.messages();
        assert_eq!(count_by_message_id(&messages).len(), 20);
        assert!(messages.iter().all(|m| m.sender == "us@example.org" && m.raw.ends_with(b"\r\n")));
        assert!(sink.url().starts_with("smtp://127.0.0.1:"));
    }

    #[test]
    fn the_sink_refuses_when_its_flags_say_so() {
        let sink = SmtpSink::start(&["-f", "RCPT"]);
        assert!(!smtp_source(&sink, "1", &[]));
        assert_eq!(sink.messages(), []);
    }
}
