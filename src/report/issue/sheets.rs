//! The tables of a report.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::over_time::{Stretch, Timeline};
use super::past::{Month, Past};
use super::sheet::{Cell, Sheet};
use super::{Report, share};
use crate::ledger::rows::Visitors;
use crate::ledger::tally::Cause;
use crate::model::delivery::{Counts, Realm, State};
use crate::policy::visitor::Visitor;
use crate::report::visitors::CAUTION;
use crate::report::words::count;

/// Every table that has a row, in the order in which people read them.
pub fn all(report: &Report) -> Vec<Sheet> {
    let all = [
        letters(report),
        states(report),
        attempts(report),
        providers(report),
        reasons(report),
        slowest(report),
        tries(report),
        told(report),
        told_over_time(report),
        visitors(report),
        links(report),
        issues(report),
        growth(report),
    ];
    all.into_iter().filter(|sheet| !sheet.rows.is_empty()).collect()
}

fn letters(report: &Report) -> Sheet {
    let columns = [("step", "Step"), ("letters", "Letters"), ("share", "Share"), ("of", "Of")];
    let rows = report.funnel.steps().map(|step| {
        let share = share(step.number, step.of);
        vec![Cell::text(step.name), Cell::Count(step.number), Cell::Share(share), Cell::text(step.of_name)]
    });
    let sheet = Sheet::new("letters", "What became of the letters", &columns).bar(1).rows(rows);
    let is_live = report.row.realm == Realm::Live;
    if is_live && report.funnel.accepted > 0 && report.funnel.delivered == 0 {
        return sheet.note(
            "Nobody tells yet what was delivered: that takes the webhooks of a provider. What was accepted and did \
             not bounce has most likely arrived.",
        );
    }
    sheet
}

fn states(report: &Report) -> Sheet {
    let columns = [("state", "State"), ("letters", "Letters"), ("share", "Share")];
    let states = State::ALL.into_iter().filter(|state| report.counts.get(*state) > 0);
    let rows = states.map(|state| {
        let letters = report.counts.get(state);
        vec![
            Cell::text(state.name()),
            Cell::Count(letters),
            Cell::Share(share(letters, report.counts.total())),
        ]
    });
    Sheet::new("states", "Where each letter is now", &columns)
        .note("The states are exclusive: they sum to the audience.")
        .rows(rows)
}

fn attempts(report: &Report) -> Sheet {
    timeline("attempts", "Sending over time", &report.attempts, &report.zone)
}

fn told_over_time(report: &Report) -> Sheet {
    timeline("told_over_time", "What was told, over time", &report.told_over_time, &report.zone)
}

fn timeline(id: &'static str, title: &'static str, timeline: &Timeline, zone: &TimeZone) -> Sheet {
    let mut columns = vec![("from", "From")];
    columns.extend(timeline.columns.iter().map(|name| (*name, *name)));
    let form = form(timeline, zone);
    let rows = timeline.rows.iter().map(|row| {
        let numbers = row.numbers.iter().map(|number| Cell::Count(*number));
        std::iter::once(time(row.at, form, zone)).chain(numbers).collect()
    });
    let note = format!("Counted for each {}.", stretch(timeline.step));
    Sheet::new(id, title, &columns).note(note).bar(1).rows(rows)
}

/// `second`, `5 minutes`.
pub fn stretch(step: Duration) -> String {
    let seconds = step.as_secs();
    let (number, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if number == 1 { unit.to_owned() } else { format!("{number} {unit}s") }
}

/// As precise as the step is; the day only where there is more than one.
fn form(timeline: &Timeline, zone: &TimeZone) -> &'static str {
    let day = |place: Option<&Stretch>| place.map(|row| zone.to_datetime(row.at).date());
    let is_one_day = day(timeline.rows.first()) == day(timeline.rows.last());
    match timeline.step.as_secs() {
        0..60 => "%H:%M:%S",
        60..86_400 if is_one_day => "%H:%M",
        60..86_400 => "%m-%d %H:%M",
        _ => DAY,
    }
}

const DAY: &str = "%Y-%m-%d";

fn time(at: Timestamp, form: &str, zone: &TimeZone) -> Cell {
    Cell::Time(at, at.to_zoned_datetime(zone.clone()).strftime(form).to_string())
}

