//! The end of a run: what to say, and the exit code.

use crate::commands::desk::Desk;
use crate::commands::sending::deliver::{Delivered, Errand, deliver};
use crate::commands::sending::halt::AskedBy;
use crate::commands::{Exit, Failure, archive};
use crate::dispatch::{End, Summary};
use crate::ledger::rows::{DeliveryStory, EditionRow};
use crate::ledger::sqlite::Refusals;
use crate::ledger::{Ledger, LedgerError};
use crate::model::delivery::{Realm, State};
use crate::report::status;
use crate::report::summary::{Ran, human};
use crate::settings::archive::Rebuild;
use crate::settings::transport::TransportKind;

/// Addresses that are named at the end of a run; `status` has them all.
const NAMED: usize = 20;

/// Delivers, says how it went, and gives the exit code.
pub async fn deliver_and_tell(errand: &Errand<'_>) -> Result<Exit, Failure> {
    promise_to_hold_back(errand)?;
    let delivered = deliver(errand).await?;
    hold_back_cron(errand, &delivered)?;
    errand.office.ledger.forget_note(&promise(errand.row))?;
    let refusals = judge_refusals(errand, &delivered.summary)?;
    if is_news(errand, &delivered.summary)? {
        tell(errand, &delivered.summary, refusals)?;
    }
    publish(errand, &delivered.summary);
    Ok(exit(&delivered.summary))
}

/// An issue that went out is for the archive, where there is one. Cron says nothing of what a person would do by hand.
fn publish(errand: &Errand<'_>, summary: &Summary) {
    let is_out = errand.row.realm == Realm::Live && summary.sent_now > 0 && summary.counts.open() == 0;
    let is_asked = errand.desk.settings.archive.build == Rebuild::AfterSend || errand.terms.by_hand;
    if is_out && is_asked {
        archive::after_send(errand.desk, &errand.row.issue);
    }
}

/// Cron meets a server that is down every few minutes: it says so once, until something else happens.
fn is_news(errand: &Errand<'_>, summary: &Summary) -> Result<bool, Failure> {
    let subject = format!("barred: {} ({})", errand.row.issue, errand.row.realm.name());
    match &summary.end {
        End::Barred(broken) if !errand.terms.by_hand && summary.sent_now == 0 => {
            Ok(errand.office.ledger.note_changed(&subject, &broken.to_string())?)
        }
        _ => Ok(errand.office.ledger.forget_note(&subject).map(|()| true)?),
    }
}

/// What a person sends a part of is theirs from the start, so that a crash in the middle does not give cron the
/// rest.
fn promise_to_hold_back(errand: &Errand<'_>) -> Result<(), Failure> {
    let is_a_part = errand.is_held_back && errand.terms.is_for_a_part() && errand.row.realm == Realm::Live;
    match is_a_part {
        true => errand.office.ledger.note_changed(&promise(errand.row), "a part is being sent").map(drop)?,
        false => errand.office.ledger.forget_note(&promise(errand.row))?,
    }
    Ok(())
}

fn promise(row: &EditionRow) -> String {
    format!("held back: edition {}", row.id.0)
}

/// Whether `courant run` is to leave an edition alone: behind a fence, or because a person was sending a part of it
/// when their run died.
pub fn is_held_back(ledger: &Ledger, row: &EditionRow) -> Result<bool, LedgerError> {
    Ok(ledger.fence(row.id)?.is_some() || ledger.note(&promise(row))?.is_some())
}

/// Cron goes on with what was cut off or put off. It leaves to a person what a person held back: by Ctrl-C,
/// where they may have seen a mistake, or by sending to a part first. And somebody has to look where the gate
/// closed. Their next `send` lifts the fence.
fn hold_back_cron(errand: &Errand<'_>, delivered: &Delivered) -> Result<(), Failure> {
    let is_held = match &delivered.summary.end {
        End::Gate { .. } => true,
        End::Interrupted if errand.terms.by_hand && delivered.asked == AskedBy::Person => true,
        _ => errand.is_held_back && errand.terms.is_for_a_part() && delivered.summary.counts.open() > 0,
    };
    if is_held && errand.row.realm == Realm::Live {
        errand.office.ledger.raise_fence(Some(errand.row.id), errand.desk.now())?;
    }
    Ok(())
}

/// What was refused says nothing of anybody where a rehearsal refused it, or so much that the run was stopped.
fn judge_refusals(errand: &Errand<'_>, summary: &Summary) -> Result<Refusals, Failure> {
    let is_in_doubt = matches!(summary.end, End::Gate { .. } | End::Barred(_));
    let settings = &errand.desk.settings;
    if is_in_doubt || errand.row.realm == Realm::Rehearsal || !settings.judges_refusals {
        return Ok(Refusals::default());
    }
    Ok(errand.office.ledger.judge_refusals(errand.row.id, &settings.soft)?)
}

