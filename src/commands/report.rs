//! `courant report`: what became of an issue, for its author.

use std::path::{Path, PathBuf};

use crate::commands::desk::{Desk, columns};
use crate::commands::{Exit, Failure, Global, Plain, roll, status};
use crate::ledger::Ledger;
use crate::ledger::rows::EditionRow;
use crate::report::issue::text::Look;
use crate::report::issue::{Report as Told, csv, html, json, markdown, text};

/// The width of a terminal that does not say how wide it is, and of a file.
const WIDTH: usize = 80;

/// Report what became of an issue, and how it compares with those before
///
/// How many letters were accepted, delivered, bounced, complained about; over time, by mailbox provider, with the
/// reasons of what did not get through; what is uncertain; and how the lists grew. No whole address is in it. Where
/// an issue was both rehearsed and sent, the live one is reported. It can be read at any time, also during a send.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  courant report 12                      in the terminal\n  \
    courant report 12 -o report.html       one page with charts, to be shown around\n  \
    courant report 12 --format csv         for a spreadsheet, one line for each number\n  \
    courant report 12 --format md          tables for an issue or a wiki")]
pub struct Report {
    /// A path, an id or a number
    #[arg(value_name = "ISSUE")]
    issue: String,
    /// How it is written; by default what the name of the file says, else text
    #[arg(long, value_name = "FORMAT")]
    format: Option<Form>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The rehearsal, even if the issue was sent live
    #[arg(long)]
    rehearsal: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Text,
    /// One page that needs nothing else, with charts
    Html,
    Json,
    /// One line for each number, for spreadsheets
    Csv,
    /// Markdown, with tables
    Md,
}

impl Form {
    fn of_file(path: &Path) -> Option<Form> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" => Some(Form::Text),
            "html" | "htm" => Some(Form::Html),
            "json" => Some(Form::Json),
            "csv" => Some(Form::Csv),
            "md" | "markdown" => Some(Form::Md),
            _ => None,
        }
    }
}

impl Report {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, None)?;
        let form = self.form(&desk)?;
        let report = self.read(&desk)?;
        let text = self.written(&desk, &report, form);
        match &self.output {
            None => desk.print(text)?,
            Some(path) => {
                write(path, &text)?;
                desk.say(format!("The report is in {}.", path.display()));
            }
        }
        Ok(Exit::Done)
    }

    fn form(&self, desk: &Desk) -> Result<Form, Plain> {
        match self.format {
            Some(form) if desk.json() && form != Form::Json => {
                Err(Plain::new("--json and another --format ask for two things", "leave one of them out"))
            }
            Some(form) => Ok(form),
            None if desk.json() => Ok(Form::Json),
            None => Ok(self.output.as_deref().and_then(Form::of_file).unwrap_or(Form::Text)),
        }
    }

    fn read(&self, desk: &Desk) -> Result<Told, Failure> {
        let Some(ledger) = roll::open(desk)? else {
            let issue = desk.issue(&self.issue)?.id;
            return Err(status::never_sent(&issue).into());
        };
        let row = self.row(desk, &ledger)?;
        let settings = &desk.settings;
        desk.detail(format!("counting the letters of {}", row.issue));
        Ok(Told::read(&ledger, row, &settings.shaping, &settings.site.timezone, desk.now())?)
    }

    fn row(&self, desk: &Desk, ledger: &Ledger) -> Result<EditionRow, Failure> {
        let issue = status::issue_id(desk, ledger, &self.issue)?;
        status::edition(ledger, &issue, self.rehearsal)
    }

    fn written(&self, desk: &Desk, report: &Told, form: Form) -> String {
        match form {
            Form::Text => text::text(report, self.look(desk)),
            Form::Html => html::html(report),
            Form::Json => json::json(report).to_string(),
            Form::Csv => csv::csv(report),
            Form::Md => markdown::markdown(report),
        }
    }

    fn look(&self, desk: &Desk) -> Look {
        let width = match self.output {
            Some(_) => WIDTH,
            None => columns().unwrap_or(WIDTH).min(WIDTH),
        };
        Look { width, is_bold: desk.colour && self.output.is_none() }
    }
}

fn write(path: &Path, text: &str) -> Result<(), Plain> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    std::fs::write(path, format!("{text}{end}")).map_err(|error| {
        let message = format!("the report could not be written to {}: {error}", path.display());
        Plain::new(message, "name a file in a folder that is there and may be written to")
    })
}
