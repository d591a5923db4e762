//! A real Dovecot of the tests' own, for all tests that need one: IMAP and POP3 on ports of loopback, in the clear and
//! with TLS. Everybody may log in with one password, or with a token that is signed by its key; a user's mails are a
//! Maildir in a temporary folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use aws_lc_rs::hmac;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use tempfile::TempDir;

use super::postfix::mailbox_owner;
use super::tools::{as_root, fixture, free_port, make_certificate, tool, wait_until_listening};

pub const PASSWORD: &str = "correct-horse";
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

/// A running instance. The last test that drops it ends it and removes its folder.
pub struct Dovecot {
    folder: TempDir,
    ports: [u16; 4],
}

static RUNNING: Mutex<Weak<Dovecot>> = Mutex::new(Weak::new());

impl Dovecot {
    pub fn shared() -> Arc<Dovecot> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let dovecot = Arc::new(Dovecot::start(None));
            *running = Arc::downgrade(&dovecot);
            dovecot
        })
    }

    /// One by itself, with this certificate and key.
    pub fn with_certificate(certificate: &Path, key: &Path) -> Dovecot {
        Dovecot::start(Some((certificate, key)))
    }

    fn start(certificate: Option<(&Path, &Path)>) -> Dovecot {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let dovecot = Dovecot { folder, ports: [(); 4].map(|()| free_port()) };
        dovecot.write_configuration(certificate);
        dovecot.make_folder("mail");
        dovecot.run();
        dovecot.ports.into_iter().for_each(|port| wait_until_listening(port, || Ok(())));
        dovecot
    }

    pub fn imap_port(&self) -> u16 {
        self.ports[0]
    }

    pub fn pop3_port(&self) -> u16 {
        self.ports[2]
    }

    /// `imaps`, `imap`, `imap+starttls`, `pop3s`, `pop3` or `pop3+starttls`, for this user.
    pub fn url(&self, scheme: &str, user: &str) -> String {
        let port = match scheme {
            "imap" | "imap+starttls" => self.ports[0],
            "imaps" => self.ports[1],
            "pop3" | "pop3+starttls" => self.ports[2],
            "pop3s" => self.ports[3],
            other => panic!("{other} is no way to Dovecot"),
        };
        format!("{scheme}://{user}@localhost:{port}")
    }

    /// To be trusted, in PEM.
    pub fn certificate(&self) -> PathBuf {
        self.path("certificate.pem")
    }

    /// A token that lets this user in for an hour.
    pub fn token(&self, user: &str) -> String {
        let now = jiff::Timestamp::now().as_second();
        let encoded = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let claims = format!(r#"{{"sub":"{user}","iat":{},"exp":{}}}"#, now - 5, now + 3600);
        let signed = format!("{}.{}", encoded(r#"{"alg":"HS256","typ":"JWT"}"#), encoded(&claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, KEY), signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
    }

    /// A user that nobody else is, with an empty mailbox.
    pub fn somebody(&self) -> String {
        let name = tempfile::Builder::new().prefix("u").rand_bytes(8).tempfile().expect("a name is free");
        let name = name.path().file_name().expect("it has one").to_string_lossy().to_lowercase();
        self.maildir(&name);
        name
    }

    /// The Maildir of a user, made if it is not there.
    pub fn maildir(&self, user: &str) -> PathBuf {
        for part in ["", "/new", "/cur", "/tmp"] {
            self.make_folder(&format!("mail/{user}{part}"));
        }
        self.path(&format!("mail/{user}"))
    }

    /// Lets a user read the Maildir that another program fills.
    pub fn lend(&self, user: &str, maildir: &Path) {
        let link = self.path(&format!("mail/{user}"));
        let made = as_root(&tool("ln")).arg("-s").arg(maildir).arg(link).status();
        assert!(made.expect("ln starts").success(), "no link to a Maildir");
    }

    /// Puts mails into the mailbox of a user, as if they were delivered.
    pub fn deliver(&self, user: &str, mails: &[impl AsRef<[u8]>]) {
        let maildir = self.maildir(user);
        for mail in mails {
            let number = self.mails(user).len();
            let file = tempfile::NamedTempFile::new().expect("there is room for a file");
            fs::write(file.path(), mail).expect("there is room for a file");
            let name = format!("{}.{number}.localhost", 1_700_000_000 + number);
            let mut install = as_root(&tool("install"));
            install.args(["-m", "0644", "-o", &mailbox_owner().to_string()]).arg(file.path());
            // It appears whole.
            let hidden = maildir.join("tmp").join(&name);
            assert!(install.arg(&hidden).status().expect("install starts").success(), "no mail for {user}");
            let moved = as_root(&tool("mv")).arg(hidden).arg(maildir.join("new").join(&name)).status();
            assert!(moved.expect("mv starts").success(), "no mail for {user}");
        }
    }

    /// The files of all mails of a user, below the Maildir, in order of delivery: `new/…`, `cur/…:2,S`, `.Old/cur/…`.
    pub fn mails(&self, user: &str) -> Vec<String> {
        let root = self.path(&format!("mail/{user}"));
        let mut found = Vec::new();
        for below in ["", ".Old/", ".R&APw-ck/"] {
            for part in ["new", "cur"] {
                let Ok(files) = fs::read_dir(root.join(format!("{below}{part}"))) else { continue };
                let name = |file: fs::DirEntry| file.file_name().to_string_lossy().into_owned();
                let names = files.map(|file| name(file.expect("the folder can be read")));
                found.extend(names.map(|name| format!("{below}{part}/{name}")));
            }
        }
        found.sort_by_key(|path| path.rsplit('/').next().unwrap_or_default().to_owned());
        found
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn write_configuration(&self, certificate: Option<(&Path, &Path)>) {
        let folder = self.folder.path();
        // Its own programs run as other users, who have to get through.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        let key = match certificate {
            None => make_certificate(&self.certificate()),
            Some((certificate, key)) => {
                fs::copy(certificate, self.certificate()).expect("there is room for a file");
                key.to_owned()
            }
        };
        let [imap, imaps, pop3, pop3s] = self.ports.map(|port| port.to_string());
        let fill = |text: String| {
            text.replace("FOLDER", &folder.display().to_string())
                .replace("KEY", &key.display().to_string())
                .replace("OWNER", &mailbox_owner().to_string())
                .replace("PASSWORD", PASSWORD)
                .replace("IMAPS_PORT", &imaps)
                .replace("IMAP_PORT", &imap)
                .replace("POP3S_PORT", &pop3s)
                .replace("POP3_PORT", &pop3)
        };
        let write = |name: &str, text: &[u8]| fs::write(self.path(name), text).expect("the folder is ours");
        let main = fs::read_to_string(fixture("dovecot.conf")).expect("the repository has this file");
        write("dovecot.conf", fill(main).as_bytes());
        write("oauth.conf", fill(OAUTH.to_owned()).as_bytes());
        fs::create_dir_all(self.path("keys/default/HS256")).expect("the folder is ours");
        write("keys/default/HS256/default", BASE64.encode(KEY).as_bytes());
    }

    fn make_folder(&self, name: &str) {
        let owner = mailbox_owner().to_string();
        let mut install = as_root(&tool("install"));
        let made = install.args(["-d", "-m", "0755", "-o", &owner]).arg(self.path(name)).status();
        assert!(made.expect("install starts").success(), "no folder for Dovecot: run tests/setup");
    }

    /// Goes on by itself; it would keep a pipe open.
    fn run(&self) {
        let errors = fs::File::create(self.path("errors")).expect("the folder is ours");
        let mut dovecot = as_root(&tool("dovecot"));
        dovecot.arg("-c").arg(self.path("dovecot.conf")).stdout(Stdio::null()).stderr(errors);
        let done = dovecot.status().expect("dovecot starts");
        let said = || fs::read_to_string(self.path("errors")).unwrap_or_default();
        assert!(done.success(), "Dovecot: run tests/setup, as root or with sudo\n{}", said());
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let mut stop = as_root(&tool("dovecot"));
        let _ = stop.arg("-c").arg(self.path("dovecot.conf")).arg("stop").output();
        // Its files belong to others; what stays behind is in the folder for temporary files.
        let _ = as_root(&tool("rm")).arg("-rf").arg("--").arg(self.folder.path()).status();
    }
}

const OAUTH: &str = "\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=FOLDER/keys/
username_attribute = sub
";
