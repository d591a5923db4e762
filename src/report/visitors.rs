//! Opens and clicks, with how sure one may be that a person was there. Never one number: it would be a wrong one.

use serde_json::{Value, json};

use crate::ledger::rows::{Counted, Followed, Visitors};
use crate::policy::visitor::Visitor;
use crate::report::words::count;

/// What everybody has to know who reads such numbers.
pub const CAUTION: &str = "Letters, each once. Mail programs load pictures for nobody and hide who loads them, and scanners \
    follow links: people are fewer or more than counted.";

/// `opened by people 12, unsure 30, machines 58`, a line for each of both that is counted.
pub fn lines(counted: &Counted) -> Vec<String> {
    let line = |word: &str, visitors: &Visitors| format!("{word} by {}", words(visitors));
    let opens = counted.opens.iter().map(|visitors| line("opened", visitors));
    opens.chain(counted.clicks.iter().map(|visitors| line("clicked", visitors))).collect()
}

fn words(visitors: &Visitors) -> String {
    let [machine, unsure, person] = Visitor::ALL.map(|visitor| count(visitors.get(visitor)));
    format!("people {person}, unsure {unsure}, machines {machine} (letters; people are a guess)")
}

/// Stable: documented in docs/json.md.
pub fn json(counted: &Counted) -> Value {
    json!({
        "opens": counted.opens.as_ref().map(numbers),
        "clicks": counted.clicks.as_ref().map(numbers),
        "links": counted.links.iter().map(link).collect::<Vec<_>>(),
    })
}

fn link(link: &Followed) -> Value {
    let mut value = numbers(&link.visitors);
    value["target"] = link.target.clone().into();
    value
}

fn numbers(visitors: &Visitors) -> Value {
    json!({
        "person": visitors.get(Visitor::Person),
        "unsure": visitors.get(Visitor::Unsure),
        "machine": visitors.get(Visitor::Machine),
    })
}
