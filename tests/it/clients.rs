//! What mail clients support, against the npm package `caniemail`, which has the same data and its own way of looking.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use courant::check::clients::{Support, features, uses};
use courant::check::page::Page;
use courant::model::letter::Pieces;
use courant::settings::clients::{CLIENTS, Client};

use crate::harness::program::Program;
use crate::harness::reference::clients_say;
use crate::harness::scratch::Scratch;
use crate::harness::tools::fixture;

/// How the package calls the clients of ours that it knows. It takes the version whose name is last in the alphabet for
/// the latest, where the data have them in order: so 16.80 of Outlook for Mac is older than 2016 there, and we compare
/// the others.
const SAME: [(&str, &str); 14] = [
    ("gmail-web", "gmail.desktop-webmail"),
    ("gmail-ios", "gmail.ios"),
    ("gmail-android", "gmail.android"),
    ("outlook-windows", "outlook.windows"),
    ("outlook-ios", "outlook.ios"),
    ("outlook-android", "outlook.android"),
    ("apple-mail-mac", "apple-mail.macos"),
    ("apple-mail-ios", "apple-mail.ios"),
    ("yahoo-web", "yahoo.desktop-webmail"),
    ("yahoo-ios", "yahoo.ios"),
    ("yahoo-android", "yahoo.android"),
    ("aol", "aol.desktop-webmail"),
    ("samsung", "samsung-email.android"),
    ("mail-ru", "mail-ru.desktop-webmail"),
];

type Told = BTreeMap<String, BTreeMap<String, String>>;

fn ours(html: &str) -> Told {
    let mut told = Told::new();
    for used in uses(&Page::of(&Pieces::literal(html)).markup) {
        for (name, theirs) in SAME {
            let client =
                Client(CLIENTS.iter().position(|(known, _)| *known == name).expect("it is a client"));
            let support = match used.feature.support(client) {
                Support::None => "none",
                Support::Partial => "partial",
                Support::Full | Support::Unknown => continue,
            };
            let of = told.entry(used.feature.title.to_owned()).or_default();
            of.insert(theirs.to_owned(), support.to_owned());
        }
    }
    told
}

/// Where the package and we differ, and why.
const DIFFERENT: [(&str, &[&str]); 4] = [
    (
        "it asks for functions the wrong way round and finds none",
        &[
            "CSS Variables (Custom Properties)",
            "CSS calc() function",
            "clamp()",
            "linear-gradient()",
            "max()",
            "min()",
            "rgb()",
            "rgba()",
        ],
    ),
    (
        "it cannot tell it by its title, or looks at one selector at a time",
        &[
            "HTML5 semantics",
            "color-scheme meta tag",
            "gap, column-gap, row-gap",
            "height property",
            "left, right, top, bottom",
            "margin-inline-start & margin-inline-end",
            "min-height property",
            "Grouping selectors",
        ],
    ),
    ("it takes a longer name for it, such as `border-radius`", &["background", "border"]),
    (
        "it takes an older version for the latest",
        &[
            "cursor",
            "max-width",
            "overflow",
            "::after",
            "::before",
            "::first-letter",
            "::first-line",
            "::placeholder",
        ],
    ),
];

/// The features that are not judged alike, each with what both say.
fn differences(html: &str, theirs: &Told) -> BTreeMap<String, String> {
    let ours = ours(html);
    let titles: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differing = titles.into_iter().filter(|title| ours.get(*title) != theirs.get(*title));
    let told = |title: &String| format!("ours {:?}, theirs {:?}", ours.get(title), theirs.get(title));
    differing.map(|title| (title.clone(), told(title))).collect()
}

#[test]
fn what_clients_do_not_support_is_what_the_package_of_others_says() {
    let scratch = Scratch::empty();
    let names = ["elements", "inline", "sheet"];
    let pages: Vec<PathBuf> = names.map(|name| fixture(&format!("clients/{name}.html"))).into();
    let paths: Vec<&Path> = pages.iter().map(PathBuf::as_path).collect();
    let theirs = clients_say(&paths, &scratch.path(""));
    assert_eq!(theirs.len(), pages.len());
    let mut found = BTreeMap::new();
    for (page, theirs) in pages.iter().zip(&theirs) {
        let html = std::fs::read_to_string(page).expect("the fixture is there");
        let theirs: Told = serde_json::from_str(theirs).expect("each line is a map in JSON");
        found.extend(differences(&html, &theirs));
    }
    let known: BTreeSet<&str> = DIFFERENT.iter().flat_map(|(_, titles)| titles.iter().copied()).collect();
    let unknown: Vec<_> = found.iter().filter(|(title, _)| !known.contains(title.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    let needless: Vec<_> = known.iter().filter(|title| !found.contains_key(**title)).collect();
    assert!(needless.is_empty(), "{needless:?} are judged alike");
}

#[test]
fn the_data_are_those_of_the_package_and_writing_them_again_changes_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Program::new(&root.join("tests/refresh-clients"), root).args(["--check"]).run().ok();
    assert!(features().len() > 290);
}
