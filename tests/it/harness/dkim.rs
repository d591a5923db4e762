//! Two programs of others that verify DKIM signatures: dkimpy and mailauth. DNS is a file of ours.

use std::path::Path;

use serde_json::{Map, Value};

use super::program::Program;
use super::scratch::Scratch;
use super::tools::{fixture, installed, tool};

/// What both say of each file: for each of its signatures, in order, whether it verifies. It fails the test if
/// they disagree. The records are those that `courant dkim show` prints.
#[track_caller]
pub fn verified(scratch: &Scratch, files: &[&Path]) -> Vec<Vec<bool>> {
    let records = scratch.path("records.json");
    std::fs::write(&records, published(scratch).to_string()).expect("there is room for a file");
    let dkimpy = Program::new(&tool("python3"), &scratch.path(""))
        .args([fixture("dkimpy.py").as_path(), &records])
        .args(files);
    let mailauth = Program::new(&tool("node"), &scratch.path(""))
        .args([fixture("mailauth.mjs").as_path(), &installed("node/node_modules"), &records])
        .args(files);
    let [one, other] = [dkimpy, mailauth].map(|program| verdicts(&program.run().ok().stdout));
    assert_eq!(one.len(), files.len(), "dkimpy says something of every file");
    assert_eq!(one, other, "dkimpy and mailauth disagree on {files:?}");
    one
}

/// The same for one letter.
#[track_caller]
pub fn verified_letter(scratch: &Scratch, letter: &[u8]) -> Vec<bool> {
    scratch.write("letter-to-verify.eml", letter);
    verified(scratch, &[&scratch.path("letter-to-verify.eml")]).remove(0)
}

fn verdicts(lines: &str) -> Vec<Vec<bool>> {
    lines.lines().map(|line| line.split_whitespace().map(|word| word == "pass").collect()).collect()
}

/// From names in DNS to the strings of their record.
fn published(scratch: &Scratch) -> Value {
    let shown = scratch.run("dkim show --json").ok().json();
    let keys = shown["keys"].as_array().expect("there are keys");
    let entry = |key: &Value| {
        let record = key["record"].as_str().expect("a record is text").as_bytes();
        let strings: Vec<_> = record.chunks(255).map(String::from_utf8_lossy).collect();
        (key["name"].as_str().expect("a name is text").to_owned(), strings.into())
    };
    Value::Object(keys.iter().map(entry).collect::<Map<String, Value>>())
}
