//! `courant new`

use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::commands::desk::{self, Desk};
use crate::commands::{Exit, Failure, Global, Plain};
use crate::compose::front_matter::parse_issue;
use crate::model::source::Source;

mod pasted;
mod slug;

use pasted::Pasted;
use slug::slug;

/// Begin the next issue
///
/// The file is issues/NNN-title.md. Its front matter has title, number and date; templates/issue.md of the
/// workspace is used instead of the built-in beginning if there is one, with {{ new.title }}, {{ new.number }}
/// and {{ new.date }} filled in.
///
/// `--from` takes a text that was written elsewhere: every paragraph of it is kept. A title that it begins with
/// becomes the title of the issue.
#[derive(Debug, clap::Args)]
pub struct New {
    /// The title; may be left out if the text of --from begins with one
    #[arg(value_name = "TITLE", required_unless_present = "from")]
    title: Option<String>,
    /// Take the text from FILE, such as pasted text; `-` is standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// What a new issue begins with where the workspace has no templates/issue.md.
const BEGINNING: &str = "\
---
title: {{ new.title }}
number: {{ new.number }}
date: {{ new.date }}
# preheader: the line that an inbox shows beside the subject
---

";

const FIRST_WORDS: &str = "Hello {{ name | default(\"reader\") }},\n\n";

impl New {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, None)?;
        let today = desk.settings.site.timezone.to_datetime(desk.now()).date();
        let draft = self.draft(&desk, today)?;
        let path = write(&desk, &draft)?;
        tell(&desk, &path, draft.number)?;
        Ok(Exit::Done)
    }

    fn draft(&self, desk: &Desk, today: Date) -> Result<Draft, Failure> {
        let title = self.title.as_deref().map(one_line).transpose()?;
        let Some(from) = &self.from else {
            let title = title.expect("clap asks for a title where there is no --from");
            return Draft::begun(desk, title, today, FIRST_WORDS);
        };
        let source = match from == Path::new("-") {
            true => desk.workspace.read_standard_input()?,
            false => desk.workspace.read_text(from)?,
        };
        if source.text().trim().is_empty() {
            return Err(
                Plain::new("there is no text in it", "name a file that has some with `--from FILE`").into()
            );
        }
        match has_front_matter(&source) {
            true => Draft::finished(desk, title, source),
            false => Draft::pasted(desk, title, today, &source),
        }
    }
}

/// An issue about to be written.
struct Draft {
    title: String,
    number: u64,
    text: String,
}

impl Draft {
    fn begun(desk: &Desk, title: String, today: Date, body: &str) -> Result<Draft, Failure> {
        let own = desk.workspace.root().join("templates/issue.md");
        let (beginning, body) = match own.is_file() {
            // An own beginning has its own first words.
            true if body == FIRST_WORDS => (desk.workspace.read_text(&own)?.text().to_owned(), ""),
            true => (desk.workspace.read_text(&own)?.text().to_owned(), body),
            false => (BEGINNING.to_owned(), body),
        };
        let number = number_for(desk, &title)?;
        let text = filled(&beginning, &title, number, today) + body;
        Ok(Draft { title, number, text })
    }

    /// A pasted text; its first line is the title where that is plain to see.
    fn pasted(desk: &Desk, title: Option<String>, today: Date, source: &Source) -> Result<Draft, Failure> {
        let pasted = Pasted::new(source.text(), title.as_deref());
        let title = title.or(pasted.title).ok_or_else(|| {
            Plain::new(
                "the text does not begin with a title",
                "say it yourself: `courant new TITLE --from FILE`",
            )
        })?;
        Draft::begun(desk, one_line(&title)?, today, &pasted.body)
    }

    /// A text with a front matter of its own stays as it is.
    fn finished(desk: &Desk, title: Option<String>, source: Source) -> Result<Draft, Failure> {
        let text = source.text().to_owned();
        let issue = parse_issue(source)?;
        let number = match &issue.front.number {
            Some(number) => number.value,
            None => desk.workspace.highest_number()? + 1,
        };
        Ok(Draft { title: title.unwrap_or_else(|| issue.title().to_owned()), number, text })
    }

    fn file_name(&self) -> String {
        format!("{:03}-{}.md", self.number, slug(&self.title))
    }
}

fn has_front_matter(source: &Source) -> bool {
    matches!(source.text().trim_start().lines().next().map(str::trim_end), Some("---" | "+++"))
}

fn one_line(title: &str) -> Result<String, Plain> {
    let title = title.trim();
    match title.is_empty() || title.chars().any(char::is_control) {
        true => Err(Plain::new("a title is one line with words on it", "courant new \"A title\"")),
        false => Ok(title.to_owned()),
    }
}

/// The number that the title says (`Notes #12`), if no issue has it; else the one after the highest.
fn number_for(desk: &Desk, title: &str) -> Result<u64, Failure> {
    let said = title.split_once('#').and_then(|(_, rest)| {
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    });
    match said {
        Some(number) if !desk.workspace.numbers()?.contains(&number) => Ok(number),
        _ => Ok(desk.workspace.highest_number()?.saturating_add(1)),
    }
}

/// A text in double quotes means the same in YAML and in TOML.
fn filled(beginning: &str, title: &str, number: u64, date: Date) -> String {
    let quoted = serde_json::Value::from(title).to_string();
    beginning
        .replace("{{ new.number }}", &number.to_string())
        .replace("{{ new.date }}", &date.to_string())
        .replace("{{ new.title }}", &quoted)
}

fn write(desk: &Desk, draft: &Draft) -> Result<PathBuf, Plain> {
    let path = desk.workspace.root().join("issues").join(draft.file_name());
    let folder = path.parent().expect("the path has a folder before the name");
    let written = std::fs::create_dir_all(folder).and_then(|()| desk::write_new(&path, &draft.text));
    let name = path.display();
    match written {
        Ok(()) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Plain::new(format!("there is {name} already"), "choose another title, or edit that file"))
        }
        Err(error) => Err(Plain::new(
            format!("{name} cannot be written: {error}"),
            "see that there is room and that you may write there",
        )),
    }
}

fn tell(desk: &Desk, path: &Path, number: u64) -> Result<(), Failure> {
    let current = std::env::current_dir().unwrap_or_default();
    let shown = path.strip_prefix(current).unwrap_or(path).display();
    if desk.json() {
        return desk.print(serde_json::json!({"path": shown.to_string(), "number": number}).to_string());
    }
    desk.print(shown.to_string())?;
    desk.say(format!("Write it, then: courant check {number} && courant test {number}"));
    Ok(())
}

#[cfg(test)]
mod tests;
