//! `courant subscribers forget`: nothing that names a person stays in the ledger.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde_json::{Value, json};

use super::{parse_address, read_ledger, unknown};
use crate::commands::desk::Desk;
use crate::commands::roll::{all_lists, shown_path};
use crate::commands::sending::secret;
use crate::commands::{Exit, Failure, Plain};
use crate::ledger::Ledger;
use crate::ledger::lock::Lock;
use crate::ledger::sqlite::Known;
use crate::model::address::Address;
use crate::model::delivery::Realm;
use crate::report::people;
use crate::subscribers::csv::{CsvError, Rows};

pub fn forget(desk: &Desk, typed: &str, yes: bool) -> Result<Exit, Failure> {
    let address = parse_address(typed)?;
    let ledger = read_ledger(desk)?;
    let (known, rows) = (ledger.known_of(&address.key())?, rows_of(desk, &address)?);
    if known == Known::default() && rows.is_empty() {
        return Err(unknown(&address).into());
    }
    let question = format!("{} For good?", people::to_forget(&address, &known));
    if !yes && !desk.confirm(&question, "--yes")? {
        return Err(
            Plain::new("nothing was forgotten", "`courant subscribers show` prints what is known").into()
        );
    }
    let known = let_go(desk, &ledger, &address)?;
    desk.answer(|| told(&address, &known, &rows), || forgotten_json(&address, &known, &rows))?;
    Ok(Exit::Done)
}

fn let_go(desk: &Desk, ledger: &Ledger, address: &Address) -> Result<Known, Failure> {
    let _lock = Lock::take(&desk.workspace.lock_path(), "courant subscribers forget", desk.now())?;
    let in_doubt = ledger.in_doubt(&address.key())?;
    if in_doubt > 0 {
        return Err(undecided(address).into());
    }
    let person = secret::secret(desk, ledger, Realm::Live, false)?.person(&address.key());
    Ok(ledger.forget_person(&address.key(), &person, desk.now())?)
}

fn undecided(address: &Address) -> Plain {
    Plain::new(
        format!("it is not known yet whether a letter to {address} arrived, and it could go to them again"),
        "settle it first: `courant reconcile`, or `--arrived` or `--not-arrived` with their address",
    )
}

/// Where a file of the author still has them: file and line.
struct Place {
    file: String,
    line: u64,
}

fn rows_of(desk: &Desk, address: &Address) -> Result<Vec<Place>, Failure> {
    let mut found = Vec::new();
    for path in all_lists(desk)?.iter().filter_map(|list| list.file.as_deref()) {
        found.extend(rows_in(path, shown_path(desk, path), address)?);
    }
    Ok(found)
}

fn rows_in(path: &Path, shown: &Path, address: &Address) -> Result<Vec<Place>, Failure> {
    let file = File::open(path).map_err(|cause| CsvError::Unreadable { path: shown.to_owned(), cause })?;
    let mut rows = Rows::new(shown, BufReader::new(file))?;
    let key = address.key();
    let theirs = rows.by_ref().flatten().filter(|row| row.subscriber.address.key() == key);
    let found = theirs.map(|row| Place { file: shown.display().to_string(), line: row.line }).collect();
    rows.finish()?;
    Ok(found)
}

fn told(address: &Address, known: &Known, rows: &[Place]) -> String {
    let mut lines = vec![people::forgotten(address, known)];
    lines.extend(rows.iter().map(|Place { file, line }| {
        format!("{file}:{line} still has them, and is left out from now on: delete that row.")
    }));
    lines.push(
        "Backups, saved plans and an outbox are files of yours, and may still name them; so may a provider."
            .to_owned(),
    );
    lines.join("\n")
}

fn forgotten_json(address: &Address, known: &Known, rows: &[Place]) -> Value {
    let mut value = people::known_json(address, known);
    value["rows"] = rows.iter().map(|Place { file, line }| json!({ "file": file, "line": line })).collect();
    value
}