/// Letters that no answer has settled.
pub fn waiting(counts: &Counts) -> u64 {
    counts.open() + counts.get(State::Uncertain)
}

/// Letters that a server took.
pub fn accepted(counts: &Counts) -> u64 {
    super::Funnel::of(counts, 0).accepted
}

/// Letters that will not be sent any more.
fn given_up(counts: &Counts) -> u64 {
    counts.get(State::Expired) + counts.get(State::Skipped) + counts.get(State::Stopped)
}

fn providers(report: &Report) -> Sheet {
    let columns = [
        ("provider", "Provider"),
        ("letters", "Letters"),
        ("accepted", "Accepted"),
        ("accepted_share", "Share"),
        ("refused", "Refused"),
        ("bounced", "Bounced"),
        ("complained", "Complained"),
        ("waiting", "Waiting"),
        ("given_up", "Given up"),
    ];
    let providers = &report.providers;
    let named = providers.named.iter().map(|provider| provider_row(&provider.name, &provider.counts));
    let others = &providers.others;
    let rest = (others.providers > 0)
        .then(|| provider_row(&format!("{} others", count(others.providers)), &others.counts));
    Sheet::new("providers", "By mailbox provider", &columns).bar(1).rows(named.chain(rest))
}

fn provider_row(name: &str, counts: &Counts) -> Vec<Cell> {
    let accepted = accepted(counts);
    vec![
        Cell::text(name),
        Cell::Count(counts.total()),
        Cell::Count(accepted),
        Cell::Share(share(accepted, counts.total())),
        Cell::Count(counts.get(State::Refused)),
        Cell::Count(counts.get(State::Bounced)),
        Cell::Count(counts.get(State::Complained)),
        Cell::Count(waiting(counts)),
        Cell::Count(given_up(counts)),
    ]
}

fn reasons(report: &Report) -> Sheet {
    let columns = [
        ("state", "State"),
        ("letters", "Letters"),
        ("code", "Code"),
        ("said", "Said"),
        ("example", "For example"),
    ];
    let rest = report.reasons.others.iter().map(|(state, letters)| {
        let nothing = Cell::text("");
        vec![
            Cell::text(state.name()),
            Cell::Count(*letters),
            nothing.clone(),
            Cell::text("other reasons"),
            nothing,
        ]
    });
    let rows = report.reasons.reasons.iter().map(reason_row).chain(rest);
    Sheet::new("reasons", "Why letters did not get through", &columns).rows(rows)
}

fn reason_row(reason: &Cause) -> Vec<Cell> {
    vec![
        Cell::text(reason.state.name()),
        Cell::Count(reason.letters),
        Cell::text(code(reason)),
        Cell::text(said(reason)),
        Cell::text(&*reason.example),
    ]
}

/// `550 5.1.1`.
fn code(reason: &Cause) -> String {
    let code = reason.code.map(|code| code.to_string());
    code.into_iter().chain(reason.enhanced.clone()).collect::<Vec<_>>().join(" ")
}

/// The words, without the codes that stand beside them.
fn said(reason: &Cause) -> String {
    let code = reason.code.map(|code| code.to_string()).unwrap_or_default();
    let words = reason.words.trim().strip_prefix(&code).unwrap_or(&reason.words).trim();
    let enhanced = reason.enhanced.as_deref().unwrap_or_default();
    words.strip_prefix(enhanced).unwrap_or(words).trim().to_owned()
}

fn slowest(report: &Report) -> Sheet {
    let columns = [
        ("domain", "Domain"),
        ("letters", "Letters"),
        ("half_within", "Half within"),
        ("p95_within", "95 % within"),
    ];
    let rows = report.providers.slowest.iter().map(|slow| {
        vec![
            Cell::text(&*slow.domain),
            Cell::Count(slow.letters),
            Cell::Span(slow.median),
            Cell::Span(slow.p95),
        ]
    });
    let least = match report.providers.least_letters {
        0 | 1 => String::new(),
        least => format!("; domains with fewer than {least} letters are left out"),
    };
    Sheet::new("slowest", "The slowest domains", &columns)
        .note(format!("From the first attempt until the letter was taken{least}."))
        .rows(rows)
}

