//! Who gets an edition, who does not, and why. The sums must agree.

use super::address::AddressKey;
use super::subscriber::{ListId, Subscriber};

/// Why somebody on a chosen list gets no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// On more than one chosen list: counted under the first.
    Duplicate,
    Suppressed,
    Unsubscribed,
    OutsideSegment,
    /// Had this issue already.
    AlreadyHad,
}

impl LeftOut {
    pub fn name(self) -> &'static str {
        match self {
            LeftOut::Duplicate => "duplicate",
            LeftOut::Suppressed => "suppressed",
            LeftOut::Unsubscribed => "unsubscribed",
            LeftOut::OutsideSegment => "outside the segment",
            LeftOut::AlreadyHad => "had it already",
        }
    }
}

/// One member of the audience, with the list whose attributes count.
#[derive(Debug, Clone)]
pub struct Member {
    pub list: ListId,
    pub subscriber: Subscriber,
}

/// Somebody who was considered and left out.
#[derive(Debug, Clone)]
pub struct Absent {
    pub list: ListId,
    pub key: AddressKey,
    pub why: LeftOut,
}

/// How many were considered, how many are in, and why the others are not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Memberships of the chosen lists that were looked at.
    pub considered: u64,
    pub chosen: u64,
    pub left_out: std::collections::BTreeMap<LeftOut, u64>,
}

impl Sums {
    pub fn agree(&self) -> bool {
        self.considered == self.chosen + self.left_out.values().sum::<u64>()
    }
}
