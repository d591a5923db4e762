//! `courant completions`

use clap::CommandFactory;

use crate::commands::{Cli, Exit, Failure, Global, desk};

/// Write the completions for a shell
///
/// Put the output where your shell looks for completions:
///
///   bash  courant completions bash > ~/.local/share/bash-completion/completions/courant
///   zsh   courant completions zsh > a folder of $fpath, as _courant
///   fish  courant completions fish > ~/.config/fish/completions/courant.fish
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Completions {
    /// The shell that is to complete
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

impl Completions {
    pub async fn run(&self, _global: &Global) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "courant", &mut script);
        desk::write_out(&script)?;
        Ok(Exit::Done)
    }
}
