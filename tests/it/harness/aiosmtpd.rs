//! aiosmtpd from the Python environment of the tests: a server that neither we nor Postfix wrote. It speaks
//! SMTPUTF8, asks for a login, and has no PIPELINING.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use data_encoding::BASE64;
use tempfile::TempDir;

use super::mail::Received;
use super::tools::{Daemon, fixture, free_port, installed};

/// A running server.
pub struct Aiosmtpd {
    port: u16,
    folder: TempDir,
    _daemon: Daemon,
}

impl Aiosmtpd {
    /// With more arguments of `fixtures/aiosmtpd_server.py`: `["--rcpt", "ada@example.org", "550 5.1.1 gone"]`
    /// answers RCPT, `--dot` the end of the body, `["--login", "us", "secret"]` demands a login.
    pub fn start(args: &[&str]) -> Aiosmtpd {
        let (port, folder) =
            (free_port(), tempfile::tempdir().expect("there is room for a temporary folder"));
        let mut command = Command::new(installed("python/bin/python"));
        command.arg(fixture("aiosmtpd_server.py")).arg(port.to_string()).arg(folder.path()).args(args);
        // It logs every refused login with its traceback.
        command.stderr(Stdio::null());
        Aiosmtpd { port, folder, _daemon: Daemon::listening_on(port, &mut command) }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Without the login, which the test knows.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// What it took so far.
    pub fn messages(&self) -> Vec<Received> {
        let files = fs::read_dir(self.folder.path()).expect("the folder is ours");
        let paths = files.map(|file| file.expect("the folder can be read").path());
        paths.filter(|path| path.extension().is_some_and(|e| e == "json")).map(|path| read(&path)).collect()
    }
}

fn read(path: &Path) -> Received {
    let text = fs::read_to_string(path).expect("the file is whole once it has its name");
    let message: serde_json::Value = serde_json::from_str(&text).expect("the server writes JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Received {
        sender: text(&message["sender"]),
        recipients: message["recipients"].as_array().into_iter().flatten().map(text).collect(),
        raw: BASE64.decode(text(&message["content"]).as_bytes()).expect("the content is base64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, Shutdown, TcpStream};

    /// aiosmtpd reads ahead, so that a whole dialogue may be typed at once; everything it answered.
    fn type_at(server: &Aiosmtpd, lines: &[&str]) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).expect("it listens");
        stream.write_all(lines.join("\r\n").as_bytes()).expect("it reads");
        stream.shutdown(Shutdown::Write).expect("it is connected");
        let mut replies = String::new();
        stream.read_to_string(&mut replies).expect("it answers in ASCII");
        replies
    }

    #[test]
    fn it_takes_international_mail_and_answers_as_told() {
        let refuse =
            ["--rcpt", "gone@example.org", "550 5.1.1 gone", "--dot", "eve@example.org", "554 5.7.1 no"];
        let server = Aiosmtpd::start(&refuse);
        let replies = type_at(
            &server,
            &[
                "EHLO tests",
                &letter("jürgen@example.org"),
                &letter("eve@example.org"),
                "MAIL FROM:<us@example.org>",
                "RCPT TO:<gone@example.org>",
                "QUIT\r\n",
            ],
        );
        for reply in ["SMTPUTF8", "250 2.0.0 taken", "554 5.7.1 no", "550 5.1.1 gone"] {
            assert!(replies.contains(reply), "{reply}: {replies}");
        }
        let messages = server.messages();
        assert_eq!(messages.len(), 1, "{replies}");
        assert_eq!(
            (messages[0].recipients[0].as_str(), messages[0].sender.as_str()),
            ("jürgen@example.org", "us@example.org")
        );
        assert_eq!(messages[0].message_id(), "<1@example.org>");
        assert!(server.url().ends_with(&server.port().to_string()));
    }

    fn letter(to: &str) -> String {
        let envelope = format!("MAIL FROM:<us@example.org> SMTPUTF8\r\nRCPT TO:<{to}>\r\nDATA");
        format!("{envelope}\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n.")
    }

    #[test]
    fn it_demands_its_login() {
        let server = Aiosmtpd::start(&["--login", "us", "secret"]);
        let wrong = "AUTH PLAIN AHVzAHdyb25n";
        let right = "AUTH PLAIN AHVzAHNlY3JldA==";
        let replies =
            type_at(&server, &["EHLO tests", "MAIL FROM:<us@example.org>", wrong, right, "QUIT\r\n"]);
        let codes: Vec<&str> =
            replies.lines().filter(|line| line.get(3..4) == Some(" ")).map(|line| &line[..3]).collect();
        assert_eq!(codes, ["220", "250", "530", "535", "235", "221"], "{replies}");
    }
}
