//! Folders of letters to look into: a Maildir, as the outbox is, or a folder of `.eml` files, as the sink keeps them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::anatomy::Anatomy;
use crate::check::sizes::CLIP;
use crate::web::preview::view::{BoxRow, Letter, LetterRow, Letters, Sizes, Weight};
use crate::web::preview::{Eml, Refusal, Why};
use crate::workspace::shown_path;

/// So many letters are listed.
const SHOWN: usize = 200;
/// No letter that anybody sends is larger.
const LARGEST: u64 = 64 * 1024 * 1024;
/// So long a search may take: then what was found by then is shown.
const PATIENCE: Duration = Duration::from_secs(5);

/// The name of the outbox as a box.
pub const OUTBOX: &str = "outbox";

/// One folder of letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub name: String,
    pub folder: PathBuf,
    /// What it is, for people.
    pub words: String,
}

/// The file of a letter.
struct File {
    /// Its name, which no path is part of.
    id: String,
    path: PathBuf,
    modified: SystemTime,
}

impl Mailbox {
    pub fn new(name: impl Into<String>, folder: &Path, what: &str) -> Mailbox {
        let words = format!("{what} {}", shown_path(folder).display());
        Mailbox { name: name.into(), folder: folder.to_owned(), words }
    }

    pub fn row(&self) -> BoxRow {
        BoxRow { name: self.name.clone(), words: self.words.clone() }
    }

    /// The folders in which its letters arrive.
    pub fn folders(&self) -> [PathBuf; 3] {
        [self.folder.clone(), self.folder.join("new"), self.folder.join("cur")]
    }

    /// Whether a file at `path` would be one of its letters.
    pub fn takes(&self, path: &Path) -> bool {
        let [folder, new, cur] = self.folders();
        match path.parent() {
            Some(parent) if parent == folder => is_eml(path),
            Some(parent) => parent == new || parent == cur,
            None => false,
        }
    }

    /// The newest letters that hold every word of `text` in a header or in their text, in any case.
    pub fn letters(&self, text: &str) -> Letters {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let (files, until) = (self.files(), Instant::now() + PATIENCE);
        if words.is_empty() {
            let letters = files.iter().filter_map(|file| row(file, &[])).take(SHOWN).collect();
            return Letters { letters, total: files.len() };
        }
        let found = files.iter().take_while(|_| Instant::now() < until).filter_map(|file| row(file, &words));
        let mut letters: Vec<LetterRow> = found.collect();
        let total = letters.len();
        letters.truncate(SHOWN);
        Letters { letters, total }
    }

    /// One letter, by the id that [`Mailbox::letters`] gave it.
    pub fn letter(&self, id: &str) -> Result<Letter, Refusal> {
        let bytes = self.bytes(id)?;
        let anatomy = Anatomy::of(&bytes).ok_or_else(no_letter)?;
        let (text, html) = (anatomy.text().unwrap_or_default(), anatomy.html_as_it_is());
        let images = anatomy.files().into_iter().map(|(name, bytes)| Weight { name, bytes }).collect();
        let sizes = Sizes {
            letter: bytes.len(),
            html: html.as_ref().map_or(0, String::len),
            text: text.len(),
            limit: CLIP,
            sections: Vec::new(),
            images,
        };
        Ok(Letter {
            headers: anatomy.headers(),
            html: html.is_some(),
            tree: Some(anatomy.tree()),
            eml: String::from_utf8_lossy(&bytes).into_owned(),
            sizes,
            text,
        })
    }

    /// Its HTML part as a browser shows it.
    pub fn html(&self, id: &str) -> Result<String, Refusal> {
        let bytes = self.bytes(id)?;
        let html = Anatomy::of(&bytes).and_then(|anatomy| anatomy.html());
        html.ok_or_else(|| Refusal::new(Why::NotThere, "this letter has no HTML part", "look at its text"))
    }

    pub fn eml(&self, id: &str) -> Result<Eml, Refusal> {
        Ok(Eml { name: format!("{}.eml", id.trim_end_matches(".eml")), bytes: self.bytes(id)? })
    }

    /// Only what was listed is read: an id is compared, never put into a path.
    fn bytes(&self, id: &str) -> Result<Vec<u8>, Refusal> {
        let file = self.files().into_iter().find(|file| file.id == id).ok_or_else(no_letter)?;
        read(&file.path).ok_or_else(no_letter)
    }

