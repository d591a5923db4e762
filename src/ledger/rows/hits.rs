//! Opens and clicks.

use jiff::Timestamp;

use crate::model::address::AddressKey;
use crate::policy::visitor::Visitor;

/// A link of a letter was followed, or its picture loaded.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The name of the letter's list of links.
    pub list: String,
    pub key: AddressKey,
    /// The number of the link, or 0 for the picture.
    pub link: u32,
    /// By what the request says of itself.
    pub visitor: Visitor,
    pub at: Timestamp,
}

/// What was counted of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Letters that were opened; `None` where opens are not counted.
    pub opens: Option<Visitors>,
    /// Letters of which a link was followed; `None` where clicks are not counted.
    pub clicks: Option<Visitors>,
    /// In their order in the letter.
    pub links: Vec<Followed>,
}

/// A link, and the letters in which it was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    pub target: String,
    pub visitors: Visitors,
}

/// Letters, each counted once, under the surest visitor that it had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Visitors([u64; Visitor::ALL.len()]);

impl Visitors {
    pub fn get(self, visitor: Visitor) -> u64 {
        self.0[visitor as usize]
    }

    /// `place` is that of the visitor among all.
    pub(in crate::ledger) fn add(&mut self, place: u64, letters: u64) {
        let number = usize::try_from(place).ok().and_then(|place| self.0.get_mut(place));
        if let Some(number) = number {
            *number += letters;
        }
    }
}
