//! What the ledger gives and takes.

mod edition;
mod hits;
mod letters;
mod people;
mod stories;
mod told;

pub use edition::{EditionId, EditionRow, Freeze, Hashes, Selection, Sources, Without};
pub use hits::{Counted, Followed, Hit, Visitors};
pub use letters::{Begun, CallNews, Called, Choice, DueAfter, NewCall, Pause, Settled, Settlement, Waiting};
pub use people::{Lifted, ListRow, Membership, Person, Suppression};
pub use stories::{AttemptRow, DeliveryStory, EventRow, Mailed, Neighbour, Reason, Resolution, Standing};
pub use told::{Claim, ClaimKind, Evidence, Incoming, MailTaken, Position, Taken, Teller};
