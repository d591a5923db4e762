//! The name by which mail programs know the list.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::settings::dkim::is_aligned;

pub struct ListId;

const ABOUT: About = About {
    id: "list-id",
    what: "the List-Id has no `<label.domain>`, is too long, or is in a domain other than the sender's",
    why: "Mail programs sort by it, and Gmail counts complaints for each; a name in somebody else's domain may be theirs.",
    source: "RFC 2919 2; rules of Gmail for subscriptions",
    fix: "write it as `list_id = \"Weekly <weekly.example.org>\"`, in the domain of `from`, and never change it",
};

/// Octets.
const LONGEST: usize = 255;

impl Rule for ListId {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let headers = &draft.facts.edition.headers;
        let Some((_, value)) = headers.iter().find(|(name, _)| name == "List-Id") else { return };
        let sender = draft.facts.edition.from.address.domain().as_str();
        let inside = value.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
        let message = match inside {
            None => format!("the List-Id `{value}` has no `<label.domain>`"),
            Some(id) if id.len() > LONGEST => format!("the List-Id has {} octets; 255 are allowed", id.len()),
            Some(id) if !is_label(id) => format!("the List-Id `<{id}>` is no `<label.domain>`"),
            Some(id) if draft.facts.no_sender.is_none() && !is_below(id, sender) => {
                format!("the List-Id `<{id}>` is not in the domain of the sender, {sender}")
            }
            Some(_) => return,
        };
        found.push(Finding::warning(self.id(), message).help(ABOUT.fix));
    }
}

/// Words of letters, digits and hyphens between dots, two at least.
fn is_label(id: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    id.contains('.') && id.split('.').all(is_word)
}

fn is_below(id: &str, sender: &str) -> bool {
    let domain = id.split_once('.').map_or(id, |(_, domain)| domain);
    is_aligned(&domain.to_ascii_lowercase(), &sender.to_ascii_lowercase())
}
