//! What happened since the server began.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::ledger::rows::Taken;
use crate::model::attempt::Outcome;
use crate::model::provider::Provider;
use crate::web::serve::Note;

/// The events of one provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub taken: Taken,
    /// Requests.
    pub refused: u64,
}

/// What all notes come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    pub providers: BTreeMap<Provider, Told>,
    pub left: u64,
    pub stayed: u64,
    pub strangers: u64,
    pub chose: u64,
    /// Asked to subscribe.
    pub asked: u64,
    /// Mails that ask to confirm, and were taken.
    pub mailed: u64,
    pub joined: u64,
    /// Asked while too many waited.
    pub crowded: u64,
    /// Opens and clicks that were not written down.
    pub lost: u64,
    pub troubles: u64,
}

/// Counts what the server's listener hears.
#[derive(Debug, Default)]
pub struct Counters(Mutex<Sums>);

impl Counters {
    pub fn hear(&self, note: &Note<'_>) {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match note {
            Note::Taken(provider, taken) => sums.providers.entry(*provider).or_default().taken += *taken,
            Note::Refused(provider, _) => sums.providers.entry(*provider).or_default().refused += 1,
            Note::Left => sums.left += 1,
            Note::Stayed => sums.stayed += 1,
            Note::Stranger => sums.strangers += 1,
            Note::Chose => sums.chose += 1,
            Note::Asked => sums.asked += 1,
            Note::Mailed(outcome) => sums.mailed += u64::from(matches!(outcome, Outcome::Accepted(_))),
            Note::Joined => sums.joined += 1,
            Note::Full(_) => sums.crowded += 1,
            Note::Lost(number) => sums.lost += number,
            Note::Trouble(_) => sums.troubles += 1,
        }
    }

    pub(super) fn sums(&self) -> Sums {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
