//! Lists and subscribers, as a person reads them and as JSON.

use std::path::Path;
use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::ledger::consent::{Consent, Terms};
use crate::ledger::rows::{Lifted, ListRow, Membership, Person, Suppression};
use crate::ledger::sqlite::Known;
use crate::model::address::Address;
use crate::model::subscriber::{Fields, ListId, Subscriber};
use crate::policy::soft::SoftRun;
use crate::report::words::{count, counted, duration, moment};
use crate::settings::lists::List;
use crate::settings::mailbox::SoftRule;
use crate::subscribers::diff::Diff;

/// Whether reading a file changed anything.
pub fn is_change(diff: &Diff) -> bool {
    diff.added + diff.changed + diff.removed > 0
}

/// `weekly: 1,204 subscribers (12 new, 3 changed, 1 gone; 2 named twice; 1 suppressed)`.
pub fn diff(list: &str, diff: &Diff) -> String {
    let members = diff.added + diff.changed + diff.unchanged;
    let parts = [(diff.added, "new"), (diff.changed, "changed"), (diff.removed, "gone")];
    let mut parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n))).collect();
    if parts.is_empty() {
        parts.push("nothing changed".to_owned());
    }
    let mut text = parts.join(", ");
    for (number, what) in [(diff.merged, "named more than once"), (diff.suppressed, "suppressed")] {
        if number > 0 {
            text.push_str(&format!("; {} {what}", count(number)));
        }
    }
    format!("{list}: {} ({text})", counted(members, "subscriber", "subscribers"))
}

/// The same as JSON, with the number of rows that were left out.
pub fn diff_json(list: &str, diff: &Diff, bad_rows: u64, forgotten: u64) -> Value {
    json!({
        "list": list,
        "added": diff.added,
        "changed": diff.changed,
        "unchanged": diff.unchanged,
        "removed": diff.removed,
        "merged": diff.merged,
        "suppressed": diff.suppressed,
        "bad_rows": bad_rows,
        "forgotten": forgotten,
    })
}

pub fn removal_question(list: &str, path: &Path, diff: &Diff) -> String {
    let before = diff.changed + diff.unchanged + diff.removed;
    format!(
        "{} of {} of the list `{list}` are not in {} any more. Remove them?",
        count(diff.removed),
        counted(before, "subscriber", "subscribers"),
        path.display()
    )
}

/// How many rows were left out, and whether all of them were shown.
pub fn left_out(list: &str, number: u64, shown: usize) -> String {
    let rows = counted(number, "row was", "rows were");
    let hidden = number - shown as u64;
    let rest = if hidden > 0 { format!(" ({} more are not shown)", count(hidden)) } else { String::new() };
    format!("{list}: {rows} left out{rest}; mend the file and run the command again")
}

/// How many rows of the file are of people who are forgotten.
pub fn left_out_forgotten(list: &str, number: u64) -> String {
    let rows =
        counted(number, "row of somebody who is forgotten was", "rows of people who are forgotten were");
    format!("{list}: {rows} left out; delete what the file still has of them")
}

/// A list of the workspace and what the ledger holds of it.
pub struct Listed<'a> {
    pub list: Option<&'a List>,
    pub row: Option<&'a ListRow>,
    pub file: Option<String>,
}

impl Listed<'_> {
    fn name(&self) -> &str {
        let known = self.list.map(|list| list.name.as_str());
        known.or_else(|| self.row.map(|row| row.name.as_str())).unwrap_or_default()
    }

    fn id(&self) -> Option<&ListId> {
        self.list.map(|list| &list.id).or_else(|| self.row.map(|row| &row.list))
    }
}

