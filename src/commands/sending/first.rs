//! An issue that has not gone out yet: check, plan, confirm, freeze, deliver.

use std::time::Duration;

use crate::check::Checked;
use crate::commands::desk::Desk;
use crate::commands::proofread::visiting::Looks;
use crate::commands::proofread::{self, Wish};
use crate::commands::sending::Terms;
use crate::commands::sending::deliver::{Errand, seed};
use crate::commands::sending::finish::deliver_and_tell;
use crate::commands::sending::office::{Office, declined};
use crate::commands::sending::planning::{self, Basis};
use crate::commands::sending::ready::Ready;
use crate::commands::{Exit, Failure, Plain};
use crate::ledger::rows::{Choice, EditionId, EditionRow, Freeze};
use crate::model::audience::Member;
use crate::model::delivery::Realm;
use crate::model::finding::{Finding, Severity};
use crate::model::plan::Plan;
use crate::model::subscriber::Subscriber;
use crate::report;
use crate::report::plan::Named;
use crate::report::words::{count, counted};
use crate::settings::OnDeadLink;

/// Audiences up to this size need no countdown.
const SMALL: u64 = 100;

/// What the person agreed to beforehand.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    pub yes: bool,
    pub dry_run: bool,
    pub offline: bool,
    /// Instead of the settings' countdown.
    pub delay: Option<Duration>,
    /// `run` asks: what is wrong is told once, and a link that died may be passed over.
    pub by_cron: bool,
    /// An older edition whose open letters this one replaces.
    pub replaces: Option<EditionId>,
}

/// The whole way of an issue. `Exit::Findings` if the check found errors: then nothing was frozen.
pub async fn send(
    desk: &Desk,
    office: &Office,
    ready: &Ready,
    consent: &Consent,
    terms: &Terms,
) -> Result<Exit, Failure> {
    if !passes(desk, office, ready, consent).await? {
        return Ok(Exit::Findings);
    }
    let (plan, left_out) = plan(desk, office, ready, consent, terms)?;
    if !consent.by_cron {
        desk.say(report::plan::human(&plan, &[]).trim_end());
    }
    refuse_empty(&plan)?;
    refuse_stranger(office, ready, &terms.choice)?;
    if consent.dry_run {
        desk.say("This was a dry run: nothing was frozen and nothing was sent.");
        if desk.json() {
            desk.print(report::plan::json(&plan, &left_out, None).to_string())?;
        }
        return Ok(Exit::Done);
    }
    confirm(desk, &plan, consent.yes, terms)?;
    count_down(desk, office, &plan, consent).await?;
    let row = freeze(desk, office, ready, &plan, consent)?;
    deliver_and_tell(&Errand { desk, office, row: &row, terms, is_held_back: true }).await
}

/// The plan, and whoever is left out where all of it is to be printed.
fn plan(
    desk: &Desk,
    office: &Office,
    ready: &Ready,
    consent: &Consent,
    terms: &Terms,
) -> Result<(Plan, Vec<Named>), Failure> {
    let mut left_out = Vec::new();
    let plan = planning::plan(&Basis::of(desk, &office.ledger, ready, terms.rate), &mut |absent| {
        if consent.dry_run && desk.json() {
            left_out.push(planning::named(absent, ready));
        }
    })?;
    Ok((plan, left_out))
}

/// Prints what the check finds; whether nothing stands in the way.
async fn passes(desk: &Desk, office: &Office, ready: &Ready, consent: &Consent) -> Result<bool, Failure> {
    let checked = look_over(desk, office, ready, consent).await?;
    let findings = &checked.findings;
    let passes = !findings.iter().any(|finding| holds(desk, finding, consent));
    let text = report::findings::human(findings, desk.colour_of_errors);
    if consent.by_cron {
        tell_once(desk, office, ready, (!passes).then_some(&text))?;
    } else if !findings.is_empty() {
        desk.say(text.trim_end());
    }
    if !passes && !consent.by_cron {
        desk.say(format!("Nothing was sent. Mend the errors, then `courant send {}` again.", ready.issue.id));
    }
    Ok(passes)
}

/// Everything that `courant check` looks at, for the audience as the ledger has it.
async fn look_over(
    desk: &Desk,
    office: &Office,
    ready: &Ready,
    consent: &Consent,
) -> Result<Checked, Failure> {
    let wish = Wish {
        live: office.realm == Realm::Live,
        now: desk.now(),
        no_links: consent.offline.then_some("--offline"),
        looks: Looks { memory: Some(&office.ledger), believed: desk.settings.links.recheck },
        asks_spam_filter: desk.settings.check.spamassassin.is_named(),
        earlier: &|body| proofread::earlier(&office.ledger, &ready.issue.id, body),
    };
    let mut audience = |each: &mut dyn FnMut(&Subscriber)| -> Result<Vec<Finding>, Failure> {
        office.ledger.audience(&ready.selection, &mut |member| each(&member.subscriber), &mut |_| {})?;
        Ok(Vec::new())
    };
    let looked = proofread::look_over(desk, &ready.issue, &ready.parts(), &wish, Some(&mut audience)).await?;
    Ok(looked.checked.settle(&desk.settings, &ready.issue))
}

