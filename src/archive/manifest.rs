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
    files: BTreeMap<String, Made>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    sha256: String,
    /// The ids of the issues that it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    issues: Vec<String>,
}

impl Manifest {
    pub(super) fn of(files: &[File]) -> Manifest {
        let made = |file: &File| Made {
            sha256: hash(&file.bytes),
            issues: file.issues.iter().map(|issue| issue.0.clone()).collect(),
        };
        Manifest { version: 1, files: files.iter().map(|file| (file.path.clone(), made(file))).collect() }
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

    /// Whether a page of this issue was made before.
    pub fn has(&self, issue: &IssueId) -> bool {
        self.files.contains_key(&format!("{issue}/index.html"))
    }
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}
