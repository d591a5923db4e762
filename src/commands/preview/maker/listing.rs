//! Which issues there are, and what the page knows each by.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Maker;
use crate::commands::preview::index::{self, Entry};
use crate::workspace::shown_path;

/// Bytes of a file and when it was written to, if it is there.
pub type Trace = Option<(u64, SystemTime)>;

impl Maker {
    /// Lists the issues anew. Whether the list is another.
    pub(super) fn list(&mut self) -> bool {
        let entries = match self.is_lone() {
            true => Ok(vec![index::entry(
                &self.desk,
                self.opening.path.clone(),
                self.read(&self.opening.path),
                &index::Sent::Nothing,
            )]),
            false => index::entries(&self.desk),
        };
        let Ok(mut entries) = entries else { return false };
        self.with_outsider(&mut entries);
        self.with_own_ids(&mut entries);
        for entry in &entries {
            self.names.insert(entry.row.id.clone(), entry.path.clone());
            self.names.entry(index::stem(&entry.path)).or_insert_with(|| entry.path.clone());
        }
        let is_other = entries != self.index;
        self.index = entries;
        // Looking into the ledger leaves traces, too.
        self.ledger = self.traces();
        is_other
    }

    /// Lists the issues anew where somebody wrote to the ledger, as a send does.
    pub(super) fn look_at_ledger(&mut self) {
        if !self.is_lone() && self.traces() != self.ledger && self.list() {
            self.announce_list();
        }
    }

    fn traces(&self) -> Vec<Trace> {
        let path = self.desk.workspace.ledger_path();
        let files = [path.clone(), path.with_extension("db-wal")];
        let about = |file: &PathBuf| {
            std::fs::metadata(file).ok().and_then(|about| Some((about.len(), about.modified().ok()?)))
        };
        files.iter().map(about).collect()
    }

    /// The issue that was asked for may lie elsewhere than in `issues/`.
    fn with_outsider(&self, entries: &mut Vec<Entry>) {
        let path = &self.opening.path;
        if entries.iter().all(|entry| entry.path != *path) && (self.opening.typed.is_some() || path.exists())
        {
            let sent = index::sent(&self.desk);
            entries.insert(0, index::entry(&self.desk, path.clone(), self.read(path), &sent));
        }
    }

    /// Of issues that share an id, the one that had it before keeps it, else the one that was asked for, else the newest;
    /// the others go by their files.
    fn with_own_ids(&self, entries: &mut [Entry]) {
        let had_it = |entry: &Entry| self.names.get(&entry.row.id) == Some(&entry.path);
        let mut order: Vec<&mut Entry> = entries.iter_mut().collect();
        order.sort_by_key(|entry| (!had_it(entry), entry.path != self.opening.path));
        let mut taken = HashSet::new();
        for entry in order {
            if !taken.insert(entry.row.id.clone()) {
                entry.row.id = shown_path(&entry.path).display().to_string();
            }
        }
    }

    pub(super) fn id_of(&self, path: &Path) -> String {
        let entry = self.index.iter().find(|entry| entry.path == path);
        entry.map_or_else(|| index::stem(path), |entry| entry.row.id.clone())
    }
}
