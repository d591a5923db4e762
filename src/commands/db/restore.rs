//! `courant db restore`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Restore;
use super::archive::{self, ENVIRONMENT, LEDGER, Manifest, SECRET, SETTINGS};
use crate::commands::desk::Desk;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::ledger::Ledger;
use crate::ledger::lock::Lock;
use crate::report::words::counted;
use crate::workspace::{Workspace, shown_path, sync_folder};

/// The folder that is filled: a workspace, or one that is going to be.
struct Place {
    workspace: Workspace,
    state: PathBuf,
}

impl Restore {
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::read(global, None).or_else(|failure| self.without_settings(global, failure))?;
        let place = Place::of(&desk)?;
        let _lock = Lock::take(&place.workspace.lock_path(), "courant db restore", desk.now())?;
        self.refuse_to_replace(&place)?;
        let staging = place.state.join(format!("restore-{}", std::process::id()));
        let done = self.put_back(&desk, &place, &staging);
        // Nothing in it is needed, whatever became of it.
        let _ = fs::remove_dir_all(&staging);
        done
    }

    /// Settings that do not load (a variable of the lost `.env`, say) must not be in the way of getting it back.
    fn without_settings(&self, global: &Global, failure: Failure) -> Result<Desk, Failure> {
        match Path::new(ENVIRONMENT).exists() {
            true => Err(failure),
            false => Ok(Desk::bare(global, Path::new("."))),
        }
    }

    fn refuse_to_replace(&self, place: &Place) -> Result<(), Plain> {
        let path = place.workspace.ledger_path();
        match path.exists() && !self.replace {
            true => Err(Plain::new(
                format!("there is a ledger here: {}", shown_path(&path).display()),
                "`--replace` puts the backup in its place and keeps it beside; or restore into an empty folder",
            )),
            false => Ok(()),
        }
    }

    fn put_back(&self, desk: &Desk, place: &Place, staging: &Path) -> Result<Exit, Failure> {
        let manifest = self.unpack(staging)?;
        let unfinished = prepare(&staging.join(LEDGER), desk.now())?;
        let (put, kept) = place.fill(&manifest, staging, desk.now()).map_err(|error| not_put(&error))?;
        desk.answer(
            || told(&manifest, &put, &kept, unfinished),
            || restored_json(&manifest, &put, &kept, unfinished),
        )?;
        Ok(Exit::Done)
    }

    fn unpack(&self, staging: &Path) -> Result<Manifest, Failure> {
        let unusable = |error: &io::Error| {
            Plain::new(
                format!("{} cannot be used as a backup: {error}", self.file.display()),
                "name a file that `courant db backup` wrote",
            )
        };
        let file = fs::File::open(&self.file).map_err(|error| unusable(&error))?;
        fs::create_dir_all(staging).map_err(|error| not_put(&error))?;
        let manifest =
            archive::unpack(io::BufReader::new(file), staging).map_err(|error| unusable(&error))?;
        match manifest.files.iter().any(|entry| entry.name == LEDGER) {
            true => Ok(manifest),
            false => Err(unusable(&io::Error::other("there is no ledger in it")).into()),
        }
    }
}

/// Fails for a ledger that is damaged, or of a newer version. What left after the backup is not in it, so nothing goes
/// out before somebody has said yes; how many issues that holds up.
fn prepare(path: &Path, now: Timestamp) -> Result<usize, Failure> {
    let ledger = Ledger::open(path)?;
    if let Some(fault) = ledger.faults()?.into_iter().next() {
        return Err(Plain::new(
            format!("the ledger in the backup is damaged: {fault}"),
            "use an older backup",
        )
        .into());
    }
    ledger.raise_fence(None, now)?;
    let mut unfinished = 0;
    for row in ledger.editions()? {
        unfinished += usize::from(ledger.counts(row.id)?.open() > 0);
    }
    Ok(unfinished)
}

impl Place {
    fn of(desk: &Desk) -> Result<Place, Failure> {
        let state = desk.workspace.state_folder()?;
        Ok(Place { workspace: desk.workspace.clone(), state })
    }

    /// Moves everything to where it belongs; gives the names that were put and those that were there and stayed. What
    /// is replaced is kept aside. At any moment there is a whole ledger here: the old one, or the one of the backup,
    /// behind its fence.
    fn fill(
        &self,
        manifest: &Manifest,
        staging: &Path,
        now: Timestamp,
    ) -> io::Result<(Vec<String>, Vec<String>)> {
        let stamp = now.to_zoned_datetime(TimeZone::UTC).strftime("replaced-%Y-%m-%dT%H%M%SZ").to_string();
        let aside = self.state.join(stamp);
        let (mut put, mut kept) = (Vec::new(), Vec::new());
        for entry in &manifest.files {
            let to = self.home(&entry.name);
            if matches!(entry.name.as_str(), SETTINGS | ENVIRONMENT) && to.exists() {
                kept.push(entry.name.clone());
                continue;
            }
            keep_aside(&entry.name, &to, &aside)?;
            fs::rename(staging.join(&entry.name), &to)?;
            put.push(entry.name.clone());
        }
        sync_folder(&self.state)?;
        sync_folder(self.workspace.root())?;
        Ok((put, kept))
    }

    fn home(&self, name: &str) -> PathBuf {
        match name {
            LEDGER => self.workspace.ledger_path(),
            SECRET => self.workspace.secret_path(),
            other => self.workspace.root().join(other),
        }
    }
}

/// A second name for what is about to be replaced; the files that SQLite keeps beside a ledger belong to it alone.
fn keep_aside(name: &str, path: &Path, aside: &Path) -> io::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    fs::create_dir_all(aside)?;
    if name == LEDGER
        && let Ok(old) = Ledger::open(path)
    {
        // So that it is whole without the files beside it. One that is too damaged for that is kept as it is.
        let _ = old.settle_down();
    }
    fs::hard_link(path, aside.join(name))?;
    for ending in ["-wal", "-shm"].iter().filter(|_| name == LEDGER) {
        let beside = with_ending(path, ending);
        if beside.exists() {
            fs::rename(&beside, aside.join(format!("{name}{ending}")))?;
        }
    }
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.to_path_buf().into_os_string();
    name.push(ending);
    PathBuf::from(name)
}

fn not_put(error: &io::Error) -> Plain {
    Plain::new(
        format!("the backup cannot be put back: {error}"),
        "mend that and run the same command again; what was here is in .courant/",
    )
}

fn told(manifest: &Manifest, put: &[String], kept: &[String], unfinished: usize) -> String {
    let mut text = format!("Restored {} as of {:.0}.", put.join(", "), manifest.at);
    if !kept.is_empty() {
        text += &format!("\n{} was here and stays as it is.", kept.join(" and "));
    }
    text += "\nLetters that left after that are not known to it, so everything is stopped: `courant run` sends nothing, \
             and `courant send` asks.";
    if unfinished > 0 {
        let issues = counted(unfinished as u64, "issue has", "issues have");
        text += &format!(" {issues} letters left: look at `courant status` before you go on.");
    }
    text
}

fn restored_json(manifest: &Manifest, put: &[String], kept: &[String], unfinished: usize) -> Value {
    json!({"at": manifest.at.to_string(), "restored": put, "kept": kept, "unfinished_issues": unfinished, "stopped": true})
}
