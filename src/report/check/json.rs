//! As a program reads it; the keys are documented in `docs/json.md` and stay.

use serde_json::{Value, json};
use url::Url;

use super::{Report, all};
use crate::check::Told;
use crate::check::ignore::Ignored;
use crate::report::{findings, problem};

/// `{"issues": [{"issue", "file", "findings", "ignored", "known", "fixed", "skipped", "subscribers", "links", "link_verdicts"}],
/// "counts": {…}}`.
pub fn json(reports: &[Report]) -> Value {
    json!({
        "issues": reports.iter().map(one).collect::<Vec<_>>(),
        "counts": findings::counts_json(&all(reports)),
    })
}

fn one(report: &Report) -> Value {
    json!({
        "issue": report.issue.as_ref().map(|id| &id.0),
        "file": report.file,
        "findings": findings::json(&report.checked.findings),
        "ignored": report.checked.ignored.iter().map(ignored).collect::<Vec<_>>(),
        "known": findings::json(&report.known),
        "fixed": findings::json(&report.fixed),
        "skipped": findings::skipped_json(&report.checked.skipped),
        "subscribers": report.members,
        "links": report.visited,
        "link_verdicts": report.verdicts.iter().map(verdict).collect::<Vec<_>>(),
    })
}

/// What became of one address.
fn verdict(told: &Told) -> Value {
    let position = told.place.as_ref().map(|place| place.position());
    let snapshot = told.snapshot.as_ref();
    json!({
        "url": shown(&told.url),
        "text": shown(&told.text),
        "verdict": told.verdict.name(),
        "words": shown(&told.verdict.words()),
        "chain": told.chain.iter().map(|hop| json!({"status": hop.status, "to": shown(hop.to.as_str())})).collect::<Vec<_>>(),
        "age": told.age.map(|age| age.as_secs()),
        "line": position.map(|position| position.line),
        "snapshot": snapshot.map(|copy| json!({"url": shown(copy.url.as_str()), "taken": copy.at.to_string()})),
    })
}

/// A text without the passwords of the addresses in it; an address that has none stays as it is.
fn shown(text: &str) -> String {
    let is_plain = |word: &str| Url::parse(word.trim()).is_ok_and(|url| url.password().is_none());
    let word = |word: &str| if is_plain(word) { word.to_owned() } else { problem::without_passwords(word) };
    text.split_inclusive(char::is_whitespace).map(word).collect()
}

/// A finding with `reason` beside its own keys.
fn ignored(Ignored { finding, reason }: &Ignored) -> Value {
    let mut value = findings::one(finding);
    value["reason"] = json!(reason);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::Verdict;
    use crate::links::visit::Hop;

    #[test]
    fn the_password_of_an_address_is_not_shown() {
        let url = "https://ada:sesame@a.example/x";
        let to = Url::parse("https://ada:sesame@a.example/y").expect("this is a URL");
        let told = Told {
            url: url.to_owned(),
            text: format!("see {url}"),
            place: None,
            verdict: Verdict::Moved { to: to.clone(), permanent: true },
            chain: vec![Hop { status: 301, to }],
            age: None,
            snapshot: None,
        };
        let value = verdict(&told);
        assert_eq!(value["url"], "https://ada:******@a.example/x");
        assert_eq!(value["words"], "it has moved for good to https://ada:******@a.example/y");
        assert!(!value.to_string().contains("sesame"), "{value}");
    }

    #[test]
    fn an_address_without_a_password_stays_as_it_is() {
        for text in
            ["https://a.example:8080/@ada", "see https://a.example/x:y@z today", "mailto:ada@a.example"]
        {
            assert_eq!(shown(text), text);
        }
    }
}