pub fn lists(lists: &[Listed<'_>], zone: &TimeZone) -> String {
    let mut table = plain_table(["LIST", "SUBSCRIBERS", "FILE", "READ"]);
    for listed in lists {
        let members = listed.row.map_or_else(|| "–".to_owned(), |row| count(row.members));
        let read = listed
            .row
            .and_then(|row| row.synced_at)
            .map_or_else(|| "not yet".to_owned(), |at| moment(at, zone));
        let file = listed.file.clone().unwrap_or_else(|| "none".to_owned());
        table.add_row([listed.name().to_owned(), members, file, read]);
    }
    right_aligned(&mut table, &[1]);
    table.trim_fmt()
}

pub fn lists_json(lists: &[Listed<'_>]) -> Value {
    let each = lists.iter().map(|listed| {
        json!({
            "list": listed.name(),
            "id": listed.id().map(|id| &id.0),
            "subscribers": listed.row.map(|row| row.members),
            "file": listed.file,
            "synced_at": listed.row.and_then(|row| row.synced_at).map(|at| at.to_string()),
        })
    });
    Value::Array(each.collect())
}

/// One line: address, name, attributes.
pub fn subscriber(subscriber: &Subscriber) -> String {
    let name = subscriber.name.as_deref().map(|name| format!("  {name}")).unwrap_or_default();
    format!("{}{name}{}", subscriber.address, attributes(&subscriber.fields))
}

pub fn subscriber_json(subscriber: &Subscriber) -> Value {
    json!({
        "email": subscriber.address.to_string(),
        "name": subscriber.name,
        "fields": subscriber.fields,
    })
}

/// `  city="Minsk"`; what is empty is left out.
fn attributes(fields: &Fields) -> String {
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    let each: Vec<String> = filled.map(|(name, value)| format!("{name}={value:?}")).collect();
    if each.is_empty() { String::new() } else { format!("  {}", each.join(" ")) }
}

pub fn fields(fields: &[(String, u64)]) -> String {
    let mut table = plain_table(["FIELD", "HAVE A VALUE"]);
    for (name, number) in fields {
        table.add_row([name.clone(), count(*number)]);
    }
    right_aligned(&mut table, &[1]);
    table.trim_fmt()
}

pub fn fields_json(fields: &[(String, u64)]) -> Value {
    Value::Array(fields.iter().map(|(name, number)| json!({ "field": name, "values": number })).collect())
}

/// What is known of somebody, line by line: lists, then suppressions.
pub fn person(person: &Person, zone: &TimeZone) -> String {
    let mut lines = vec![person.address.to_string()];
    lines.extend(person.memberships.iter().map(|membership| membership_line(membership, zone)));
    if person.memberships.is_empty() {
        lines.push("  on no list".to_owned());
    }
    lines.extend(
        person.suppressions.iter().map(|suppression| format!("  {}", suppression_words(suppression, zone))),
    );
    lines.join("\n")
}

fn membership_line(membership: &Membership, zone: &TimeZone) -> String {
    let since = match membership.ended_at {
        Some(at) => format!("left `{}` {}", membership.list, moment(at, zone)),
        None => format!("on `{}`", membership.list),
    };
    let name = membership.name.as_deref().map(|name| format!(" as {name}")).unwrap_or_default();
    format!("  {since}{name}{}", attributes(&membership.fields))
}

/// `suppressed since 2025-07-10 09:14 UTC: unsubscribed (one-click)`.
pub fn suppression_words(suppression: &Suppression, zone: &TimeZone) -> String {
    let scope = suppression.scope.as_ref().map(|list| format!(" for `{list}`")).unwrap_or_default();
    let since = moment(suppression.at, zone);
    format!("suppressed{scope} since {since}: {} ({})", suppression.reason, suppression.source)
}

/// `  lifted 2025-07-10 09:14 UTC by confirmed: unsubscribed (one-click) since …: “they asked by phone”`.
pub fn lifted_line(lifted: &Lifted, zone: &TimeZone) -> String {
    let Lifted { scope, reason, source, at, lifted_at, lifted_by, note } = lifted;
    let scope = scope.as_ref().map(|list| format!(" for `{list}`")).unwrap_or_default();
    let note = note.as_ref().map(|note| format!(": “{note}”")).unwrap_or_default();
    let (since, lifted_at) = (moment(*at, zone), moment(*lifted_at, zone));
    format!(
        "  suppression{scope} lifted {lifted_at} by {lifted_by}{note}; it was {reason} ({source}) since {since}"
    )
}

/// `  asked for `weekly` 2025-07-10 09:14 UTC from 192.0.2.1 (form 1, en: “I want to…”), confirmed … from …`.
pub fn consent_line(consent: &Consent, zone: &TimeZone) -> String {
    let Terms { form, words, lang, from } = &consent.terms;
    let lists: Vec<String> = consent.lists.iter().map(|list| format!("`{list}`")).collect();
    let asked = moment(consent.asked_at, zone);
    let stage = match (consent.confirmed_at, &consent.confirmed_from) {
        (Some(at), Some(by)) => format!("confirmed {} from {by}", moment(at, zone)),
        (_, _) => consent.stage.name().to_owned(),
    };
    format!("  asked for {} {asked} from {from} ({form}, {lang}: “{words}”), {stage}", lists.join(", "))
}

pub fn lifted_json(lifted: &Lifted) -> Value {
    json!({
        "list": lifted.scope.as_ref().map(|list| &list.0),
        "reason": lifted.reason,
        "source": lifted.source,
        "at": lifted.at.to_string(),
        "lifted_at": lifted.lifted_at.to_string(),
        "lifted_by": lifted.lifted_by,
        "note": lifted.note,
    })
}

pub fn consent_json(consent: &Consent) -> Value {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "lists": consent.lists.iter().map(|list| &list.0).collect::<Vec<_>>(),
        "state": consent.stage.name(),
        "form": consent.terms.form,
        "words": consent.terms.words,
        "lang": consent.terms.lang,
        "asked_at": consent.asked_at.to_string(),
        "asked_from": consent.terms.from,
        "mailed_at": time(consent.mailed_at),
        "confirmed_at": time(consent.confirmed_at),
        "confirmed_from": consent.confirmed_from,
    })
}

