//! What the sink got, as a page and as JSON.

use std::fmt::Write;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::encoded::readable;
use super::floor::Floor;
use super::log::{Domain, Glimpse};
use crate::compose::escape;

/// So many domains are shown; JSON has them all.
const DOMAINS: usize = 12;

/// The same as the page, for scripts; see docs/json.md.
pub fn json(floor: &Floor) -> Value {
    let log = &floor.log;
    let read = |number: &AtomicU64| number.load(Relaxed);
    let sums = floor.book.sums();
    let domain = |(name, domain): (String, Domain)| json!({"domain": name, "taken": domain.taken, "deferred": domain.deferred, "refused": domain.refused});
    json!({
        "faults": floor.profile,
        "seconds": floor.now().as_secs(),
        "connections": read(&log.connections),
        "broken_off": read(&log.broken_off),
        "letters": read(&log.letters),
        "bytes": read(&log.bytes),
        "recipients": sums.reached,
        "twice": sums.twice,
        "deferred": read(&log.deferred),
        "refused": read(&log.refused),
        "by_fault": by_fault(floor),
        "by_domain": log.domains(usize::MAX).into_iter().map(domain).collect::<Vec<_>>(),
        "last": log.last().iter().map(last).collect::<Vec<_>>(),
    })
}

/// How often each fault met a letter.
pub fn by_fault(floor: &Floor) -> Vec<Value> {
    let each = floor.weather.hits().map(|(fault, hits)| {
        json!({
            "what": fault.kind.name(), "at": fault.at.name(), "share": fault.share, "times": fault.times,
            "hits": hits,
        })
    });
    each.collect()
}

fn last(glimpse: &Glimpse) -> Value {
    json!({
        "at": format!("{:.0}", glimpse.at),
        "to": glimpse.to,
        "subject": readable(&glimpse.subject),
        "message_id": glimpse.message_id.trim_start_matches('<').trim_end_matches('>'),
        "bytes": glimpse.bytes,
    })
}

/// A page that reads itself anew. All that came from outside is escaped.
pub fn html(floor: &Floor) -> String {
    let letters = floor.log.letters.load(Relaxed);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta http-equiv=\"refresh\" content=\"3\">\
         <title>{} letters · Courant sink</title><style>{STYLE}</style></head><body><main>\
         <h1>Courant sink</h1><p class=\"quiet\">Faults: <b>{}</b> · up {} · nothing leaves this machine · \
         <a href=\"/stats.json\">stats.json</a></p>{}{}{}{}</main></body></html>\n",
        grouped(letters),
        escaped(&floor.profile),
        uptime(floor.now().as_secs()),
        tiles(floor),
        domains(floor),
        faults(floor),
        letters_table(floor),
    )
}

const STYLE: &str = "\
:root{--ink:#1c2126;--quiet:#5b6670;--ground:#f6f7f8;--card:#fff;--line:#dde2e6;--good:#1a7f4b;--soft:#b7791f;--bad:#c0362c}\
@media(prefers-color-scheme:dark){:root{--ink:#e8ecef;--quiet:#9aa5ae;--ground:#14181b;--card:#1d2327;--line:#313a41;\
--good:#4cc38a;--soft:#e0b050;--bad:#f0776c}}\
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}h1{font-size:1.5rem;margin:0}\
h2{font-size:1.1rem;margin:2rem 0 .5rem}a{color:inherit}.quiet{color:var(--quiet);margin:.25rem 0 1rem}\
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:.75rem}\
.tile,.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem}.tile{padding:.6rem .8rem}\
.tile b{display:block;font-size:1.4rem;font-variant-numeric:tabular-nums}.tile span{color:var(--quiet);font-size:.875rem}\
.card{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9375rem}\
th,td{padding:.4rem .8rem;text-align:left;border-top:1px solid var(--line);overflow-wrap:anywhere}\
tr:first-child>*{border-top:0}th{color:var(--quiet);font-weight:600}.n{text-align:right;white-space:nowrap;\
font-variant-numeric:tabular-nums}.good{color:var(--good)}.soft{color:var(--soft)}.bad{color:var(--bad)}\
.bar{display:flex;height:.4rem;min-width:6rem;border-radius:.2rem;overflow:hidden;background:var(--line)}\
.bar i{background:var(--good)}.bar i+i{background:var(--soft)}.bar i+i+i{background:var(--bad)}\
@media(max-width:36rem){.tiles{grid-template-columns:repeat(2,1fr)}th,td{padding:.35rem .5rem}.wide{display:none}}";

