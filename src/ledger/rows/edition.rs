//! Editions, and what they are made from.

use jiff::Timestamp;

use crate::model::delivery::Realm;
use crate::model::issue::IssueId;
use crate::model::letter::{ContentHash, Edition};
use crate::model::subscriber::ListId;
use crate::subscribers::segment::Segment;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EditionId(pub i64);

/// Whom an edition is for, before suppression and de-duplication.
#[derive(Debug, Clone)]
pub struct Selection {
    /// In the order that decides whose attributes count.
    pub lists: Vec<ListId>,
    pub segment: Option<Segment>,
    pub issue: IssueId,
    pub realm: Realm,
    pub without: Without,
}

/// Who is left out because of earlier deliveries of the same issue in the same realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    Nobody,
    /// Whoever has one that was not skipped, whatever became of it (`--also-new`).
    Listed,
    /// Whoever has the issue, may have it, or whose server refused it (`--as-new`).
    Reached,
}

/// What an edition was made from; a difference is drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    pub issue: String,
    pub template: String,
    pub assets: String,
    pub settings: String,
}

/// What an edition was made from and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes {
    pub sources: Sources,
    /// Of all that is sent.
    pub content: ContentHash,
    /// Of what it says, under whatever issue id.
    pub body: ContentHash,
}

/// An edition as the ledger keeps it.
#[derive(Debug, Clone)]
pub struct EditionRow {
    pub id: EditionId,
    pub issue: IssueId,
    pub realm: Realm,
    /// `TransportSettings::name` of the last run.
    pub transport: String,
    pub hashes: Hashes,
    pub subject: String,
    pub lists: Vec<ListId>,
    pub frozen_at: Timestamp,
}

#[cfg(test)]
impl EditionRow {
    /// An edition that was sent for real, for tests that only show it.
    pub fn example(issue: &str, subject: &str, frozen_at: Timestamp) -> EditionRow {
        let text = |text: &str| text.to_owned();
        let sources =
            Sources { issue: text("i"), template: text("t"), assets: text("a"), settings: text("s") };
        EditionRow {
            id: EditionId(1),
            issue: IssueId(text(issue)),
            realm: Realm::Live,
            transport: text("relay"),
            hashes: Hashes { sources, content: ContentHash(text("c")), body: ContentHash(text("b")) },
            subject: text(subject),
            lists: vec![ListId(text("weekly"))],
            frozen_at,
        }
    }
}

/// What is frozen in one transaction.
pub struct Freeze<'a> {
    pub edition: &'a Edition,
    pub hashes: Hashes,
    pub realm: Realm,
    pub transport: &'a str,
    /// The subject as the author wrote it, for reports.
    pub subject: &'a str,
    pub selection: &'a Selection,
    /// An older edition, whose open letters are stopped for this one; who may have the old one keeps it.
    pub replaces: Option<EditionId>,
    /// Orders the letters.
    pub seed: u64,
    pub now: Timestamp,
}
