//! A plan as a person reads it, and as JSON.

use std::fmt::Write;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::model::audience::{LeftOut, Sums};
use crate::model::delivery::Realm;
use crate::model::letter::Tracking;
use crate::model::plan::Plan;
use crate::report::status::Progress;
use crate::report::words::{count, counted, duration, moment, size};

/// Domains that are named; the others are summed.
const DOMAINS: usize = 8;

/// Somebody who gets no letter, as `plan` names them.
#[derive(Debug, Clone)]
pub struct Named {
    pub address: String,
    pub list: String,
    pub why: LeftOut,
}

pub fn human(plan: &Plan, left_out: &[Named]) -> String {
    let line = |label: &str, value: String| format!("{label:>10}  {value}\n");
    let mut text = line("issue", plan.issue.to_string());
    text += &line("subject", plan.subject.clone());
    text += &line("from", plan.from.clone());
    text += &line("by", way(plan));
    text += &line("to", audience(plan));
    for (why, number) in &plan.sums.left_out {
        text += &line("not to", format!("{}: {}", count(*number), why.name()));
    }
    text += &names(left_out, &plan.sums);
    if plan.sums.chosen > 0 {
        text += &line("domains", domains(plan));
        text += &line("letter", letter(plan));
    }
    if let Some(tracking) = &plan.tracking {
        text += &line("counted", tracked(tracking));
    }
    if let Some(time) = plan.at_least {
        text += &line("time", format!("{} at least, by the pace", duration(time)));
    }
    text + &line("hashes", format!("edition {}, audience {}", short(&plan.content), short(&plan.audience)))
}

/// `opens and clicks of everybody: docs/tracking.md says what that takes`.
fn tracked(tracking: &Tracking) -> String {
    let what = match (tracking.opens, tracking.clicks) {
        (true, true) => "opens and clicks",
        (true, false) => "opens",
        (false, _) => "clicks",
    };
    match &tracking.consent {
        Some(field) => format!("{what} of those whose `{field}` says yes"),
        None => format!("{what} of everybody: mostly that takes their consent (docs/tracking.md)"),
    }
}

fn letter(plan: &Plan) -> String {
    let size = format!("{} at most", size(plan.largest_letter));
    if plan.unmade == 0 {
        return size;
    }
    let cannot = format!("{} cannot be made: `courant check {}` says why", count(plan.unmade), plan.issue);
    if plan.unmade == plan.sums.chosen { cannot } else { format!("{size}; {cannot}") }
}

fn way(plan: &Plan) -> String {
    match plan.realm {
        Realm::Live => format!("{} (live)", plan.transport),
        Realm::Rehearsal => format!("{} (a rehearsal: nobody is reached)", plan.transport),
    }
}

fn audience(plan: &Plan) -> String {
    let who = counted(plan.sums.chosen, "subscriber", "subscribers");
    format!("{who} of {} on {}", count(plan.sums.considered), plan.lists.join(", "))
}

fn domains(plan: &Plan) -> String {
    let (top, rest) = plan.domains.top(DOMAINS);
    let mut words: Vec<String> =
        top.iter().map(|(name, letters)| format!("{name} {}", count(*letters))).collect();
    if rest > 0 {
        words.push(format!("others {}", count(rest)));
    }
    words.join(", ")
}

/// Enough of a hash to compare by eye.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

fn names(left_out: &[Named], sums: &Sums) -> String {
    let mut text = String::new();
    for named in left_out {
        writeln!(text, "            {} ({}): {}", named.address, named.list, named.why.name())
            .expect("a string takes all");
    }
    let all: u64 = sums.left_out.values().sum();
    let unnamed = all.saturating_sub(left_out.len() as u64);
    if !left_out.is_empty() && unnamed > 0 {
        writeln!(text, "            and {} more; `--all` names everyone", count(unnamed))
            .expect("a string takes all");
    }
    text
}

/// An edition of the issue that was frozen before: a send goes on with that one, not with this plan.
pub struct Frozen {
    pub progress: Progress,
    /// Who would get it now and was not in its audience.
    pub joined: u64,
}

