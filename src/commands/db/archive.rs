//! The file that a backup is: a tar archive, compressed by gzip, of the files below and a list of their hashes.

use std::io::{self, Read, Write};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::workspace::new_private;

/// What a backup may hold, by its name there. Nothing else is ever unpacked.
pub const LEDGER: &str = "ledger.db";
pub const SECRET: &str = "secret";
pub const SETTINGS: &str = "courant.toml";
pub const ENVIRONMENT: &str = ".env";
const KNOWN: [&str; 4] = [LEDGER, SECRET, SETTINGS, ENVIRONMENT];

/// The name of the list; it comes first.
const MANIFEST: &str = "backup.json";
/// More is no list of four files.
const LARGEST_MANIFEST: u64 = 64 * 1024;

/// What is in a backup.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Which version of courant wrote it.
    pub courant: String,
    pub at: Timestamp,
    pub files: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// Writes a backup of these files, by their names in it.
pub fn write(files: &[(&str, &Path)], at: Timestamp, to: impl Write) -> io::Result<Manifest> {
    let entries = files.iter().map(|(name, path)| entry(name, path)).collect::<io::Result<_>>()?;
    let manifest = Manifest { courant: env!("CARGO_PKG_VERSION").to_owned(), at, files: entries };
    let mut archive = tar::Builder::new(GzEncoder::new(to, Compression::default()));
    let list = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
    archive.append_data(&mut header(list.len() as u64, at), MANIFEST, list.as_slice())?;
    for (entry, (name, path)) in manifest.files.iter().zip(files) {
        // A file that grows meanwhile is cut where it was measured; then its hash tells.
        let file = std::fs::File::open(path)?.take(entry.bytes);
        archive.append_data(&mut header(entry.bytes, at), name, file)?;
    }
    archive.into_inner()?.finish()?.flush()?;
    Ok(manifest)
}

fn header(bytes: u64, at: Timestamp) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(at.as_second().unsigned_abs());
    header
}

fn entry(name: &str, path: &Path) -> io::Result<Entry> {
    let (bytes, sha256) = measure(std::fs::File::open(path)?)?;
    Ok(Entry { name: name.to_owned(), bytes, sha256 })
}

/// Octets, and SHA-256 in lower-case hexadecimal.
fn measure(mut file: impl Read) -> io::Result<(u64, String)> {
    let (mut context, mut bytes) = (Context::new(&SHA256), 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, HEXLOWER.encode(context.finish().as_ref())));
        }
        context.update(&buffer[..read]);
        bytes += read as u64;
    }
}

/// Unpacks a backup into an empty folder. Fails for a file that is no backup, is cut, was changed, or holds anything
/// that no backup does.
pub fn unpack(from: impl Read, folder: &Path) -> io::Result<Manifest> {
    let mut archive = tar::Archive::new(GzDecoder::new(from));
    let mut entries = archive.entries()?;
    let first = entries.next().ok_or_else(|| wrong("it is empty"))??;
    let manifest = manifest(first)?;
    for entry in &manifest.files {
        let packed = entries.next().ok_or_else(|| wrong(&format!("`{}` is missing", entry.name)))??;
        take(packed, entry, folder)?;
    }
    match entries.next() {
        None => Ok(manifest),
        Some(_) => Err(wrong("there is more in it than its list says")),
    }
}

fn manifest(entry: tar::Entry<'_, impl Read>) -> io::Result<Manifest> {
    if entry.path()?.as_os_str() != MANIFEST {
        return Err(wrong("it does not begin with a list of its files"));
    }
    let mut text = Vec::new();
    entry.take(LARGEST_MANIFEST).read_to_end(&mut text)?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| wrong("its list cannot be read"))?;
    match manifest.files.iter().find(|entry| !KNOWN.contains(&entry.name.as_str())) {
        None => Ok(manifest),
        Some(entry) => Err(wrong(&format!("`{}` is nothing that a backup has", entry.name))),
    }
}

fn take(mut packed: tar::Entry<'_, impl Read>, entry: &Entry, folder: &Path) -> io::Result<()> {
    if packed.path()?.as_os_str() != entry.name.as_str() || packed.size() != entry.bytes {
        return Err(wrong(&format!("`{}` is not where its list says", entry.name)));
    }
    let path = folder.join(&entry.name);
    let mut file = new_private(&path)?;
    io::copy(&mut packed, &mut file)?;
    file.sync_all()?;
    let (bytes, sha256) = measure(std::fs::File::open(&path)?)?;
    match bytes == entry.bytes && sha256 == entry.sha256 {
        true => Ok(()),
        false => Err(wrong(&format!("`{}` is damaged", entry.name))),
    }
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup() -> (tempfile::TempDir, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, env) = (folder.path().join("l"), folder.path().join("e"));
        std::fs::write(&ledger, vec![7; 200_000]).unwrap();
        std::fs::write(&env, "FROM=ada@example.org\n").unwrap();
        let mut bytes = Vec::new();
        write(&[(LEDGER, &ledger), (ENVIRONMENT, &env)], Timestamp::UNIX_EPOCH, &mut bytes).unwrap();
        (folder, bytes)
    }

    #[test]
    fn what_was_packed_comes_out_for_its_owner_alone() {
        let (_folder, bytes) = backup();
        let into = tempfile::tempdir().unwrap();
        let manifest = unpack(bytes.as_slice(), into.path()).unwrap();
        assert_eq!(manifest.files.len(), 2);
        assert_eq!(std::fs::read(into.path().join(LEDGER)).unwrap(), vec![7; 200_000]);
        #[cfg(unix)]
        for name in [LEDGER, ENVIRONMENT] {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(into.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_backup_that_is_cut_or_changed_is_refused() {
        let (_folder, bytes) = backup();
        for length in [0, 10, bytes.len() / 2, bytes.len() - 60] {
            let into = tempfile::tempdir().unwrap();
            assert!(unpack(&bytes[..length], into.path()).is_err(), "{length}");
        }
        for place in (20..bytes.len()).step_by(bytes.len() / 40) {
            let (mut changed, into) = (bytes.clone(), tempfile::tempdir().unwrap());
            changed[place] ^= 0x55;
            if let Ok(manifest) = unpack(changed.as_slice(), into.path()) {
                assert_eq!(
                    std::fs::read(into.path().join(LEDGER)).unwrap(),
                    vec![7; 200_000],
                    "{manifest:?}"
                );
            }
        }
    }

    #[test]
    fn nothing_leaves_the_folder() {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        let sha256 = String::new();
        let outside = Entry { name: "../outside".to_owned(), bytes: 1, sha256 };
        let manifest = Manifest { courant: "1".into(), at: Timestamp::UNIX_EPOCH, files: vec![outside] };
        let list = serde_json::to_vec(&manifest).unwrap();
        archive.append_data(&mut header(list.len() as u64, manifest.at), MANIFEST, list.as_slice()).unwrap();
        let bytes = archive.into_inner().unwrap().finish().unwrap();
        let into = tempfile::tempdir().unwrap();
        let error = unpack(bytes.as_slice(), into.path()).unwrap_err();
        assert!(error.to_string().contains("nothing that a backup has"), "{error}");
    }
}
