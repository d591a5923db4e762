//! `courant bounces collect` from a real Dovecot: IMAP and POP3, marks, folders, logins, and what goes wrong.

use std::io::Write;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;

use crate::bounces_collect::{Sent, full, gone};
use crate::harness::dovecot::{Dovecot, PASSWORD};
use crate::harness::tools::{fixture, tool};

/// A weekly that was sent, and a mailbox that its bounces come back to.
pub struct Inbox {
    pub sent: Sent,
    pub dovecot: Arc<Dovecot>,
    pub user: String,
}

impl Inbox {
    /// Read by this scheme, with more lines of `[mailbox]`.
    pub fn new(scheme: &str, more: &str) -> Inbox {
        Inbox::over(Dovecot::shared(), scheme, more)
    }

    fn over(dovecot: Arc<Dovecot>, scheme: &str, more: &str) -> Inbox {
        let user = dovecot.somebody();
        let url = dovecot.url(scheme, &user);
        let sent = Sent::with(&[&Inbox::settings(&dovecot, &url, more)]);
        Inbox { sent, dovecot, user }
    }

    pub fn settings(dovecot: &Dovecot, url: &str, more: &str) -> String {
        let ca = dovecot.certificate();
        let proof = if more.contains("token") || more.contains("password") {
            String::new()
        } else {
            format!("password = {PASSWORD:?}\n")
        };
        format!(
            "[mailbox]\naddress = \"bounces@weekly.example\"\nsource = \"{url}\"\ntls_ca = \"{}\"\n{proof}{more}",
            ca.display()
        )
    }

    /// From now on read by the proxy at this port, which is in front of the port of the settings.
    pub fn through(&self, port: u16, proxy: u16) {
        let settings = self.sent.scratch.read("courant.toml");
        let [own, other] = [port, proxy].map(|port| format!(":{port}\""));
        self.sent.scratch.write("courant.toml", settings.replace(&own, &other));
    }

    pub fn deliver(&self, mails: &[impl AsRef<[u8]>]) {
        self.dovecot.deliver(&self.user, mails);
    }

    /// A bounce for ada, a person's mail, and a bounce for eve.
    pub fn deliver_three(&self) {
        let [ada, eve] = ["ada", "eve"].map(|name| self.sent.letter(name).sender);
        let human = "From: bob@example.org\nTo: us\nSubject: hi\n\nA fine issue!\n".to_owned();
        self.deliver(&[gone(&ada, "ada@example.org", ""), human, gone(&eve, "eve@example.org", "")]);
    }

    pub fn collect(&self, more: &str) -> Value {
        self.sent.scratch.run(&format!("bounces collect --json {more}")).ok().json()
    }

    /// Where each mail lies, without its name: `new`, `cur S`, `.Old/cur S`.
    fn places(&self) -> Vec<String> {
        let place = |path: &String| {
            let (folder, name) = path.rsplit_once('/').expect("a mail is in a folder");
            let flags = name.split_once(":2,").map_or("", |(_, flags)| flags);
            format!("{folder} {flags}").trim().to_owned()
        };
        self.dovecot.mails(&self.user).iter().map(place).collect()
    }
}

pub fn mails(told: &Value) -> [u64; 3] {
    ["mails", "new", "known"].map(|key| told[key].as_u64().expect("it is a number"))
}

#[test]
fn what_was_understood_is_marked_as_read_and_no_mail_is_read_twice() {
    for scheme in ["imaps", "imap", "imap+starttls"] {
        let inbox = Inbox::new(scheme, "");
        inbox.deliver_three();
        assert_eq!(mails(&inbox.collect("")), [3, 2, 0], "{scheme}");
        assert_eq!(inbox.places(), ["cur S", "cur", "cur S"], "{scheme}");
        assert_eq!(inbox.sent.suppressed(), ["ada bounced", "eve bounced"]);
        assert_eq!(mails(&inbox.collect("")), [0, 0, 0], "{scheme}");
        assert_eq!(mails(&inbox.collect("--again")), [3, 0, 2], "a better version may want all of them");
        inbox.deliver(&[full(&inbox.sent.letter("bob").sender, "bob@example.org")]);
        assert_eq!(mails(&inbox.collect("")), [1, 1, 0], "{scheme}");
        assert_eq!(inbox.sent.state("bob"), "bounced");
    }
}

