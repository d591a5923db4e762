//! From a path in an issue to the bytes of a file that it may name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Fault, Shelf};

/// No file of a newsletter should be near this.
const LARGEST: u64 = 25_000_000;

/// A file that was read.
pub struct Found {
    /// Without symbolic links.
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

impl Shelf<'_> {
    /// Reads the file at `path`, if it is one and lies in the workspace, or beside an issue that is in none.
    pub(super) fn find(&self, path: &str) -> Result<Found, Fault> {
        let real = self.place(path).canonicalize().map_err(|error| unreadable(path, &error))?;
        if !self.may_show(&real) {
            return Err(fault(
                format!("the image `{path}` lies outside of the workspace"),
                "copy it beside the issue",
            ));
        }
        let about = fs::metadata(&real).map_err(|error| unreadable(path, &error))?;
        if !about.is_file() {
            let what = if about.is_dir() { "a folder" } else { "no file" };
            return Err(fault(format!("the image `{path}` is {what}"), "name a file"));
        }
        let bytes = read(&real).map_err(|error| unreadable(path, &error))?;
        Ok(Found { bytes: bytes.ok_or_else(|| too_many_bytes(path))?, path: real })
    }

    fn place(&self, path: &str) -> PathBuf {
        match (path.strip_prefix('/'), self.root) {
            (Some(below), Some(root)) => root.join(below),
            // Outside any workspace, a path from the root of the disk is refused as one that lies outside.
            (None, _) | (Some(_), None) => self.folder.join(path),
        }
    }

    fn may_show(&self, real: &Path) -> bool {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { self.folder.as_path() };
        let homes = [Some(folder), self.root].into_iter().flatten();
        homes.filter_map(|home| home.canonicalize().ok()).any(|home| real.starts_with(home))
    }
}

/// `None` if there is more than [`LARGEST`].
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LARGEST).then_some(bytes))
}

/// A file that is not what the issue says.
pub fn fault(message: String, help: &str) -> Fault {
    Fault { rule: "image-local", message, help: help.to_owned() }
}

fn unreadable(path: &str, error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => fault(
            format!("there is no image `{path}`"),
            "look at the name: paths start at the folder of the issue, or with `/` at that of the workspace",
        ),
        _ => fault(format!("the image `{path}` cannot be read: {error}"), "see who may read it"),
    }
}

fn too_many_bytes(path: &str) -> Fault {
    Fault {
        rule: "image-size",
        message: format!("the image `{path}` has more than {LARGEST} bytes"),
        help: "save it with fewer pixels".to_owned(),
    }
}
