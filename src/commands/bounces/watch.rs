//! A mailbox that is kept open: what comes back counts within seconds.

use std::time::Duration;

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

/// Reads the mailbox of the settings again and again, and never ends by itself. It may be dropped at any time. A
/// trouble is told once in a row; that a connection ends which has worked is none.
pub async fn watch(desk: &Desk, remote: &Remote) {
    let (mut pause, mut told) = (SOON, None::<String>);
    loop {
        let mut has_worked = false;
        let ended = stay(desk, remote, &mut has_worked).await;
        if has_worked {
            (pause, told) = (SOON, None);
        } else if let Err(failure) = ended {
            let why = failure.error.to_string();
            if told.as_ref() != Some(&why) {
                say_always(&format!("trouble: {why}; the mailbox is tried again"));
                told = Some(why);
            }
        }
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(LATER);
    }
}

/// Up to a quarter more, so that not everybody comes back at once after a server was down.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [0];
    // Without chance all come at once, which is no reason not to come.
    let _ = rand::fill(&mut byte);
    pause + pause.mul_f64(f64::from(byte[0]) / 1024.0)
}

/// Reads and waits for as long as the connection holds.
async fn stay(desk: &Desk, remote: &Remote, has_worked: &mut bool) -> Result<(), Failure> {
    loop {
        let mut inbox = Inbox::open(remote).await?;
        loop {
            look(desk, remote, &mut inbox).await?;
            *has_worked = true;
            if !inbox.can_wait() {
                break;
            }
            inbox.wait().await?;
        }
        inbox.close().await?;
        tokio::time::sleep(remote.access.poll).await;
    }
}

/// Before the first letter there is no ledger, and nothing to come back.
async fn look(desk: &Desk, remote: &Remote, inbox: &mut Inbox) -> Result<(), Failure> {
    let Some(ledger) = roll::open(desk)? else { return Ok(()) };
    let mut round = Round::new(desk, &ledger)?;
    let visited = visit(&mut round, remote, inbox, false).await;
    round.told.suppressed.iter().for_each(|one| say_always(&suppressed(one)));
    tell_of_withheld(&ledger, &round.told)?;
    visited?.map_or(Ok(()), |refusal| Err(refusal.into()))
}
