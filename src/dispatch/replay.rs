//! Calls that a run wrote down and whose answers it did not live to hear. Made again with the same letters and the
//! same key, they say what became of them: nothing is uncertain where a provider has keys.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;

use super::chance::Chance;
use super::courier::Bag;
use super::{DispatchError, Halt, Job};
use crate::ledger::recorded::NotedCall;
use crate::ledger::rows::{Called, Settled, Settlement};
use crate::model::attempt::{Accepted, Broken, Outcome};
use crate::policy::judge::judge;
use crate::policy::retry::Next;
use crate::transport::{Again, Envelope, Transport};

/// Takes letters back that were in no call yet, makes the calls again that are open, and settles their letters. A call
/// that still says nothing is kept, and its letters with it.
///
/// A suppression since then comes too late: the letter may have gone, and what has begun is brought to its end. Behind
/// a fence no call is made: one that never left would bring its letters now.
pub async fn replay<T: Transport>(
    job: &Job<T>,
    bag: &Bag<T>,
    mut halt: watch::Receiver<Halt>,
) -> Result<(), DispatchError> {
    job.ledger.take_back(job.edition, &job.transport_name, Timestamp::now())?;
    let calls = job.ledger.calls(job.edition, &job.transport_name, Timestamp::now())?;
    if calls.is_empty() || is_fenced(job)? {
        return Ok(());
    }
    // Where nobody opens, asking for one call after the other helps nobody.
    if bag.transport.connect().await.is_ok() {
        tokio::select! {
            biased;
            Ok(_) = halt.wait_for(|halt| *halt != Halt::No) => {}
            done = all(job, bag, &calls) => done?,
        }
    }
    Ok(())
}

async fn all<T: Transport>(job: &Job<T>, bag: &Bag<T>, calls: &[NotedCall]) -> Result<(), DispatchError> {
    let mut chance = Chance::new(job.seed);
    for call in calls {
        if is_fenced(job)? {
            break;
        }
        if let Some(letters) = job.ledger.called(call)?
            && let Some(pressed) = press(bag, &letters)
        {
            let outcomes = bag.transport.again(call, &again(&letters, &pressed)).await;
            settle(job, letters, outcomes, &mut chance).await?;
        }
    }
    Ok(())
}

fn is_fenced<T: Transport>(job: &Job<T>) -> Result<bool, DispatchError> {
    Ok(job.ledger.fence(job.edition)?.is_some())
}

/// The letters as they were; `None` if one cannot be pressed any more: then the call would be another.
fn press<T: Transport>(bag: &Bag<T>, letters: &[Called]) -> Option<Vec<(Envelope, Vec<u8>)>> {
    let one = |called: &Called| {
        let mut bytes = Vec::new();
        let envelope = bag.press(&called.waiting, called.waiting.first_begun?, &mut bytes).ok()?;
        Some((envelope, bytes))
    };
    letters.iter().map(one).collect()
}

fn again<'a>(letters: &[Called], pressed: &'a [(Envelope, Vec<u8>)]) -> Vec<Again<'a>> {
    let each = letters.iter().zip(pressed).map(|(called, (envelope, bytes))| Again {
        delivery: called.waiting.delivery,
        attempt: called.attempt,
        envelope,
        bytes,
    });
    each.collect()
}

/// Writes down what became of those that nobody had settled. What stays uncertain is left to whoever names such
/// letters, and so that the call can be made again.
async fn settle<T: Transport>(
    job: &Job<T>,
    letters: Vec<Called>,
    outcomes: Vec<Result<Accepted, Broken>>,
    chance: &mut Chance,
) -> Result<(), DispatchError> {
    let now = Timestamp::now();
    let mut settlements = Vec::new();
    for (called, outcome) in letters.into_iter().zip(outcomes) {
        let (Some(recorded), outcome) = (called.recorded, judge(outcome)) else { continue };
        let due = match &outcome {
            Outcome::Accepted(_) | Outcome::Refused(_) => None,
            Outcome::Deferred(_) | Outcome::Barred(..) | Outcome::NotSent(_) => {
                let first = called.waiting.first_tried.unwrap_or(now);
                match job.schedule.next(called.attempt, first, now, chance.draw()) {
                    Next::Again(due) => Some(due),
                    Next::Expired => None,
                }
            }
            Outcome::Uncertain(_) => continue,
        };
        settlements.push(Settlement { of: Settled::Begun(recorded), outcome: put_off(outcome), due });
    }
    job.ledger.turn(settlements, None, &Arc::clone(&job.transport_name), now).await?;
    Ok(())
}

/// What a provider says of one letter of a call, and is not final, is said of a letter that it does not have.
fn put_off(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Barred(_, broken) | Outcome::NotSent(broken) => Outcome::Deferred(broken),
        other @ (Outcome::Accepted(_)
        | Outcome::Deferred(_)
        | Outcome::Refused(_)
        | Outcome::Uncertain(_)) => other,
    }
}
