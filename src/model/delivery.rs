//! Where one letter is on its way.

/// The state of a delivery; the states are exclusive, so their counts sum to the audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Planned,
    Sending,
    Accepted,
    Deferred,
    Refused,
    Uncertain,
    Expired,
    Skipped,
    Stopped,
    Delivered,
    Bounced,
    Complained,
}

impl State {
    /// In the order in which reports show them.
    pub const ALL: [State; 12] = [
        State::Planned,
        State::Sending,
        State::Accepted,
        State::Deferred,
        State::Refused,
        State::Uncertain,
        State::Expired,
        State::Skipped,
        State::Stopped,
        State::Delivered,
        State::Bounced,
        State::Complained,
    ];

    pub fn name(self) -> &'static str {
        match self {
            State::Planned => "planned",
            State::Sending => "sending",
            State::Accepted => "accepted",
            State::Deferred => "deferred",
            State::Refused => "refused",
            State::Uncertain => "uncertain",
            State::Expired => "expired",
            State::Skipped => "skipped",
            State::Stopped => "stopped",
            State::Delivered => "delivered",
            State::Bounced => "bounced",
            State::Complained => "complained",
        }
    }

    /// Whether a run may still begin this letter.
    pub fn is_open(self) -> bool {
        matches!(self, State::Planned | State::Deferred)
    }
}

/// Whether a send reaches people. A rehearsal never blocks, and never counts as, a live send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Realm {
    Live,
    Rehearsal,
}

impl Realm {
    pub fn name(self) -> &'static str {
        match self {
            Realm::Live => "live",
            Realm::Rehearsal => "rehearsal",
        }
    }
}

/// How many deliveries of an edition are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([u64; State::ALL.len()]);

impl Counts {
    pub fn get(&self, state: State) -> u64 {
        self.0[state as usize]
    }

    pub fn add(&mut self, state: State, number: u64) {
        self.0[state as usize] += number;
    }

    /// Moves one delivery from one state to another.
    pub fn shift(&mut self, from: State, to: State) {
        self.0[from as usize] -= 1;
        self.0[to as usize] += 1;
    }

    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Letters that a later run can still send.
    pub fn open(&self) -> u64 {
        self.get(State::Planned) + self.get(State::Sending) + self.get(State::Deferred)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_keep_their_sum_when_a_letter_moves() {
        let mut counts = Counts::default();
        counts.add(State::Planned, 3);
        counts.shift(State::Planned, State::Accepted);
        assert_eq!((counts.get(State::Planned), counts.get(State::Accepted), counts.total()), (2, 1, 3));
        assert_eq!(counts.open(), 2);
    }
}
