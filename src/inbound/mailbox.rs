//! Mails in files: one by itself, an mbox, a Maildir or any folder of them. Nothing is changed or marked as read, and
//! of each mail only as much is kept as `notice` reads.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::notice::LONGEST;

/// One mail, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The path of its file; within an mbox with its number, from 1: `inbox.mbox #3`.
    pub place: String,
    pub bytes: Vec<u8>,
}

/// Every mail at `path`, one in memory at a time. In a folder, files are taken in the order of their names, and what
/// is still being delivered (`tmp/` of a Maildir) and hidden files are left out.
pub fn each_mail<E: From<io::Error>>(
    path: &Path,
    take: &mut dyn FnMut(Mail) -> Result<(), E>,
) -> Result<(), E> {
    if !fs::metadata(path)?.is_dir() {
        let place = path.display().to_string();
        return each_in(&place, BufReader::new(File::open(path)?), take);
    }
    for below in entries(path)? {
        each_mail(&below, take)?;
    }
    Ok(())
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let found: io::Result<Vec<PathBuf>> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
    let is_left_out = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.as_encoded_bytes().starts_with(b".") || name == "tmp" && path.is_dir()
    };
    let mut found: Vec<PathBuf> = found?.into_iter().filter(|path| !is_left_out(path)).collect();
    found.sort();
    Ok(found)
}

/// The mails of a stream: those of an mbox if it begins as one, else it is one mail.
pub fn each_in<E: From<io::Error>>(
    place: &str,
    mut stream: impl BufRead,
    take: &mut dyn FnMut(Mail) -> Result<(), E>,
) -> Result<(), E> {
    const MBOX: &[u8] = b"From ";
    let mut start = Vec::new();
    stream.by_ref().take(MBOX.len() as u64).read_to_end(&mut start)?;
    let is_mbox = start == MBOX;
    let mut stream = io::Cursor::new(start).chain(stream);
    if is_mbox {
        return each_in_mbox(place, stream, take);
    }
    let mut bytes = Vec::new();
    stream.by_ref().take(LONGEST as u64).read_to_end(&mut bytes)?;
    io::copy(&mut stream, &mut io::sink())?;
    take(Mail { place: place.to_owned(), bytes })
}

/// A mail begins with `From ` at the start of a line; within one, such lines have a `>` more (mboxrd).
fn each_in_mbox<E: From<io::Error>>(
    place: &str,
    mut stream: impl BufRead,
    take: &mut dyn FnMut(Mail) -> Result<(), E>,
) -> Result<(), E> {
    let (mut line, mut number, mut is_start) = (Vec::new(), 0, true);
    let mut bytes: Vec<u8> = Vec::new();
    let named = |number: u64, bytes: &mut Vec<u8>| Mail {
        place: format!("{place} #{number}"),
        bytes: std::mem::take(bytes),
    };
    while next_piece(&mut stream, &mut line)? {
        if is_start && line.starts_with(b"From ") {
            if number > 0 {
                take(named(number, &mut bytes))?;
            }
            number += 1;
        } else {
            let quoted = is_start && is_quoted(&line);
            let room = LONGEST.saturating_sub(bytes.len());
            bytes.extend(line[usize::from(quoted)..].iter().take(room));
        }
        is_start = line.ends_with(b"\n");
    }
    if number > 0 { take(named(number, &mut bytes)) } else { Ok(()) }
}

fn is_quoted(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    marks > 0 && line[marks..].starts_with(b"From ")
}

/// A line, or so much of it; false at the end.
fn next_piece(stream: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    const LONGEST_PIECE: u64 = 64 * 1024;
    line.clear();
    Ok(stream.by_ref().take(LONGEST_PIECE).read_until(b'\n', line)? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> Vec<(String, String)> {
        let mut found = Vec::new();
        each_mail::<io::Error>(path, &mut |mail| {
            let place = mail.place.rsplit('/').next().unwrap().to_owned();
            found.push((place, String::from_utf8(mail.bytes).unwrap()));
            Ok(())
        })
        .unwrap();
        found
    }

    fn pair(place: &str, text: &str) -> (String, String) {
        (place.to_owned(), text.to_owned())
    }

    #[test]
    fn a_file_is_one_mail_and_an_mbox_is_several() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.eml");
        fs::write(&path, "Subject: a\n\nFrom here\n").unwrap();
        assert_eq!(read(&path), [pair("one.eml", "Subject: a\n\nFrom here\n")]);
        let path = folder.path().join("inbox.mbox");
        fs::write(&path, "From a@b Thu\nSubject: a\n\n>From here\nFrom c@d Thu\nSubject: b\n\n").unwrap();
        let found = read(&path);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].0.as_str(), found[1].0.as_str()), ("inbox.mbox #1", "inbox.mbox #2"));
        assert!(found[0].1.contains("\nFrom here") && found[1].1.starts_with("Subject: b"), "{found:?}");
    }

    #[test]
    fn of_a_huge_mail_only_the_start_is_kept() {
        for (start, mails) in [("", 1), ("From a@b Thu\n", 2)] {
            let mut text = format!("{start}Subject: a\n\n").into_bytes();
            text.resize(LONGEST + 100_000, b'x');
            text.extend(b"\nFrom c@d Thu\nSubject: b\n\n");
            let mut sizes = Vec::new();
            each_in::<io::Error>("x", io::Cursor::new(text), &mut |mail| {
                sizes.push(mail.bytes.len());
                Ok(())
            })
            .unwrap();
            assert_eq!((sizes.len(), sizes[0]), (mails, LONGEST));
        }
    }

    #[test]
    fn a_maildir_gives_what_is_delivered() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("cur/1:2,S", "one"), ("new/2", "two"), ("tmp/3", "half"), (".hidden", "x")] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(read(folder.path()), [pair("1:2,S", "one"), pair("2", "two")]);
    }

    #[test]
    fn a_path_that_is_not_there_is_an_error() {
        assert!(each_mail::<io::Error>(Path::new("/nowhere"), &mut |_| Ok(())).is_err());
    }
}
