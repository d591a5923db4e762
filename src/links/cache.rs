//! Visits kept in a file, one a line: for a workspace that has no ledger. A file that is gone, broken or cannot
//! be written costs time and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use url::Url;

use super::record;
use super::survey::Memory;
use super::visit::Visit;
use crate::workspace::put_whole;

/// The file `links.jsonl` in a folder.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// In this folder, which is made when there is something to keep.
    pub fn within(folder: impl Into<PathBuf>) -> Cache {
        Cache { folder: folder.into() }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("links.jsonl")
    }

    fn all(&self) -> BTreeMap<Url, Visit> {
        let text = fs::read_to_string(self.path()).unwrap_or_default();
        text.lines().filter_map(record::visit_of).map(|visit| (visit.address.clone(), visit)).collect()
    }

    /// Whole or not at all: whoever reads meanwhile sees the old file.
    fn write(&self, visits: &BTreeMap<Url, Visit>) -> std::io::Result<()> {
        make_private_folder(&self.folder)?;
        let lines = visits.values().filter_map(record::text_of).map(|line| line + "\n");
        put_whole(&self.path(), lines.collect::<String>().as_bytes())
    }
}

impl Memory for Cache {
    fn recall(&self, addresses: &[Url]) -> Vec<Visit> {
        let mut all = self.all();
        addresses.iter().filter_map(|address| all.remove(address)).collect()
    }

    fn keep(&self, visits: &[Visit], until: Timestamp) {
        let mut all = self.all();
        all.extend(visits.iter().map(|visit| (visit.address.clone(), visit.clone())));
        all.retain(|_, visit| visit.at >= until);
        // Nothing is lost but time.
        let _ = self.write(&all);
    }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::super::visit::{Answer, End};
    use super::*;

    fn visit(address: &str, at: &str) -> Visit {
        Visit::ended(Url::parse(address).unwrap(), End::Answered(Answer::of(200)), at.parse().unwrap())
    }

    #[test]
    fn visits_are_kept_the_newest_of_each_address_and_the_old_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::within(folder.path().join(".courant/cache"));
        let start = Timestamp::UNIX_EPOCH;
        cache.keep(&[visit("https://a.example/", "2026-11-01T00:00:00Z")], start);
        cache.keep(&[visit("https://a.example/", "2026-11-02T00:00:00Z")], start);
        cache.keep(&[visit("https://b.example/", "2026-11-03T00:00:00Z")], start);
        let addresses = ["https://a.example/", "https://b.example/", "https://c.example/"]
            .map(|text| Url::parse(text).unwrap());
        let known = cache.recall(&addresses);
        assert_eq!(known.len(), 2);
        assert!(known[0].is_remembered && known[0].at.to_string() == "2026-11-02T00:00:00Z");
        cache.keep(
            &[visit("https://c.example/", "2026-11-04T00:00:00Z")],
            "2026-11-03T00:00:00Z".parse().unwrap(),
        );
        assert_eq!(cache.recall(&addresses[..1]), []);
        assert_eq!(cache.recall(&addresses).len(), 2);
    }

    #[test]
    fn a_broken_file_is_no_memory_and_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("links.jsonl"), "not json\n\u{0}\n").unwrap();
        let cache = Cache::within(folder.path());
        assert_eq!(cache.recall(&[Url::parse("https://a.example/").unwrap()]), []);
        cache.keep(&[visit("https://a.example/", "2026-11-02T00:00:00Z")], Timestamp::UNIX_EPOCH);
        assert_eq!(cache.recall(&[Url::parse("https://a.example/").unwrap()]).len(), 1);
    }
}
