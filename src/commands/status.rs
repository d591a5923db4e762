//! `courant status`: how far an issue is, and what became of each letter.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::commands::desk::{Desk, Screen};
use crate::commands::subscribers::parse_address;
use crate::commands::{Exit, Failure, Global, Plain, roll};
use crate::ledger::Ledger;
use crate::ledger::rows::{EditionRow, Person};
use crate::model::address::Address;
use crate::model::delivery::Realm;
use crate::model::issue::IssueId;
use crate::report::people;
use crate::report::status::{self, Progress};
use crate::report::watch::Watch;
use crate::report::words::moment;

const WATCH_EVERY: Duration = Duration::from_secs(1);

/// Show how far an issue is and what became of each letter
///
/// Without ISSUE, every issue that was sent or rehearsed, in one line each. With ISSUE: how many have it, what
/// was refused and why, whose letters are uncertain, when the next is due, and what to type next. Where an
/// issue was both rehearsed and sent, the live one is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  courant status                         every issue in one line\n  \
    courant status 12 --watch              until nothing is left to do\n  \
    courant status 12 --why ada@example.org  every attempt, with what the server said")]
pub struct Status {
    /// A path, an id or a number; without it, every issue in one line
    #[arg(value_name = "ISSUE")]
    issue: Option<String>,
    /// The whole story of one subscriber, or why they get nothing
    #[arg(long, value_name = "ADDRESS")]
    why: Option<String>,
    /// Show it anew every second, with speed, time left and the last reasons, until nothing is left to do
    #[arg(long, conflicts_with = "why")]
    watch: bool,
    /// The rehearsal, even if the issue was sent live
    #[arg(long, requires = "issue")]
    rehearsal: bool,
}

impl Status {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, None)?;
        let Some(ledger) = roll::open(&desk)? else {
            return nothing_yet(&desk);
        };
        let chosen = self.chosen(&desk, &ledger)?;
        match &self.why {
            Some(typed) => why(&desk, &ledger, &chosen, &parse_address(typed)?)?,
            None if self.watch => self.watch(&desk, &ledger).await?,
            None => desk.print(self.read(&desk, &ledger, chosen)?.0)?,
        }
        Ok(Exit::Done)
    }

    /// The edition of the issue that was asked for, or all there are.
    fn chosen(&self, desk: &Desk, ledger: &Ledger) -> Result<Vec<EditionRow>, Failure> {
        let Some(name) = &self.issue else { return Ok(ledger.editions()?) };
        let issue = issue_id(desk, ledger, name)?;
        Ok(vec![edition(ledger, &issue, self.rehearsal)?])
    }

    /// The text to print, and whether nothing is left to do.
    fn read(&self, desk: &Desk, ledger: &Ledger, chosen: Vec<EditionRow>) -> Result<(String, bool), Failure> {
        let read = chosen.into_iter().map(|row| Progress::read(ledger, row, desk.now()));
        let all: Vec<Progress> = read.collect::<Result<_, _>>()?;
        let zone = &desk.settings.site.timezone;
        let text = match (desk.json(), self.issue.is_some(), all.as_slice()) {
            (true, true, [one]) => status::progress_json(one).to_string(),
            (true, ..) => all.iter().map(status::progress_json).collect::<Value>().to_string(),
            (false, true, [one]) => status::human(one, zone),
            (false, _, []) => "Nothing was sent yet.".to_owned(),
            (false, ..) => status::table(&all, zone),
        };
        Ok((text, all.iter().all(Progress::is_settled)))
    }

    /// Shows it anew every second until nothing is left to do, or somebody stopped it.
    async fn watch(&self, desk: &Desk, ledger: &Ledger) -> Result<(), Failure> {
        if desk.json() || self.issue.is_none() {
            return self.watch_all(desk, ledger).await;
        }
        let mut watch = Watch::new();
        let mut screen = Screen::standard_output();
        loop {
            let row = self.chosen(desk, ledger)?.remove(0);
            let reasons = ledger.reasons(row.id)?;
            let progress = Progress::read(ledger, row, desk.now())?;
            watch.look(&progress);
            if progress.is_settled() || progress.is_at_rest() {
                screen.clear(desk)?;
                return desk.print(status::human(&progress, &desk.settings.site.timezone));
            }
            let zone = &desk.settings.site.timezone;
            match screen.is_terminal() {
                true => screen.draw(desk, &watch.screen(&progress, &reasons, zone))?,
                false => screen.say(desk, watch.line(&progress, zone))?,
            }
            tokio::time::sleep(WATCH_EVERY).await;
        }
    }

    async fn watch_all(&self, desk: &Desk, ledger: &Ledger) -> Result<(), Failure> {
        let mut screen = Screen::standard_output();
        let mut shown = String::new();
        loop {
            let (text, is_settled) = self.read(desk, ledger, self.chosen(desk, ledger)?)?;
            if text != shown {
                match screen.is_terminal() && !desk.json() {
                    true => screen.draw(desk, &text.lines().map(str::to_owned).collect::<Vec<_>>())?,
                    false => desk.print(&text)?,
                }
                shown = text;
            }
            if is_settled {
                return Ok(());
            }
            tokio::time::sleep(WATCH_EVERY).await;
        }
    }
}

