//! From a request that waits to the bytes of its mail.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::letter::{CONFIRM_URL, confirmation};
use crate::compose::dkim::Signer;
use crate::compose::edition;
use crate::compose::press::{Press, Stamp};
use crate::ledger::consent::DueRequest;
use crate::model::address::Mailbox;
use crate::model::letter::Edition;
use crate::model::path;
use crate::model::subscriber::{Fields, ListId, Subscriber};
use crate::token::{PersonId, Purpose, Secret};
use crate::transport::Envelope;
use crate::web::serve::dress::Dress;

/// Who mails about a list are from.
pub struct From {
    pub mailbox: Mailbox,
    pub reply_to: Option<Mailbox>,
    pub signers: Vec<Signer>,
}

/// What mails that ask to confirm are made of.
pub struct Mails {
    pub dress: Arc<Dress>,
    /// Where the link that confirms leads.
    pub base_url: String,
    /// For every list of the form.
    pub from: BTreeMap<ListId, From>,
}

impl Mails {
    /// `None` for lists that are in the form no more.
    pub(super) fn letter(&self, secret: &Secret, request: &DueRequest) -> Option<(Envelope, Vec<u8>)> {
        let from = request.lists.iter().find_map(|list| self.from.get(list))?;
        let (mailbox, reply_to) = (from.mailbox.clone(), from.reply_to.clone());
        let edition = confirmation(&self.dress, &request.lang, &request.lists, mailbox, reply_to);
        let (to, stamp) = (self.to(secret, request)?, stamp(secret, &edition, request));
        let press = Press::new(&edition).ok()?.signed_by(from.signers.clone());
        let mut bytes = Vec::new();
        press.press(&to, &stamp, &mut bytes).ok()?;
        let envelope = Envelope {
            sender: edition.from.address,
            recipient: to.address,
            size: Some(bytes.len()),
            id: Some(stamp.message_id),
            token: None,
        };
        Some((envelope, bytes))
    }

    /// Whoever asked, with the link that confirms.
    fn to(&self, secret: &Secret, request: &DueRequest) -> Option<Subscriber> {
        let id = PersonId(HEXLOWER.decode(request.ticket.as_bytes()).ok()?.try_into().ok()?);
        let url = format!("{}/{}/{}", self.base_url, path::CONFIRM, secret.token(Purpose::Confirm, id));
        let fields = Fields::from([(CONFIRM_URL.to_owned(), url)]);
        Some(Subscriber { address: request.address.clone(), name: None, fields })
    }
}

fn stamp(secret: &Secret, edition: &Edition, request: &DueRequest) -> Stamp {
    let again = u32::try_from(request.id).unwrap_or(u32::MAX);
    let token = secret.message_token(&edition.issue, &edition::hash(edition), &request.address.key(), again);
    Stamp {
        message_id: format!("{token}@{}", edition.from.address.domain()),
        date: Timestamp::now(),
        track: String::new(),
        token: String::new(),
        proof: false,
        to: None,
    }
}