fn tiles(floor: &Floor) -> String {
    let (log, sums) = (&floor.log, floor.book.sums());
    let tiles = [
        ("letters taken", log.letters.load(Relaxed), "good"),
        ("recipients reached", sums.reached, ""),
        ("of them twice", sums.twice, if sums.twice > 0 { "bad" } else { "" }),
        ("answers 4xx", log.deferred.load(Relaxed), "soft"),
        ("answers 5xx", log.refused.load(Relaxed), "bad"),
        ("connections", log.connections.load(Relaxed), ""),
        ("of them broken off", log.broken_off.load(Relaxed), ""),
        ("megabytes", log.bytes.load(Relaxed) / 1_000_000, ""),
    ];
    let tile = |(words, number, class): (&str, u64, &str)| {
        let class = if number == 0 { "" } else { class };
        format!("<div class=\"tile\"><b class=\"{class}\">{}</b><span>{words}</span></div>", grouped(number))
    };
    format!("<div class=\"tiles\">{}</div>", tiles.map(tile).concat())
}

fn domains(floor: &Floor) -> String {
    let rows: String = floor.log.domains(DOMAINS).iter().map(domain_row).collect();
    table(
        "By domain",
        "<th>domain</th><th class=\"wide\"></th><th class=\"n\">taken</th><th class=\"n\">4xx</th>\
         <th class=\"n\">5xx</th>",
        &rows,
        "Nobody has written yet.",
    )
}

fn domain_row((name, domain): &(String, Domain)) -> String {
    let all = (domain.taken + domain.deferred + domain.refused).max(1) as f64;
    let part = |number: u64| format!("<i style=\"width:{:.1}%\"></i>", number as f64 / all * 100.0);
    let parts = [domain.taken, domain.deferred, domain.refused];
    let numbers: String = parts.map(|number| format!("<td class=\"n\">{}</td>", grouped(number))).concat();
    format!(
        "<tr><td>{}</td><td class=\"wide\"><div class=\"bar\">{}</div></td>{numbers}</tr>",
        escaped(name),
        parts.map(part).concat()
    )
}

fn faults(floor: &Floor) -> String {
    let mut rows = String::new();
    for (fault, hits) in floor.weather.hits() {
        write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            fault.kind.name(),
            fault.at.name(),
            percent(fault.share),
            grouped(hits)
        )
        .expect("a string takes all");
    }
    table(
        "Faults",
        "<th>what</th><th>at</th><th class=\"n\">share</th><th class=\"n\">times</th>",
        &rows,
        "None: everything is taken.",
    )
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 10_000.0).round() / 100.0)
}

fn letters_table(floor: &Floor) -> String {
    let rows: String = floor.log.last().iter().map(letter_row).collect();
    table(
        "Last letters",
        "<th class=\"wide\">time</th><th>to</th><th>subject</th><th class=\"n wide\">bytes</th>",
        &rows,
        "None yet.",
    )
}

fn letter_row(glimpse: &Glimpse) -> String {
    format!(
        "<tr><td class=\"wide\">{}</td><td>{}</td><td>{}</td><td class=\"n wide\">{}</td></tr>",
        glimpse.at.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S"),
        escaped(&glimpse.to),
        escaped(&readable(&glimpse.subject)),
        grouped(glimpse.bytes)
    )
}

fn table(title: &str, head: &str, rows: &str, empty: &str) -> String {
    match rows.is_empty() {
        true => format!("<h2>{title}</h2><p class=\"quiet\">{empty}</p>"),
        false => format!("<h2>{title}</h2><div class=\"card\"><table><tr>{head}</tr>{rows}</table></div>"),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape::html(text, &mut out);
    out
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8(groups.join(&b","[..])).expect("digits and commas are ASCII")
}

fn uptime(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::sink::log::Said;
    use crate::sink::profile::Profile;

    #[test]
    fn what_came_from_outside_is_escaped() {
        let floor = Floor::new(&Profile::load("hostile").unwrap(), None, true, false);
        let nasty = "<script>alert(1)</script>\"'&";
        floor.log.said(Said::Taken, &format!("a@{nasty}"));
        floor.log.show(Glimpse {
            at: Timestamp::UNIX_EPOCH,
            to: nasty.to_owned(),
            subject: "=?utf-8?Q?=3Cimg_src=3Dx_onerror=3Dalert(1)=3E?=".to_owned(),
            message_id: nasty.to_owned(),
            bytes: 1_234,
        });
        let page = html(&floor);
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;") && page.contains("1,234"), "{page}");
        assert_eq!(json(&floor)["last"][0]["subject"], "<img src=x onerror=alert(1)>");
    }

    #[test]
    fn an_empty_sink_says_so() {
        let floor = Floor::new(&Profile::load("calm").unwrap(), None, true, false);
        let page = html(&floor);
        assert!(page.contains("Nobody has written yet.") && page.contains("None: everything is taken."));
        assert_eq!((json(&floor)["letters"].clone(), grouped(1_234_567)), (0.into(), "1,234,567".into()));
    }
}
