//! What each courier is busy with, as the conductor sees it.

use super::signal::Parcel;
use crate::model::delivery::State;

#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each courier, and it changes with every letter"
)]
pub enum Hand {
    Idle,
    /// Its envelope is being offered.
    Opening(Parcel),
    /// Its body is on the wire, and the envelope of `next` with it.
    Carrying {
        parcel: Parcel,
        next: Option<Parcel>,
    },
    /// The ledger is writing: then the states change so, and `begin` has begun.
    Turning {
        moves: Vec<Move>,
        begin: Option<Parcel>,
    },
}

/// A change of state that counts once it is written down.
pub struct Move {
    pub parcel: Parcel,
    pub from: State,
    pub to: State,
    /// The letter did not leave us and goes out again in this run.
    pub returns: bool,
}
