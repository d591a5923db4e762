//! A Maildir in the workspace. A letter's file is named by its Message-ID, so handing it over twice leaves one.
//!
//! A letter is accepted when its file and its name are on the disk. The bytes are those that SMTP would send.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

use crate::ledger::recorded::Recorded;
use crate::model::attempt::{Accepted, Broken, Phase, Reply};
use crate::transport::{Carried, Envelope, Session, Transport};
use crate::workspace::sync_folder;

/// The longest name we make: file systems take 255 bytes, and mail readers add their marks.
const LONGEST_NAME: usize = 200;

/// A folder that takes letters.
pub struct Outbox {
    folder: PathBuf,
}

/// A way into the folder; any number may be open.
pub struct OutboxSession {
    folder: PathBuf,
    /// Letters that a mail reader has moved to `cur`, without its marks.
    read: Arc<HashSet<String>>,
}

impl Outbox {
    /// Makes `tmp`, `new` and `cur` if they are not there.
    pub fn new(folder: &Path) -> Result<Outbox, Broken> {
        for part in ["tmp", "new", "cur"] {
            let path = folder.join(part);
            fs::create_dir_all(&path).map_err(|error| unwritable(Phase::Connect, &path, &error))?;
        }
        Ok(Outbox { folder: folder.to_owned() })
    }
}

impl Transport for Outbox {
    type Session = OutboxSession;

    async fn connect(&self) -> Result<OutboxSession, Broken> {
        let folder = self.folder.clone();
        blocking(Phase::Connect, move || {
            let cur = folder.join("cur");
            let read = names(&cur).map_err(|error| unwritable(Phase::Connect, &cur, &error))?;
            Ok(OutboxSession { folder, read: Arc::new(read) })
        })
        .await
    }

    fn is_idempotent(&self) -> bool {
        true
    }
}

impl Session for OutboxSession {
    async fn open(&mut self, _envelope: &Envelope) -> Result<(), Broken> {
        Ok(())
    }

    async fn body(&mut self, _letter: &Recorded, bytes: &[u8], next: Option<&Envelope>) -> Carried {
        let (folder, read, bytes) = (self.folder.clone(), self.read.clone(), bytes.to_vec());
        let letter = blocking(Phase::Body, move || keep(&folder, &read, &bytes)).await;
        Carried { letter, next: next.map(|_| Ok(())) }
    }

    fn is_usable(&self) -> bool {
        true
    }

    async fn close(self) {}
}

async fn blocking<T: Send + 'static>(
    phase: Phase,
    work: impl FnOnce() -> Result<T, Broken> + Send + 'static,
) -> Result<T, Broken> {
    let stopped = |_| Err(Broken::cut(phase, "the program is ending"));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(stopped)
}

fn keep(folder: &Path, read: &HashSet<String>, bytes: &[u8]) -> Result<Accepted, Broken> {
    let name = file_name(bytes);
    if !read.contains(&name) {
        let fail = |path: &Path, error: &io::Error| unwritable(Phase::Body, path, error);
        let (tmp, new) = (folder.join("tmp").join(&name), folder.join("new"));
        write_durably(&tmp, bytes).map_err(|error| {
            // What is half written would only take up room on a disk that may be full.
            let _ = fs::remove_file(&tmp);
            fail(&tmp, &error)
        })?;
        fs::rename(&tmp, new.join(&name)).map_err(|error| fail(&new, &error))?;
        sync_folder(&new).map_err(|error| fail(&new, &error))?;
    }
    Ok(Accepted { reply: Reply::new(250, format!("kept as {name}")) })
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The names in `cur` without the marks of mail readers (`:2,S`).
fn names(cur: &Path) -> io::Result<HashSet<String>> {
    let base = |name: &str| name.split(":2,").next().unwrap_or(name).to_owned();
    fs::read_dir(cur)?.map(|entry| Ok(base(&entry?.file_name().to_string_lossy()))).collect()
}

/// A name that is the same for the same letter and valid everywhere.
fn file_name(bytes: &[u8]) -> String {
    let Some(id) = message_id(bytes) else {
        return fingerprint(bytes);
    };
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@' | '-' | '+' | '=');
    if !id.is_empty() && id.len() <= LONGEST_NAME && !id.starts_with('.') && id.chars().all(is_safe) {
        return id;
    }
    fingerprint(id.as_bytes())
}

fn fingerprint(bytes: &[u8]) -> String {
    HEXLOWER.encode(&digest(&SHA256, bytes).as_ref()[..20])
}

/// What stands between the angle brackets of the Message-ID, which may stand on a folded line.
fn message_id(bytes: &[u8]) -> Option<String> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).replace("\r\n ", " ").replace("\r\n\t", " ");
    let value = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("message-id").then(|| value.trim().to_owned())
    })?;
    Some(value.trim_start_matches('<').trim_end_matches('>').to_owned())
}

