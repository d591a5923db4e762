//! Arguments in, exit code out; nobody else ends the process.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use courant::commands::{Cli, Exit, Failure, desk};
use courant::report::problem;

/// So long what was begun and is no longer waited for may take, once everything is said.
const LAST_WAIT: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .expect("nothing before this line can have chosen a provider");
    match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(told) => usage(&told),
    }
}

fn run(cli: Cli) -> ExitCode {
    let colour = cli.global.color.wanted(&std::io::stderr());
    match follow(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            desk::say_always(problem::problem(&*failure.error, colour).trim_end());
            failure.exit.into()
        }
    }
}

/// Goes where `-C` says, as git does, so that every path on the command line starts there.
fn follow(mut cli: Cli) -> Result<Exit, Failure> {
    if let Some(directory) = cli.global.directory.take() {
        desk::enter(&directory)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| desk::no_threads(&error))?;
    let ended = runtime.block_on(cli.run());
    // A resolver that looks for a name nobody answers for cannot be called back: whoever waited for it is gone.
    runtime.shutdown_timeout(LAST_WAIT);
    ended
}

/// Help and version are results; anything else is a usage error.
fn usage(told: &clap::Error) -> ExitCode {
    // A reader that went away has seen enough.
    let _ = told.print();
    if told.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}