fn tell(errand: &Errand<'_>, summary: &Summary, refusals: Refusals) -> Result<(), Failure> {
    let (desk, row) = (errand.desk, errand.row);
    if desk.json() {
        return desk.print(status::json(row, &summary.counts).to_string());
    }
    let uncertain = errand.office.ledger.in_state(row.id, State::Uncertain, NAMED)?;
    let refused = errand.office.ledger.in_state(row.id, State::Refused, NAMED)?;
    desk.print(human(&Ran {
        issue: &row.issue,
        realm: row.realm,
        transport: &desk.settings.transport.transport.name,
        summary,
        uncertain: &uncertain.iter().map(|story| story.address.to_string()).collect::<Vec<_>>(),
        elsewhere: elsewhere(desk, &uncertain),
        refused: &refused.iter().map(said).collect::<Vec<_>>(),
        refusals,
        zone: &desk.settings.site.timezone,
        provider: provider(desk),
        folder: folder(desk).as_deref(),
    }))
}

/// The other transport that one of these letters went by, if one did.
pub fn elsewhere<'a>(desk: &Desk, stories: &'a [DeliveryStory]) -> Option<&'a str> {
    let own = &desk.settings.transport.transport.name;
    let last = stories.iter().filter_map(|story| story.attempts.last());
    last.map(|attempt| attempt.transport.as_str()).find(|transport| transport != own)
}

fn said(story: &DeliveryStory) -> (String, String) {
    let last = story.attempts.last();
    let words = last.map_or_else(String::new, |attempt| match attempt.code {
        Some(code) => format!("{code} {}", attempt.reply.join(" ")),
        None => attempt.cause.clone(),
    });
    (story.address.to_string(), words)
}

fn provider(desk: &Desk) -> Option<&'static str> {
    match &desk.settings.transport.transport.kind {
        TransportKind::Http(http) => Some(http.provider.title()),
        TransportKind::Smtp(_) | TransportKind::Outbox(_) => None,
    }
}

/// The outbox, from where the person stands; `None` if the way out is none.
pub fn folder(desk: &Desk) -> Option<String> {
    let TransportKind::Outbox(folder) = &desk.settings.transport.transport.kind else { return None };
    let here = std::env::current_dir().unwrap_or_default();
    let shown = folder.strip_prefix(&here).unwrap_or(folder);
    Some(shown.display().to_string())
}

/// Where several hold: 4, 75, 3.
pub fn exit(summary: &Summary) -> Exit {
    let counts = &summary.counts;
    let not_reached =
        [State::Refused, State::Expired, State::Bounced].map(|state| counts.get(state)).iter().sum::<u64>();
    match &summary.end {
        End::Barred(_) | End::Gate { .. } => Exit::Uncertain,
        _ if counts.get(State::Uncertain) + counts.get(State::Sending) > 0 => Exit::Uncertain,
        End::Deferred(_) | End::Paced { .. } | End::Interrupted | End::Stopped => Exit::WorkRemains,
        End::Limited if counts.open() > 0 => Exit::WorkRemains,
        End::Limited | End::Complete if not_reached > 0 => Exit::SomeNotReached,
        End::Limited | End::Complete => Exit::Done,
    }
}

/// Where several hold: 1, 5, 4, 75, 3.
pub fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Done => 0,
        Exit::SomeNotReached => 1,
        Exit::WorkRemains => 2,
        Exit::Findings => 3,
        Exit::Uncertain => 4,
        Exit::Locked => 5,
        Exit::Usage => 6,
    };
    if rank(one) >= rank(other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::attempt::{Broken, Phase};
    use crate::model::delivery::Counts;

    fn code(end: End, states: &[(State, u64)]) -> i32 {
        let mut counts = Counts::default();
        for (state, number) in states {
            counts.add(*state, *number);
        }
        exit(&Summary { end, counts, sent_now: 0, took: Duration::ZERO }) as i32
    }

    #[test]
    fn exit_codes_say_what_is_left_to_do() {
        use State::{Accepted, Planned, Refused, Uncertain};
        assert_eq!(code(End::Complete, &[(Accepted, 5)]), 0);
        assert_eq!(code(End::Complete, &[(Accepted, 5), (Refused, 1)]), 3);
        assert_eq!(code(End::Complete, &[(Accepted, 5), (State::Bounced, 1)]), 3);
        assert_eq!(code(End::Complete, &[(Uncertain, 1), (Refused, 1)]), 4);
        assert_eq!(code(End::Interrupted, &[(Planned, 1)]), 75);
        assert_eq!(code(End::Interrupted, &[(Planned, 1), (Uncertain, 1)]), 4);
        assert_eq!(code(End::Interrupted, &[(Planned, 1), (State::Sending, 1)]), 4);
        assert_eq!(code(End::Limited, &[(Planned, 1), (Refused, 1)]), 75);
        assert_eq!(code(End::Barred(Broken::cut(Phase::Connect, "down")), &[(Planned, 1)]), 4);
    }
}
