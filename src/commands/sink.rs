//! `courant sink`: a mail server on this machine that takes everything, or misbehaves on request.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use crate::commands::desk::{say_always, write_out};
use crate::commands::sending::halt::Listener;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::report::sink::summary;
use crate::sink::address::loopback;
use crate::sink::profile::Profile;
use crate::sink::{self, Setup, page};

/// Take letters on this machine, with faults on request
///
/// A small SMTP server that hands nothing on: everything stays here and is counted. It listens on loopback only.
/// A profile makes it defer, greylist, throttle, refuse, answer late, or break off at any step; which letters it
/// meets hangs on the seed, the recipient and the attempt, so that the same run meets the same faults.
/// docs/simulate.md lists them all. Ctrl-C ends it with a summary.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Sink {
    /// Where to listen: an address on this machine, or a port; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:2525")]
    listen: String,
    /// What goes wrong: calm, busy, greylist, refusals, flaky, hostile, or a TOML file of your own
    #[arg(long, value_name = "PROFILE", default_value = "calm")]
    faults: String,
    /// Choose other letters for the faults to meet
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Show what came on a web page there
    #[arg(long, value_name = "ADDRESS")]
    page: Option<String>,
    /// Keep every letter in this folder, as .eml files
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// End after the first letter
    #[arg(long, conflicts_with = "exit_after")]
    once: bool,
    /// End after so many letters
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    exit_after: Option<u64>,
}

const EXAMPLES: &str = "\
Examples:
  courant sink --page 8025                      look at what a send would bring, on a page
  courant sink --keep letters --once            one letter as a file
  courant sink --faults flaky                   and in .env: SMTP_URL=smtp://127.0.0.1:2525";

/// Whoever sent the last letter hears its answer before the server ends.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl Sink {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let profile = Profile::load(&self.faults)?;
        let setup = Setup {
            listen: loopback(&self.listen)?,
            seed: self.seed,
            page: self.page.as_deref().map(loopback).transpose()?,
            keep: self.keep.clone(),
        };
        let no_signals = |error| Plain { message: format!("signals cannot be heard: {error}"), help: None };
        let listener = Listener::start(|| {}).map_err(no_signals)?;
        let sink = sink::Sink::start(&profile, &setup).await?;
        if !global.quiet {
            say_always(&self.welcome(&sink, &profile));
        }
        self.wait(&sink, listener).await;
        tell(&sink, global)?;
        self.failure(&sink)
    }

    fn welcome(&self, sink: &sink::Sink, profile: &Profile) -> String {
        let mut lines = vec![
            format!("Listening on {}. To send here: SMTP_URL={}", sink.address(), sink.url()),
            format!("Faults: {}{}", profile.name, about(&profile.about)),
        ];
        lines.extend(sink.page().map(|page| format!("What came: {page}")));
        lines.extend(self.keep.as_ref().map(|folder| format!("Letters are kept in {}", folder.display())));
        lines.push("Nothing leaves this machine. Ctrl-C ends it.".to_owned());
        lines.join("\n")
    }

    /// Until somebody ends it, or enough came.
    async fn wait(&self, sink: &sink::Sink, mut listener: Listener) {
        let enough = if self.once { Some(1) } else { self.exit_after };
        let mut taken = sink.floor.taken();
        let full = async {
            match enough {
                Some(enough) => drop(taken.wait_for(|taken| *taken >= enough).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = listener.halt.changed() => {}
            () = full => {
                let gone = async { while !sink.floor.is_empty() { tokio::time::sleep(Duration::from_millis(5)).await } };
                // A visitor who stays has heard the answer by then.
                let _ = tokio::time::timeout(LAST_WORDS, gone).await;
            }
        }
    }

    /// Something on this machine that kept it from its work.
    fn failure(&self, sink: &sink::Sink) -> Result<Exit, Failure> {
        match sink.floor.log.failure() {
            Some(message) => Err(Plain::new(message, "make room, or name another folder with --keep").into()),
            None => Ok(Exit::Done),
        }
    }
}

fn about(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

fn tell(sink: &sink::Sink, global: &Global) -> Result<(), Plain> {
    let stats = page::json(&sink.floor);
    let text = match global.json {
        true => json!({"url": sink.url(), "stats": stats}).to_string() + "\n",
        false => summary(&sink.floor),
    };
    write_out(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::profile::BUILT_IN;

    #[test]
    fn the_help_names_every_built_in_profile() {
        use clap::Args;
        let command = Sink::augment_args(clap::Command::new("sink"));
        let help =
            command.get_arguments().find(|flag| flag.get_id() == "faults").and_then(clap::Arg::get_help);
        let help = help.expect("the flag is explained").to_string();
        assert!(BUILT_IN.iter().all(|(name, _)| help.contains(name)), "{help}");
    }
}
