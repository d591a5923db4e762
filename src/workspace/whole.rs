//! Files that are whole or not there, whatever happens meanwhile.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the name of a file begins with that is not whole yet; the id of the process that writes it follows.
const UNFINISHED: &str = ".courant-";

/// Writes beside `path` and gives that its name, and the permissions of the file that was there: whoever reads
/// meanwhile has the old bytes or the new ones. On an error the old file stays, and nothing is left beside it.
pub fn put_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    write(&beside, bytes, path).and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
        // There may be no room even for what was written of it.
        let _ = fs::remove_file(&beside);
    })
}

/// Two processes that write the same file have one each beside it.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(format!("{UNFINISHED}{}-", std::process::id()));
    name.push(path.file_name().unwrap_or_default());
    path.with_file_name(name)
}

fn write(beside: &Path, bytes: &[u8], like: &Path) -> io::Result<()> {
    fs::File::create(beside)?.write_all(bytes)?;
    match fs::metadata(like) {
        Ok(old) => fs::set_permissions(beside, old.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether this is a file that [`put_whole`] was writing when its process was killed, or writes just now.
pub fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let process = name.strip_prefix(UNFINISHED).and_then(|rest| rest.split_once('-'));
    process.is_some_and(|(process, _)| process.parse::<u32>().is_ok()) && path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_permissions_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        put_whole(&path, b"one").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        put_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o640
        );
        assert!(put_whole(&folder.path().join("no/such/folder"), b"").is_err());
        fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(put_whole(&folder.path().join("taken"), b"").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
