//! What can be wrong with a file or its name.

use std::io;
use std::path::{Path, PathBuf};

use super::{Explain, Place, STANDARD_INPUT, suggest};

#[derive(Debug, Clone, thiserror::Error)]
pub enum WorkspaceError {
    #[error("there is no file {}", path.display())]
    NoFile { path: PathBuf, place: Option<Box<Place>> },
    #[error("{} cannot be read: {why}", spoken(path))]
    Unreadable { path: PathBuf, why: String, place: Option<Box<Place>> },
    #[error("{} is a folder", path.display())]
    Folder { path: PathBuf, place: Option<Box<Place>> },
    #[error("{} is larger than {limit} bytes", spoken(path))]
    TooLarge { path: PathBuf, limit: u64, place: Option<Box<Place>> },
    #[error("{} is not UTF-8", spoken(path))]
    NotUtf8 { path: PathBuf, place: Box<Place> },
    /// Without a place it is courant.toml that names it.
    #[error("there is no template `{name}`{}", if place.is_none() { ", which courant.toml names" } else { "" })]
    NoTemplate { name: String, known: Vec<String>, place: Option<Box<Place>> },
    #[error("there is no issue `{name}`")]
    NoIssue { name: String, known: Vec<String> },
    #[error("`{name}` may be {}", candidates.join(" or "))]
    Ambiguous { name: String, candidates: Vec<String> },
    #[error("the folder {} cannot be made: {why}", path.display())]
    NoStateFolder { path: PathBuf, why: String },
}

impl WorkspaceError {
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> WorkspaceError {
        let path = path.to_path_buf();
        match error.kind() {
            io::ErrorKind::NotFound => WorkspaceError::NoFile { path, place: None },
            _ => WorkspaceError::Unreadable { path, why: error.to_string(), place: None },
        }
    }

    pub(super) fn too_large(path: &Path, limit: u64) -> WorkspaceError {
        WorkspaceError::TooLarge { path: path.to_path_buf(), limit, place: None }
    }

    /// The same, shown at the place that names the file.
    pub fn named_at(mut self, at: Place) -> WorkspaceError {
        match &mut self {
            WorkspaceError::NoFile { place, .. }
            | WorkspaceError::Unreadable { place, .. }
            | WorkspaceError::Folder { place, .. }
            | WorkspaceError::TooLarge { place, .. }
            | WorkspaceError::NoTemplate { place, .. } => *place = Some(Box::new(at)),
            WorkspaceError::NotUtf8 { .. }
            | WorkspaceError::NoIssue { .. }
            | WorkspaceError::Ambiguous { .. }
            | WorkspaceError::NoStateFolder { .. } => {}
        }
        self
    }
}

impl Explain for WorkspaceError {
    fn place(&self) -> Option<Place> {
        match self {
            WorkspaceError::NoFile { place, .. }
            | WorkspaceError::Unreadable { place, .. }
            | WorkspaceError::Folder { place, .. }
            | WorkspaceError::TooLarge { place, .. }
            | WorkspaceError::NoTemplate { place, .. } => place.as_deref().cloned(),
            WorkspaceError::NotUtf8 { place, .. } => Some((**place).clone()),
            WorkspaceError::NoIssue { .. }
            | WorkspaceError::Ambiguous { .. }
            | WorkspaceError::NoStateFolder { .. } => None,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            WorkspaceError::NoFile { path, .. } => format!("look at the name: `ls {}`", folder_of(path)),
            WorkspaceError::Unreadable { path, .. } if path == STANDARD_INPUT => {
                "name a file instead of `-`".to_owned()
            }
            WorkspaceError::Unreadable { path, .. } => {
                format!("see who may read it: `ls -l {}`", path.display())
            }
            WorkspaceError::Folder { .. } => "name a file in it".to_owned(),
            WorkspaceError::TooLarge { .. } => {
                "make it smaller, or put it on the web and link to it".to_owned()
            }
            WorkspaceError::NotUtf8 { path, .. } if path == STANDARD_INPUT => {
                "convert it on its way: `iconv -f WINDOWS-1252 -t UTF-8`".to_owned()
            }
            WorkspaceError::NotUtf8 { path, .. } => {
                let name = path.display();
                format!(
                    "save it as UTF-8, or convert it: `iconv -f WINDOWS-1252 -t UTF-8 {name} -o {name}.utf8`"
                )
            }
            WorkspaceError::NoTemplate { name, known, .. } => {
                near_or_all(name, known, "put one into templates/")
            }
            WorkspaceError::NoIssue { name, known } => {
                near_or_all(name, known, "write one with `courant new TITLE`")
            }
            WorkspaceError::Ambiguous { candidates, .. } => format!(
                "name the file, such as {}",
                candidates.first().map_or("issues/001-welcome.md", String::as_str)
            ),
            WorkspaceError::NoStateFolder { .. } => {
                "make it yourself, or see that the workspace can be written to".to_owned()
            }
        })
    }
}

/// The name under which a person knows the file.
fn spoken(path: &Path) -> String {
    if path == STANDARD_INPUT { "standard input".to_owned() } else { path.display().to_string() }
}

fn folder_of(path: &Path) -> String {
    match path.parent().map(|folder| folder.display().to_string()) {
        Some(folder) if !folder.is_empty() => folder,
        _ => ".".to_owned(),
    }
}

/// At most a dozen: a workspace of ten years has hundreds of issues.
fn near_or_all(name: &str, known: &[String], none: &str) -> String {
    if known.is_empty() {
        return none.to_owned();
    }
    match suggest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.iter().rev().take(12).cloned().collect::<Vec<_>>().join(", ")),
    }
}
