//! The letters that no answer came for, and all that is known of each.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::commands::sending::deliver::stamper;
use crate::commands::sending::secret;
use crate::compose::press::Stamper;
use crate::ledger::Ledger;
use crate::ledger::rows::{Choice, DeliveryStory, EditionId, EditionRow, Neighbour};
use crate::model::address::{Address, AddressKey};
use crate::model::delivery::{Realm, State};
use crate::model::issue::IssueId;
use crate::settings::OnUncertain;

/// The attempt at a letter is over after that long at the latest, whatever the ledger says of its end: what a crash
/// left behind is only found at the next start.
const LONGEST_ATTEMPT: SignedDuration = SignedDuration::from_hours(1);

/// One uncertain letter.
pub struct Doubt {
    pub issue: IssueId,
    pub edition: EditionId,
    pub story: DeliveryStory,
    /// Without angle brackets; `None` if the secret that it is made from is gone.
    pub message_id: Option<String>,
}

impl Doubt {
    pub fn key(&self) -> AddressKey {
        self.story.address.key()
    }

    pub fn transport(&self) -> &str {
        self.story.attempts.last().map_or("", |attempt| attempt.transport.as_str())
    }

    /// Within which time the letter was handed over, if it was.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let attempt = self.story.attempts.last()?;
        let begun = attempt.begun_at?;
        let latest = begun.checked_add(LONGEST_ATTEMPT).unwrap_or(Timestamp::MAX);
        Some((begun, attempt.ended_at.map_or(latest, |ended| ended.min(latest))))
    }
}

/// All uncertain letters of the live editions in question.
#[derive(Default)]
pub struct Doubts {
    pub all: Vec<Doubt>,
    stampers: HashMap<EditionId, Stamper>,
}

impl Doubts {
    /// Of one issue, or of all. The caller holds the lock, so that what is `sending` has no owner and is uncertain,
    /// too; unless `dry_run`, the ledger is told so.
    pub fn read(desk: &Desk, ledger: &Ledger, rows: &[EditionRow], dry_run: bool) -> Result<Doubts, Failure> {
        let mut doubts = Doubts { all: Vec::new(), stampers: HashMap::new() };
        for row in rows.iter().filter(|row| row.realm == Realm::Live) {
            if !dry_run {
                ledger.recover(row.id, OnUncertain::Hold, &Choice::Everyone, "", desk.now())?;
            }
            doubts.add(desk, ledger, row)?;
        }
        Ok(doubts)
    }

    /// The letters of one subscriber.
    pub fn of(&self, address: &Address) -> impl Iterator<Item = &Doubt> {
        let key = address.key();
        self.all.iter().filter(move |doubt| doubt.key() == key)
    }

    fn add(&mut self, desk: &Desk, ledger: &Ledger, row: &EditionRow) -> Result<(), Failure> {
        let mut stories = ledger.in_state(row.id, State::Uncertain, usize::MAX)?;
        stories.extend(ledger.in_state(row.id, State::Sending, usize::MAX)?);
        if stories.is_empty() {
            return Ok(());
        }
        // Where it is gone, a person can still settle by hand; logs and reports say that they need it.
        if let Ok(secret) = secret::of_letters(desk, ledger) {
            self.stampers.insert(row.id, stamper(secret, row, &ledger.load_edition(row.id)?));
        }
        for story in stories {
            let message_id = self.message_id(row.id, &story.address.key(), story.again);
            self.all.push(Doubt { issue: row.issue.clone(), edition: row.id, story, message_id });
        }
        Ok(())
    }

    fn message_id(&self, edition: EditionId, key: &AddressKey, again: u32) -> Option<String> {
        let stamper = self.stampers.get(&edition)?;
        // The Message-ID does not depend on the date.
        Some(stamper.stamp(key, again, Timestamp::UNIX_EPOCH).message_id)
    }

    pub fn message_id_of(&self, edition: EditionId, neighbour: &Neighbour) -> Option<String> {
        self.message_id(edition, &neighbour.address.key(), neighbour.again)
    }
}
