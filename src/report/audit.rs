//! A simulation and its audit, as a person reads it, and as JSON.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use serde_json::{Value, json};

use crate::ledger::rows::Reason;
use crate::model::delivery::State;
use crate::model::issue::IssueId;
use crate::report::words::{count, counted, duration, size};
use crate::sink::audit::{Audit, Group};
use crate::sink::floor::Floor;
use crate::sink::profile::Profile;

/// Stops, and reasons for one state, that are shown.
const SHOWN: usize = 5;

/// A simulation that is over.
pub struct Simulated<'a> {
    pub issue: &'a IssueId,
    pub profile: &'a Profile,
    pub seed: u64,
    pub connections: u64,
    /// How often the sending process was killed.
    pub kills: u32,
    pub prepared: Duration,
    pub sent: Duration,
    pub audited: Duration,
    /// Of the whole process, in octets.
    pub peak_memory: Option<u64>,
    /// Why runs stopped and were started again.
    pub stops: &'a [String],
    pub is_interrupted: bool,
    pub reasons: &'a [Reason],
    pub floor: &'a Floor,
    /// The ledger, if it stays.
    pub kept: Option<PathBuf>,
    pub audit: Audit,
}

impl Simulated<'_> {
    pub fn holds(&self) -> bool {
        self.audit.holds(self.cut_off())
    }

    /// So many letters can have been cut off on our side: one on each connection, each time.
    fn cut_off(&self) -> u64 {
        let stopped_by_hand = u64::from(self.is_interrupted && self.kills == 0);
        self.connections * (u64::from(self.kills) + stopped_by_hand)
    }
}

/// A table of the two books, and a verdict as its last line.
pub fn human(it: &Simulated<'_>) -> String {
    let mut text = first_line(it);
    for line in kills(it).into_iter().chain(stops(it)).chain(table(it)).chain(differences(it)) {
        writeln!(text, "{line}").expect("a string takes all");
    }
    if let Some(path) = &it.kept {
        writeln!(text, "The ledger of the simulation is {}.", path.display()).expect("a string takes all");
    }
    text + &verdict(it)
}

fn first_line(it: &Simulated<'_>) -> String {
    let letters = it.audit.counts.total() - it.audit.counts.open();
    let seconds = it.sent.as_secs_f64();
    let speed = match letters >= 100 && seconds > 0.0 {
        true => format!(" ({} a second)", count((letters as f64 / seconds) as u64)),
        false => String::new(),
    };
    let memory = it.peak_memory.and_then(|bytes| usize::try_from(bytes).ok());
    let memory = memory.map_or_else(String::new, |bytes| format!(" Peak memory: {}.", size(bytes)));
    format!(
        "Simulated {} of {} in {}{speed}, over {}; prepared in {}, audited in {}.{memory}\n",
        counted(letters, "letter", "letters"),
        it.issue,
        duration(it.sent),
        counted(it.connections, "connection", "connections"),
        duration(it.prepared),
        duration(it.audited),
    )
}

fn kills(it: &Simulated<'_>) -> Option<String> {
    let times = counted(it.kills.into(), "time", "times");
    (it.kills > 0).then(|| format!("The sending process was killed {times} and started again."))
}

fn stops(it: &Simulated<'_>) -> Vec<String> {
    let mut kinds: Vec<(&str, u64)> = Vec::new();
    for why in it.stops {
        match kinds.iter_mut().find(|(known, _)| known == why) {
            Some((_, times)) => *times += 1,
            None => kinds.push((why, 1)),
        }
    }
    kinds.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let times = counted(it.stops.len() as u64, "time", "times");
    let title = format!("A send would have stopped {times} for its author to look; it was started again:");
    let lines = kinds.iter().take(SHOWN).map(|(why, times)| format!("{:>9} × {why}", count(*times)));
    let more =
        (kinds.len() > SHOWN).then(|| format!("{:>9}   and {} other reasons", "", kinds.len() - SHOWN));
    (!kinds.is_empty()).then_some(title).into_iter().chain(lines).chain(more).collect()
}

/// One line for each state of the ledger, and what the sink says to it.
fn table(it: &Simulated<'_>) -> Vec<String> {
    let audit = &it.audit;
    let mut lines = vec![format!("{:>12} {:>12}   the sink says", "ledger", "letters")];
    for state in State::ALL.into_iter().filter(|state| audit.counts.get(*state) > 0) {
        let number = count(audit.counts.get(state));
        lines
            .push(format!("{:>12} {number:>12}   {}", state.name(), answer(it, state)).trim_end().to_owned());
        let reasons = it.reasons.iter().filter(|reason| reason.state == state);
        lines.extend(reasons.clone().take(SHOWN).map(reason));
        let more = reasons.count().saturating_sub(SHOWN);
        lines.extend((more > 0).then(|| format!("{:>25}   and {more} more reasons", "")));
    }
    lines.push(format!("{:>12} {:>12}", "in all", count(audit.counts.total())));
    lines
}

