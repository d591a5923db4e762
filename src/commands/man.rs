//! `courant man`

use std::path::{Path, PathBuf};

use clap::CommandFactory;

use crate::commands::{Cli, Exit, Failure, Global, Plain, desk};

/// Write the manual page
///
/// Without `--out`, the page of `courant` itself goes to standard output: courant man | man -l -
#[derive(Debug, clap::Args)]
pub struct Man {
    /// Write a page for each verb into DIR, such as ~/.local/share/man/man1
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub async fn run(&self, _global: &Global) -> Result<Exit, Failure> {
        match &self.out {
            Some(folder) => write_all(folder)?,
            None => desk::write_out(&page().map_err(|error| broken(Path::new("-"), &error))?)?,
        }
        Ok(Exit::Done)
    }
}

fn page() -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    Ok(page)
}

fn write_all(folder: &Path) -> Result<(), Plain> {
    std::fs::create_dir_all(folder).map_err(|error| broken(folder, &error))?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(|error| broken(folder, &error))
}

fn broken(path: &Path, error: &std::io::Error) -> Plain {
    Plain::new(
        format!("the manual cannot be written to {}: {error}", path.display()),
        "name a folder that you may write to with `--out DIR`",
    )
}
