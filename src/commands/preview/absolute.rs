//! One path for one file: whatever is watched or compared is named in the same way.

use std::io;
use std::path::{Component, Path, PathBuf};

/// The path from the root, without `.` and `..`, whether anything is there or not. Fails where the path is empty or the
/// working directory is unknown. Links are not followed: a name that leads elsewhere stays the name.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_a_file_are_one() {
        let found = |path: &str| absolute(Path::new(path)).unwrap();
        assert_eq!(found("/w/issues/../logo.png"), Path::new("/w/logo.png"));
        assert_eq!(found("/w/./a/../../b/"), Path::new("/b"));
        assert_eq!(found("/../../b"), Path::new("/b"));
        assert!(absolute(Path::new("")).is_err());
    }
}
