//! What happened, and the proof of it: who is on which list, what was frozen, and how far every letter
//! got. The ledger never decides what an answer means and never speaks to a network; it writes down.

pub mod recorded;
pub mod lock;
pub mod rows;
pub mod consent;
pub mod tally;
pub mod sqlite;
#[cfg(test)]
mod contract;

use crate::model::finding::Explain;
pub use sqlite::Ledger;

/// Why the ledger could not do what it was asked to.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    #[error("there is no ledger at {path}")]
    Missing { path: String },
    #[error("the ledger was made by a newer version (schema {found}, this one knows {known})")]
    Newer { found: i64, known: i64 },
    /// The store cannot be written or read: full disk, I/O error, busy for 30 s.
    #[error("the ledger cannot be used: {cause}")]
    Store { cause: String },
    #[error("the ledger holds something unreadable: {what}")]
    Corrupt { what: String },
    /// Nobody is left to send to.
    #[error("the audience is empty")]
    EmptyAudience { sums: crate::model::audience::Sums },
    /// `courant db prune`, and the retention that the settings ask for.
    #[error("the text of this issue was old, and `courant db prune` has let it be forgotten")]
    Forgotten,
    #[error("{who} holds the lock")]
    Locked { who: String },
}

impl Explain for LedgerError {
    fn help(&self) -> Option<String> {
        let help = match self {
            LedgerError::Missing { .. } => {
                "restore it from a backup if there was one; else `courant send ISSUE --new-ledger` begins anew"
                    .to_owned()
            }
            LedgerError::Newer { .. } => "use the newer version of courant: `courant --version`".to_owned(),
            LedgerError::Store { .. } => {
                "nothing of this step was written; mend the cause and run the same command again".to_owned()
            }
            LedgerError::Corrupt { .. } => {
                "keep `.courant/` as it is and put `ledger.db` back from your newest backup".to_owned()
            }
            LedgerError::Forgotten => {
                "`courant send ISSUE --as-new` freezes it anew, for those who have not got it yet".to_owned()
            }
            LedgerError::EmptyAudience { sums } => empty_help(sums),
            LedgerError::Locked { .. } => {
                "wait until it has finished, or end it with Ctrl-C or `courant stop`".to_owned()
            }
        };
        Some(help)
    }
}

fn empty_help(sums: &crate::model::audience::Sums) -> String {
    if sums.considered == 0 {
        return "no list that the issue names has a subscriber: `courant subscribers list` shows what there is"
            .to_owned();
    }
    let reasons: Vec<String> =
        sums.left_out.iter().map(|(why, number)| format!("{number} {}", why.name())).collect();
    format!("everyone is left out ({}): `courant plan ISSUE` says who and why", reasons.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::audience::{LeftOut, Sums};

    #[test]
    fn an_empty_audience_says_why_everyone_is_left_out() {
        let sums = Sums {
            considered: 3,
            chosen: 0,
            left_out: [(LeftOut::Suppressed, 1), (LeftOut::AlreadyHad, 2)].into(),
        };
        let help = LedgerError::EmptyAudience { sums }.help().unwrap();
        assert!(help.contains("1 suppressed, 2 had it already"), "{help}");
    }
}
