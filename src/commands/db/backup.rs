//! `courant db backup`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Backup;
use super::archive::{self, ENVIRONMENT, LEDGER, Manifest, SECRET, SETTINGS};
use crate::commands::desk::Desk;
use crate::commands::{Exit, Failure, Plain, roll};
use crate::report::words::size;
use crate::workspace::{new_private, shown_path};

impl Backup {
    pub fn run(&self, desk: &Desk) -> Result<Exit, Failure> {
        let ledger = roll::open(desk)?.ok_or_else(nothing_to_back_up)?;
        let staging = desk.workspace.state_folder()?.join(format!("backup-{}", std::process::id()));
        fs::create_dir_all(&staging).map_err(|error| unwritable(&staging, &error))?;
        let copied = ledger.copy_to(&staging.join(LEDGER)).map_err(Failure::from);
        let done = copied.and_then(|()| self.pack(desk, &staging));
        // What stays behind on a full disk is told by the error before it.
        let _ = fs::remove_dir_all(&staging);
        done
    }

    fn pack(&self, desk: &Desk, staging: &Path) -> Result<Exit, Failure> {
        let copy = staging.join(LEDGER);
        let beside = [
            (SECRET, desk.workspace.secret_path()),
            (SETTINGS, desk.workspace.root().join(SETTINGS)),
            (ENVIRONMENT, desk.workspace.root().join(ENVIRONMENT)),
        ];
        let mut files = vec![(LEDGER, copy.as_path())];
        files.extend(
            beside.iter().filter(|(_, path)| path.is_file()).map(|(name, path)| (*name, path.as_path())),
        );
        match &self.output {
            Some(path) if path.as_os_str() == "-" => {
                archive::write(&files, desk.now(), io::stdout().lock())
                    .map_err(|error| unwritable(Path::new("standard output"), &error))?;
                Ok(Exit::Done)
            }
            output => {
                let path = output_path(desk, output.as_deref());
                let manifest = keep(&files, desk, &path).map_err(|error| unwritable(&path, &error))?;
                desk.answer(|| told(&path, &manifest), || backup_json(&path, &manifest))?;
                Ok(Exit::Done)
            }
        }
    }
}

/// The name says when it was made, so that one never replaces another.
fn output_path(desk: &Desk, asked: Option<&Path>) -> PathBuf {
    let stamp = desk.now().to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%dT%H%M%SZ").to_string();
    let name = format!("courant-{stamp}.tar.gz");
    match asked {
        Some(folder) if folder.is_dir() => folder.join(name),
        Some(file) => file.to_owned(),
        None => PathBuf::from(name),
    }
}

/// The file appears whole or not at all, and no file is replaced.
fn keep(files: &[(&str, &Path)], desk: &Desk, path: &Path) -> io::Result<Manifest> {
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let written = new_private(&beside).and_then(|mut file| {
        let manifest = archive::write(files, desk.now(), io::BufWriter::new(&mut file))?;
        file.flush()?;
        file.sync_all()?;
        Ok(manifest)
    });
    let kept = written.and_then(|manifest| fs::hard_link(&beside, path).map(|()| manifest));
    // It has its name by now, or none.
    let _ = fs::remove_file(&beside);
    kept
}

fn told(path: &Path, manifest: &Manifest) -> String {
    let names: Vec<&str> = manifest.files.iter().map(|entry| entry.name.as_str()).collect();
    let bytes = fs::metadata(path).map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX));
    let without = match names.contains(&SECRET) {
        true => "",
        false => "\nCOURANT_SECRET is not in it: keep a copy of that, too.",
    };
    format!(
        "Backed up into {} ({}): {}.{without}\nIt holds addresses and passwords; only you can read it.",
        shown_path(path).display(),
        size(bytes),
        names.join(", ")
    )
}

fn backup_json(path: &Path, manifest: &Manifest) -> Value {
    let files: Vec<Value> = manifest
        .files
        .iter()
        .map(|entry| json!({"name": entry.name, "bytes": entry.bytes, "sha256": entry.sha256}))
        .collect();
    json!({"file": path.display().to_string(), "at": manifest.at.to_string(), "files": files})
}

fn nothing_to_back_up() -> Plain {
    Plain::new(
        "there is no ledger to back up",
        "there is one after the first `courant send` or `courant subscribers sync`",
    )
}

fn unwritable(path: &Path, error: &io::Error) -> Plain {
    Plain::new(
        format!("the backup cannot be written to {}: {error}", path.display()),
        "name another file or folder with `-o`",
    )
}
