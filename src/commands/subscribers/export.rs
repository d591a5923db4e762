//! `courant subscribers export`: a list as a CSV file, as `sync` reads it and other programs do.

use std::collections::HashSet;

use serde_json::Value;

use super::{Printer, read_ledger};
use crate::commands::desk::Desk;
use crate::commands::roll::{self, named};
use crate::commands::{Exit, Failure, Plain};
use crate::ledger::Ledger;
use crate::ledger::rows::Suppression;
use crate::model::address::AddressKey;
use crate::model::subscriber::Subscriber;
use crate::report::people;
use crate::report::words::counted;
use crate::settings::lists::List;

/// Prints whoever can be written to on this list; without a name on the only one there is.
pub fn members(desk: &Desk, name: Option<&str>, exact: bool) -> Result<Exit, Failure> {
    let lists = roll::all_lists(desk)?;
    let list = chosen(&lists, name)?;
    let ledger = read_ledger(desk)?;
    let (in_peace, mut left_out) = (in_peace(&ledger, list)?, 0);
    let mut out = Out::begin(desk, &ledger, list, exact)?;
    ledger.members(&list.id, &mut |member| match in_peace.contains(&member.subscriber.address.key()) {
        true => left_out += 1,
        false => out.show(&list.name, &member.subscriber),
    })?;
    out.end()?;
    if left_out > 0 {
        let who = counted(left_out, "member who is suppressed was", "members who are suppressed were");
        desk.say(format!("{who} left out; `courant subscribers export --suppressed` has them."));
    }
    Ok(Exit::Done)
}

/// Prints whom nothing is sent to, and why.
pub fn suppressed(desk: &Desk, exact: bool) -> Result<Exit, Failure> {
    let all = read_ledger(desk)?.suppressions()?;
    if desk.json() {
        desk.print(Value::Array(all.iter().map(people::suppression_json).collect()).to_string())?;
        return Ok(Exit::Done);
    }
    let mut sheet = Sheet::new(desk, exact);
    sheet.write(&["email", "list", "reason", "source", "at"].map(str::to_owned));
    for Suppression { key, scope, reason, source, at } in &all {
        let list = scope.as_ref().map(ToString::to_string).unwrap_or_default();
        sheet.write(&[key.as_str().to_owned(), list, reason.clone(), source.clone(), at.to_string()]);
    }
    sheet.end()?;
    Ok(Exit::Done)
}

fn chosen<'a>(lists: &'a [List], name: Option<&str>) -> Result<&'a List, Failure> {
    match (name, lists) {
        (Some(name), _) => named(lists, name),
        (None, [only]) => Ok(only),
        (None, []) => Err(super::no_lists().into()),
        (None, _) => {
            let names: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
            let help = format!("name one of {}: a file is one list", names.join(", "));
            Err(Plain::new("there is more than one list", help).into())
        }
    }
}

/// Who gets nothing of this list.
fn in_peace(ledger: &Ledger, list: &List) -> Result<HashSet<AddressKey>, Failure> {
    let holds = |told: &Suppression| told.scope.as_ref().is_none_or(|scope| *scope == list.id);
    Ok(ledger.suppressions()?.into_iter().filter(holds).map(|told| told.key).collect())
}

/// Where subscribers go, one by one.
enum Out<'a> {
    Json(Printer<'a>),
    Csv(Sheet<'a>, Vec<String>),
}

impl<'a> Out<'a> {
    fn begin(desk: &'a Desk, ledger: &Ledger, list: &List, exact: bool) -> Result<Out<'a>, Failure> {
        if desk.json() {
            let mut printer = Printer { desk, first: true, result: Ok(()) };
            printer.begin();
            return Ok(Out::Json(printer));
        }
        let ids = [list.id.clone()];
        let fields: Vec<String> = ledger.field_names(&ids)?.into_iter().map(|(name, _)| name).collect();
        let mut sheet = Sheet::new(desk, exact);
        let columns = ["email", "name"].map(str::to_owned);
        sheet.write(&[columns.as_slice(), &fields].concat());
        Ok(Out::Csv(sheet, fields))
    }

    fn show(&mut self, list: &str, subscriber: &Subscriber) {
        match self {
            Out::Json(printer) => printer.show(list, subscriber),
            Out::Csv(sheet, fields) => {
                let all = ["email", "name"].into_iter().chain(fields.iter().map(String::as_str));
                let cells: Vec<String> =
                    all.map(|field| subscriber.field(field).unwrap_or_default()).collect();
                sheet.write(&cells);
            }
        }
    }

    fn end(self) -> Result<(), Failure> {
        match self {
            Out::Json(printer) => printer.end(),
            Out::Csv(sheet, _) => sheet.end(),
        }
    }
}

/// Rows of a CSV file on standard output.
struct Sheet<'a> {
    desk: &'a Desk,
    exact: bool,
    /// Cells that a spreadsheet would have taken for formulas.
    disarmed: u64,
    buffer: Vec<u8>,
    result: Result<(), Failure>,
}

/// So much is printed at once, in bytes.
const TOGETHER: usize = 64 * 1024;

impl<'a> Sheet<'a> {
    fn new(desk: &'a Desk, exact: bool) -> Sheet<'a> {
        Sheet { desk, exact, disarmed: 0, buffer: Vec::new(), result: Ok(()) }
    }

    /// The address, which comes first, is as it is: with a sign in front it would be somebody else's.
    fn write(&mut self, cells: &[String]) {
        let mut writer = csv::Writer::from_writer(&mut self.buffer);
        for (place, cell) in cells.iter().enumerate() {
            let disarm = place > 0 && !self.exact && is_like_a_formula(cell);
            self.disarmed += u64::from(disarm);
            let sign = if disarm { "'" } else { "" };
            writer.write_field(format!("{sign}{cell}")).expect("memory takes all");
        }
        writer.write_record(None::<&[u8]>).expect("memory takes all");
        drop(writer);
        if self.buffer.len() > TOGETHER {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.result.is_ok() {
            self.result = self.desk.print_raw(&self.buffer);
        }
        self.buffer.clear();
    }

    fn end(mut self) -> Result<(), Failure> {
        self.flush();
        if self.disarmed > 0 {
            let cells = counted(self.disarmed, "cell begins", "cells begin");
            self.desk
                .say(format!("{cells} like a formula and got a ' in front; `--exact` prints all as it is."));
        }
        self.result
    }
}

/// OWASP, "CSV injection": what spreadsheets run.
fn is_like_a_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}
