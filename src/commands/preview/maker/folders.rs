//! Where everything is that a letter is made of, and the letters that were sent.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::Maker;
use crate::commands::preview::absolute::absolute;
use crate::commands::preview::boxes::{Mailbox, OUTBOX};
use crate::commands::preview::draft::Draft;
use crate::settings::transport::TransportKind;

impl Maker {
    /// Watches every folder that holds what the letters are made of, or would. Gives those that are new.
    pub(super) fn watch(&mut self) -> HashSet<PathBuf> {
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        let mut file = |path: &Path| folders.extend(path.parent().map(Path::to_path_buf));
        let issues = self.drafts.keys().chain(self.dropped.keys());
        issues.filter(|path| !path.as_os_str().is_empty()).for_each(|path| file(path));
        self.drafts.values().flat_map(Draft::files).for_each(|path| file(path));
        self.dropped.values().flatten().for_each(|path| file(path));
        self.settings_files().iter().for_each(|path| file(path));
        self.list_files().iter().for_each(|path| file(path));
        folders.extend(self.boxes.iter().flat_map(|mailbox| mailbox.folders()));
        if let Some(root) = self.root() {
            let below = ["issues", "templates", "templates/parts", "subscribers"];
            folders.extend(below.map(|below| root.join(below)));
            folders.insert(root);
        }
        self.watching.settle(&folders)
    }

    /// The workspace, if there is one, as what is below it is named when it changes.
    pub(super) fn root(&self) -> Option<PathBuf> {
        absolute(self.desk.settings.root.as_ref()?).ok()
    }

    pub(super) fn settings_files(&self) -> Vec<PathBuf> {
        let global = &self.opening.global;
        let named = [global.config.clone(), global.env_file.clone()].into_iter().flatten();
        let usual = self.root().into_iter().flat_map(|root| [root.join("courant.toml"), root.join(".env")]);
        named.chain(usual).filter_map(|path| absolute(&path).ok()).collect()
    }

    pub(super) fn list_files(&self) -> Vec<PathBuf> {
        let found = self.desk.workspace.list_files().unwrap_or_default();
        let lists = self.desk.settings.all_lists(&found);
        lists.into_iter().filter_map(|list| list.file).filter_map(|file| absolute(&file).ok()).collect()
    }

    pub(super) fn know_boxes(&mut self) {
        self.boxes = self.known_boxes();
        self.arrivals.know(&self.boxes);
    }

    /// The outbox, also where letters go elsewhere now, and what was asked for.
    fn known_boxes(&self) -> Vec<Mailbox> {
        let settings = &self.desk.settings;
        let folder = match &settings.transport.transport.kind {
            TransportKind::Outbox(folder) => Some(folder.clone()),
            TransportKind::Smtp(_) | TransportKind::Http(_) => {
                settings.root.as_ref().map(|root| root.join("outbox")).filter(|it| it.is_dir())
            }
        };
        let folder = folder.and_then(|folder| absolute(&folder).ok());
        let outbox = folder.map(|folder| Mailbox::new(OUTBOX, &folder, "the Maildir"));
        outbox.into_iter().chain(self.opening.boxes.iter().cloned()).collect()
    }
}
