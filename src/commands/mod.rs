//! One verb per file: its flags, its help text, its story.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::model::finding::Explain;
use crate::report::Format;

pub mod archive;
pub mod bounces;
pub mod check;
pub mod completions;
pub mod db;
pub mod desk;
pub mod dkim;
pub mod doctor;
pub mod events;
pub mod init;
pub mod man;
pub mod new;
pub mod person;
pub mod plan;
pub mod preview;
pub mod proofread;
pub mod readers;
pub mod reconcile;
pub mod render;
pub mod report;
pub mod sending;
pub mod retry;
pub mod roll;
pub mod run;
pub mod send;
pub mod serve;
pub mod simulate;
pub mod sink;
pub mod stamps;
pub mod status;
pub mod stop;
pub mod subscribers;
pub mod template;
pub mod test;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// Usage, configuration, declined, or no terminal and no `--yes`.
    Usage = 1,
    Findings = 2,
    /// Finished, some not reached.
    SomeNotReached = 3,
    /// Uncertain letters, or stopped by a gate or a bar.
    Uncertain = 4,
    /// Another run holds the lock.
    Locked = 5,
    /// Work remains: run again.
    WorkRemains = 75,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        std::process::ExitCode::from(exit as u8)
    }
}

/// An error on its way to the person, with the exit code it means.
pub struct Failure {
    pub error: Box<dyn Explain + Send + Sync>,
    pub exit: Exit,
}

impl<E: Explain + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure { error: Box::new(error), exit: Exit::Usage }
    }
}

impl Failure {
    /// The same error with another exit code.
    pub fn ending(self, exit: Exit) -> Failure {
        Failure { exit, ..self }
    }
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.exit, self.error)
    }
}

/// A sentence of a verb's own, with what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Plain {
    pub message: String,
    pub help: Option<String>,
}

impl Plain {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Plain {
        Plain { message: message.into(), help: Some(help.into()) }
    }
}

impl Explain for Plain {
    fn help(&self) -> Option<String> {
        self.help.clone()
    }
}

/// Publishes a newsletter from a folder of Markdown files
///
/// An issue is a Markdown file in issues/, a list is a CSV file in subscribers/, courant.toml is the
/// configuration and .env holds the secrets. ISSUE is a path, an id (`001-welcome`) or a number (`1`).
#[derive(Debug, Parser)]
#[command(name = "courant", version, after_help = EXAMPLES, after_long_help = LONG_EXAMPLES)]
#[command(propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Verb,
}

const EXAMPLES: &str = "\
Begin:  courant init my-news && cd my-news && courant send 1
        (into a folder, outbox/, until .env names a mail server)";

const LONG_EXAMPLES: &str = "\
The way of an issue:
  courant init my-news       a workspace that works at once
  courant new \"Spring\"       the next issue
  courant check              everything that is wrong, before anybody sees it
  courant preview            the issue in the browser, as you write it
  courant render 2 -o 2.html the HTML part; --format text, mjml or eml for the others
  courant test 2             a proof to yourself, through the real transport
  courant plan 2             who gets it, who does not, and why
  courant send 2             the issue, to everybody, once
  courant status 2           what became of every letter
  courant report 2           how it went, and how that compares with the issues before

Until .env names a mail server or a provider (SMTP_URL or TRANSPORT_URL, FROM, POSTAL_ADDRESS), letters go to outbox/, a Maildir.

Exit codes:
  0   done
  1   usage, configuration, declined, or nobody to ask and no --yes
  2   findings
  3   finished, some were not reached
  4   uncertain letters, or stopped because too much was refused
  5   another run holds the lock
  75  work remains: run the same command again";

const EVERYWHERE: &str = "Options of every command";

#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Work as if started in DIR; paths on the command line begin there
    #[arg(short = 'C', global = true, help_heading = EVERYWHERE, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Read this configuration instead of courant.toml
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read secrets from this file instead of .env
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Write results as JSON: one value on standard output, with keys that stay
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Print results, questions and errors only
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// Say on standard error what is being done, step by step
    #[arg(short, long, global = true, help_heading = EVERYWHERE, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour; auto looks at the terminal, NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    Auto,
    Always,
    Never,
}