/// `  2 soft bounces in a row since 2025-07-10 09:14 UTC (5 over 14 days are too many)`.
pub fn soft_line(run: &SoftRun, rule: &SoftRule, zone: &TimeZone) -> String {
    let (number, since) = (counted(run.issues, "soft bounce", "soft bounces"), moment(run.first, zone));
    format!(
        "  {number} in a row since {since} ({} over {} are too many)",
        count(rule.limit),
        in_days(rule.span)
    )
}

/// `14 days`, where it is whole days.
fn in_days(span: Duration) -> String {
    const DAY: u64 = 24 * 3600;
    match span.as_secs() {
        seconds if seconds >= DAY && seconds % DAY == 0 => counted(seconds / DAY, "day", "days"),
        _ => duration(span),
    }
}

pub fn person_json(person: &Person) -> Value {
    let time = |at: Timestamp| at.to_string();
    let memberships = person.memberships.iter().map(|membership| {
        json!({
            "list": membership.list.0,
            "name": membership.name,
            "fields": membership.fields,
            "ended_at": membership.ended_at.map(time),
        })
    });
    let suppressions = person.suppressions.iter().map(suppression_of_person);
    json!({
        "email": person.address.to_string(),
        "memberships": memberships.collect::<Vec<_>>(),
        "suppressions": suppressions.collect::<Vec<_>>(),
    })
}

fn suppression_of_person(suppression: &Suppression) -> Value {
    json!({
        "list": suppression.scope.as_ref().map(|list| &list.0),
        "reason": suppression.reason,
        "source": suppression.source,
        "at": suppression.at.to_string(),
    })
}

/// The same with the address.
pub fn suppression_json(suppression: &Suppression) -> Value {
    let mut value = suppression_of_person(suppression);
    value["email"] = suppression.key.as_str().into();
    value
}

/// What `suppress` and `unsuppress` did; `list` is `null` for all lists.
pub fn suppressed_json(address: &Address, list: Option<&str>, suppressed: bool) -> Value {
    json!({ "email": address.to_string(), "list": list, "suppressed": suppressed })
}

/// `ada@example.org: 2 memberships, 14 letters and 1 suppression would be forgotten.`
pub fn to_forget(address: &Address, known: &Known) -> String {
    format!("{address}: {} would be forgotten.", known_words(known))
}

/// The same once it is done.
pub fn forgotten(address: &Address, known: &Known) -> String {
    format!(
        "{address} is forgotten: {}. They get nothing any more, unless they subscribe again.",
        known_words(known)
    )
}

fn known_words(known: &Known) -> String {
    let parts = [
        (known.memberships, "membership", "memberships"),
        (known.letters, "letter's address and values", "letters' addresses and values"),
        (known.suppressions, "suppression", "suppressions"),
        (known.consents, "request to subscribe", "requests to subscribe"),
        (known.others, "other mail", "other mails"),
    ];
    let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, one, many)| counted(number, one, many)).collect();
    if parts.is_empty() { "a row of a list that was not read yet".to_owned() } else { parts.join(", ") }
}

pub fn known_json(address: &Address, known: &Known) -> Value {
    json!({
        "email": address.to_string(),
        "memberships": known.memberships,
        "letters": known.letters,
        "suppressions": known.suppressions,
        "consents": known.consents,
        "others": known.others,
    })
}

/// A table without lines, for people and for `awk`.
pub fn plain_table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

pub fn right_aligned(table: &mut Table, columns: &[usize]) {
    for index in columns {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}
