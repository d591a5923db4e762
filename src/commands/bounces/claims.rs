//! What mails say that nobody has proven, put to the person at the terminal.

use crate::commands::Failure;
use crate::commands::desk::{Desk, ask};
use crate::ledger::Ledger;
use crate::ledger::rows::{Claim, ClaimKind};
use crate::report::collected::claim as words;

/// Asks for each; whatever is neither yes nor no leaves it for the next time.
pub fn ask_for_each(desk: &Desk, ledger: &Ledger, claims: &[Claim]) -> Result<(), Failure> {
    for claim in claims {
        let asked = match claim.kind {
            ClaimKind::Unsubscribed => "Unsubscribe them?",
            ClaimKind::Bounced => "Nothing proves it. Never write to them again?",
        };
        let question = format!("{}\n  {asked} [y = yes, n = no, Enter = later] ", words(claim));
        let is_true = match ask(&question)?.to_lowercase().as_str() {
            "y" | "yes" => true,
            "n" | "no" => false,
            _ => continue,
        };
        ledger.answer_claim(claim, is_true, desk.now())?;
    }
    Ok(())
}
