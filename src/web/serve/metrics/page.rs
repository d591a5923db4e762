//! The text format: each name once with its help and type, then its samples.

use std::fmt::{Display, Write};

use super::counters::Counters;
use super::snapshot::Letters;
use crate::ledger::rows::Taken;
use crate::model::delivery::State;

/// The whole answer.
pub(super) fn written(counters: &Counters, issues: &[Letters], is_well: bool) -> String {
    let (mut page, sums) = (Page::default(), counters.sums());
    page.metric("courant_build_info", "gauge", "The version that answers.");
    page.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    page.metric("courant_ledger_usable", "gauge", "Whether what comes can be written down.");
    page.sample(&[], u8::from(is_well));
    page.metric("courant_letters", "gauge", "Letters of the newest issues by their state.");
    for Letters { issue, realm, counts } in issues {
        for state in State::ALL {
            page.sample(
                &[("issue", issue.as_str()), ("realm", realm.name()), ("state", state.name())],
                counts.get(state),
            );
        }
    }
    page.metric("courant_events_total", "counter", "Events that providers posted.");
    for (provider, told) in &sums.providers {
        for (result, number) in results(&told.taken) {
            page.sample(&[("provider", provider.name()), ("result", result)], number);
        }
    }
    page.metric("courant_webhooks_refused_total", "counter", "Requests to webhooks that were refused.");
    for (provider, told) in &sums.providers {
        page.sample(&[("provider", provider.name())], told.refused);
    }
    page.metric("courant_unsubscribes_total", "counter", "Readers who left, or took it back.");
    for (result, number) in [("left", sums.left), ("stayed", sums.stayed), ("stranger", sums.strangers)] {
        page.sample(&[("result", result)], number);
    }
    page.metric(
        "courant_subscriptions_total",
        "counter",
        "Readers who asked, asked while too many waited, were mailed, confirmed, or chose.",
    );
    let steps = [("asked", sums.asked), ("crowded", sums.crowded), ("mailed", sums.mailed)];
    for (step, number) in steps.into_iter().chain([("joined", sums.joined), ("chose", sums.chose)]) {
        page.sample(&[("step", step)], number);
    }
    page.metric("courant_hits_lost_total", "counter", "Opens and clicks that could not be written down.");
    page.sample(&[], sums.lost);
    page.metric("courant_troubles_total", "counter", "Times that the ledger could not be used.");
    page.sample(&[], sums.troubles);
    page.text
}

/// `unmatched` and `unknown` are among the new ones.
fn results(taken: &Taken) -> [(&'static str, u64); 5] {
    [
        ("new", taken.new.saturating_sub(taken.unmatched + taken.unknown)),
        ("known", taken.known),
        ("unmatched", taken.unmatched),
        ("unknown", taken.unknown),
        ("replayed", taken.replayed),
    ]
}

#[derive(Default)]
struct Page {
    text: String,
    name: &'static str,
}

impl Page {
    fn metric(&mut self, name: &'static str, kind: &str, help: &str) {
        self.name = name;
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.text, "{}{labels} {value}", self.name);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::delivery::{Counts, Realm};
    use crate::model::provider::Provider;
    use crate::web::serve::Note;

    #[test]
    fn the_page_says_what_was_counted_and_hides_no_quotation_mark() {
        let (counters, mut counts) = (Counters::default(), Counts::default());
        counts.add(State::Accepted, 7);
        let taken = Taken { new: 3, unmatched: 1, known: 2, ..Taken::default() };
        counters.hear(&Note::Taken(Provider::Resend, taken));
        counters.hear(&Note::Left);
        counters.hear(&Note::Full(20_000));
        counters.hear(&Note::Lost(3));
        let issue = Letters { issue: "a\"b\\c".to_owned(), realm: Realm::Live, counts };
        let page = written(&counters, &[issue], true);
        for line in [
            "courant_ledger_usable 1",
            r#"courant_letters{issue="a\"b\\c",realm="live",state="accepted"} 7"#,
            r#"courant_events_total{provider="resend",result="new"} 2"#,
            r#"courant_events_total{provider="resend",result="unmatched"} 1"#,
            r#"courant_unsubscribes_total{result="left"} 1"#,
            r#"courant_subscriptions_total{step="crowded"} 1"#,
            "courant_hits_lost_total 3",
            "courant_troubles_total 0",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} in\n{page}");
        }
        assert!(page.ends_with('\n'));
    }
}
