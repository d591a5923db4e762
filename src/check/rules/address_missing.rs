//! Who is behind the letter.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
pub struct AddressMissing;

const ABOUT: About = About {
    id: "address-missing",
    what: "the letter does not show a postal address",
    why: "The law of many countries asks for a valid postal address in every commercial letter.",
    source: "15 USC 7704 (a)(5); 16 CFR 316; CASL",
    fix: "set POSTAL_ADDRESS in .env or `postal_address` in courant.toml, and keep `site.postal_address` in the template",
};

impl Rule for AddressMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(address) =
            draft.facts.settings.site.postal_address.as_deref().filter(|text| !text.trim().is_empty())
        else {
            found.push(
                Finding::new(self.id(), draft.deliverability(), "there is no postal address").help(ABOUT.fix),
            );
            return;
        };
        let edition = draft.facts.edition;
        for (text, name) in [(&draft.page.text, "HTML"), (&flat(&edition.text), "text")] {
            if !letters(text).contains(&letters(address)) {
                let message = format!("the {name} part does not show the postal address");
                found.push(Finding::new(self.id(), draft.deliverability(), message).help(ABOUT.fix));
            }
        }
    }
}

/// Letters and digits alone: line breaks and commas of an address are the template's matter.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