impl Global {
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Human }
    }
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    #[command(about = "Make a workspace that sends at once, into a folder")]
    Init(init::Init),
    #[command(about = "Begin the next issue")]
    New(new::New),
    #[command(about = "Find what is wrong with an issue before anybody sees it")]
    Check(check::Check),
    #[command(about = "Show an issue as HTML, text, MJML or a whole letter")]
    Render(render::Render),
    #[command(about = "Show an issue in the browser while it is written")]
    Preview(preview::Preview),
    #[command(about = "Send a proof to yourself, through the real transport")]
    Test(test::Test),
    #[command(about = "Show who would get an issue, who would not, and why")]
    Plan(plan::Plan),
    #[command(about = "Send an issue to everybody who should get it, once")]
    Send(send::Send),
    #[command(about = "Do what is due: what came back, scheduled issues and retries (for cron)")]
    Run(run::Run),
    #[command(about = "Try again now what was put off")]
    Retry(retry::Retry),
    #[command(about = "Settle the letters that no answer came for")]
    Reconcile(reconcile::Reconcile),
    #[command(about = "Read mails that came back: bounces, complaints, requests to unsubscribe")]
    Bounces(bounces::Bounces),
    #[command(about = "Stop a running send, and keep it stopped")]
    Stop(stop::Stop),
    #[command(about = "Show how far an issue is and what became of each letter")]
    Status(status::Status),
    #[command(about = "Let readers unsubscribe with one click, and take the webhooks of providers")]
    Serve(serve::Serve),
    #[command(about = "Ask providers what became of letters")]
    Events(events::Events),
    #[command(about = "Report what became of an issue, in numbers and charts")]
    Report(report::Report),
    #[command(about = "Send an issue to made-up people and a server that misbehaves, and audit it")]
    Simulate(simulate::Simulate),
    #[command(about = "Take letters on this machine, with faults on request")]
    Sink(sink::Sink),
    #[command(about = "Publish the issues that were sent as a web site")]
    Archive(archive::Archive),
    #[command(about = "Read, show and suppress subscribers")]
    Subscribers(subscribers::Subscribers),
    #[command(about = "Show the templates, or copy one to change it")]
    Template(template::Template),
    #[command(about = "Make a key that signs letters, or show its record for DNS")]
    Dkim(dkim::Dkim),
    #[command(about = "Back up the ledger, put it back, look whether it is whole, forget what is old")]
    Db(db::Db),
    #[command(about = "Prove that letters can leave, without sending any")]
    Doctor(doctor::Doctor),
    #[command(about = "Write the completions for a shell")]
    Completions(completions::Completions),
    #[command(about = "Write the manual page")]
    Man(man::Man),
}

impl Cli {
    /// Does what was asked.
    pub async fn run(self) -> Result<Exit, Failure> {
        let global = &self.global;
        match self.verb {
            Verb::Init(verb) => verb.run(global).await,
            Verb::New(verb) => verb.run(global).await,
            Verb::Check(verb) => verb.run(global).await,
            Verb::Render(verb) => verb.run(global).await,
            Verb::Preview(verb) => verb.run(global).await,
            Verb::Test(verb) => verb.run(global).await,
            Verb::Plan(verb) => verb.run(global).await,
            Verb::Send(verb) => verb.run(global).await,
            Verb::Run(verb) => verb.run(global).await,
            Verb::Retry(verb) => verb.run(global).await,
            Verb::Reconcile(verb) => verb.run(global).await,
            Verb::Bounces(verb) => verb.run(global).await,
            Verb::Stop(verb) => verb.run(global).await,
            Verb::Status(verb) => verb.run(global).await,
            Verb::Serve(verb) => verb.run(global).await,
            Verb::Events(verb) => verb.run(global).await,
            Verb::Report(verb) => verb.run(global).await,
            Verb::Simulate(verb) => verb.run(global).await,
            Verb::Sink(verb) => verb.run(global).await,
            Verb::Archive(verb) => verb.run(global).await,
            Verb::Subscribers(verb) => verb.run(global).await,
            Verb::Template(verb) => verb.run(global).await,
            Verb::Dkim(verb) => verb.run(global).await,
            Verb::Db(verb) => verb.run(global).await,
            Verb::Doctor(verb) => verb.run(global).await,
            Verb::Completions(verb) => verb.run(global).await,
            Verb::Man(verb) => verb.run(global).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_and_flag_is_explained() {
        fn unexplained(command: &clap::Command) -> Vec<String> {
            let name = command.get_name();
            let own = command.get_about().is_none().then(|| name.to_owned());
            let flags = command.get_arguments().filter(|flag| flag.get_help().is_none());
            let flags = flags.map(|flag| format!("{name} {}", flag.get_id()));
            own.into_iter().chain(flags).chain(command.get_subcommands().flat_map(unexplained)).collect()
        }
        let mut command = Cli::command();
        command.build();
        assert_eq!(unexplained(&command), Vec::<String>::new());
    }
}
