//! Files → a folder: only what changed is written, each file whole or not at all, and nothing is taken away that the
//! archive did not make.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{File, MANIFEST, Manifest};
use crate::model::finding::Explain;
use crate::model::issue::IssueId;
use crate::workspace::{is_unfinished, put_whole};

/// What became of the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub written: usize,
    pub unchanged: usize,
    pub removed: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    #[error("{path} is not of the archive, and would be overwritten")]
    Foreign { path: PathBuf },
    #[error("{path} was changed since the archive made it, and the change would be lost")]
    Changed { path: PathBuf },
    #[error("the archive in {dir} is of another workspace")]
    Another { dir: PathBuf },
    #[error("{path} leads out of the folder of the archive")]
    Link { path: PathBuf },
    #[error("{path} is no list of what the archive made")]
    Manifest { path: PathBuf },
    #[error("{path} cannot be read: {cause}")]
    Unreadable { path: PathBuf, cause: io::Error },
    #[error("{path} cannot be written: {cause}")]
    Unwritable { path: PathBuf, cause: io::Error },
}

impl Explain for DiskError {
    fn help(&self) -> Option<String> {
        Some(match self {
            DiskError::Foreign { .. } => {
                "move it away, or build into another folder: `dir` in `[archive]`, or -o DIR".to_owned()
            }
            DiskError::Changed { .. } => {
                "move it away and build again; what should stay belongs into the issue, or into a \
                 template of yours (docs/archive.md)"
                    .to_owned()
            }
            DiskError::Another { .. } => {
                "build into a folder of its own (`dir` in `[archive]`, or -o DIR), or see that `id` in courant.toml is \
                 what it was"
                    .to_owned()
            }
            DiskError::Link { .. } => "make it a folder of its own".to_owned(),
            DiskError::Manifest { .. } => {
                "put it back from a backup, or build into an empty folder: -o DIR".to_owned()
            }
            DiskError::Unreadable { .. } => "see who may read it".to_owned(),
            DiskError::Unwritable { cause, .. } if cause.kind() == io::ErrorKind::StorageFull => {
                "make room and build again: what stands there is whole".to_owned()
            }
            DiskError::Unwritable { .. } => {
                "see that the folder can be written to, and build again".to_owned()
            }
        })
    }
}

/// What was made in `dir` before.
pub fn manifest(dir: &Path) -> Result<Manifest, DiskError> {
    let path = dir.join(MANIFEST);
    match fs::read_to_string(&path) {
        Ok(text) => Manifest::parse(&text).ok_or(DiskError::Manifest { path }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Manifest::default()),
        Err(cause) => Err(DiskError::Unreadable { path, cause }),
    }
}

/// Makes `dir` hold these files of this workspace. Those of the issues in `kept` stay as they are. Nothing is changed if
/// a file would take the place of one that is not ours, or if somebody changed one of ours; on any other error every
/// file is the old one or the new one.
pub fn put(
    dir: &Path,
    files: &[File],
    kept: &[IssueId],
    workspace: Option<&str>,
) -> Result<Written, DiskError> {
    let old = manifest(dir)?;
    if old.is_of_another(workspace) {
        return Err(DiskError::Another { dir: dir.to_path_buf() });
    }
    let is_kept = |issues: &[String]| kept.iter().any(|kept| issues.contains(&kept.0));
    let new = Manifest::of(files, workspace).with(&old, is_kept);
    let changed = changed(dir, files, &old)?;
    let gone: Vec<&str> = old.paths().filter(|path| new.hash_of(path).is_none()).collect();
    gone.iter().try_for_each(|path| is_as_made(dir, path, &old))?;
    sweep(dir, new.paths().chain(old.paths()))?;
    if changed.is_empty() && gone.is_empty() && new == old {
        return Ok(Written { unchanged: files.len(), ..Written::default() });
    }
    // What is about to be made is named first: a run that is cut off leaves nothing that is taken for somebody else's.
    write(&dir.join(MANIFEST), new.clone().after(&old).text().as_bytes())?;
    for file in &changed {
        write(&dir.join(&file.path), &file.bytes)?;
    }
    let removed = remove(dir, &gone)?;
    write(&dir.join(MANIFEST), new.text().as_bytes())?;
    Ok(Written { written: changed.len(), unchanged: files.len() - changed.len(), removed })
}

