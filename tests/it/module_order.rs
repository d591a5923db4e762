//! `src/lib.rs` lists the modules in reading order, and a module uses only modules above it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The places of the modules in `src/lib.rs`, from the top.
fn order() -> BTreeMap<String, usize> {
    let map = fs::read_to_string(source("lib.rs")).expect("the crate has a lib.rs");
    let names =
        map.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned));
    names.enumerate().map(|(place, name)| (name, place)).collect()
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a source folder can be read");
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.expect("a source folder can be read").path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The module a file belongs to: the first part of its path below `src/`.
fn module_of(file: &Path) -> Option<String> {
    let below = file.strip_prefix(source("")).ok()?;
    let first = below.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

/// The modules that a text names as `crate::NAME`, one by one or in a group, each with its line.
fn used_in(text: &str) -> Vec<(usize, String)> {
    let code = text.split("\n#[cfg(test)]").next().unwrap_or(text);
    let mut used = Vec::new();
    for (place, _) in code.match_indices("crate::") {
        let line = code[..place].matches('\n').count() + 1;
        let rest = &code[place + "crate::".len()..];
        used.extend(names_at(rest).into_iter().map(|name| (line, name)));
    }
    used
}

fn names_at(rest: &str) -> Vec<String> {
    match rest.strip_prefix('{') {
        Some(group) => top_level_names(group),
        None => vec![first_word(rest)],
    }
}

/// `model::{a, b}, token}` names `model` and `token`.
fn top_level_names(group: &str) -> Vec<String> {
    let (mut names, mut depth, mut at_start) = (Vec::new(), 1, true);
    for (place, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => at_start = true,
            c if at_start && !c.is_whitespace() => {
                names.push(first_word(&group[place..]));
                at_start = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let order = order();
    assert!(order.len() > 3, "src/lib.rs lists the modules as `pub mod NAME;`");
    let mut wrong = Vec::new();
    for file in rust_files(&source("")) {
        let Some(own) = module_of(&file).and_then(|name| order.get(&name).copied()) else { continue };
        let text = fs::read_to_string(&file).expect("a source file is UTF-8");
        for (line, name) in used_in(&text) {
            if order.get(&name).is_some_and(|place| *place > own) {
                wrong.push(format!("{}:{line} uses `{name}`, which stands below it", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    let text = "use crate::model::{a, b};\nuse crate::{token, ledger::{x, y},\n links};\nlet z = crate::check::run();";
    let names: Vec<String> = used_in(text).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["model", "token", "ledger", "links", "check"]);
    assert_eq!(used_in("\n#[cfg(test)]\nmod tests { use crate::commands; }"), []);
}
