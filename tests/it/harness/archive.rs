//! Workspaces with an archive, and what was built of it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::scratch::{Scratch, weekly_to};
use super::sink::SmtpSink;
use super::tools::fixture;

/// A weekly whose first issue was sent live, with an archive.
pub fn sent() -> Scratch {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url()).settings("[archive]");
    scratch.run("send 1 --yes --offline").ok();
    scratch
}

/// A weekly of which nothing was sent, with an archive.
pub fn unsent() -> Scratch {
    Scratch::weekly().settings("[archive]")
}

pub fn issue(front: &str, text: &str) -> String {
    format!("---\ntitle: An issue\n{front}---\n\n{text}\n")
}

/// The ids that are left out, each with the word for why.
pub fn left_out(built: &Value) -> Vec<String> {
    let all = built["left_out"].as_array().expect("a list");
    let word = |one: &Value, key: &str| one[key].as_str().expect("a text").to_owned();
    all.iter().map(|one| format!("{} {}", word(one, "issue"), word(one, "why"))).collect()
}

pub fn published(built: &Value) -> Vec<&str> {
    let all = built["issues"].as_array().expect("a list");
    all.iter().map(|one| one["issue"].as_str().expect("an id")).collect()
}

pub fn pages(scratch: &Scratch) -> Vec<PathBuf> {
    let paths = scratch.files("preview").into_iter().filter(|path| path.ends_with(".html"));
    paths.map(|path| scratch.path(&path)).collect()
}

/// Every byte that would be put on the web.
pub fn everything(scratch: &Scratch, folder: &str) -> String {
    let files = scratch.files(folder).into_iter();
    files.map(|path| String::from_utf8_lossy(&fs::read(scratch.path(&path)).unwrap()).into_owned()).collect()
}

/// Everything that Markdown and the archive have, on many pages.
pub fn samples() -> Scratch {
    let scratch = Scratch::weekly().settings(
        "[archive]\ndescription = \"Letters, and more\"\nsubscribe_url = \"https://weekly.example/join\"\nfields = { name = \"reader\" }",
    );
    let folder = fixture("issues");
    for entry in fs::read_dir(&folder).expect("the fixtures are there") {
        let path = entry.expect("it can be read").path();
        if path.is_file() {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            scratch.write(&format!("issues/{name}"), fs::read(&path).expect("it can be read"));
        }
    }
    for entry in fs::read_dir(folder.join("pictures")).expect("there are pictures") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        scratch.write(&format!("issues/pictures/{name}"), fs::read(&path).expect("it can be read"));
    }
    scratch
}