fn tries(report: &Report) -> Sheet {
    let columns =
        [("attempts", "Attempts"), ("letters", "Letters"), ("share", "Share"), ("accepted", "Accepted")];
    let rows = report.tries.iter().map(|tries| {
        vec![
            Cell::text(tries.attempts.to_string()),
            Cell::Count(tries.letters),
            Cell::Share(share(tries.letters, report.counts.total())),
            Cell::Count(tries.accepted),
        ]
    });
    Sheet::new("tries", "How many attempts it took", &columns).bar(1).rows(rows)
}

fn told(report: &Report) -> Sheet {
    let columns = [("event", "Event"), ("letters", "Letters"), ("events", "Events")];
    let rows = report.told.iter().map(|told| {
        vec![Cell::text(told.kind.replace('_', " ")), Cell::Count(told.letters), Cell::Count(told.events)]
    });
    let is_opened = report.told.iter().any(|told| told.kind == "opened");
    let opened = if is_opened { " A letter may be opened twice, and machines open some." } else { "" };
    Sheet::new("told", "What was told afterwards", &columns)
        .note(format!("By providers, delivery reports and people.{opened}"))
        .rows(rows)
}

/// Columns of letters by who was there, most likely.
const VISITORS: [(&str, &str); 3] = [("person", "People"), ("unsure", "Unsure"), ("machine", "Machines")];

fn visited(visitors: &Visitors) -> [Cell; 3] {
    [Visitor::Person, Visitor::Unsure, Visitor::Machine].map(|visitor| Cell::Count(visitors.get(visitor)))
}

fn visitors(report: &Report) -> Sheet {
    let columns: Vec<_> = [("what", "What")].into_iter().chain(VISITORS).collect();
    let both =
        report.counted.iter().flat_map(|counted| [("opened", counted.opens), ("clicked", counted.clicks)]);
    let rows = both.filter_map(|(what, visitors)| {
        Some(std::iter::once(Cell::text(what)).chain(visited(&visitors?)).collect())
    });
    Sheet::new("tracking", "Who opened and clicked, most likely", &columns).note(CAUTION).rows(rows)
}

fn links(report: &Report) -> Sheet {
    let columns: Vec<_> = [("link", "Link")].into_iter().chain(VISITORS).collect();
    let links = report.counted.iter().flat_map(|counted| &counted.links);
    let rows =
        links.map(|link| std::iter::once(Cell::text(&*link.target)).chain(visited(&link.visitors)).collect());
    Sheet::new("links", "Which links were followed", &columns).rows(rows)
}

fn issues(report: &Report) -> Sheet {
    let columns = [
        ("issue", "Issue"),
        ("sent_on", "Sent on"),
        ("planned", "Planned"),
        ("accepted_share", "Accepted"),
        ("delivered_share", "Delivered"),
        ("bounced_share", "Bounced"),
        ("complained_share", "Complained"),
        ("unsubscribed_share", "Unsubscribed"),
    ];
    let is_first = report.issues.len() < 2;
    let issues = report.issues.iter().filter(|_| !is_first);
    let rows = issues.map(|issue| issue_row(issue, &report.zone));
    Sheet::new("issues", "Compared with the issues before", &columns)
        .note("Accepted is a share of what was planned, the others of what was accepted.")
        .rows(rows)
}

fn issue_row(issue: &Past, zone: &TimeZone) -> Vec<Cell> {
    let mut row = vec![Cell::text(&*issue.issue), time(issue.frozen_at, DAY, zone)];
    row.push(Cell::Count(issue.funnel.planned));
    let shares = issue.funnel.steps().into_iter().skip(1);
    row.extend(shares.map(|step| Cell::Share(share(step.number, step.of))));
    row
}

fn growth(report: &Report) -> Sheet {
    let columns = [("month", "Month"), ("joined", "Joined"), ("left", "Left"), ("members", "Members")];
    let row = |month: &Month| {
        let numbers = [month.joined, month.left, month.members];
        std::iter::once(Cell::text(&*month.month)).chain(numbers.map(Cell::Count)).collect()
    };
    let lists: Vec<String> = report
        .growth
        .lists
        .iter()
        .map(|list| format!("{} has {} now", list.name, count(list.members)))
        .collect();
    Sheet::new("growth", "How the lists grew", &columns)
        .note(format!("{}.", lists.join(", ")))
        .bar(3)
        .rows(report.growth.lately().iter().map(row))
}