fn answer(it: &Simulated<'_>, state: State) -> String {
    let audit = &it.audit;
    match state {
        State::Accepted => format!("taken once: {}", count(audit.reached)),
        State::Uncertain => {
            format!("taken: {}, not taken: {}", count(audit.uncertain_taken), count(audit.uncertain_lost))
        }
        State::Refused if audit.misjudged.number == 0 => "refused, and never taken".to_owned(),
        _ if audit.unknown.number == 0 => "never taken".to_owned(),
        _ => String::new(),
    }
}

fn reason(reason: &Reason) -> String {
    let code = reason.code.map_or_else(String::new, |code| format!("{code} "));
    let words: String = reason.words.chars().take(60).collect();
    let phase = reason.phase.map_or_else(String::new, |phase| format!("{}: ", phase.name()));
    format!("{:>25}   {phase}{code}{words}", count(reason.letters))
}

/// What must not be. A letter that was cut off with its sender is expected, and counted in the verdict.
fn differences(it: &Simulated<'_>) -> Vec<String> {
    let audit = &it.audit;
    let nobody = Group::default();
    let unexplained = if it.holds() { &nobody } else { &audit.unexplained };
    let groups = [
        ("lost: accepted, says the ledger, and never taken", &audit.lost),
        ("taken more than once", &audit.twice),
        ("taken under another Message-ID", &audit.other_id),
        ("taken, and the ledger does not know", &audit.unknown),
        ("refused, says the ledger, and the sink never did", &audit.misjudged),
        ("uncertain although the sink answered", unexplained),
    ];
    let met = groups.into_iter().filter(|(_, group)| group.number > 0);
    let line = |(words, group): (&str, &Group)| {
        let more = if group.number > group.first.len() as u64 { ", …" } else { "" };
        format!("{} {words}: {}{more}", count(group.number), group.first.join(", "))
    };
    let strangers = (audit.strangers > 0)
        .then(|| format!("{} got a letter and are in nobody's audience", count(audit.strangers)));
    met.map(line).chain(strangers).collect()
}

fn verdict(it: &Simulated<'_>) -> String {
    let audit = &it.audit;
    let open = match audit.counts.open() {
        0 => String::new(),
        open => format!(", {} not sent yet", count(open)),
    };
    let uncertain = match audit.uncertain() {
        0 => "0 uncertain".to_owned(),
        some if audit.unexplained.number == 0 => {
            format!("{} uncertain, each of them left without a clear answer", count(some))
        }
        some => format!(
            "{} uncertain, {} of them cut off on our side (at most {})",
            count(some),
            count(audit.unexplained.number),
            count(it.cut_off())
        ),
    };
    format!(
        "{} {} lost, {} twice, {uncertain}{open}.",
        if it.holds() { "The audit holds:" } else { "THE AUDIT DOES NOT HOLD:" },
        count(audit.lost.number),
        count(audit.twice.number),
    )
}

/// See docs/json.md.
pub fn json(it: &Simulated<'_>) -> Value {
    let log = &it.floor.log;
    let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    json!({
        "issue": it.issue.0,
        "faults": it.profile.name,
        "seed": it.seed,
        "connections": it.connections,
        "subscribers": it.audit.counts.total(),
        "interrupted": it.is_interrupted,
        "kills": it.kills,
        "stops": it.stops,
        "counts": State::ALL.iter().map(|state| (state.name().to_owned(), it.audit.counts.get(*state).into()))
            .collect::<serde_json::Map<String, Value>>(),
        "reasons": it.reasons.iter().map(reason_json).collect::<Vec<_>>(),
        "audit": audit_json(it),
        "sink": {
            "letters": log.letters.load(Relaxed),
            "bytes": log.bytes.load(Relaxed),
            "connections": log.connections.load(Relaxed),
            "broken_off": log.broken_off.load(Relaxed),
            "deferred": log.deferred.load(Relaxed),
            "refused": log.refused.load(Relaxed),
            "by_fault": crate::sink::page::by_fault(it.floor),
        },
        "milliseconds": {"prepare": ms(it.prepared), "send": ms(it.sent), "audit": ms(it.audited)},
        "peak_memory": it.peak_memory,
        "ledger": it.kept.as_ref().map(|path| path.display().to_string()),
    })
}

fn reason_json(reason: &Reason) -> Value {
    json!({
        "state": reason.state.name(),
        "phase": reason.phase.map(|phase| phase.name()),
        "code": reason.code,
        "words": reason.words,
        "letters": reason.letters,
    })
}

fn audit_json(it: &Simulated<'_>) -> Value {
    let audit = &it.audit;
    let group = |group: &Group| json!({"letters": group.number, "first": group.first});
    json!({
        "holds": it.holds(),
        "reached": audit.reached,
        "lost": group(&audit.lost),
        "twice": group(&audit.twice),
        "other_message_id": group(&audit.other_id),
        "unknown_to_ledger": group(&audit.unknown),
        "misjudged": group(&audit.misjudged),
        "strangers": audit.strangers,
        "uncertain": {
            "letters": audit.uncertain(),
            "taken": audit.uncertain_taken,
            "not_taken": audit.uncertain_lost,
            "unexplained": group(&audit.unexplained),
        },
    })
}