#[test]
fn by_pop3_every_mail_stays_and_is_read_once() {
    for scheme in ["pop3s", "pop3", "pop3+starttls"] {
        let inbox = Inbox::new(scheme, "");
        inbox.deliver_three();
        assert_eq!(mails(&inbox.collect("")), [3, 2, 0], "{scheme}");
        assert_eq!(mails(&inbox.collect("")), [0, 0, 0], "{scheme}");
        assert_eq!(inbox.dovecot.mails(&inbox.user).len(), 3);
        inbox.deliver(&["From: bob@example.org\nSubject: again\n\nStill fine.\n"]);
        assert_eq!(mails(&inbox.collect("")), [1, 0, 0], "{scheme}");
        assert_eq!(mails(&inbox.collect("--again")), [4, 0, 2], "{scheme}");
    }
}

#[test]
fn a_mail_counts_once_by_whichever_way_it_is_read() {
    let inbox = Inbox::new("imaps", "");
    inbox.deliver_three();
    assert_eq!(mails(&inbox.collect("")), [3, 2, 0]);
    let pop3 = inbox.dovecot.url("pop3s", &inbox.user);
    assert_eq!(mails(&inbox.collect(&pop3)), [3, 0, 2], "the password of the same account is used");
    let maildir = inbox.dovecot.maildir(&inbox.user);
    assert_eq!(mails(&inbox.collect(&maildir.display().to_string())), [3, 0, 2]);
}

#[test]
fn mails_go_to_a_folder_are_deleted_or_left_as_the_settings_say() {
    for (scheme, done, places) in [
        ("imaps", "leave", ["", "", ""].as_slice()),
        ("imaps", "move:Old", &["", ".Old", ".Old"]),
        ("imaps", "move:Rück", &["", ".R&APw-ck", ".R&APw-ck"]),
        ("imaps", "delete", &[""]),
        ("pop3s", "delete", &[""]),
    ] {
        let inbox = Inbox::new(scheme, &format!("done = {done:?}"));
        inbox.deliver_three();
        assert_eq!(mails(&inbox.collect("")), [3, 2, 0], "{done}");
        let places_now = inbox.dovecot.mails(&inbox.user);
        let mut found: Vec<&str> = places_now.iter().map(|path| path.split_once('/').unwrap().0).collect();
        found.iter_mut().filter(|folder| ["new", "cur"].contains(folder)).for_each(|folder| *folder = "");
        found.sort_unstable();
        assert_eq!(found, places, "{scheme} {done}");
        assert!(
            inbox.places().iter().all(|place| !place.ends_with('S') || done != "leave"),
            "{places_now:?}"
        );
        assert_eq!(mails(&inbox.collect("")), [0, 0, 0], "{done}");
    }
}

#[test]
fn a_token_opens_it_as_a_value_and_from_a_command_that_makes_one_for_each_login() {
    for scheme in ["imaps", "pop3s"] {
        let inbox = Inbox::new(scheme, "token = \"${MAILBOX_TOKEN}\"");
        inbox.deliver_three();
        let run = inbox.sent.scratch.run("bounces collect").expect_code(1);
        run.says("`MAILBOX_TOKEN` is not set").says("courant.toml:");
        inbox.sent.scratch.run("check 1 --offline").ok();
        let environment = inbox.sent.scratch.read(".env");
        let token = inbox.dovecot.token(&inbox.user);
        inbox.sent.scratch.write(".env", format!("{environment}MAILBOX_TOKEN={token}\n"));
        assert_eq!(mails(&inbox.collect("")), [3, 2, 0], "{scheme}");
        let command = |line: &str| {
            let settings = Inbox::settings(&inbox.dovecot, &inbox.dovecot.url(scheme, &inbox.user), line);
            let old = inbox.sent.scratch.read("courant.toml");
            let (top, _) = old.split_once("[mailbox]").expect("it has that table");
            inbox.sent.scratch.write("courant.toml", format!("{top}{settings}\n"));
        };
        inbox.sent.scratch.write("token.txt", token);
        command("token_command = \"cat token.txt\"");
        assert_eq!(mails(&inbox.collect("--again")), [3, 0, 2], "{scheme}");
        for (line, says) in [
            ("token_command = \"echo nobody home >&2; exit 3\"", "exit status: 3: nobody home"),
            ("token_command = \"true\"", "it printed none"),
            ("token = \"eyJ.wrong.one\"", "does not take the login"),
        ] {
            command(line);
            inbox.sent.scratch.run("bounces collect").expect_code(1).says(says);
        }
    }
}

