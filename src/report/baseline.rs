//! The findings that were there before: a file in the repository, so that CI fails by new ones alone.

use std::collections::BTreeMap;
use std::path::Path;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::model::finding::{Explain, Finding};
use crate::subscribers::csv;

/// What is known, and how often. Kept by rule, file, and the text of the line, so that it survives lines that come
/// and go above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    counts: BTreeMap<Entry, usize>,
}

/// A finding as a baseline knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    rule: String,
    file: String,
    /// The line it is in, else what it says; of a list only what it says, since lines of lists are people.
    line: String,
}

/// How a file that is shown under this path is called wherever somebody works from.
pub type Name<'a> = dyn Fn(&Path) -> String + 'a;

impl Entry {
    /// `file` is that of the issue it was found for.
    pub fn of(finding: &Finding, file: &str, name: &Name<'_>) -> Entry {
        let place = finding.place.as_ref();
        let line = place.filter(|_| finding.rule != csv::RULE).map(|place| place.line().trim().to_owned());
        Entry {
            rule: finding.rule.to_owned(),
            file: name(place.map_or(Path::new(file), |place| place.source.path())),
            line: line.unwrap_or_else(|| finding.message.clone()),
        }
    }

    /// The same for a finding that only moved: 16 hexadecimal digits of SHA-256.
    pub fn fingerprint(&self) -> String {
        let Entry { rule, file, line } = self;
        let text = format!("{rule}\n{file}\n{line}");
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        data_encoding::HEXLOWER.encode(&digest.as_ref()[..8])
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    rule: String,
    file: String,
    line: String,
    count: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    known: Vec<Counted>,
}

const VERSION: u32 = 1;

/// The file is none of ours.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    #[error("the baseline {file} cannot be read: {why}")]
    Broken { file: String, why: String },
    #[error("the baseline {file} has version {version}, which this Courant does not know")]
    Version { file: String, version: u32 },
}

impl Explain for BaselineError {
    fn help(&self) -> Option<String> {
        Some("write it anew: `courant check --write-baseline FILE`".to_owned())
    }
}

impl Baseline {
    /// Reads the text of `file`, whose name is for the error.
    pub fn read(file: &str, text: &str) -> Result<Baseline, BaselineError> {
        let read: File = serde_json::from_str(text)
            .map_err(|error| BaselineError::Broken { file: file.to_owned(), why: error.to_string() })?;
        if read.version != VERSION {
            return Err(BaselineError::Version { file: file.to_owned(), version: read.version });
        }
        let mut counts = BTreeMap::new();
        for Counted { rule, file, line, count } in read.known {
            *counts.entry(Entry { rule, file, line }).or_default() += count;
        }
        Ok(Baseline { counts })
    }

    /// What is found now.
    pub fn of(found: impl IntoIterator<Item = Entry>) -> Baseline {
        let mut counts = BTreeMap::new();
        for entry in found {
            *counts.entry(entry).or_default() += 1;
        }
        Baseline { counts }
    }

    /// Takes one of what is known; false if the finding is new.
    pub fn take(&mut self, found: &Entry) -> bool {
        match self.counts.get_mut(found) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// How many entries were not taken.
    pub fn left(&self) -> usize {
        self.counts.values().sum()
    }

    /// The file's text; the same findings give the same text.
    pub fn text(&self) -> String {
        let known = self.counts.iter().map(|(entry, count)| {
            let Entry { rule, file, line } = entry.clone();
            Counted { rule, file, line, count: *count }
        });
        let file = File { version: VERSION, known: known.collect() };
        serde_json::to_string_pretty(&file).expect("strings and numbers can be written") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::source::Source;

    fn finding(text: &str, at: &str) -> Finding {
        let source = Source::new("issues/1.md", text);
        let start = text.find(at).unwrap();
        Finding::warning("doubled-word", "twice").at(source.at(start..start + at.len()))
    }

    fn entry(finding: &Finding, file: &str) -> Entry {
        Entry::of(finding, file, &|path| path.display().to_string())
    }

    #[test]
    fn a_finding_that_moved_is_known_and_a_second_one_is_new() {
        let first = entry(&finding("the the cat\n", "the the"), "issues/1.md");
        let known = Baseline::of([first.clone()]);
        let mut read = Baseline::read("b.json", &known.text()).unwrap();
        let moved = entry(&finding("A line more.\n\n  the the cat\n", "the the"), "issues/1.md");
        assert!(read.take(&moved));
        assert!(!read.take(&moved));
        assert_eq!((known.left(), read.left()), (1, 0));
        assert_eq!(moved.fingerprint(), first.fingerprint());
    }

    #[test]
    fn a_finding_without_a_place_is_known_by_its_words() {
        let whole = Finding::warning("preheader-missing", "there is no preheader");
        let mut known = Baseline::of([entry(&whole, "issues/1.md")]);
        assert!(!known.take(&entry(&whole, "issues/2.md")));
        assert!(known.take(&entry(&whole, "issues/1.md")));
    }

    #[test]
    fn a_row_of_a_list_is_known_without_the_person_in_it() {
        let source = Source::new("subscribers/weekly.csv", "email\nada@@example.org\n");
        let row = Finding::warning(csv::RULE, "not an address").at(source.at(6..22));
        let known = Baseline::of([entry(&row, "issues/1.md")]).text();
        assert!(known.contains("not an address") && known.contains("weekly.csv"), "{known}");
        assert!(!known.contains("ada"), "{known}");
    }

    #[test]
    fn what_is_no_baseline_is_named() {
        let says = |text| Baseline::read("b.json", text).unwrap_err().to_string();
        assert!(says("[]").starts_with("the baseline b.json cannot be read"));
        assert!(says(r#"{"version": 7, "known": []}"#).contains("version 7"));
    }
}
