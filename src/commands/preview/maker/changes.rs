//! A file that changed, and what has to be made anew for it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use tokio::time::Instant;

use super::{FINDINGS, Maker, Note};
use crate::commands::preview::arrivals::News;
use crate::commands::preview::boxes::Mailbox;
use crate::commands::preview::draft::Draft;
use crate::web::preview::Event;

/// What a change concerns.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Concern {
    settings: bool,
    /// Everything that is shown.
    all: bool,
    /// The list of issues.
    list: bool,
}

impl Maker {
    /// Takes in every change that has come by now, so that the last save wins.
    pub(super) fn files_changed(&mut self, paths: Vec<PathBuf>) {
        let mut changed: HashSet<PathBuf> = paths.into_iter().collect();
        let mut later = Vec::new();
        while let Ok(note) = self.notes.try_recv() {
            match note {
                Note::Files(more) => changed.extend(more),
                other => later.push(other),
            }
        }
        self.take_in(changed);
        later.into_iter().for_each(|note| self.hear(note));
    }

    fn take_in(&mut self, mut changed: HashSet<PathBuf>) {
        changed.iter().for_each(|path| self.watching.forget(path));
        changed.extend(self.watch());
        self.mail_came(&changed);
        let concern = self.concern(&changed);
        if concern.settings {
            self.settle();
        }
        if concern.all {
            self.people.clear();
        }
        let stale = self.stale(concern, &changed);
        let is_other_list = (concern.list || concern.settings) && self.list();
        stale.iter().for_each(|path| self.remake_soon(path));
        self.tell_of_dropped(concern, &changed);
        if is_other_list {
            self.announce_list();
        }
        if !stale.is_empty() || concern != Concern::default() {
            self.watch_also();
        }
    }

    /// Watches what is new, and takes in what may have changed there before.
    pub(super) fn watch_also(&mut self) {
        let new = self.watch();
        if !new.is_empty() {
            self.take_in(new);
        }
    }

    fn mail_came(&mut self, changed: &HashSet<PathBuf>) {
        let arrivals = &mut self.arrivals;
        let news = |mailbox: &Mailbox| Some((mailbox.name.clone(), arrivals.of(mailbox, changed)?));
        let all: Vec<(String, News)> = self.boxes.iter().filter_map(news).collect();
        for (name, News { came, went }) in all {
            self.tell(Event::Mail { name, came, went });
        }
    }

    fn concern(&self, changed: &HashSet<PathBuf>) -> Concern {
        let (settings, lists, root) = (self.settings_files(), self.list_files(), self.root());
        let mut concern = Concern::default();
        for path in changed {
            let below = |folder: &str| root.as_ref().is_some_and(|root| path.starts_with(root.join(folder)));
            let ends =
                |ending: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
            concern.settings |= settings.contains(path);
            concern.all |= settings.contains(path) || lists.contains(path);
            concern.all |= below("templates") && (ends("mjml") || path.extension().is_none());
            concern.all |= below("subscribers") && (ends("csv") || path.extension().is_none());
            concern.list |= below("issues") && (ends("md") || ends("markdown") || path.extension().is_none());
        }
        concern
    }

    fn stale(&self, concern: Concern, changed: &HashSet<PathBuf>) -> Vec<PathBuf> {
        let is_stale = |path: &Path, draft: &Draft| concern.all || is_among(path, draft.files(), changed);
        let stale = self.drafts.iter().filter(|(path, draft)| is_stale(path, draft));
        stale.map(|(path, _)| path.clone()).collect()
    }

    /// Whoever shows an issue that is kept up to date no longer asks for it anew.
    fn tell_of_dropped(&mut self, concern: Concern, changed: &HashSet<PathBuf>) {
        let is_changed =
            |(path, files): &(&PathBuf, &Vec<PathBuf>)| concern.all || is_among(path, files, changed);
        let paths: Vec<PathBuf> =
            self.dropped.iter().filter(is_changed).map(|(path, _)| path.clone()).collect();
        paths.iter().for_each(|path| self.announce(path));
    }

    /// Makes it anew, and tells of it with its findings, or without them where they take their time.
    fn remake_soon(&mut self, path: &Path) {
        self.remake(path);
        let Some(draft) = self.drafts.get_mut(path) else { return };
        draft.waits = Some(Instant::now() + FINDINGS);
        // Nothing is checked that cannot be made.
        if draft.trouble.is_some() {
            self.announce(path);
        }
    }
}

/// Whether the issue at `path`, one of its files or a folder of either changed.
fn is_among(path: &Path, files: &[PathBuf], changed: &HashSet<PathBuf>) -> bool {
    let is_in_new_folder = || path.parent().is_some_and(|folder| changed.contains(folder));
    let has_changed = |file: &PathBuf| file.ancestors().any(|part| changed.contains(part));
    changed.contains(path) || is_in_new_folder() || files.iter().any(has_changed)
}
