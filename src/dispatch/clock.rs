//! The clock of a run: the time of day at its start, and what has passed since. It never goes back, whatever is
//! done to the clock of the machine.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Duration,
    started: Instant,
}

impl Clock {
    pub fn start() -> Clock {
        Clock { began: since_epoch(Timestamp::now()), started: Instant::now() }
    }

    /// Since the Unix epoch.
    pub fn now(&self) -> Duration {
        self.began + self.started.elapsed()
    }

    /// The instant at which this clock shows `time`, or now if that is past.
    pub fn instant(&self, time: Duration) -> Instant {
        self.started + time.saturating_sub(self.began)
    }

    /// What the clock of the machine will show when this one shows `time`, unless it is set meanwhile.
    pub fn moment(&self, time: Duration) -> Timestamp {
        let left = SignedDuration::try_from(time.saturating_sub(self.now())).unwrap_or(SignedDuration::MAX);
        Timestamp::now().checked_add(left).unwrap_or(Timestamp::MAX)
    }

    /// What this clock will show when that of the machine shows `moment`.
    pub fn time(&self, moment: Timestamp) -> Duration {
        let left = moment.duration_since(Timestamp::now());
        self.now() + Duration::try_from(left).unwrap_or(Duration::ZERO)
    }
}

/// Times before 1970 count as 1970.
pub fn since_epoch(moment: Timestamp) -> Duration {
    Duration::try_from(moment.as_duration()).unwrap_or(Duration::ZERO)
}