/// The files that do not lie there as they should.
fn changed<'f>(dir: &Path, files: &'f [File], old: &Manifest) -> Result<Vec<&'f File>, DiskError> {
    let mut changed = Vec::new();
    for file in files {
        stays_inside(dir, &file.path)?;
        let path = dir.join(&file.path);
        match fs::read(&path) {
            Ok(bytes) if bytes == file.bytes => {}
            Ok(bytes) if old.made(&file.path, &bytes) => changed.push(file),
            Ok(_) if old.hash_of(&file.path).is_some() => return Err(DiskError::Changed { path }),
            Ok(_) => return Err(DiskError::Foreign { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => changed.push(file),
            // A file where a folder has to be, or the other way round.
            Err(_) if is_in_the_way(&path) => return Err(DiskError::Foreign { path }),
            Err(cause) => return Err(DiskError::Unreadable { path, cause }),
        }
    }
    Ok(changed)
}

/// What is to go is ours only if it is still what we made.
fn is_as_made(dir: &Path, below: &str, old: &Manifest) -> Result<(), DiskError> {
    let path = dir.join(below);
    match fs::read(&path) {
        Ok(bytes) if is_below(below) && !old.made(below, &bytes) => Err(DiskError::Changed { path }),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Takes away what a build that was killed had not put into its place yet.
fn sweep<'p>(dir: &Path, paths: impl Iterator<Item = &'p str>) -> Result<(), DiskError> {
    let folder_of = |path: &'p str| path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let inside = paths.filter(|path| is_below(path) && stays_inside(dir, path).is_ok());
    let folders: BTreeSet<&str> = inside.map(folder_of).chain([""]).collect();
    for folder in folders {
        let Ok(entries) = fs::read_dir(dir.join(folder)) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_unfinished(path)) {
            fs::remove_file(&path).map_err(|cause| DiskError::Unwritable { path, cause })?;
        }
    }
    Ok(())
}

fn is_in_the_way(path: &Path) -> bool {
    path.is_dir() || path.ancestors().skip(1).any(Path::is_file)
}

/// A link in the place of one of our folders would have us write elsewhere.
fn stays_inside(dir: &Path, below: &str) -> Result<(), DiskError> {
    let mut path = dir.to_path_buf();
    let folders = below.rsplit_once('/').map_or("", |(folders, _)| folders);
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        path.push(folder);
        if path.is_symlink() {
            return Err(DiskError::Link { path });
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| put_whole(path, bytes));
    made.map_err(|cause| DiskError::Unwritable { path: path.to_path_buf(), cause })
}

/// Our files, and folders that are empty without them.
fn remove(dir: &Path, gone: &[&str]) -> Result<usize, DiskError> {
    let mut folders = BTreeSet::new();
    let mut removed = 0;
    for below in gone.iter().filter(|below| is_below(below)) {
        stays_inside(dir, below)?;
        let path = dir.join(below);
        match fs::remove_file(&path) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(DiskError::Unwritable { path, cause }),
        }
        folders.extend(Path::new(below).ancestors().skip(1).map(Path::to_path_buf));
    }
    for folder in folders.iter().rev().filter(|folder| !folder.as_os_str().is_empty()) {
        // One that holds something else is not empty, and stays.
        let _ = fs::remove_dir(dir.join(folder));
    }
    Ok(removed)
}

