//! Mails that others collected: the real notices of flufl.bounce with what it expects of them, and the mails with
//! which mail-parser and Python test their parsers, nearly all of which are no notices. Then all of them broken.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use courant::inbound::notice::{self, Action, Kind, Notice};
use courant::policy::bounce::Class;

use crate::harness::tools::installed;

/// What is expected of one notice.
#[derive(Debug, Default)]
struct Expected {
    addresses: BTreeSet<String>,
    is_temporary: bool,
}

fn flufl() -> PathBuf {
    installed("corpora/flufl_bounce-6.0.0/tests")
}

/// The table of `test_detectors.py`: `('dsn', 'dsn_01.txt', [b'ada@example.com'], False)`. A file may stand in two
/// rows.
fn expectations() -> BTreeMap<String, Expected> {
    let text =
        fs::read_to_string(flufl().join("test_detectors.py")).expect("the table of flufl.bounce is there");
    let table = text.split_once("DETECTORS = [").expect("it is called so").1;
    let table = table.split_once("\n]").expect("it ends").0;
    let code: String = table.lines().filter(|line| !line.trim().starts_with('#')).collect();
    let mut all: BTreeMap<String, Expected> = BTreeMap::new();
    for row in code.split("('").skip(1) {
        let words: Vec<&str> = row.split('\'').collect();
        let expected = all.entry(words[2].to_owned()).or_default();
        expected
            .addresses
            .extend(words.iter().filter(|word| word.contains('@')).map(|word| (*word).to_owned()));
        expected.is_temporary |= row.contains("True");
    }
    all
}

fn read(path: &Path) -> Notice {
    notice::read(&fs::read(path).expect("a file of the corpus can be read"))
}

fn named(notice: &Notice) -> BTreeSet<String> {
    notice.about.iter().filter_map(|about| about.address.clone()).collect()
}

#[test]
fn the_notices_of_flufl_are_about_whom_it_says() {
    let mut wrong = Vec::new();
    let expectations = expectations();
    let with_somebody = expectations.iter().filter(|(_, expected)| !expected.addresses.is_empty());
    let with_somebody: Vec<_> = with_somebody.collect();
    assert_eq!(with_somebody.len(), 111, "the table is read whole");
    for (file, expected) in &with_somebody {
        let found = read(&flufl().join("data").join(file));
        if named(&found) != expected.addresses {
            wrong.push(format!(
                "{file}: {:?} by {:?}, expected {:?}",
                named(&found),
                found.dialect,
                expected.addresses
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of 111:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_still_being_tried_is_never_hard_and_what_failed_is_no_delay() {
    let expectations = expectations();
    assert_eq!(expectations.values().filter(|expected| expected.is_temporary).count(), 11);
    for (file, expected) in expectations.iter().filter(|(_, expected)| !expected.addresses.is_empty()) {
        let found = read(&flufl().join("data").join(file));
        let is_delayed = found.about.iter().all(|about| about.action == Action::Delayed);
        assert_eq!(is_delayed, expected.is_temporary, "{file}: {found:?}");
        let is_hard = found.about.iter().any(|about| about.verdict.class == Class::Hard);
        assert!(!(expected.is_temporary && is_hard), "{file}: {found:?}");
    }
}

#[test]
fn nothing_is_found_where_nobody_bounced() {
    for file in ["groupwise_03.txt", "qmail_08.txt", "simple_43.txt"] {
        let found = read(&flufl().join("data").join(file));
        assert!(found.about.is_empty() && found.kind != Kind::Bounce, "{file}: {found:?}");
    }
}

/// Mails that others test their parsers with. Three of Python's are reports of failure.
fn ordinary_mails() -> Vec<PathBuf> {
    let mut all = files_below(&of_mail_parser(), "eml");
    all.extend(files_below(&of_python(), "txt"));
    all
}

const REPORTS: [&str; 3] = ["msg_16.txt", "msg_25.txt", "msg_43.txt"];

/// In the source of the version that we build with.
fn of_mail_parser() -> PathBuf {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["metadata", "--format-version", "1", "--offline", "--locked"]);
    // What only other systems need was never fetched.
    cargo.args(["--filter-platform", "host-tuple"]);
    let told = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo starts");
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).expect("cargo tells of its packages");
    let packages = told["packages"].as_array().expect("there are some");
    let found = packages.iter().find(|package| package["name"] == "mail-parser").expect("we build with it");
    let manifest = Path::new(found["manifest_path"].as_str().expect("it is a path"));
    manifest.parent().expect("it stands in a folder").join("resources/eml")
}

fn of_python() -> PathBuf {
    let mut python = Command::new(installed("python/bin/python"));
    python.args([
        "-c",
        "import test.test_email as t, os; print(os.path.join(os.path.dirname(t.__file__), 'data'))",
    ]);
    let told = python.output().expect("Python starts");
    assert!(told.status.success(), "Python has no test suite: run tests/setup, which installs it");
    PathBuf::from(String::from_utf8_lossy(&told.stdout).trim())
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.expect("it can be read").path()) {
        if path.is_dir() {
            files.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn no_ordinary_mail_is_taken_for_a_bounce() {
    let all = ordinary_mails();
    assert!(all.len() >= 140, "only {} mails were found", all.len());
    for path in all {
        let name = path.file_name().expect("it is a file").to_string_lossy();
        let is_report = REPORTS.contains(&name.as_ref());
        let found = read(&path);
        assert_eq!(found.kind == Kind::Bounce, is_report, "{}: {found:?}", path.display());
        assert_eq!(found.about.is_empty(), !is_report, "{}: {found:?}", path.display());
    }
}

/// Pseudo-random numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

#[test]
fn no_mail_that_is_cut_or_damaged_breaks_it() {
    let mut dice = Dice(7);
    let mut all = files_below(&flufl().join("data"), "txt");
    all.extend(ordinary_mails());
    assert!(all.len() >= 250, "only {} mails were found", all.len());
    for path in all {
        let mail = fs::read(&path).expect("a file of a corpus can be read");
        let mail = &mail[..mail.len().min(64 * 1024)];
        for _ in 0..4 {
            notice::read(&mail[..dice.below(mail.len() + 1)]);
            let mut damaged = mail.to_vec();
            for _ in 0..1 + damaged.len() / 100 {
                let at = dice.below(damaged.len());
                if let Some(byte) = damaged.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            notice::read(&damaged);
        }
    }
}