/// About us: a disk that is full, or a folder that is not ours, stays so until somebody mends it.
fn unwritable(phase: Phase, path: &Path, error: &io::Error) -> Broken {
    Broken::hopeless(phase, format!("the outbox cannot be written: {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Address;

    async fn put(outbox: &Outbox, letter: &str) -> Carried {
        let address = Address::parse("ada@example.org").unwrap();
        let envelope =
            Envelope { sender: address.clone(), recipient: address, size: None, id: None, token: None };
        let mut session = outbox.connect().await.unwrap();
        session.open(&envelope).await.unwrap();
        session.body(&Recorded::for_tests(), letter.as_bytes(), Some(&envelope)).await
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_letter_handed_over_twice_is_there_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path()).unwrap();
        let letter = "Subject: x\r\nMessage-ID:\r\n <a.b@news.example>\r\n\r\nHi\r\n";
        for _ in 0..2 {
            let carried = put(&outbox, letter).await;
            assert_eq!(carried.letter.unwrap().reply.to_string(), "250 kept as a.b@news.example");
            assert_eq!(carried.next, Some(Ok(())));
        }
        assert_eq!(files(&folder.path().join("new")), ["a.b@news.example"]);
        assert_eq!(fs::read_to_string(folder.path().join("new/a.b@news.example")).unwrap(), letter);
        assert!(files(&folder.path().join("tmp")).is_empty());
    }

    #[tokio::test]
    async fn a_letter_that_was_read_meanwhile_does_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path()).unwrap();
        let letter = "Message-ID: <1@news.example>\r\n\r\nHi\r\n";
        put(&outbox, letter).await.letter.unwrap();
        let (new, cur) = (folder.path().join("new"), folder.path().join("cur"));
        fs::rename(new.join("1@news.example"), cur.join("1@news.example:2,S")).unwrap();
        put(&outbox, letter).await.letter.unwrap();
        assert!(files(&new).is_empty());
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_about_us() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path()).unwrap();
        fs::remove_dir(folder.path().join("tmp")).unwrap();
        let broken = put(&outbox, "Message-ID: <1@x>\r\n\r\nHi\r\n").await.letter.unwrap_err();
        assert_eq!((broken.phase, broken.may_pass), (Phase::Body, false));
        assert!(broken.cause.starts_with("the outbox cannot be written: "), "{broken}");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(Outbox::new(&file).err().unwrap().phase, Phase::Connect);
    }

    #[test]
    fn odd_ids_still_make_names() {
        let name = |id: &str| file_name(format!("Message-ID: <{id}>\r\n\r\n").as_bytes());
        assert_eq!(name("x+y=z@news.example"), "x+y=z@news.example");
        for odd in ["../../etc/x@y", "a:b@c", "", ".hidden@x", &"a".repeat(300), "ü@x"] {
            assert_eq!(name(odd).len(), 40, "{odd}");
            assert_eq!(name(odd), name(odd));
        }
        assert_ne!(name("a:b@c"), name("a;b@c"));
        assert_ne!(file_name(b"no head\r\n"), file_name(b"another\r\n"));
    }
}
