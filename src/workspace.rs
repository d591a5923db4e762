//! Where things are: issues, templates, lists, assets. Reads files; knows nothing of what they mean.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::model::finding::{Explain, suggest};
use crate::model::source::{Place, Source};

mod error;
mod naming;
mod templates;
mod whole;

pub use error::WorkspaceError;
pub use templates::{Listed, built_in};
pub use whole::{is_unfinished, put_whole};

/// What stands for standard input where a file is named.
const STANDARD_INPUT: &str = "-";

/// No text that a person writes is larger.
const LARGEST_TEXT: u64 = 16 * 1024 * 1024;

/// A folder with `courant.toml`, `issues/`, `templates/`, `subscribers/`, or the place of a lone file.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub fn new(root: impl Into<PathBuf>) -> Workspace {
        Workspace { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `.courant/`, made if it is not there (0700).
    pub fn state_folder(&self) -> Result<PathBuf, WorkspaceError> {
        let folder = self.root.join(".courant");
        if !folder.is_dir() {
            make_private_folder(&folder).map_err(|error| WorkspaceError::NoStateFolder {
                path: folder.clone(),
                why: error.to_string(),
            })?;
        }
        Ok(folder)
    }

    pub fn ledger_path(&self) -> PathBuf {
        self.root.join(".courant/ledger.db")
    }

    pub fn secret_path(&self) -> PathBuf {
        self.root.join(".courant/secret")
    }

    pub fn lock_path(&self) -> PathBuf {
        self.root.join(".courant/lock")
    }

    /// The Markdown files of `issues/`, by name.
    pub fn issue_files(&self) -> Result<Vec<PathBuf>, WorkspaceError> {
        files_in(&self.root.join("issues"), &["md", "markdown"])
    }

    /// Reads a text file: UTF-8, a byte order mark taken off, line ends as LF.
    pub fn read_text(&self, path: &Path) -> Result<Source, WorkspaceError> {
        let bytes = self.read_bytes(path, LARGEST_TEXT)?;
        source(shown_path(path), bytes)
    }

    /// Standard input as a source called `-`.
    pub fn read_standard_input(&self) -> Result<Source, WorkspaceError> {
        let path = PathBuf::from(STANDARD_INPUT);
        let bytes = at_most(io::stdin().lock(), LARGEST_TEXT)
            .map_err(|error| WorkspaceError::unreadable(&path, &error))?
            .ok_or_else(|| WorkspaceError::too_large(&path, LARGEST_TEXT))?;
        source(path, bytes)
    }

    /// A file's bytes, such as an attachment or an image, at most `limit` of them.
    pub fn read_bytes(&self, path: &Path, limit: u64) -> Result<Vec<u8>, WorkspaceError> {
        let fail = |error: io::Error| WorkspaceError::unreadable(&shown_path(path), &error);
        if path.is_dir() {
            return Err(WorkspaceError::Folder { path: shown_path(path), place: None });
        }
        let file = std::fs::File::open(path).map_err(fail)?;
        at_most(file, limit).map_err(fail)?.ok_or_else(|| WorkspaceError::too_large(&shown_path(path), limit))
    }

    /// The CSV files of `subscribers/`: name of the list (the stem) and path, by name.
    pub fn list_files(&self) -> Result<Vec<(String, PathBuf)>, WorkspaceError> {
        let files = files_in(&self.root.join("subscribers"), &["csv"])?;
        Ok(files.into_iter().map(|path| (stem(&path), path)).collect())
    }
}

#[cfg(unix)]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// The files of `folder` with one of these endings, by name; hidden ones are left out. A folder that is not
/// there has none.
fn files_in(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, WorkspaceError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(WorkspaceError::unreadable(&shown_path(folder), &error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
    let mut paths = paths.map_err(|error| WorkspaceError::unreadable(&shown_path(folder), &error))?;
    paths.retain(|path| has_ending(path, endings) && !is_hidden(path) && path.is_file());
    paths.sort();
    Ok(paths)
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|ending| endings.contains(&ending.as_str()))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// A path as a person would type it: relative where it lies below the current folder.
pub fn shown_path(path: &Path) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(current).unwrap_or(path).to_path_buf()
}

impl Workspace {
    /// What a file that is shown under `path` is called in the repository: from the folder above the workspace, or
    /// the workspace itself, that git keeps; else from the workspace. With slashes.
    pub fn name_in_repository(&self, path: &Path) -> String {
        let current = std::env::current_dir().unwrap_or_default();
        let root = current.join(&self.root);
        let repository = root.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&root);
        let absolute = current.join(path);
        let inside = absolute.strip_prefix(repository).unwrap_or(path);
        inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    }
}

/// Writes a new file that only its owner can read, and syncs it. Fails if there is one already.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = new_private(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A new file that its owner alone can read. Fails if there is one.
pub fn new_private(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The name of a file is durable when its folder is.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

/// `None` if there is more than `limit`.
fn at_most(reader: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

fn source(path: PathBuf, bytes: Vec<u8>) -> Result<Source, WorkspaceError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = place_of_byte(&path, error.as_bytes(), error.utf8_error().valid_up_to());
        WorkspaceError::NotUtf8 { path: path.clone(), place: Box::new(place) }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Source::new(path, text.replace("\r\n", "\n").replace('\r', "\n")))
}

/// The byte at `offset`, which is no text, in its line as far as that is text.
fn place_of_byte(path: &Path, bytes: &[u8], offset: usize) -> Place {
    let start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = bytes[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
    let end = bytes[offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |n| offset + n);
    let text = String::from_utf8_lossy(&bytes[start..end]);
    let span = offset - start..offset - start + char::REPLACEMENT_CHARACTER.len_utf8();
    Source::excerpt(path, line, text).at(span)
}

#[cfg(test)]
mod tests;
