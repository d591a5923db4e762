//! The sending process as a child that is killed, as a crash would, and started again with the same command.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::sleep;

use super::play::{Play, Played};
use crate::commands::sending::halt::Listener;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::dispatch::Halt;
use crate::report::words::count;
use crate::sink::{Sink, dice};

/// A process that was started again gets so many letters out at least before it dies, so that it dies at work.
const LEAST: u64 = 20;
/// Within so many microseconds of a letter a process dies anywhere between two steps of it.
const SPREAD_US: u64 = 3_000;

/// What happened first.
enum Ended {
    Killed,
    /// By itself; what it was stopped for.
    Finished {
        stops: Vec<String>,
        is_interrupted: bool,
    },
    /// Somebody pressed Ctrl-C, and it was killed.
    Halted,
}

/// Sends with child processes, the first `kills` of which die.
pub async fn run(
    play: &Play<'_>,
    sink: &Sink,
    global: &Global,
    (issue, kills): (&str, u32),
) -> Result<Played, Failure> {
    let begun = Instant::now();
    let no_signals = |error| Plain { message: format!("signals cannot be heard: {error}"), help: None };
    let mut listener = Listener::start(|| {}).map_err(no_signals)?;
    let mut played = Played { took: Duration::ZERO, stops: Vec::new(), is_interrupted: false, kills: 0 };
    let mut moments = moments(play, kills)?.into_iter();
    loop {
        let child = Sender::start(play, sink, global, issue)?;
        match child.live(sink, moments.next(), &mut listener.halt).await? {
            Ended::Killed => {
                played.kills += 1;
                let letters = count(*sink.floor.taken().borrow());
                play.desk.detail(format!("kill {} of {kills}, after {letters} letters", played.kills));
            }
            Ended::Finished { stops, is_interrupted } => {
                (played.stops, played.is_interrupted) = (stops, is_interrupted);
                break;
            }
            Ended::Halted => {
                played.kills += 1;
                played.is_interrupted = true;
                break;
            }
        }
    }
    played.took = begun.elapsed();
    Ok(played)
}

/// When a process dies: at this letter of the server, and so long after it.
struct Moment {
    letter: u64,
    after: Duration,
}

/// In the order of letters; the same for the same seed.
fn moments(play: &Play<'_>, kills: u32) -> Result<Vec<Moment>, Failure> {
    let letters = play.stage.ledger.counts(play.row.id)?.total().max(1);
    let draw = |kill: u32, what: u64| dice::join(&[play.seed, u64::from(kill), what]);
    let mut moments: Vec<Moment> = (0..kills)
        .map(|kill| Moment {
            letter: draw(kill, 1) % letters,
            after: Duration::from_micros(draw(kill, 2) % SPREAD_US),
        })
        .collect();
    moments.sort_by_key(|moment| moment.letter);
    Ok(moments)
}

/// A sending process; it dies with this.
struct Sender {
    child: Child,
}

impl Sender {
    fn start(play: &Play<'_>, sink: &Sink, global: &Global, issue: &str) -> Result<Sender, Plain> {
        let failed = |error: std::io::Error| {
            Plain::new(format!("the sending process cannot be started: {error}"), "try it without --kill")
        };
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(["--quiet", "simulate", issue, "--relay", &sink.url()]);
        command.arg("--act").arg(play.stage.path());
        command.args(["--connections", &play.connections.to_string(), "--seed", &play.seed.to_string()]);
        for (flag, path) in [("--config", &global.config), ("--env-file", &global.env_file)] {
            if let Some(path) = path {
                command.arg(flag).arg(path);
            }
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
        Ok(Sender { child: child.map_err(failed)? })
    }

    async fn live(
        mut self,
        sink: &Sink,
        moment: Option<Moment>,
        halt: &mut watch::Receiver<Halt>,
    ) -> Result<Ended, Failure> {
        let mut taken = sink.floor.taken();
        let least = *taken.borrow() + LEAST;
        let its_time = async {
            match moment {
                Some(moment) => {
                    let due = |taken: &u64| *taken >= moment.letter.max(least);
                    let _ = taken.wait_for(due).await;
                    sleep(moment.after).await;
                }
                None => std::future::pending().await,
            }
        };
        let mut stdout = self.child.stdout.take().expect("its standard output is a pipe");
        let mut said = String::new();
        tokio::select! {
            _ = stdout.read_to_string(&mut said) => self.finished(&said).await,
            () = its_time => self.die().await.map(|()| Ended::Killed),
            _ = halt.changed() => self.die().await.map(|()| Ended::Halted),
        }
    }

    async fn finished(mut self, said: &str) -> Result<Ended, Failure> {
        let status = self.child.wait().await.map_err(lost)?;
        match serde_json::from_str(said) {
            Ok(stops) if status.success() => Ok(Ended::Finished { stops, is_interrupted: false }),
            Ok(stops) if status.code() == Some(Exit::WorkRemains as i32) => {
                Ok(Ended::Finished { stops, is_interrupted: true })
            }
            _ => Err(lost(format!("it ended with {status}"))),
        }
    }

    /// SIGKILL: it has no chance to tidy up.
    async fn die(mut self) -> Result<(), Failure> {
        self.child.kill().await.map_err(lost)
    }
}

fn lost(why: impl std::fmt::Display) -> Failure {
    let help = "what it printed above says more";
    Failure::from(Plain::new(format!("the sending process is lost: {why}"), help)).ending(Exit::Uncertain)
}