fn nothing_yet(desk: &Desk) -> Result<Exit, Failure> {
    desk.print(if desk.json() { "[]" } else { "Nothing was sent yet." })?;
    Ok(Exit::Done)
}

/// The newest edition of an issue: the live one, if there is one and the rehearsal was not asked for.
pub fn edition(ledger: &Ledger, issue: &IssueId, rehearsal: bool) -> Result<EditionRow, Failure> {
    let live = if rehearsal { None } else { ledger.edition_of(issue, Realm::Live)? };
    let found = live.map_or_else(|| ledger.edition_of(issue, Realm::Rehearsal), |row| Ok(Some(row)))?;
    found.ok_or_else(|| never_sent(issue).into())
}

/// The issue has no edition yet.
pub fn never_sent(issue: &IssueId) -> Plain {
    Plain::new(format!("{issue} was not sent yet"), format!("`courant plan {issue}` shows who would get it"))
}

/// The id of an issue of the workspace, or of one whose file is gone but which the ledger knows.
pub fn issue_id(desk: &Desk, ledger: &Ledger, name: &str) -> Result<IssueId, Failure> {
    let known = ledger.editions()?.into_iter().map(|row| row.issue).find(|issue| issue.0 == name);
    match known {
        Some(issue) => Ok(issue),
        None => Ok(desk.issue(name)?.id),
    }
}

fn why(desk: &Desk, ledger: &Ledger, chosen: &[EditionRow], address: &Address) -> Result<(), Failure> {
    let zone = &desk.settings.site.timezone;
    let (mut texts, mut values) = (Vec::new(), Vec::new());
    for row in chosen {
        for story in ledger.story(row.id, &address.key())? {
            texts.push(status::story(row, &story, zone));
            values.push(status::story_json(row, &story));
        }
    }
    let reasons = if values.is_empty() { absence(ledger, chosen, address, zone)? } else { Vec::new() };
    if desk.json() {
        let person = ledger.person(&address.key())?.map(|person| people::person_json(&person));
        let value = serde_json::json!({
            "email": address.to_string(), "deliveries": values, "absent_because": reasons, "subscriber": person,
        });
        return desk.print(value.to_string());
    }
    texts.extend(
        (!reasons.is_empty()).then(|| format!("{address} has no letter:\n  {}", reasons.join("\n  "))),
    );
    desk.print(texts.join("\n"))
}

/// Why somebody is not in the audience, as far as the ledger can tell today.
fn absence(
    ledger: &Ledger,
    chosen: &[EditionRow],
    address: &Address,
    zone: &TimeZone,
) -> Result<Vec<String>, Failure> {
    if chosen.is_empty() {
        return Ok(vec!["nothing was sent yet".to_owned()]);
    }
    Ok(match ledger.person(&address.key())? {
        None => vec!["never on any list: look for a mistyped address in subscribers/".to_owned()],
        Some(person) => chosen.iter().flat_map(|row| reasons(row, &person, zone)).collect(),
    })
}

fn reasons(row: &EditionRow, person: &Person, zone: &TimeZone) -> Vec<String> {
    let concerns = |list: &crate::model::subscriber::ListId| row.lists.contains(list);
    let suppressed =
        person.suppressions.iter().filter(|suppression| suppression.scope.as_ref().is_none_or(concerns));
    let mut reasons: Vec<String> =
        suppressed.map(|suppression| people::suppression_words(suppression, zone)).collect();
    let on_lists: Vec<_> =
        person.memberships.iter().filter(|membership| concerns(&membership.list)).collect();
    if on_lists.is_empty() {
        let lists: Vec<String> = row.lists.iter().map(|list| format!("`{list}`")).collect();
        reasons.push(format!("never on {}, which {} went to", lists.join(" or "), row.issue));
    }
    for membership in on_lists {
        reasons
            .extend(membership.ended_at.map(|at| format!("left `{}` {}", membership.list, moment(at, zone))));
    }
    if reasons.is_empty() {
        reasons.push(format!(
            "joined after {} was frozen ({}), or stood outside its segment then; `courant send {} --also-new` \
             reaches who joined since",
            row.issue,
            moment(row.frozen_at, zone),
            row.issue
        ));
    }
    reasons
}