/// Whether a path of a manifest, which anybody may have written, stays in its folder.
pub fn is_below(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// Where the file at `path` lies, if it is one that the archive made in `dir`.
pub fn place(dir: &Path, manifest: &Manifest, path: &str) -> Option<PathBuf> {
    manifest.hash_of(path).filter(|_| is_below(path) && stays_inside(dir, path).is_ok())?;
    Some(dir.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str, issue: Option<&str>) -> File {
        let issues = issue.map(|issue| IssueId(issue.to_owned())).into_iter().collect();
        File { path: path.to_owned(), bytes: text.as_bytes().to_vec(), issues }
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn only_what_changed_is_written_and_only_our_own_is_taken_away() {
        let dir = folder();
        fs::write(dir.path().join("CNAME"), "a.example").unwrap();
        let (index, one, two) = (
            file("index.html", "i", None),
            file("1/index.html", "1", Some("1")),
            file("2/index.html", "2", Some("2")),
        );
        let first = put(dir.path(), &[index.clone(), one.clone(), two.clone()], &[], None).unwrap();
        assert_eq!(first, Written { written: 3, unchanged: 0, removed: 0 });
        fs::write(dir.path().join("2/notes.txt"), "mine").unwrap();
        let second =
            put(dir.path(), &[file("index.html", "j", None)], &[IssueId("1".to_owned())], None).unwrap();
        assert_eq!(second, Written { written: 1, unchanged: 0, removed: 1 });
        assert!(dir.path().join("1/index.html").exists() && !dir.path().join("2/index.html").exists());
        assert!(dir.path().join("2/notes.txt").exists() && dir.path().join("CNAME").exists());
        let third = put(dir.path(), &[file("index.html", "j", None)], &[], None).unwrap();
        assert_eq!(third.removed, 1);
        assert!(!dir.path().join("1").exists());
    }

    #[test]
    fn a_file_of_somebody_else_is_never_overwritten() {
        let dir = folder();
        fs::write(dir.path().join("index.html"), "mine").unwrap();
        let files = [file("1/index.html", "1", Some("1")), file("index.html", "i", None)];
        assert!(matches!(put(dir.path(), &files, &[], None), Err(DiskError::Foreign { .. })));
        assert!(!dir.path().join("1").exists(), "nothing was written");
        fs::remove_file(dir.path().join("index.html")).unwrap();
        fs::write(dir.path().join("1"), "mine").unwrap();
        assert!(matches!(put(dir.path(), &files, &[], None), Err(DiskError::Foreign { .. })));
    }

    #[test]
    fn a_run_that_was_cut_off_is_taken_up_and_leaves_nothing_half() {
        let dir = folder();
        let [first, second, third] = ["1", "2", "3"].map(|text| [file("index.html", text, None)]);
        let text = |manifest: Manifest| fs::write(dir.path().join(MANIFEST), manifest.text()).unwrap();
        put(dir.path(), &first, &[], None).unwrap();
        // Two runs were cut off before either wrote its page.
        let [first, other] = [&first, &second].map(|files| Manifest::of(files, None));
        text(other.after(&first));
        fs::write(dir.path().join(".courant-77-index.html"), "ha").unwrap();
        fs::write(dir.path().join(".courant-notes"), "mine").unwrap();
        assert_eq!(put(dir.path(), &third, &[], None).unwrap().written, 1);
        assert_eq!(fs::read_to_string(dir.path().join("index.html")).unwrap(), "3");
        assert!(!dir.path().join(".courant-77-index.html").exists());
        assert!(dir.path().join(".courant-notes").exists());
        assert!(!fs::read_to_string(dir.path().join(MANIFEST)).unwrap().contains("before"));
        fs::write(dir.path().join("index.html"), "").unwrap();
        assert_eq!(put(dir.path(), &third, &[], None).unwrap().written, 1, "no power, no bytes");
    }

    #[test]
    fn what_somebody_changed_is_neither_overwritten_nor_taken_away() {
        let dir = folder();
        let files = [file("1/index.html", "1", Some("1")), file("index.html", "i", None)];
        put(dir.path(), &files, &[], None).unwrap();
        fs::write(dir.path().join("1/index.html"), "mine").unwrap();
        assert!(matches!(put(dir.path(), &files, &[], None), Err(DiskError::Changed { .. })));
        let gone = put(dir.path(), &[file("index.html", "j", None)], &[], None);
        assert!(matches!(gone, Err(DiskError::Changed { .. })));
        assert_eq!(fs::read_to_string(dir.path().join("1/index.html")).unwrap(), "mine");
        assert_eq!(fs::read_to_string(dir.path().join("index.html")).unwrap(), "i", "nothing was written");
    }

    #[test]
    fn a_folder_is_of_one_workspace() {
        let dir = folder();
        let files = [file("1/index.html", "1", Some("1"))];
        put(dir.path(), &files, &[], None).unwrap();
        put(dir.path(), &files, &[], Some("w-1")).unwrap();
        for other in [None, Some("w-2")] {
            assert!(matches!(put(dir.path(), &[], &[], other), Err(DiskError::Another { .. })));
        }
        assert!(dir.path().join("1/index.html").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_nobody_out_of_the_folder() {
        let (dir, elsewhere) = (folder(), folder());
        std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("1")).unwrap();
        let files = [file("1/index.html", "1", Some("1"))];
        assert!(matches!(put(dir.path(), &files, &[], None), Err(DiskError::Link { .. })));
        assert!(!is_below("../x") && !is_below("/etc/passwd") && is_below("a/b"));
    }
}