/// Lines to be shown below the plan.
pub fn frozen(frozen: &Frozen, zone: &TimeZone) -> String {
    let (row, counts) = (&frozen.progress.row, &frozen.progress.counts);
    let issue = &row.issue;
    let next = match counts.open() {
        0 => format!("it is complete, and a send sends nothing; `courant status {issue}` shows how it went"),
        open => format!(
            "{} of {} left; `courant send {issue}` goes on with those frozen then",
            count(open),
            counted(counts.total(), "letter", "letters")
        ),
    };
    let mut text = format!("{:>10}  {}: {next}\n", "frozen", moment(row.frozen_at, zone));
    if frozen.joined > 0 {
        let joined = counted(frozen.joined, "subscriber", "subscribers");
        text += &format!(
            "{:>10}  {joined} since; `courant send {issue} --also-new` sends it to them\n",
            "joined"
        );
    }
    text
}

/// Stable: documented in `docs/json.md`.
fn frozen_json(frozen: &Frozen) -> Value {
    let progress = &frozen.progress;
    json!({
        "edition": progress.row.id.0,
        "frozen_at": progress.row.frozen_at.to_string(),
        "audience": progress.counts.total(),
        "left": progress.counts.open(),
        "joined": frozen.joined,
    })
}

/// Stable: documented in `docs/json.md`.
pub fn json(plan: &Plan, left_out: &[Named], frozen: Option<&Frozen>) -> Value {
    let (domains, others) = plan.domains.top(100);
    json!({
        "issue": plan.issue.0,
        "subject": plan.subject,
        "from": plan.from,
        "realm": plan.realm.name(),
        "transport": plan.transport,
        "lists": plan.lists,
        "considered": plan.sums.considered,
        "chosen": plan.sums.chosen,
        "left_out": plan.sums.left_out.iter().map(|(why, n)| (why.name().to_owned(), json!(n)))
            .collect::<serde_json::Map<_, _>>(),
        "not_to": left_out.iter().map(|named| {
            json!({"address": named.address, "list": named.list, "why": named.why.name()})
        }).collect::<Vec<_>>(),
        "domains": domains.iter().map(|(name, letters)| json!({"domain": name, "letters": letters}))
            .collect::<Vec<_>>(),
        "other_domains": others,
        "largest_letter": plan.largest_letter,
        "unmade": plan.unmade,
        "at_least_seconds": plan.at_least.map(|time| time.as_secs_f64()),
        "content": plan.content,
        "audience": plan.audience,
        "frozen": frozen.map(frozen_json),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::issue::IssueId;
    use crate::model::plan::Domains;

    fn plan() -> Plan {
        let mut domains = Domains::default();
        domains.count("example.org");
        Plan {
            issue: IssueId("001-welcome".into()),
            subject: "Welcome".into(),
            from: "Ada <ada@example.org>".into(),
            realm: Realm::Rehearsal,
            transport: "outbox".into(),
            lists: vec!["example".into()],
            sums: Sums { considered: 3, chosen: 1, left_out: [(LeftOut::Suppressed, 2)].into() },
            domains,
            largest_letter: 12_345,
            tracking: None,
            unmade: 0,
            at_least: None,
            content: "c".repeat(64),
            audience: "a".repeat(32),
        }
    }

    #[test]
    fn a_plan_says_who_is_left_out_and_why() {
        let named =
            Named { address: "bob@example.org".into(), list: "example".into(), why: LeftOut::Suppressed };
        let text = human(&plan(), &[named]);
        for words in
            ["1 subscriber of 3 on example", "2: suppressed", "bob@example.org", "and 1 more", "rehearsal"]
        {
            assert!(text.contains(words), "{words} in\n{text}");
        }
        let place = |words: &str| text.find(words).unwrap();
        assert!(place("not to") < place("bob@") && place("bob@") < place("domains"), "{text}");
    }

    #[test]
    fn a_plan_for_nobody_weighs_nothing() {
        let mut plan = plan();
        plan.sums.chosen = 0;
        let text = human(&plan, &[]);
        assert!(text.contains("0 subscribers of 3") && !text.contains("domains"), "{text}");
        assert!(!text.contains("letter"), "{text}");
    }

    #[test]
    fn the_json_counts_agree() {
        let value = json(&plan(), &[], None);
        assert_eq!(value["considered"], 3);
        assert_eq!(value["left_out"]["suppressed"], 2);
    }
}
