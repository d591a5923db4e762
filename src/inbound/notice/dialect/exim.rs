//! Exim, its reports of delay, and the hosts that write as it does (Kundenserver, mail.ru, Demon).

use super::super::found::{self, Found};
use super::Dialect;
use super::text::Text;

pub(super) static DIALECT: Dialect = Dialect {
    name: "exim",
    knows: |text| {
        text.mail.head.has("x-failed-recipients")
            || text.says(&[
                "created automatically by mail delivery software",
                "created automatically by the mail",
            ])
    },
    find,
};

const OPENERS: &[&str] = &[
    "address(es) failed",
    "addresses failed",
    "following address failed",
    "addresses had errors",
    "has not yet been delivered is",
    "has not yet been delivered are",
    "has not yet been delivered to the following",
    "not yet been delivered to:",
    "message, addressed to",
    "following recipients",
];

/// The header names all, without their reasons; where it is missing, the words have to do.
fn find(text: &Text<'_>) -> Vec<Found> {
    let mut found = text.after(OPENERS);
    let named = text.mail.head.all("x-failed-recipients").flat_map(found::addresses);
    found.extend(named.map(|address| Found { address: address.to_owned(), last: None, text: String::new() }));
    found
}
