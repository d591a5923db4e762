//! A mailbox that is kept open: what comes back counts within seconds.

use std::time::{Duration, Instant};

use aws_lc_rs::rand;

use super::collect::{Round, tell_of_withheld};
use super::remote::visit;
use crate::commands::desk::{Desk, say_always};
use crate::commands::{Failure, roll};
use crate::inbound::remote::Inbox;
use crate::report::collected::suppressed;
use crate::settings::remote::Remote;

/// After the first trouble, and after many in a row.
const SOON: Duration = Duration::from_secs(5);
const LATER: Duration = Duration::from_secs(10 * 60);
/// A connection that lived so long has worked, whatever it ended with.
const STEADY: Duration = Duration::from_secs(5 * 60);

/// Reads the mailbox of the settings again and again, and never ends by itself. It may be dropped at any time. A
/// trouble is told once in a row; that a connection ends which has worked is none.
pub async fn watch(desk: &Desk, remote: &Remote) {
    let (mut pause, mut told) = (SOON, Told::default());
    loop {
        let (began, mut has_worked) = (Instant::now(), false);
        let ended = stay(desk, remote, &mut told, &mut has_worked).await;
        if has_worked || began.elapsed() >= STEADY {
            (pause, told) = (SOON, Told::default());
        } else if let Err(failure) = ended {
            told.tell(&format!("{}; the mailbox is tried again", failure.error));
        }
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(LATER);
    }
}

/// The trouble that was told last.
#[derive(Default)]
struct Told(Option<String>);

impl Told {
    fn tell(&mut self, why: &str) {
        if self.0.as_deref() != Some(why) {
            say_always(&format!("trouble: {why}"));
            self.0 = Some(why.to_owned());
        }
    }
}

/// Up to a quarter more, so that not everybody comes back at once after a server was down.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [0];
    // Without chance all come at once, which is no reason not to come.
    let _ = rand::fill(&mut byte);
    pause + pause.mul_f64(f64::from(byte[0]) / 1024.0)
}

/// Reads and waits for as long as the connection holds. It has worked once it was waited on, or closed in order: a
/// server that breaks off after each first look is not asked ever so often.
async fn stay(desk: &Desk, remote: &Remote, told: &mut Told, has_worked: &mut bool) -> Result<(), Failure> {
    loop {
        let mut inbox = Inbox::open(remote).await?;
        let mut has_ledger = look(desk, remote, &mut inbox, told).await?;
        while has_ledger && inbox.can_wait() {
            inbox.wait().await?;
            *has_worked = true;
            has_ledger = look(desk, remote, &mut inbox, told).await?;
        }
        inbox.close().await?;
        *has_worked = true;
        match has_ledger {
            true => tokio::time::sleep(remote.access.poll).await,
            false => first_letter(desk).await,
        }
    }
}

/// Before the first letter there is no ledger, and nothing to come back.
async fn first_letter(desk: &Desk) {
    while !desk.workspace.ledger_path().exists() {
        tokio::time::sleep(SOON).await;
    }
}

/// Reads what is new; false if there is no ledger to write it down in.
async fn look(desk: &Desk, remote: &Remote, inbox: &mut Inbox, told: &mut Told) -> Result<bool, Failure> {
    let Some(ledger) = roll::open(desk)? else { return Ok(false) };
    let mut round = Round::new(desk, &ledger)?;
    let visited = visit(&mut round, remote, inbox, false).await;
    round.told.suppressed.iter().for_each(|one| say_always(&suppressed(one)));
    tell_of_withheld(&ledger, &round.told)?;
    if let Some(refusal) = visited? {
        told.tell(&refusal.to_string());
    }
    Ok(true)
}
