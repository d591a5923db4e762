//! A report as JSON. Stable: documented in docs/json.md.

use serde_json::{Map, Value, json};

use super::over_time::Timeline;
use super::past::{Month, Past};
use super::providers::{Provider, Slow};
use super::{Funnel, Report, share};
use crate::ledger::tally::Cause;
use crate::model::delivery::{Counts, State};

pub fn json(report: &Report) -> Value {
    let mut value = crate::report::status::json(&report.row, &report.counts);
    let providers = &report.providers;
    value["state"] = report.state.into();
    value["first_attempt"] = report.span.map(|(first, _)| first.to_string()).into();
    value["last_answer"] = report.span.map(|(_, last)| last.to_string()).into();
    value["seconds"] = report.took().map(|took| took.as_secs_f64()).into();
    value["letters"] = letters(&report.funnel);
    value["events"] = events(report);
    value["attempts"] = timeline(&report.attempts);
    value["told"] = timeline(&report.told_over_time);
    value["providers"] = providers.named.iter().map(provider).collect();
    value["other_providers"] =
        json!({ "providers": providers.others.providers, "counts": counts(&providers.others.counts) });
    value["slowest"] = providers.slowest.iter().map(slow).collect();
    value["reasons"] = report.reasons.reasons.iter().map(reason).collect();
    value["other_reasons"] = others(report);
    value["tries"] = report
        .tries
        .iter()
        .map(|tries| json!({ "attempts": tries.attempts, "letters": tries.letters, "accepted": tries.accepted }))
        .collect();
    value["uncertain"] = json!({ "letters": report.counts.get(State::Uncertain), "next": report.doubt() });
    value["earlier"] = report.issues.iter().skip(1).map(past).collect();
    if let Some(counted) = &report.counted {
        value["tracking"] = crate::report::visitors::json(counted);
    }
    value["growth"] = json!({
        "lists": report.growth.lists.iter().map(|list| json!({ "list": list.name, "members": list.members })).collect::<Vec<_>>(),
        "months": report.growth.months.iter().map(month).collect::<Vec<_>>(),
    });
    value
}

fn counts(counts: &Counts) -> Value {
    let each = State::ALL.iter().map(|state| (state.name().to_owned(), counts.get(*state).into()));
    Value::Object(each.collect::<Map<_, _>>())
}

fn letters(funnel: &Funnel) -> Value {
    let step = |step: super::Step| {
        let value =
            json!({ "letters": step.number, "share": share(step.number, step.of), "of": step.of_name });
        (step.name.to_owned(), value)
    };
    Value::Object(funnel.steps().into_iter().map(step).collect())
}

fn events(report: &Report) -> Value {
    let each = report.told.iter().map(|told| (told.kind.clone(), told.events.into()));
    Value::Object(each.collect())
}

fn timeline(timeline: &Timeline) -> Value {
    let row = |row: &super::over_time::Stretch| {
        let numbers = timeline.columns.iter().zip(&row.numbers);
        let mut value = json!({ "from": row.at.to_string() });
        for (name, number) in numbers {
            value[*name] = (*number).into();
        }
        value
    };
    json!({
        "step_seconds": timeline.step.as_secs(),
        "points": timeline.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn provider(provider: &Provider) -> Value {
    json!({
        "provider": provider.name,
        "known": provider.is_known,
        "letters": provider.counts.total(),
        "counts": counts(&provider.counts),
    })
}

fn slow(slow: &Slow) -> Value {
    json!({
        "domain": slow.domain,
        "letters": slow.letters,
        "p50_seconds": slow.median.as_secs_f64(),
        "p95_seconds": slow.p95.as_secs_f64(),
    })
}

fn reason(reason: &Cause) -> Value {
    json!({
        "state": reason.state.name(),
        "letters": reason.letters,
        "code": reason.code,
        "enhanced": reason.enhanced,
        "said": reason.words,
        "example": reason.example,
    })
}

fn others(report: &Report) -> Value {
    let each = report.reasons.others.iter();
    each.map(|(state, letters)| json!({ "state": state.name(), "letters": letters })).collect()
}

fn past(issue: &Past) -> Value {
    json!({
        "issue": issue.issue,
        "subject": issue.subject,
        "frozen_at": issue.frozen_at.to_string(),
        "letters": letters(&issue.funnel),
    })
}

fn month(month: &Month) -> Value {
    json!({ "month": month.month, "joined": month.joined, "left": month.left, "members": month.members })
}
