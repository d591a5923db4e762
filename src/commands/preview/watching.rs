//! The folders that hold what a letter is made of, watched for changes.
//!
//! Folders are watched and not files: an editor that saves by writing a new file in place of the old one would take
//! the watched one away.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify_debouncer_full::notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::mpsc::UnboundedSender;

use super::maker::Note;
use crate::commands::Plain;

/// One save is several events; what comes within this time after the first is one change.
const ONE_SAVE: Duration = Duration::from_millis(25);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Tells what changed until it is dropped.
pub struct Watching {
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
    folders: BTreeSet<PathBuf>,
}

impl Watching {
    pub fn start(notes: UnboundedSender<Note>) -> Result<Watching, Plain> {
        let tell = move |result: DebounceEventResult| {
            let Ok(events) = result else { return };
            let changes = events.into_iter().filter(|event| !matches!(event.kind, EventKind::Access(_)));
            let paths: Vec<PathBuf> = changes.flat_map(|event| event.event.paths).collect();
            if !paths.is_empty() {
                // Nobody listens any more: the preview is ending.
                let _ = notes.send(Note::Files(paths));
            }
        };
        let debouncer = new_debouncer(ONE_SAVE, Some(LOOK_EVERY), tell).map_err(|error| {
            Plain::new(
                format!("changes of files cannot be watched: {error}"),
                "close other programs that watch files, or raise fs.inotify.max_user_instances",
            )
        })?;
        Ok(Watching { debouncer, folders: BTreeSet::new() })
    }

    /// Watches these folders and no others; of one that is not there, the one in which it would appear. Gives those
    /// that are new, in which something may have changed before they were watched.
    pub fn settle(&mut self, folders: &BTreeSet<PathBuf>) -> HashSet<PathBuf> {
        let mut all = HashSet::new();
        loop {
            let there = folders.iter().filter_map(|folder| nearest(folder)).collect();
            let new = self.settle_once(&there);
            // A folder may have appeared before that around it was watched.
            if new.is_empty() {
                return all;
            }
            all.extend(new);
        }
    }

    fn settle_once(&mut self, there: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let gone: Vec<PathBuf> = self.folders.difference(there).cloned().collect();
        gone.iter().for_each(|folder| self.unwatch(folder));
        let new: Vec<PathBuf> = there.difference(&self.folders).cloned().collect();
        new.into_iter().filter(|folder| self.watch(folder)).collect()
    }

    /// A folder to which something happened is to be watched anew, with all below it: it may be another of the same
    /// name.
    pub fn forget(&mut self, path: &Path) {
        let below: Vec<PathBuf> =
            self.folders.iter().filter(|folder| folder.starts_with(path)).cloned().collect();
        below.iter().for_each(|folder| self.unwatch(folder));
    }

    fn unwatch(&mut self, folder: &Path) {
        // One that was removed is no longer watched in any case.
        let _ = self.debouncer.unwatch(folder);
        self.folders.remove(folder);
    }

    fn watch(&mut self, folder: &Path) -> bool {
        let is_watched = self.debouncer.watch(folder, RecursiveMode::NonRecursive).is_ok();
        is_watched && self.folders.insert(folder.to_owned())
    }
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.is_dir()).map(Path::to_path_buf)
}
