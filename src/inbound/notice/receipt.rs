//! Receipts (RFC 8098): a letter was shown, or deleted unread. Dovecot refuses letters in this form, too: that is a
//! bounce.

use super::fields::Fields;
use super::found::{self, Found};
use super::open::Opened;
use super::{Action, Kind, Read, dialect};

const REFUSALS: [&str; 3] = ["automatically rejected", "was rejected", "message was refused"];

pub(super) fn read(mail: &Opened) -> Option<Read> {
    let part = mail.part(&["message/disposition-notification", "message/global-disposition-notification"])?;
    let voice = mail.voice_text();
    let groups = Fields::groups(&part.text);
    let named =
        groups.iter().find_map(|group| group.get("original-recipient").or(group.get("final-recipient")));
    let address = named.and_then(|value| found::addresses(value).next());
    match address.filter(|_| is_refusal(mail, &voice)) {
        Some(address) => {
            let found = Found { address: address.to_owned(), last: None, text: voice.clone() };
            let about = vec![dialect::about(found, Action::Failed, &voice)];
            Some(Read { kind: Kind::Bounce, feedback: None, dialect: Some("dovecot"), about })
        }
        None => Some(Read { dialect: Some("rfc8098"), ..Read::of(Kind::Receipt) }),
    }
}

fn is_refusal(mail: &Opened, voice: &str) -> bool {
    let told = format!("{} {voice}", mail.subject).to_lowercase();
    REFUSALS.iter().any(|words| told.contains(words))
}
