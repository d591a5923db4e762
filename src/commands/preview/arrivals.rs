//! Which letters came into a box and which went, by what lay there before.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::boxes::Mailbox;

/// The letters that are known of each box, by its folder.
#[derive(Default)]
pub struct Arrivals(HashMap<PathBuf, HashSet<String>>);

/// What happened in a box. Letters have the names of their files, without the flags that a Maildir adds to them: whoever
/// reads a letter renames it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct News {
    pub came: Vec<String>,
    pub went: Vec<String>,
}

impl Arrivals {
    /// What lies in these boxes is not new.
    pub fn know(&mut self, boxes: &[Mailbox]) {
        for mailbox in boxes {
            self.0.entry(mailbox.folder.clone()).or_insert_with(|| letters(mailbox));
        }
    }

    /// What came and went in a box, if anything in it is among `changed`. It is looked through as a whole only where a
    /// folder of it is.
    pub fn of(&mut self, mailbox: &Mailbox, changed: &HashSet<PathBuf>) -> Option<News> {
        let files: Vec<&PathBuf> = changed.iter().filter(|path| mailbox.takes(path)).collect();
        let is_whole = mailbox.folders().iter().any(|folder| changed.contains(folder));
        let known = self.0.entry(mailbox.folder.clone()).or_default();
        match (is_whole, files.is_empty()) {
            (true, _) => Some(compare(known, letters(mailbox))),
            (false, false) => Some(take(known, &files)),
            (false, true) => None,
        }
    }
}

fn compare(known: &mut HashSet<String>, now: HashSet<String>) -> News {
    let only_in = |one: &HashSet<String>, other: &HashSet<String>| one.difference(other).cloned().collect();
    let news = News { came: only_in(&now, known), went: only_in(known, &now) };
    *known = now;
    news
}

fn take(known: &mut HashSet<String>, files: &[&PathBuf]) -> News {
    let named = |is_there: bool| {
        let files = files.iter().filter(move |path| path.is_file() == is_there);
        files.filter_map(|path| name(path)).collect::<HashSet<String>>()
    };
    let (there, gone) = (named(true), named(false));
    News {
        // Of a letter that was only renamed, both are among the files.
        went: gone.difference(&there).filter(|name| known.remove(*name)).cloned().collect(),
        came: there.into_iter().filter(|name| known.insert(name.clone())).collect(),
    }
}

fn letters(mailbox: &Mailbox) -> HashSet<String> {
    let folders = mailbox.folders();
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| mailbox.takes(path));
    paths.filter_map(|path| name(&path)).collect()
}

/// What a Maildir adds to a name when the letter is read begins with a colon.
fn name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str().filter(|name| !name.starts_with('.'))?;
    Some(name.split(":2,").next().unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_not_there_before_came() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let news = |came: &[&str], went: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            Some(News { came: owned(came), went: owned(went) })
        };
        ["new", "cur"].iter().for_each(|name| std::fs::create_dir(path(name)).unwrap());
        std::fs::write(path("new/1@x"), "").unwrap();
        let mailbox = Mailbox::new("outbox", folder.path(), "the Maildir");
        let mut arrivals = Arrivals::default();
        arrivals.know(std::slice::from_ref(&mailbox));
        let mut heard =
            |changed: &[&str]| arrivals.of(&mailbox, &changed.iter().map(|name| path(name)).collect());
        assert_eq!(heard(&["notes.txt"]), None);
        std::fs::write(path("new/2@x"), "").unwrap();
        assert_eq!(heard(&["new/2@x"]), news(&["2@x"], &[]));
        assert_eq!(heard(&["new/2@x"]), news(&[], &[]), "it was written to, and came once");
        std::fs::rename(path("new/1@x"), path("cur/1@x:2,S")).unwrap();
        assert_eq!(heard(&["new/1@x", "cur/1@x:2,S"]), news(&[], &[]), "it was read");
        std::fs::remove_file(path("cur/1@x:2,S")).unwrap();
        assert_eq!(heard(&["cur/1@x:2,S"]), news(&[], &["1@x"]));
        std::fs::write(path("3.eml"), "").unwrap();
        std::fs::remove_file(path("new/2@x")).unwrap();
        assert_eq!(heard(&["new"]), news(&["3.eml"], &["2@x"]));
    }
}
