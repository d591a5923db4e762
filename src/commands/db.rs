//! `courant db`: the ledger and what belongs to it, kept safe over years.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::commands::desk::Desk;
use crate::commands::{Exit, Failure, Global};

mod archive;
mod backup;
mod check;
mod prune;
mod restore;

/// Back up the ledger, put it back, look whether it is whole, forget what is old
///
/// The ledger knows who has which issue and who must not be written to; without it, issues would go out twice.
#[derive(Debug, Args)]
pub struct Db {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write ledger, secret, courant.toml and .env into one file, also while a send is running
    ///
    /// Only you can read the file. It holds the addresses of your subscribers and your passwords: keep it as safe as
    /// you keep those.
    #[command(
        after_help = "Examples:\n  courant db backup                       courant-2026-11-30T0915.tar.gz\n  \
        courant db backup -o - | age -r KEY > news.age    encrypted, without a copy in between"
    )]
    Backup(Backup),
    /// Put a backup back, into this workspace or an empty folder
    ///
    /// What left after the backup was made is not in it. So every issue is stopped as by `courant stop`: cron sends
    /// nothing, and `courant send` asks first.
    #[command(after_help = "Examples:\n  courant db restore courant-2026-11-30T0915.tar.gz\n  \
        courant -C new-machine db restore backup.tar.gz    into an empty folder\n  \
        courant db restore backup.tar.gz --replace         over a ledger, which is kept beside it")]
    Restore(Restore),
    /// Say whether the ledger is whole and its sums agree
    Check,
    /// Forget the words of servers, what providers told, and the texts of issues, once they are old
    ///
    /// Who got which issue, what became of each letter, and who must not be written to is never forgotten. How long the
    /// rest is kept stands in `[retention]` of courant.toml; nothing is forgotten that it does not name.
    #[command(
        after_help = "Examples:\n  courant db prune --dry-run              what would be forgotten\n  \
        courant db prune --yes                  for cron, once a month"
    )]
    Prune(Prune),
}

#[derive(Debug, Args)]
struct Backup {
    /// The file to write, or a folder to put it into; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Restore {
    /// A file that `courant db backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Put it in the place of the ledger that is here; the old one is moved aside
    #[arg(long)]
    replace: bool,
}

#[derive(Debug, Args)]
struct Prune {
    /// Only say what would be forgotten
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long, conflicts_with = "dry_run")]
    yes: bool,
}

impl Db {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match &self.action {
            Action::Restore(restore) => restore.run(global),
            Action::Backup(backup) => backup.run(&Desk::open_workspace(global, None)?),
            Action::Check => check::run(&Desk::open_workspace(global, None)?),
            Action::Prune(prune) => prune.run(&Desk::open_workspace(global, None)?),
        }
    }
}
