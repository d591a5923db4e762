//! What the archive made in a folder, so that nothing else there is ever touched or shown.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::File;
use crate::model::issue::IssueId;

/// The name of its file in the folder.
pub const MANIFEST: &str = ".courant-archive.json";

/// Every file by its path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// 1.
    version: u32,
    /// The `id` of the workspace that it is made from, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workspace: Option<String>,
    files: BTreeMap<String, Made>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    sha256: String,
    /// What it may still be while a build goes on, or after one that was cut off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before: Vec<String>,
    /// The ids of the issues that it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    issues: Vec<String>,
}

impl Manifest {
    pub(super) fn of(files: &[File], workspace: Option<&str>) -> Manifest {
        let made = |file: &File| Made {
            sha256: hash(&file.bytes),
            before: Vec::new(),
            issues: file.issues.iter().map(|issue| issue.0.clone()).collect(),
        };
        let files = files.iter().map(|file| (file.path.clone(), made(file))).collect();
        Manifest { version: 1, workspace: workspace.map(str::to_owned), files }
    }

    /// `None` for what is no manifest of this version.
    pub fn parse(text: &str) -> Option<Manifest> {
        serde_json::from_str(text).ok().filter(|manifest: &Manifest| manifest.version == 1)
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts in lists are always JSON") + "\n"
    }

    /// The SHA-256 of a file of ours, in lower-case hexadecimal.
    pub fn hash_of(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|made| made.sha256.as_str())
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The same with what `other` has besides, as far as `wanted` says yes to the issues that it is for.
    pub(super) fn with(mut self, other: &Manifest, wanted: impl Fn(&[String]) -> bool) -> Manifest {
        for (path, made) in other.files.iter().filter(|(_, made)| wanted(&made.issues)) {
            self.files.entry(path.clone()).or_insert_with(|| made.clone());
        }
        self
    }

    /// The list while `self` takes the place of `old`: each file is the old one or the new one.
    pub(super) fn after(self, old: &Manifest) -> Manifest {
        let mut both = self.with(old, |_| true);
        for (path, made) in &mut both.files {
            let hashes = old.files.get(path).into_iter().flat_map(Made::hashes);
            made.before = hashes.filter(|hash| **hash != made.sha256).cloned().collect();
        }
        both
    }

    /// Whether these are bytes that the archive wrote there. A file that holds nothing is what a machine without power
    /// leaves of one.
    pub(super) fn made(&self, path: &str, bytes: &[u8]) -> bool {
        let is_known = |made: &Made| bytes.is_empty() || made.hashes().any(|known| *known == hash(bytes));
        self.files.get(path).is_some_and(is_known)
    }

    /// Whether it is of a workspace, and not of this one.
    pub(super) fn is_of_another(&self, workspace: Option<&str>) -> bool {
        self.workspace.as_deref().is_some_and(|own| Some(own) != workspace)
    }

    /// So many issues have a page.
    pub fn pages(&self) -> usize {
        let is_page =
            |(path, made): &(&String, &Made)| !made.issues.is_empty() && path.ends_with("/index.html");
        self.files.iter().filter(is_page).count()
    }

    /// Whether a page of this issue was made before.
    pub fn has(&self, issue: &IssueId) -> bool {
        self.files.contains_key(&format!("{issue}/index.html"))
    }
}

impl Made {
    fn hashes(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.sha256).chain(&self.before)
    }
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}
