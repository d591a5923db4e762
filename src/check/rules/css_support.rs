//! What a mail client that was chosen does not support, and what that does to the letter.

use crate::check::clients::{self, Loss, Support, Use, Where, loss};
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::{Finding, Severity};
use crate::model::source::Place;
use crate::settings::clients::Client;

pub struct CssSupport;

const ABOUT: About = About {
    id: "css-support",
    what: "one of the `[check] clients` does not support what the HTML is made of, and something is lost by it",
    why: "What a client does not know it drops: a width, a space, a colour, or what should be seen. Not reported is \
          what a letter is as good without (round corners, shadows, `:hover`), and what stands in a style sheet: that \
          is there for those who know it, such as `@media` for phones and dark mode, and what is inline holds without. \
          Nor is a declaration that follows one of the same name for the others.",
    source: "Can I email (caniemail.com), MIT License",
    fix: "write what all of them know before it, or name the clients of your readers: `[check] clients`",
};

impl Rule for CssSupport {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.facts.settings.check.clients.is_empty().then(|| "`[check] clients` names none".to_owned())
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for used in clients::uses(&draft.page.markup) {
            let Loss::Matters(words) = loss(used.feature.slug) else { continue };
            if used.has_fallback || matches!(used.place, Where::Sheet | Where::Query) {
                continue;
            }
            let chosen = &draft.facts.settings.check.clients;
            let with = |support| -> Vec<Client> {
                chosen.iter().copied().filter(|client| used.feature.support(*client) == support).collect()
            };
            let (none, partly) = (with(Support::None), with(Support::Partial));
            let finding = match (none.is_empty(), partly.is_empty()) {
                (false, _) => missing(&used, &none, words),
                (true, false) => partial(&used, &partly),
                (true, true) => continue,
            };
            found.push(super::at(finding, place(draft, &used)));
        }
    }
}

fn missing(used: &Use, clients: &[Client], words: &str) -> Finding {
    let message = format!("{} {} not know `{}`: {words}", names(clients), verb(clients), shown(used));
    Finding::new(ABOUT.id, Severity::Warning, message).help(help(used))
}

fn partial(used: &Use, clients: &[Client]) -> Finding {
    let verb = if clients.len() == 1 { "knows" } else { "know" };
    let message = format!("{} {verb} `{}` only in part", names(clients), shown(used));
    Finding::new(ABOUT.id, Severity::Info, message).help(help(used))
}

fn verb(clients: &[Client]) -> &'static str {
    if clients.len() == 1 { "does" } else { "do" }
}

fn help(used: &Use) -> String {
    format!("{}; {} says more", ABOUT.fix, used.feature.page())
}

/// The declaration where there is one, else the element or attribute.
fn shown(used: &Use) -> &str {
    if used.written.len() > 60 { used.feature.title } else { &used.written }
}

/// `Outlook (Windows), Gmail (iOS) and 3 more`.
pub fn names(clients: &[Client]) -> String {
    const SHOWN: usize = 3;
    let words: Vec<&str> = clients.iter().take(SHOWN).map(|client| client.words()).collect();
    match (clients.len().saturating_sub(SHOWN), words.as_slice()) {
        (0, [one]) => (*one).to_owned(),
        (0, [first @ .., last]) => format!("{} and {last}", first.join(", ")),
        (more, _) => format!("{} and {more} more", words.join(", ")),
    }
}

fn place(draft: &Draft<'_>, used: &Use) -> Option<Place> {
    match used.place {
        Where::Inline => trace::declaration(draft, &used.written),
        _ => trace::find(draft, used.written.trim_end_matches('>')),
    }
}