    /// Newest first.
    fn files(&self) -> Vec<File> {
        let [folder, new, cur] = self.folders();
        let mut files: Vec<File> = files_in(&new).chain(files_in(&cur)).collect();
        files.extend(files_in(&folder).filter(|file| is_eml(&file.path)));
        files.sort_by(|one, other| other.modified.cmp(&one.modified).then_with(|| other.id.cmp(&one.id)));
        files
    }
}

fn is_eml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("eml"))
}

/// What is no file, hidden, or has a name that is no text is left out; so is a folder that is not there.
fn files_in(folder: &Path) -> impl Iterator<Item = File> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let id = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'))?;
        let about = entry.metadata().ok().filter(|about| about.is_file() && about.len() <= LARGEST)?;
        Some(File { id, path: entry.path(), modified: about.modified().unwrap_or(SystemTime::UNIX_EPOCH) })
    })
}

fn read(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}

fn row(file: &File, words: &[String]) -> Option<LetterRow> {
    let bytes = read(&file.path)?;
    let anatomy = Anatomy::of(&bytes)?;
    if !words.is_empty() {
        let text = anatomy.everything().to_lowercase();
        if !words.iter().all(|word| text.contains(word)) {
            return None;
        }
    }
    Some(LetterRow {
        id: file.id.clone(),
        from: anatomy.from(),
        to: anatomy.to(),
        subject: anatomy.subject(),
        date: anatomy.date(),
        bytes: bytes.len(),
        proof: anatomy.is_proof(),
    })
}

fn no_letter() -> Refusal {
    Refusal::new(Why::NotThere, "this letter is no longer there", "look at the list of letters again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(subject: &str, text: &str) -> String {
        format!("From: a@example.org\r\nTo: b@example.org\r\nSubject: {subject}\r\n\r\n{text}\r\n")
    }

    fn mailbox() -> (tempfile::TempDir, Mailbox) {
        let folder = tempfile::tempdir().unwrap();
        let mailbox = Mailbox::new("outbox", folder.path(), "the Maildir");
        std::fs::create_dir_all(folder.path().join("new")).unwrap();
        (folder, mailbox)
    }

    #[test]
    fn a_maildir_and_a_folder_of_files_are_both_boxes() {
        let (folder, mailbox) = mailbox();
        std::fs::write(folder.path().join("new/1@x"), letter("One", "tea")).unwrap();
        std::fs::write(folder.path().join("000001.eml"), letter("Two", "rain")).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "no letter").unwrap();
        let listed = mailbox.letters("");
        assert_eq!((listed.letters.len(), listed.total), (2, 2));
        assert_eq!(mailbox.letter("1@x").unwrap().text.trim(), "tea");
        assert!(mailbox.takes(&folder.path().join("new/2@x")) && mailbox.takes(&folder.path().join("2.eml")));
        assert!(!mailbox.takes(&folder.path().join("notes.txt")));
    }

    #[test]
    fn letters_are_found_by_their_headers_and_their_text() {
        let (folder, mailbox) = mailbox();
        std::fs::write(folder.path().join("new/1"), letter("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "A cup of Tea"))
            .unwrap();
        std::fs::write(folder.path().join("new/2"), letter("Two", "rain")).unwrap();
        let found = |text: &str| {
            let letters = mailbox.letters(text);
            assert_eq!(letters.total, letters.letters.len());
            letters.letters.into_iter().map(|letter| letter.id).collect::<Vec<_>>()
        };
        assert_eq!(found("grüße"), ["1"]);
        assert_eq!(found("tea grüße"), ["1"]);
        assert_eq!(found("b@example.org").len(), 2);
        assert!(found("snow").is_empty());
    }

    #[test]
    fn an_id_is_never_a_path() {
        let (folder, mailbox) = mailbox();
        std::fs::write(folder.path().join("secret"), letter("Secret", "x")).unwrap();
        for id in ["../secret", "secret", "..", "/etc/passwd", "new/1", ""] {
            assert!(
                mailbox.letter(id).is_err() && mailbox.eml(id).is_err() && mailbox.html(id).is_err(),
                "{id}"
            );
        }
    }
}
