//! What a sink got, as a person reads it.

use std::fmt::Write;
use std::sync::atomic::Ordering::Relaxed;

use crate::report::words::{count, counted, size};
use crate::sink::floor::Floor;

/// So many domains are named.
const DOMAINS: usize = 10;

/// Sums, the faults that met somebody, and the busiest domains.
pub fn summary(floor: &Floor) -> String {
    let mut text = first_line(floor);
    for line in refusals(floor).into_iter().chain(faults(floor)).chain(domains(floor)) {
        writeln!(text, "{line}").expect("a string takes all");
    }
    text
}

fn first_line(floor: &Floor) -> String {
    let (log, sums) = (&floor.log, floor.book.sums());
    let twice = match sums.twice {
        0 => "nobody twice".to_owned(),
        some => format!("{} twice or more", count(some)),
    };
    format!(
        "Took {} ({}) for {}, {twice}, on {}.\n",
        counted(log.letters.load(Relaxed), "letter", "letters"),
        size(usize::try_from(log.bytes.load(Relaxed)).unwrap_or(usize::MAX)),
        counted(sums.reached, "recipient", "recipients"),
        counted(log.connections.load(Relaxed), "connection", "connections"),
    )
}

fn refusals(floor: &Floor) -> Option<String> {
    let log = &floor.log;
    let (deferred, refused, broken) =
        (log.deferred.load(Relaxed), log.refused.load(Relaxed), log.broken_off.load(Relaxed));
    (deferred + refused + broken > 0).then(|| {
        format!(
            "Put off {} times, refused {} times, broke off {}.",
            count(deferred),
            count(refused),
            counted(broken, "connection", "connections")
        )
    })
}

fn faults(floor: &Floor) -> Vec<String> {
    let met = floor.weather.hits().filter(|(_, hits)| *hits > 0);
    let met = met.map(|(fault, hits)| {
        format!("  {:<9} at {:<9} {:>9} times", fault.kind.name(), fault.at.name(), count(hits))
    });
    let met: Vec<String> = met.collect();
    if met.is_empty() { met } else { std::iter::once("Faults:".to_owned()).chain(met).collect() }
}

fn domains(floor: &Floor) -> Vec<String> {
    let all = floor.log.domains(usize::MAX);
    let shown =
        all.iter().take(DOMAINS).map(|(name, domain)| format!("  {:<28} {:>9}", name, count(domain.taken)));
    let more = (all.len() > DOMAINS).then(|| format!("  and {} more", count((all.len() - DOMAINS) as u64)));
    let title = (!all.is_empty()).then(|| "Letters by domain:".to_owned());
    title.into_iter().chain(shown).chain(more).collect()
}
