//! `courant db check`.

use serde_json::json;

use crate::commands::desk::Desk;
use crate::commands::{Exit, Failure, Plain, roll};

pub fn run(desk: &Desk) -> Result<Exit, Failure> {
    let ledger = roll::open(desk)?.ok_or_else(|| {
        Plain::new(
            "there is no ledger here",
            "there is one after the first `courant send` or `courant subscribers sync`",
        )
    })?;
    let faults = ledger.faults()?;
    desk.answer(|| told(&faults), || json!({"whole": faults.is_empty(), "faults": faults}))?;
    Ok(if faults.is_empty() { Exit::Done } else { Exit::Findings })
}

fn told(faults: &[String]) -> String {
    match faults {
        [] => "The ledger is whole, and its sums agree.".to_owned(),
        faults => format!(
            "The ledger is damaged:\n  {}\nKeep .courant/ as it is, and put your newest backup back: `courant db restore FILE --replace`.",
            faults.join("\n  ")
        ),
    }
}
