//! What should have been replaced before sending.

use std::sync::LazyLock;

use crate::check::words::Phrases;
use crate::check::{About, Draft, Rule};
use crate::compose::dialect;
use crate::model::finding::Finding;
use crate::model::source::Span;
pub struct MergeLeftover;

const ABOUT: About = About {
    id: "merge-leftover",
    what: "placeholders of other tools, `TODO`, `TK` or filler text are left in the letter",
    why: "A letter that says `[First Name]` or `lorem ipsum` is the classic failure.",
    source: "practice",
    fix: "write what belongs there; merge fields are `{{ name }}`, and code spans are left alone",
};

/// What stands where a text is to come.
static FILLERS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(["lorem ipsum", "dolor sit amet", "your text here", "insert text here", "placeholder text"])
});

impl Rule for MergeLeftover {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        in_text(draft, found);
        in_stars(draft, found);
        in_inbox(draft, found);
        if let Some(what) = ["{{", "{%"].into_iter().find(|mark| draft.page.text.contains(mark)) {
            let message = format!("`{what}` is left in the HTML part");
            found.push(Finding::error(self.id(), message).help(ABOUT.fix));
        }
    }
}

fn in_text(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    for (start, text) in &draft.prose.texts {
        found.extend(leftovers(text).into_iter().map(|(span, what)| {
            let place = draft.facts.issue.source.at(start + span.start..start + span.end);
            Finding::error(ABOUT.id, format!("`{what}` is left in the text")).at(place).help(ABOUT.fix)
        }));
    }
}

/// The stars of `*|FNAME|*` are marks of emphasis in Markdown, and stand in no text.
fn in_stars(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    let issue = draft.facts.issue;
    let stars = between(issue.markdown(), "*|", "|*");
    let code = if stars.is_empty() { Vec::new() } else { dialect::code(issue.markdown()) };
    let seen = stars.into_iter().filter(|(span, _)| !code.iter().any(|code| code.contains(&span.start)));
    found.extend(seen.map(|(span, what)| {
        let place = issue.source.at(issue.body.start + span.start..issue.body.start + span.end);
        Finding::error(ABOUT.id, format!("`{what}` is left in the text")).at(place).help(ABOUT.fix)
    }));
}

fn in_inbox(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    let front = &draft.facts.issue.front;
    let title = front.title.as_ref().filter(|_| !draft.facts.issue.title_is_heading());
    for value in [front.subject.as_ref(), front.preheader.as_ref(), title].into_iter().flatten() {
        let left = leftovers(&value.value).into_iter().chain(between(&value.value, "*|", "|*"));
        found.extend(left.map(|(_, what)| {
            let message = format!("`{what}` is left in what the inbox shows");
            Finding::error(ABOUT.id, message).at(super::within(draft, value, what)).help(ABOUT.fix)
        }));
    }
}

/// Where in `text` something is left, and what.
fn leftovers(text: &str) -> Vec<(Span, &str)> {
    let mut found = Vec::new();
    for (open, close) in [("%%", "%%"), ("[[", "]]"), ("<<", ">>"), ("${", "}"), ("{$", "}"), ("[%", "%]")] {
        found.extend(between(text, open, close));
    }
    found.extend(between(text, "[", "]").into_iter().filter(|(_, what)| is_placeholder_name(what)));
    found
        .extend(words(text).filter(|(_, word)| {
            matches!(*word, "TODO" | "FIXME" | "TK" | "TKTK" | "TKTKTK" | "TBD" | "XXX")
        }));
    found.extend(FILLERS.find_all(text).map(|span| (span.clone(), &text[span])));
    found.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut end = 0;
    found.retain(|(span, _)| {
        let is_apart = span.start >= end;
        end = end.max(span.end);
        is_apart
    });
    found
}

/// `*|FNAME|*` and the like: a short name between two marks.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<(Span, &'a str)> {
    let hit = |(at, _): (usize, &str)| {
        let inside = at + open.len();
        let length = text[inside..].find(close)?;
        let name = &text[inside..inside + length];
        let is_name = !name.is_empty()
            && name.len() <= 40
            && name.chars().all(|c| c.is_alphanumeric() || " _-.:|".contains(c));
        let end = inside + length + close.len();
        (is_name && !name.starts_with(' ')).then(|| (at..end, &text[at..end]))
    };
    text.match_indices(open).filter_map(hit).collect()
}

fn is_placeholder_name(bracketed: &str) -> bool {
    let name = bracketed.trim_matches(['[', ']']).to_lowercase().replace(['_', '-', ' '], "");
    matches!(
        name.as_str(),
        "name"
            | "firstname"
            | "fname"
            | "lastname"
            | "lname"
            | "fullname"
            | "email"
            | "company"
            | "city"
            | "date"
            | "link"
            | "url"
    )
}

fn words(text: &str) -> impl Iterator<Item = (Span, &str)> {
    let edge = |c: char| !c.is_alphanumeric() && c != '_';
    text.split(edge).map(move |word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        (start..start + word.len(), word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(text: &str) -> Vec<&str> {
        leftovers(text).into_iter().map(|(_, what)| what).collect()
    }

    #[test]
    fn placeholders_of_other_tools_and_notes_to_self_are_found() {
        assert_eq!(whats("Dear [First Name] %%email%% TODO write"), ["[First Name]", "%%email%%", "TODO"]);
        assert_eq!(whats("é Lorem Ipsum dolor"), ["Lorem Ipsum"]);
        assert_eq!(
            whats("[[name]] ${first_name} {$name} [%city%] TBD"),
            ["[[name]]", "${first_name}", "{$name}", "[%city%]", "TBD"]
        );
        assert_eq!(whats("FIXME, TK: your text here"), ["FIXME", "TK", "your text here"]);
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        assert!(whats("see [1], 100%, a << b, method TODOs, [the date of it], 5 %% of, STK").is_empty());
    }
}
