//! Lists that do not agree.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::settings::lists::List;

pub struct ListSettings;

const ABOUT: About = About {
    id: "list-settings",
    what: "the chosen lists have different senders, templates or footers",
    why: "One letter has one sender: the settings of the first list count for all.",
    source: "the meaning of `lists`",
    fix: "put the list whose settings should count first, or send the issue once for each list",
};

impl Rule for ListSettings {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some((first, others)) = draft.facts.lists.split_first() else { return };
        for other in others {
            let differing = differences(first, other);
            if !differing.is_empty() {
                let message = format!(
                    "the lists `{}` and `{}` have a different {}: that of `{}` counts for all",
                    first.name,
                    other.name,
                    differing.join(" and "),
                    first.name
                );
                let place = draft
                    .facts
                    .issue
                    .front
                    .lists
                    .iter()
                    .find(|at| at.value == other.name)
                    .map(|at| draft.at(at));
                found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
            }
        }
    }
}

fn differences(one: &List, other: &List) -> Vec<&'static str> {
    let pairs = [
        ("sender", one.from != other.from),
        ("reply address", one.reply_to != other.reply_to),
        ("template", one.template != other.template),
        ("footer", one.footer != other.footer),
    ];
    pairs.into_iter().filter(|(_, differ)| *differ).map(|(name, _)| name).collect()
}
