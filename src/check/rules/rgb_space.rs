//! Colours that Gmail stumbles over.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::{Finding, Severity};

pub struct RgbSpace;

const ABOUT: About = About {
    id: "rgb-space",
    what: "a colour is written with spaces: `rgb(0 128 0)`",
    why: "Gmail drops the whole style attribute, or the whole `<style>`, in which one stands.",
    source: "Can I email: css-rgb, its note 3",
    fix: "write it as `#008000`, or with commas: `rgb(0, 128, 0)`",
};

impl Rule for RgbSpace {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        super::skipped_without(draft, "gmail-web")
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let spaced = draft.page.markup.declarations().filter(|(each, _)| has_spaces(&each.value));
        let mut seen: Vec<&str> = Vec::new();
        for (declaration, rule) in spaced {
            if seen.contains(&declaration.written.as_str()) {
                continue;
            }
            seen.push(&declaration.written);
            let (severity, lost) = match rule {
                None => (Severity::Warning, "the style attribute"),
                Some(_) => (Severity::Error, "the style sheet"),
            };
            let message = format!("Gmail drops {lost} for `{}`", declaration.written);
            let finding = Finding::new(self.id(), severity, message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}

/// Whether a call of `rgb` or `hsl` in it has no comma.
fn has_spaces(value: &str) -> bool {
    ["rgb(", "rgba(", "hsl(", "hsla("].iter().any(|name| {
        value.match_indices(name).any(|(at, _)| {
            let inside = value[at + name.len()..].split(')').next().unwrap_or_default();
            !inside.contains(',') && inside.trim().contains(' ')
        })
    })
}
