//! DKIM (RFC 6376): which fields of a letter are signed, by whom, and how. Keys come in as text; nothing here
//! reads a file or asks DNS.

pub mod key;
pub mod relaxed;
mod signature;

use std::sync::Arc;

use crate::model::address::Domain;
use key::PrivateKey;
pub use signature::{Broken, Seal};

/// Who signs.
#[derive(Debug, Clone)]
pub struct Signer {
    pub domain: Domain,
    /// The labels before `._domainkey` in DNS.
    pub selector: String,
    pub key: Arc<PrivateKey>,
}

impl Signer {
    /// Where the public half of the key has to be, in DNS.
    pub fn dns_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }
}

/// A TXT record in the strings that DNS keeps it in, of at most 255 octets (RFC 1035 3.3); together they are
/// the record.
pub fn txt_strings(record: &str) -> impl Iterator<Item = &str> {
    let ends = (0..record.len()).step_by(LONGEST_STRING).map(|start| (start, start + LONGEST_STRING));
    ends.map(|(start, end)| &record[start..end.min(record.len())])
}

const LONGEST_STRING: usize = 255;

/// Fields that are named once more than they are there, so that nobody on the way can add one (RFC 6376 5.4.2,
/// 8.15): what mail programs show or answer to, what says how the body is read, and what one-click
/// unsubscribing and Gmail's statistics go by.
///
/// Sender, Resent-* and Received are not among them: whoever passes a letter on in good faith adds those.
const GUARDED: [&str; 14] = [
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
];

/// The value of `h=` for a letter with these fields, each name as often as it is signed.
fn signed_names(present: &[&str]) -> Vec<String> {
    let present: Vec<String> = present.iter().map(|name| name.to_ascii_lowercase()).collect();
    let count = |name: &str| present.iter().filter(|there| *there == name).count();
    let guarded = GUARDED.iter().flat_map(|name| vec![(*name).to_owned(); count(name) + 1]);
    let is_more = |name: &&String| name.starts_with("list-") && !GUARDED.contains(&name.as_str());
    guarded.chain(present.iter().filter(is_more).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_cut_into_strings_that_dns_can_hold() {
        let record = "x".repeat(256);
        assert_eq!(txt_strings(&record).map(str::len).collect::<Vec<_>>(), [255, 1]);
        assert_eq!(txt_strings("").count(), 0);
    }

    #[test]
    fn what_is_there_is_signed_and_one_more_would_break_the_signature() {
        let names = signed_names(&["From", "Subject", "List-Archive", "Precedence"]);
        let count = |name: &str| names.iter().filter(|signed| *signed == name).count();
        assert_eq!((count("from"), count("subject"), count("cc"), count("reply-to")), (2, 2, 1, 1));
        assert_eq!((count("list-archive"), count("precedence"), count("sender")), (1, 0, 0));
    }
}
