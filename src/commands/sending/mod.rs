//! What `plan`, `send`, `test`, `retry` and `run` share: from an issue to letters on their way.

pub mod halt;
pub mod hashes;
pub mod way;
pub mod office;
pub mod secret;
pub mod ready;
pub mod pace;
pub mod planning;
pub mod progress;
pub mod deliver;
pub mod finish;
pub mod first;
pub mod resume;

use std::num::NonZeroU64;
use std::time::Duration;

use crate::ledger::rows::Choice;
use crate::settings::transport::Rate;
use crate::settings::{OnUncertain, Settings};

/// How a run is to go, whichever verb asked for it.
#[derive(Debug, Clone)]
pub struct Terms {
    pub choice: Choice,
    pub limit: Option<u64>,
    /// Instead of the transport's own.
    pub rate: Option<Rate>,
    pub on_uncertain: OnUncertain,
    /// Send so many first, and the rest only if they went well.
    pub canary: Option<NonZeroU64>,
    /// How long to wait for deferred letters.
    pub wait: Duration,
    pub new_secret: bool,
    /// A person runs this by hand: their Ctrl-C also holds `courant run` back.
    pub by_hand: bool,
}

impl Terms {
    /// How many of so many letters go out now at most; `None` if all do.
    pub fn part_of(&self, letters: u64) -> Option<u64> {
        let most = match self.choice {
            Choice::Everyone => self.limit?,
            Choice::Only(_) => self.limit.unwrap_or(1).min(1),
        };
        (most < letters).then_some(most)
    }

    /// Whether a person chose some of the letters.
    pub fn is_for_a_part(&self) -> bool {
        self.limit.is_some() || self.choice != Choice::Everyone
    }

    /// What the settings say, for everyone.
    pub fn of(settings: &Settings) -> Terms {
        Terms {
            choice: Choice::Everyone,
            limit: None,
            rate: None,
            on_uncertain: settings.send.on_uncertain,
            canary: None,
            wait: settings.send.wait,
            new_secret: false,
            by_hand: true,
        }
    }
}
