//! `courant db prune`.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Prune;
use crate::commands::desk::Desk;
use crate::commands::{Exit, Failure, Plain, roll};
use crate::ledger::Ledger;
use crate::ledger::lock::Lock;
use crate::ledger::sqlite::{Cutoffs, Forgotten};
use crate::policy::retry::earlier;
use crate::report::words::counted;

impl Prune {
    pub fn run(&self, desk: &Desk) -> Result<Exit, Failure> {
        let before = cutoffs(desk)?;
        let ledger = roll::open(desk)?.ok_or_else(|| {
            Plain::new(
                "there is no ledger here, and so nothing to forget",
                "`courant status` shows what was sent",
            )
        })?;
        let would = ledger.would_forget(before)?;
        if self.dry_run || would == Forgotten::default() {
            desk.answer(|| told("would be forgotten", &would), || forgotten_json(&would, false))?;
            return Ok(Exit::Done);
        }
        self.forget(desk, &ledger, before, &would)
    }

    fn forget(
        &self,
        desk: &Desk,
        ledger: &Ledger,
        before: Cutoffs,
        would: &Forgotten,
    ) -> Result<Exit, Failure> {
        let question = format!("{} For good?", told("would be forgotten", would));
        if !self.yes && !desk.confirm(&question, "--yes")? {
            return Err(Plain::new("nothing was forgotten", "`--dry-run` only shows it").into());
        }
        let _lock = Lock::take(&desk.workspace.lock_path(), "courant db prune", desk.now())?;
        let forgotten = ledger.forget(before)?;
        desk.answer(|| told("forgotten", &forgotten), || forgotten_json(&forgotten, true))?;
        Ok(Exit::Done)
    }
}

/// From the settings; a failure where they name nothing.
fn cutoffs(desk: &Desk) -> Result<Cutoffs, Plain> {
    let kept = desk.settings.retention;
    let cutoff = |span: Option<Duration>| -> Option<Timestamp> { span.map(|span| earlier(desk.now(), span)) };
    match [kept.replies, kept.events, kept.editions].iter().any(Option::is_some) {
        true => Ok(Cutoffs {
            replies: cutoff(kept.replies),
            events: cutoff(kept.events),
            editions: cutoff(kept.editions),
        }),
        false => Err(Plain::new(
            "courant.toml does not say how long anything is kept, so all of it is",
            "write `[retention]` with `replies = \"400 days\"`, `events` or `editions`",
        )),
    }
}

fn told(what: &str, of: &Forgotten) -> String {
    if *of == Forgotten::default() {
        return "Nothing is old enough to be forgotten.".to_owned();
    }
    let parts = [
        (of.replies, "answer of a server", "answers of servers"),
        (of.events, "event's words", "events' words"),
        (of.hits, "open or click", "opens and clicks"),
        (of.editions, "issue's text", "issues' texts"),
        (of.letters, "letter's values", "letters' values"),
        (of.assets, "attachment", "attachments"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| counted(number, one, many))
        .collect();
    format!("{} {what}.", parts.join(", "))
}

fn forgotten_json(of: &Forgotten, done: bool) -> Value {
    json!({
        "forgotten": done,
        "replies": of.replies,
        "events": of.events,
        "hits": of.hits,
        "editions": of.editions,
        "letters": of.letters,
        "assets": of.assets,
    })
}
