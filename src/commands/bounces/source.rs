//! Mails in files, and what is done with those that were understood.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use crate::inbound::mailbox::{self, Mail};

/// A mail, and where it lies.
pub struct Fetched {
    pub mail: Mail,
    pub origin: Origin,
}

/// What is marked, if anything, once a mail was understood.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    Unmarkable,
    /// This file.
    Maildir(PathBuf),
    /// The mail of this number in a mailbox on another machine.
    Mailbox(u32),
}

/// What is done with each mail.
type Take<'a, E> = &'a mut dyn FnMut(Fetched) -> Result<(), E>;

/// Every mail of a source, one in memory at a time: a Maildir, an mbox, a mail, a folder of mails, or standard input.
pub fn each<E: From<io::Error>>(source: &Path, take: Take<'_, E>) -> Result<(), E> {
    let mut plain = |mail| take(Fetched { mail, origin: Origin::Unmarkable });
    match () {
        () if source == Path::new("-") => {
            mailbox::each_in("standard input", BufReader::new(io::stdin().lock()), &mut plain)
        }
        () if is_maildir(source) => each_of_maildir(source, take),
        () => mailbox::each_mail(source, &mut plain),
    }
}

fn is_maildir(path: &Path) -> bool {
    path.join("new").is_dir() && path.join("cur").is_dir()
}

fn each_of_maildir<E: From<io::Error>>(folder: &Path, take: Take<'_, E>) -> Result<(), E> {
    for part in ["new", "cur"] {
        let files: io::Result<Vec<PathBuf>> =
            fs::read_dir(folder.join(part))?.map(|entry| Ok(entry?.path())).collect();
        let mut files = files?;
        files.retain(|path| path.is_file() && !name(path).starts_with('.'));
        files.sort();
        for path in files {
            each_in_file(&path, take)?;
        }
    }
    Ok(())
}

/// A mail that another program moved or deleted meanwhile is none of ours any more.
fn each_in_file<E: From<io::Error>>(path: &Path, take: Take<'_, E>) -> Result<(), E> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    mailbox::each_in(&path.display().to_string(), BufReader::new(file), &mut |mail| {
        take(Fetched { mail, origin: Origin::Maildir(path.to_owned()) })
    })
}

/// Moves a mail of a Maildir to `cur/` with the flag for "seen".
pub fn mark(path: &Path) -> io::Result<()> {
    let Some(maildir) = path.parent().and_then(Path::parent) else { return Ok(()) };
    let marked = maildir.join("cur").join(seen(&name(path)));
    match marked == path {
        true => Ok(()),
        false => match fs::rename(path, marked) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            moved => moved,
        },
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The name with the flag S; flags stand in the order of the alphabet.
fn seen(name: &str) -> String {
    let (base, flags) = name.split_once(":2,").unwrap_or((name, ""));
    let mut flags: Vec<char> = flags.chars().filter(|flag| *flag != 'S').chain(['S']).collect();
    flags.sort_unstable();
    format!("{base}:2,{}", flags.into_iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_was_understood_is_seen_once_and_keeps_its_other_flags() {
        for (name, expected) in
            [("1.host", "1.host:2,S"), ("1:2,", "1:2,S"), ("1:2,RT", "1:2,RST"), ("1:2,S", "1:2,S")]
        {
            assert_eq!(seen(name), expected);
        }
    }
}
