//! The words of mail servers, in the order in which they are looked for: the first that stands in the text decides.
//! Texts are in lower case, without addresses, links, host names and codes. To add one, put it where no list above
//! takes it, and a case from life into the tests. Nothing here knows of one server alone: what one says, others copy.

mod address;
mod mailbox;
mod policy;
mod way;

use super::Reason;
use crate::model::attempt::Enhanced;

/// Words that all mean one thing.
struct Wording {
    reason: Reason,
    says: &'static [&'static str],
}

/// Words that name the reason beyond doubt, whatever the code is.
static CERTAIN: &[&[Wording]] =
    &[way::OUR_WAY, policy::SENDER, mailbox::FULL, policy::RULES, policy::CERTAIN];

/// Words about the address, the vaguest last.
static ADDRESS: &[&[Wording]] =
    &[address::DOMAIN, address::MOVED, mailbox::CLOSED, address::CORE, address::USER];

/// What they found, with the words.
type Found = (Reason, String);

/// What the words say beyond doubt.
pub(super) fn certain(text: &str, enhanced: Option<Enhanced>) -> Option<Found> {
    look(CERTAIN, text).or_else(|| edge_block(text, enhanced))
}

/// What the words say, unless they speak of policy and the code does not speak of the address: "does not exist" is
/// also said of records and of senders.
pub(super) fn weaker(text: &str, enhanced: Option<Enhanced>) -> Option<Found> {
    let of_address = || look(ADDRESS, text);
    let core = || look(&ADDRESS[..ADDRESS.len() - 1], text);
    match enhanced.is_some_and(is_of_address) {
        true => of_address().or_else(|| look(&[policy::WEAK], text)),
        false => core().or_else(|| look(&[policy::WEAK], text)).or_else(of_address),
    }
}

/// What the words hint at where no code says more.
pub(super) fn hint(text: &str) -> Option<Found> {
    look(&[way::WAY], text)
}

/// Words that servers say of full, closed and guarded mailboxes, too, and mean "no such user" only in answer to RCPT.
pub(super) fn is_vague(words: &str, enhanced: Option<Enhanced>) -> bool {
    const VAGUE: [&str; 4] =
        ["mailbox unavailable", "mailbox not available", "mailbox is unavailable", "mailbox isn't available"];
    VAGUE.contains(&words) && !enhanced.is_some_and(is_of_address)
}

fn is_of_address(code: Enhanced) -> bool {
    code.subject == 1 && (code.detail <= 6 || code.detail == 10)
}

/// Exchange Online refuses unknown users at its edge with words that elsewhere mean a policy.
fn edge_block(text: &str, enhanced: Option<Enhanced>) -> Option<Found> {
    const WORDS: &str = "recipient address rejected: access denied";
    let code = enhanced.filter(|code| (code.subject, code.detail) == (4, 1))?;
    text.contains(WORDS).then(|| (Reason::NoSuchUser, format!("{code} {WORDS}")))
}

fn look(lists: &[&[Wording]], text: &str) -> Option<Found> {
    lists.iter().copied().flatten().find_map(|wording| {
        let found = wording.says.iter().find(|words| text.contains(**words))?;
        Some((wording.reason, (*found).to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wording_can_be_found_and_is_no_address_host_or_code() {
        for wording in CERTAIN.iter().chain(ADDRESS).chain(&[policy::WEAK, way::WAY]).copied().flatten() {
            for says in wording.says {
                assert_eq!(super::super::scan::words(says), *says.trim(), "{:?}", wording.reason);
            }
        }
    }
}
