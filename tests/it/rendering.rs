//! Issues that use every construct between them, as whole letters: what changes in a letter is seen here, and what
//! others wrote judges each of them.
//!
//! `INSTA_UPDATE=always cargo test --test it -- rendering::` writes the letters down anew, to be looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::harness::browser::cut_off;
use crate::harness::mail::Received;
use crate::harness::program::Program;
use crate::harness::reference::{clients_miss, faults_of_pages};
use crate::harness::scratch::Scratch;
use crate::harness::tools::{fixture, installed};

/// An issue, and what a subscriber gets of it.
struct Letter {
    name: String,
    eml: PathBuf,
    html: PathBuf,
}

struct Letters {
    scratch: Scratch,
    letters: Vec<Letter>,
}

/// Every issue of the fixtures, rendered once for all tests.
static LETTERS: LazyLock<Letters> = LazyLock::new(|| {
    let scratch = Scratch::weekly().list(
        "weekly",
        "email,name,city,plan,interests\nada@example.org,Ada Lovell,London,paid,tea; rain\nbob@example.org,Bob,,free,\n",
    );
    for picture in ["hill@2x.png", "tick.gif"] {
        let path = format!("issues/pictures/{picture}");
        scratch.write(&path, fs::read(fixture(&path)).expect("the fixture is there"));
    }
    let letters = names().into_iter().map(|name| letter(&scratch, name)).collect();
    Letters { scratch, letters }
});

fn names() -> Vec<String> {
    let folder = fs::read_dir(fixture("issues")).expect("the fixtures are there");
    let paths = folder.map(|entry| entry.expect("the folder can be read").path());
    let stem = |path: &PathBuf| path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
    let mut names: Vec<String> =
        paths.filter(|path| path.extension().is_some()).map(|path| stem(&path)).collect();
    names.sort();
    names
}

fn letter(scratch: &Scratch, name: String) -> Letter {
    let source = fs::read_to_string(fixture(&format!("issues/{name}.md"))).expect("the fixture is there");
    scratch.write(&format!("issues/{name}.md"), source);
    for ending in ["eml", "html"] {
        scratch.run(&format!("render {name} --as ada@example.org -o {name}.{ending}")).ok();
    }
    Letter { eml: scratch.path(&format!("{name}.eml")), html: scratch.path(&format!("{name}.html")), name }
}

/// Headers, text part and HTML part, with what differs from run to run taken out.
fn written_down(letter: &Letter) -> String {
    let raw = fs::read(&letter.eml).expect("the letter was written");
    let received = Received { sender: String::new(), recipients: Vec::new(), raw };
    let headers: Vec<String> =
        received.headers().iter().map(|(name, value)| format!("{name}: {}", settled(name, value))).collect();
    let (text, html) = received.parts();
    let token = received.header("List-Unsubscribe").and_then(|uris| token(&uris)).unwrap_or_default();
    let parts = format!("{}\n\n{text}\n{}", headers.join("\n"), html.replace("><", ">\n<"));
    parts.replace(&token, "TOKEN").replace('\r', "")
}

fn settled(name: &str, value: &str) -> String {
    match name {
        "Date" => "TODAY".to_owned(),
        "Message-ID" | "Content-Type" => value.split([';', '<']).next().unwrap_or_default().to_owned(),
        _ => value.to_owned(),
    }
}

/// `https://weekly.example/u/TOKEN`, perhaps with a language behind it.
fn token(uris: &str) -> Option<String> {
    Some(uris.split_once("/u/")?.1.split(['>', '?']).next()?.to_owned())
}

#[test]
fn every_letter_is_as_it_was_looked_at() {
    for letter in &LETTERS.letters {
        insta::with_settings!({ snapshot_path => "fixtures/letters", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(letter.name.as_str(), written_down(letter));
        });
    }
}

#[test]
fn pythons_strict_policy_finds_no_defect_in_any_letter() {
    let run = Program::new(&installed("python/bin/python"), &LETTERS.scratch.path(""))
        .args([fixture("strict.py")])
        .args(LETTERS.letters.iter().map(|letter| letter.eml.clone()))
        .run()
        .ok();
    assert_eq!(run.stdout.trim(), format!("{} letters", LETTERS.letters.len()));
}

#[test]
fn no_page_has_a_structural_fault() {
    let pages: Vec<&Path> = LETTERS.letters.iter().map(|letter| letter.html.as_path()).collect();
    assert_eq!(faults_of_pages(&pages, &LETTERS.scratch.path("")), Vec::<String>::new());
}

#[test]
fn nothing_is_cut_off_on_a_phone() {
    for name in ["04-tables", "07-code", "12-columns", "16-arabic", "21-long-words", "22-mjml"] {
        let html = LETTERS.scratch.read(&format!("{name}.html"));
        assert_eq!(cut_off(&html, 360, &LETTERS.scratch.path("")), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_mail_clients_do_not_support_is_what_the_page_says() {
    let pages: Vec<&Path> = LETTERS.letters.iter().map(|letter| letter.html.as_path()).collect();
    let missed = clients_miss(&pages, &LETTERS.scratch.path(""));
    let missed: Vec<&str> = missed.iter().filter_map(|line| Some(line.rsplit_once(": ")?.0)).collect();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rendering.md"))
        .expect("the page is there");
    let (_, rest) = page.split_once("| Feature |").expect("there is a table");
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut named: Vec<String> =
        rows.filter_map(|row| Some(row.split('|').nth(1)?.trim().replace('`', ""))).collect();
    named.sort_unstable();
    assert_eq!(missed, named);
}
