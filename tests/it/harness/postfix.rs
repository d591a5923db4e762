//! A real Postfix of the tests' own: its configuration, queue and log are in a temporary folder, it listens on
//! one port of loopback, and delivers everything into one Maildir, whatever the domain.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::mail::Received;
use super::tools::{as_root, free_port, make_certificate, tool, user_id, wait_until_listening};

/// How long a message may take before the test gives up on it: longer than whoever sends it waits before a second try.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running instance. Dropping it ends it and removes its folder.
pub struct Postfix {
    port: u16,
    folder: TempDir,
}

impl Postfix {
    /// With more lines for its `main.cf`, which win over those it has. `virtual_transport = discard:` delivers
    /// nowhere; `smtpd_recipient_restrictions = check_recipient_access inline:{{gone@example.org = 550 5.1.1
    /// gone}}, permit_mynetworks, reject` refuses one subscriber.
    pub fn start(settings: &[&str]) -> Postfix {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let postfix = Postfix { port: free_port(), folder };
        postfix.write_configuration(settings);
        postfix.make_folders();
        let started = postfix.control("start");
        let log = || postfix.log();
        assert!(started, "Postfix did not start: run tests/setup, as root or with sudo\n{}", log());
        wait_until_listening(postfix.port, || Ok(()));
        postfix
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// For STARTTLS, which it offers with a certificate of its own.
    pub fn starttls_url(&self) -> String {
        format!("smtp+starttls://localhost:{}", self.port)
    }

    /// The certificate to trust for that, in PEM.
    pub fn certificate(&self) -> PathBuf {
        self.path("certificate.pem")
    }

    /// Waits until the Maildir holds this many messages, and reads them. The queue is empty then.
    pub fn wait_for_messages(&self, number: usize) -> Vec<Received> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let messages = self.messages();
            if messages.len() >= number {
                return messages;
            }
            let missing = || format!("{} of {number} messages came\n{}", messages.len(), self.log());
            assert!(Instant::now() < deadline, "{}", missing());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What was delivered so far.
    pub fn messages(&self) -> Vec<Received> {
        let Ok(files) = fs::read_dir(self.path("mail/inbox/new")) else { return Vec::new() };
        let paths = files.map(|file| file.expect("the Maildir can be read").path());
        paths.map(|path| read_message(&path)).collect()
    }

    /// The Maildir that everything goes to, once something went.
    pub fn maildir(&self) -> PathBuf {
        self.path("mail/inbox")
    }

    /// The mail log so far.
    pub fn log(&self) -> String {
        let read = as_root(&tool("cat")).arg(self.path("log")).output().expect("cat starts");
        String::from_utf8_lossy(&read.stdout).into_owned()
    }

    /// How often each Message-ID went into the queue, after so many bytes of the log. Waits until no more comes.
    pub fn queued_since(&self, bytes: usize) -> BTreeMap<String, usize> {
        let mut before = String::new();
        loop {
            thread::sleep(Duration::from_millis(100));
            let log = self.log();
            if log == before {
                return queued(&log[bytes..]);
            }
            before = log;
        }
    }

    /// The log after so many bytes, as of a server that ran since some minutes before, and after.
    pub fn log_around(&self, bytes: usize) -> String {
        nothing_at(-5) + &self.log()[bytes..] + &nothing_at(5)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn write_configuration(&self, settings: &[&str]) {
        let folder = self.folder.path();
        // Its own programs run as another user, who has to get through.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        let key = make_certificate(&self.certificate());
        let main = MAIN
            .replace("FOLDER", &folder.display().to_string())
            .replace("KEY", &key.display().to_string())
            .replace("USER", &mailbox_owner().to_string());
        let main = format!("{main}\n{}\n", settings.join("\n"));
        fs::write(self.path("main.cf"), main).expect("the folder is ours");
        let master = MASTER.replace("PORT", &self.port.to_string());
        fs::write(self.path("master.cf"), master).expect("the folder is ours");
    }

    fn make_folders(&self) {
        self.make_folder("queue", "root");
        self.make_folder("data", "postfix");
        self.make_folder("mail", &mailbox_owner().to_string());
    }

    fn make_folder(&self, name: &str, owner: &str) {
        let mut install = as_root(&tool("install"));
        let made = install.args(["-d", "-m", "0755", "-o", owner]).arg(self.path(name)).status();
        assert!(made.expect("install starts").success(), "no folder for Postfix: run tests/setup");
    }

    fn control(&self, word: &str) -> bool {
        let mut postfix: Command = as_root(&tool("postfix"));
        postfix.arg("-c").arg(self.folder.path()).arg(word).stdout(Stdio::null()).stderr(Stdio::null());
        postfix.status().expect("postfix starts").success()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.control("abort");
        // Its files belong to others; what stays behind is in the folder for temporary files.
        let _ = as_root(&tool("rm")).arg("-rf").arg("--").arg(self.folder.path()).status();
    }
}

/// The letters that the queue manager took up, by what their headers said.
fn queued(log: &str) -> BTreeMap<String, usize> {
    let (mut ids, mut times) = (BTreeMap::new(), BTreeMap::new());
    for line in log.lines() {
        let Some((queue_id, text)) = line.split_once("]: ").and_then(|(_, message)| message.split_once(": "))
        else {
            continue;
        };
        if let Some(id) = text.strip_prefix("message-id=") {
            ids.insert(queue_id, id);
        }
        if let Some(id) = ids.get(queue_id).filter(|_| text.ends_with("(queue active)")) {
            *times.entry((*id).to_owned()).or_default() += 1;
        }
    }
    times
}

/// A line of the log from so many minutes ago, or to come.
pub fn nothing_at(minutes: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes);
    let at = at.to_zoned_datetime(jiff::tz::TimeZone::system());
    format!("{} postfix postfix/master[1]: nothing happens\n", at.strftime("%b %e %H:%M:%S"))
}

/// Postfix delivers as no privileged user; we want to read what it wrote.
pub(super) fn mailbox_owner() -> u32 {
    const NOBODY: u32 = 65534;
    match user_id() {
        0 => NOBODY,
        own => own,
    }
}

/// Local delivery writes the envelope above the message, and bare line ends.
fn read_message(path: &Path) -> Received {
    let content = fs::read_to_string(path).expect("the message is ours to read").replace('\n', "\r\n");
    let message = Received { sender: String::new(), recipients: Vec::new(), raw: content.into_bytes() };
    let path = |name: &str| message.header(name).map(|value| value.trim_matches(['<', '>']).to_owned());
    Received {
        sender: path("Return-Path").expect("Postfix writes who it is from"),
        recipients: path("X-Original-To").into_iter().collect(),
        ..message
    }
}

const MAIN: &str = "\
compatibility_level = 3.6
queue_directory = FOLDER/queue
data_directory = FOLDER/data
maillog_file = FOLDER/log
maillog_file_prefixes = FOLDER
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = FOLDER/certificate.pem
smtpd_tls_key_file = KEY
smtpd_peername_lookup = no
smtputf8_enable = yes
disable_dns_lookups = yes
virtual_mailbox_domains = static:all
virtual_mailbox_base = FOLDER/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:USER
virtual_gid_maps = static:USER
";

const MASTER: &str = "\
127.0.0.1:PORT inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
smtp unix - - n - - smtp
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp_source(postfix: &Postfix, recipient: &str) -> bool {
        let mut source = Command::new(tool("smtp-source"));
        source.args(["-4", "-d", "-s", "2", "-m", "6", "-f", "us@example.org", "-t", recipient]);
        source.arg(format!("127.0.0.1:{}", postfix.port)).stdout(Stdio::null()).stderr(Stdio::null());
        source.status().expect("smtp-source starts").success()
    }

    #[test]
    fn postfix_takes_mail_and_delivers_it_into_the_maildir() {
        let postfix = Postfix::start(&[
            "smtpd_recipient_restrictions = check_recipient_access inline:{{gone@example.org = 550 5.1.1 gone}}",
        ]);
        assert!(smtp_source(&postfix, "ada@example.org"));
        assert!(!smtp_source(&postfix, "gone@example.org"));
        let messages = postfix.wait_for_messages(6);
        assert_eq!(
            (messages[0].sender.as_str(), messages[0].recipients[0].as_str()),
            ("us@example.org", "ada@example.org")
        );
        assert_eq!(super::super::mail::count_by_message_id(&messages).len(), 6);
        assert!(postfix.log().contains("status=sent"));
        assert!(postfix.certificate().exists());
        assert!(
            postfix.url().starts_with("smtp://127") && postfix.starttls_url().starts_with("smtp+starttls")
        );
    }
}
