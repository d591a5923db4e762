//! docs/settings.md and .env.example say what the program does: every key, every variable, every default.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use courant::model::finding::Explain;
use courant::model::theme::Theme;
use courant::settings::{Flags, Settings, SettingsError};

/// A line of a table: the key, and its default where that is written as TOML.
struct Row {
    key: String,
    default: Option<String>,
}

/// The tables of docs/settings.md by heading, `[send]` or `courant.toml`.
fn page() -> BTreeMap<String, Vec<Row>> {
    let (mut sections, mut section) = (BTreeMap::<String, Vec<Row>>::new(), String::new());
    for line in read("docs/settings.md").lines() {
        if line.starts_with('#') {
            section = line.trim_start_matches('#').replace('`', "").trim().to_owned();
        } else if let Some(row) = row(line) {
            sections.entry(section.clone()).or_default().push(row);
        }
    }
    sections
}

fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> =
        line.strip_prefix('|')?.trim_end_matches('|').split(" | ").map(str::trim).collect();
    let literal = |cell: &str| Some(cell.strip_prefix('`')?.split('`').next()?.to_owned());
    let key = literal(cells.first()?)?;
    let default = cells.get(2).and_then(|cell| literal(cell)).filter(|text| toml(text));
    Some(Row { key, default })
}

/// Whether a default is a value and not the name of another key.
fn toml(text: &str) -> bool {
    text.starts_with(['"', '[', '{']) || text.parse::<u64>().is_ok() || matches!(text, "true" | "false")
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .expect("the repository has this file")
}

fn load(config: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("courant.toml"), config).expect("a file can be written");
    let flags = Flags { directory: Some(folder.path().to_path_buf()), ..Flags::default() };
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = Settings::load(&flags, &environment.collect())?;
    Ok(Settings { root: None, ..settings })
}

/// The keys the program knows in a section: a key that is like no other makes it name them all.
fn known_in(section: &str) -> BTreeSet<String> {
    let header = if section == "courant.toml" { "" } else { section };
    let error = load(&format!("{header}\nqqqqqqqqqqqq = 1\n"), &[]).expect_err("there is no such key");
    let help = error.help().expect("an unknown key is answered with those there are");
    let keys = help.strip_prefix("there are: ").expect("no key is like this one");
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn every_key_of_every_section_is_on_the_page() {
    let page = page();
    for (section, rows) in page.iter().filter(|(name, _)| name.starts_with('[') || *name == "courant.toml") {
        let written: BTreeSet<String> = rows.iter().map(|row| row.key.clone()).collect();
        assert_eq!(written, known_in(section), "{section}");
    }
    let tables: Vec<&str> = page.keys().map(String::as_str).collect();
    let keys = page["courant.toml"].iter().map(|row| &row.key);
    for table in keys.skip_while(|key| *key != "transports") {
        let heading = [format!("[{table}]"), format!("[{table}.NAME]")];
        assert!(*table == "fields" || heading.iter().any(|name| tables.contains(&name.as_str())), "{table}");
    }
}

/// All defaults of the page as a file, below a transport that has nothing but its URL.
fn defaults_written_out() -> String {
    let mut file = String::from("transport = \"NAME\"\n");
    let page = page();
    let order = [
        "courant.toml",
        "[transports.NAME]",
        "[transports.NAME.timeouts]",
        "[markdown]",
        "[theme]",
        "[send]",
        "[check]",
        "[links]",
        "[images]",
        "[bounces]",
    ];
    for section in order {
        if section != "courant.toml" {
            file += &format!("{section}\n");
        }
        if section == "[transports.NAME]" {
            file += "url = \"smtps://mail.example.org\"\n";
        }
        for row in &page[section] {
            file +=
                &row.default.as_ref().map(|default| format!("{} = {default}\n", row.key)).unwrap_or_default();
        }
    }
    file
}

#[test]
fn the_defaults_on_the_page_are_those_of_the_program() {
    let file = defaults_written_out();
    assert!(file.lines().count() > 40, "the page names its defaults:\n{file}");
    let written = load(&file, &[]).expect("the page holds valid values");
    let short = "transport = \"NAME\"\n[transports.NAME]\nurl = \"smtps://mail.example.org\"\n";
    let assumed = load(short, &[]).expect("this is all a transport needs");
    assert_eq!(Theme::default().with(&written.theme), Theme::default());
    let written = Settings { theme: assumed.theme.clone(), ..written };
    assert_eq!(format!("{written:#?}"), format!("{assumed:#?}"));
}

/// The lines of .env.example without their `#`, as name and value.
fn example() -> Vec<(String, String)> {
    let text = read(".env.example");
    let lines = text.lines().filter_map(|line| line.strip_prefix('#')?.split_once('='));
    let named = lines.filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn every_line_of_the_example_env_changes_the_settings_when_its_mark_is_taken_away() {
    let without = format!("{:?}", load("", &[]).expect("an empty file is a workspace"));
    for (name, value) in example() {
        let value = if value.is_empty() { "a value" } else { &value };
        let with = load("", &[(&name, value)]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(format!("{with:?}"), without, "{name} is not read");
    }
}

#[test]
fn every_variable_the_program_reads_is_in_the_example_env_and_on_the_page() {
    let code = read("src/settings/load.rs");
    let quoted = code.split('"').skip(1).step_by(2);
    let read: BTreeSet<&str> = quoted
        .filter(|word| word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    let example = example();
    assert_eq!(example.iter().map(|(name, _)| name.as_str()).collect::<BTreeSet<_>>(), read);
    let page = page();
    assert_eq!(
        page["The environment and .env"].iter().map(|row| row.key.as_str()).collect::<BTreeSet<_>>(),
        read
    );
}
