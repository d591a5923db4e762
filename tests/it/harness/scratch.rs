//! A workspace of its own for a test, and the binary in it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::program::{Program, Run};

/// A folder that is a workspace, or becomes one. It is removed with the test.
pub struct Scratch {
    folder: TempDir,
}

/// The settings of [`Scratch::weekly`]: enough to send, nothing that waits.
const WEEKLY: &str = r#"id = "w-0123456789abcdef"
name = "The Weekly"
from = "Wendy Weekly <wendy@weekly.example>"
preview_to = ["wendy@weekly.example"]
postal_address = "1 Test Street, Testville"
base_url = "https://weekly.example"
lang = "en"
"#;

/// The issue of [`Scratch::weekly`]: it names the subscriber, and leads nowhere.
const HELLO: &str = r#"---
title: Hello
preheader: The first letter of the weekly, and the shortest
---

# Hello

Dear {{ name | default("reader") }}, this is the weekly.
"#;

impl Scratch {
    /// An empty folder.
    pub fn empty() -> Scratch {
        Scratch { folder: tempfile::tempdir().expect("there is room for a temporary folder") }
    }

    /// A workspace with the issue `001-hello` and a list `weekly` of ada, bob and eve at example.org.
    pub fn weekly() -> Scratch {
        Scratch::empty()
            .file("courant.toml", WEEKLY)
            .issue("001-hello", HELLO)
            .list("weekly", "email,name\nada@example.org,Ada\nbob@example.org,Bob\neve@example.org,\n")
    }

    /// The same with so many subscribers, `user1@example.org` and on, spread over 17 domains.
    pub fn weekly_for(subscribers: usize) -> Scratch {
        let mut csv = "email,name\n".to_owned();
        for number in 1..=subscribers {
            writeln!(csv, "user{number}@example{}.org,User {number}", number % 17).expect("text takes text");
        }
        Scratch::weekly().list("weekly", &csv)
    }

    /// Writes a file, and the folders above it.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Scratch {
        self.write(path, content);
        self
    }

    /// `issues/NAME.md`.
    pub fn issue(self, name: &str, markdown: &str) -> Scratch {
        self.file(&format!("issues/{name}.md"), markdown)
    }

    /// `subscribers/NAME.csv`.
    pub fn list(self, name: &str, csv: &str) -> Scratch {
        self.file(&format!("subscribers/{name}.csv"), csv)
    }

    /// More lines for `courant.toml`: keys of the top level go before the first table.
    pub fn settings(self, lines: &str) -> Scratch {
        let old = fs::read_to_string(self.path("courant.toml")).unwrap_or_default();
        let first_table = if old.starts_with('[') { Some(0) } else { old.find("\n[").map(|place| place + 1) };
        let (top, tables) = old.split_at(first_table.unwrap_or(old.len()));
        let new = match lines.starts_with('[') {
            true => format!("{old}\n{lines}\n"),
            false => format!("{top}{lines}\n{tables}"),
        };
        self.file("courant.toml", new)
    }

    /// A change while a test goes on.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        let parent = path.parent().expect("a file is in a folder");
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, content))
            .expect("there is room for a file");
    }

    pub fn read(&self, path: &str) -> String {
        let bytes = fs::read(self.path(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
        String::from_utf8(bytes).unwrap_or_else(|why| panic!("{path}: {why}"))
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Every file below a folder of the workspace, by its path from the root, in order; none where there is
    /// no such folder.
    pub fn files(&self, below: &str) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.path(below), self.folder.path(), &mut found);
        found.sort();
        found
    }

    /// Asks the ledger by the command line of SQLite: one line for each row.
    pub fn sqlite(&self, statements: &str) -> Vec<String> {
        let path = self.path(".courant/ledger.db");
        // A server that writes at this moment is waited for.
        let waits = ["-cmd", ".timeout 30000"];
        let run = std::process::Command::new("sqlite3").args(waits).arg(path).arg(statements).output();
        let run = run.expect("tests/setup installs sqlite3");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8_lossy(&run.stdout).lines().map(str::to_owned).collect()
    }

    /// Who is in this state, in order.
    pub fn in_state(&self, state: &str) -> std::collections::BTreeSet<String> {
        let sql = format!(
            "SELECT coalesce(l.address, l.key) FROM delivery d JOIN letter l ON l.id = d.letter
             WHERE d.state = '{state}'"
        );
        self.sqlite(&sql).into_iter().collect()
    }

    /// Who was accepted, and with which words.
    pub fn accepted_with(&self) -> Vec<(String, String)> {
        let sql = "SELECT coalesce(l.address, l.key) || ' ' || replace(a.reply, char(10), ' ')
                   FROM attempt a JOIN delivery d ON d.id = a.delivery JOIN letter l ON l.id = d.letter
                   WHERE a.outcome = 'accepted'";
        let pair = |line: &String| {
            let (address, words) = line.split_once(' ').expect("a reply has words");
            (address.to_owned(), words.to_owned())
        };
        self.sqlite(sql).iter().map(pair).collect()
    }

    /// The binary, to be started in the workspace with no environment but a home of its own.
    pub fn courant<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Program {
        let binary = Path::new(env!("CARGO_BIN_EXE_courant"));
        Program::new(binary, self.folder.path()).args(args).env("HOME", self.folder.path())
    }

    /// The same, run to its end: `scratch.run("send 1 --yes")`.
    pub fn run(&self, line: &str) -> Run {
        self.courant(line.split_whitespace()).run()
    }
}

/// A weekly that sends to this server and never waits.
pub fn weekly_to(url: &str) -> Scratch {
    Scratch::weekly().file(".env", format!("SMTP_URL={url}\n")).settings("[send]\nwait = \"0 s\"")
}

fn collect(folder: &Path, root: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("the folder is ours").path()) {
        if path.is_dir() {
            collect(&path, root, found);
        } else {
            let below = path.strip_prefix(root).expect("it was found below the root");
            found.push(below.display().to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_lands_above_the_tables_and_a_table_below_them() {
        let scratch = Scratch::weekly().settings("[send]\nwait = \"0 s\"").settings("timezone = \"UTC\"");
        let text = scratch.read("courant.toml");
        assert!(text.find("timezone") < text.find("[send]"), "{text}");
        assert!(text.parse::<toml::Table>().is_ok(), "{text}");
    }

    #[test]
    fn a_weekly_for_many_has_one_row_for_each() {
        let scratch = Scratch::weekly_for(200);
        assert_eq!(scratch.read("subscribers/weekly.csv").lines().count(), 201);
        assert_eq!(scratch.files("issues"), ["issues/001-hello.md"]);
        assert_eq!(scratch.files("outbox"), Vec::<String>::new());
    }

    #[test]
    fn the_binary_starts_in_the_workspace() {
        let run = Scratch::weekly().run("--version");
        assert_eq!(run.code, Some(0), "{run}");
    }
}