/// A link that died since the author looked holds a scheduled issue or not, as `on_dead_link` says.
fn holds(desk: &Desk, finding: &Finding, consent: &Consent) -> bool {
    let is_passed_over = consent.by_cron
        && matches!(finding.rule, "link-dead" | "img-404")
        && desk.settings.send.on_dead_link == OnDeadLink::Send;
    finding.severity == Severity::Error && !is_passed_over
}

/// What holds a scheduled issue is told when it is found, not every five minutes.
fn tell_once(desk: &Desk, office: &Office, ready: &Ready, text: Option<&String>) -> Result<(), Failure> {
    let subject = format!("check of {}", ready.issue.id);
    let text = text.map_or("", String::as_str);
    if office.ledger.note_changed(&subject, text)? && !text.is_empty() {
        desk.say(format!("{} is due and held back:\n{}", ready.issue.id, text.trim_end()));
    }
    Ok(())
}

fn refuse_empty(plan: &Plan) -> Result<(), Plain> {
    if plan.sums.chosen > 0 {
        return Ok(());
    }
    let why = match plan.sums.considered {
        0 => format!("nobody is on {}", plan.lists.join(", ")),
        all => format!("all {} on {} are left out", count(all), plan.lists.join(", ")),
    };
    Err(Plain {
        message: format!("the audience is empty: {why}"),
        help: Some(format!("`courant plan {}` says why for each", plan.issue)),
    })
}

/// A mistyped `--only` must not freeze the issue for all the others.
fn refuse_stranger(office: &Office, ready: &Ready, choice: &Choice) -> Result<(), Failure> {
    let Choice::Only(key) = choice else { return Ok(()) };
    let mut is_chosen = false;
    let mut look = |member: &Member| is_chosen |= member.subscriber.address.key() == *key;
    office.ledger.audience(&ready.selection, &mut look, &mut |_| {})?;
    if is_chosen {
        return Ok(());
    }
    let (who, issue) = (key.as_str(), &ready.issue.id);
    Err(Plain {
        message: format!("{who} is not in the audience of {issue}"),
        help: Some(format!(
            "`courant plan {issue}` says who is, and `courant subscribers show {who}` why not"
        )),
    }
    .into())
}

fn confirm(desk: &Desk, plan: &Plan, yes: bool, terms: &Terms) -> Result<(), Failure> {
    let letters = match terms.part_of(plan.sums.chosen) {
        Some(part) => format!("{part} of {}", counted(plan.sums.chosen, "letter", "letters")),
        None => counted(plan.sums.chosen, "letter", "letters"),
    };
    let question = format!("Send {letters} of {} by {}?", plan.issue, plan.transport);
    if yes || desk.confirm(&question, "--yes")? { Ok(()) } else { Err(declined().into()) }
}

fn freeze(
    desk: &Desk,
    office: &Office,
    ready: &Ready,
    plan: &Plan,
    consent: &Consent,
) -> Result<EditionRow, Failure> {
    office.ledger.freeze(&Freeze {
        edition: &ready.edition,
        hashes: ready.hashes.clone(),
        realm: ready.realm(),
        transport: &plan.transport,
        subject: &ready.edition.subject.as_written(),
        selection: &ready.selection,
        replaces: consent.replaces,
        seed: seed(),
        now: desk.now(),
    })?;
    let row = office.ledger.edition_of(&ready.issue.id, ready.realm())?;
    Ok(row.expect("the edition was frozen a moment ago, under the lock"))
}

/// Time to press Ctrl-C, before anything is frozen: on a terminal, for an audience that is not small, or as
/// long as `--delay` says.
async fn count_down(desk: &Desk, office: &Office, plan: &Plan, consent: &Consent) -> Result<(), Failure> {
    let by_default = desk.is_attended() && !consent.yes && plan.sums.chosen > SMALL;
    let wait = consent.delay.unwrap_or(if by_default { desk.settings.send.delay } else { Duration::ZERO });
    if wait.as_secs() == 0 {
        return Ok(());
    }
    let mut halt = office.listen(desk)?.halt.clone();
    for left in (1..=wait.as_secs()).rev() {
        desk.say(format!("The first letter leaves in {left} s; Ctrl-C stops it."));
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            Ok(()) = halt.changed() => return Err(declined().into()),
        }
    }
    Ok(())
}