#[test]
fn what_goes_wrong_is_said_in_one_sentence_with_what_to_do_and_no_secret() {
    for scheme in ["imaps", "pop3s"] {
        let inbox = Inbox::new(scheme, "password = \"wr0ng\"");
        let run = inbox.sent.scratch.run("bounces collect").expect_code(1);
        run.says("localhost does not take the login: ").says("see that user and password are right");
        assert!(!run.stderr.contains("wr0ng"), "{run}");
        let stranger = inbox.dovecot.url(scheme, "somebody.else");
        inbox
            .sent
            .scratch
            .run(&format!("bounces collect {stranger}"))
            .expect_code(1)
            .says("there is no password");
    }
    let inbox = Inbox::new("imaps", "");
    let url = format!("{}/Nowhere", inbox.dovecot.url("imaps", &inbox.user));
    let run = inbox.sent.scratch.run(&format!("bounces collect {url}")).expect_code(1);
    run.says("localhost has no folder `Nowhere`: ").says("name one that is there");
    let settings = inbox.sent.scratch.read("courant.toml");
    inbox.sent.scratch.write("courant.toml", settings.replace("tls_ca", "#tls_ca"));
    inbox.sent.scratch.run("bounces collect").expect_code(1).says("signed by nobody we trust");
    let plain = inbox.dovecot.url("imap", &inbox.user).replace("imap:", "imaps:");
    let plain = plain.replace("@", ":x@");
    inbox.sent.scratch.run(&format!("bounces collect {plain}")).expect_code(1).says("does not speak TLS");
    inbox
        .sent
        .scratch
        .run("bounces collect imaps://a:x@localhost:9")
        .expect_code(1)
        .says("cannot be reached");
    inbox.sent.scratch.run("bounces collect imaps://localhost").expect_code(1).says("it names no user");
    let run = inbox.sent.scratch.run("run").ok();
    run.says("signed by nobody we trust");
    assert_eq!(inbox.sent.scratch.run("run").ok().stderr, "", "it is told once");
}

#[test]
fn a_certificate_that_has_expired_is_refused() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let [certificate, key, request] = ["old.pem", "old.key", "old.csr"].map(|name| folder.path().join(name));
    let openssl = |line: &str, more: &[&std::path::Path]| {
        let mut openssl = Command::new(tool("openssl"));
        let run = openssl.args(line.split(' ')).args(more).output().expect("openssl starts");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    };
    let configuration = fixture("certificate.cnf");
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout",
        &[&key, "-config".as_ref(), &configuration, "-out".as_ref(), &request],
    );
    openssl(
        "x509 -req -days -1 -extensions extensions -extfile",
        &[&configuration, "-in".as_ref(), &request, "-signkey".as_ref(), &key, "-out".as_ref(), &certificate],
    );
    let dovecot = Arc::new(Dovecot::with_certificate(&certificate, &key));
    for scheme in ["imaps", "pop3+starttls"] {
        let inbox = Inbox::over(Arc::clone(&dovecot), scheme, "");
        inbox
            .sent
            .scratch
            .run("bounces collect")
            .expect_code(1)
            .says("the certificate of `localhost` has expired");
    }
}

#[test]
fn a_mail_of_a_hundred_megabytes_is_one_like_any_other() {
    for scheme in ["imap", "pop3"] {
        let inbox = Inbox::new(scheme, "");
        let mut large = gone(&inbox.sent.letter("ada").sender, "ada@example.org", "").into_bytes();
        let line = [&[b'x'; 75][..], b"\n"].concat();
        while large.len() < 100_000_000 {
            large.write_all(&line).expect("memory takes all");
        }
        inbox.deliver(&[large]);
        inbox.deliver(&[gone(&inbox.sent.letter("eve").sender, "eve@example.org", "")]);
        assert_eq!(mails(&inbox.collect("")), [2, 2, 0], "{scheme}");
        assert_eq!(inbox.sent.suppressed(), ["ada bounced", "eve bounced"]);
    }
}
