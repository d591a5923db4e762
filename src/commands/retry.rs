//! `courant retry`: what was put off is due now.

use jiff::Timestamp;

use crate::commands::desk::Desk;
use crate::commands::sending::office::{NewLedger, Office};
use crate::commands::sending::{Terms, finish, resume};
use crate::commands::status::issue_id;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::ledger::Ledger;
use crate::ledger::rows::EditionRow;
use crate::model::delivery::State;
use crate::report::words::{counted, moment};

/// Try again now what was put off
///
/// Letters that the other side put off are tried again at once, and those that expired anew. What was refused is
/// about the address: it is only tried again with `--refused`, for those whose mailbox was mended since.
#[derive(Debug, clap::Args)]
pub struct Retry {
    /// A path, an id or a number; without it, every issue that has letters put off
    #[arg(value_name = "ISSUE")]
    issue: Option<String>,
    /// Also what was refused
    #[arg(long, requires = "issue")]
    refused: bool,
    /// By this transport: a name of courant.toml or a URL
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<String>,
}

impl Retry {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, self.transport.as_deref())?;
        let office = Office::open(&desk, "courant retry", NewLedger::Ask)?;
        let due = self.make_due(&desk, &office)?;
        // Whoever types it wants it now, whatever the receivers asked for.
        office.ledger.drop_pauses(&desk.settings.transport.transport.name)?;
        let mut exit = Exit::Done;
        for (row, number) in &due {
            if office.is_halted() {
                return Ok(finish::worse(exit, Exit::WorkRemains));
            }
            let letters = counted(*number, "letter", "letters");
            desk.say(format!("{}: {letters} tried again now.", row.issue));
            let ended = resume::go_on(&desk, &office, row, &Terms::of(&desk.settings)).await?;
            exit = finish::worse(exit, ended);
        }
        Ok(exit)
    }

    /// Makes everything due that is to be tried again; the editions that have any, and how many letters.
    fn make_due(&self, desk: &Desk, office: &Office) -> Result<Vec<(EditionRow, u64)>, Failure> {
        let mut due = Vec::new();
        for row in self.editions(desk, &office.ledger)? {
            if let Some(since) = office.ledger.fence(row.id)? {
                return Err(stopped(&row, since, desk).into());
            }
            let number = office.ledger.make_due(row.id, self.refused, desk.now())?;
            if number > 0 {
                due.push((row, number));
            }
        }
        if due.is_empty() { Err(nothing_to_retry().into()) } else { Ok(due) }
    }

    /// Those of the realm that the transport reaches.
    fn editions(&self, desk: &Desk, ledger: &Ledger) -> Result<Vec<EditionRow>, Failure> {
        let realm = desk.settings.transport.transport.realm();
        let Some(name) = &self.issue else {
            let rows = ledger.editions()?.into_iter().filter(|row| row.realm == realm);
            return put_off(ledger, rows.collect());
        };
        let issue = issue_id(desk, ledger, name)?;
        Ok(ledger.edition_of(&issue, realm)?.into_iter().collect())
    }
}

/// Without a name, only what was put off: an issue that expired years ago stays as it is.
fn put_off(ledger: &Ledger, rows: Vec<EditionRow>) -> Result<Vec<EditionRow>, Failure> {
    let mut found = Vec::new();
    for row in rows {
        if ledger.counts(row.id)?.get(State::Deferred) > 0 {
            found.push(row);
        }
    }
    Ok(found)
}

/// A stop is only lifted by a send by hand.
fn stopped(row: &EditionRow, since: Timestamp, desk: &Desk) -> Plain {
    let since = moment(since, &desk.settings.site.timezone);
    Plain::new(
        format!("{} is stopped since {since}", row.issue),
        format!("`courant send {}` lifts the stop and goes on", row.issue),
    )
}

fn nothing_to_retry() -> Plain {
    Plain::new("there is nothing to try again", "`courant status` shows what became of every issue")
}
