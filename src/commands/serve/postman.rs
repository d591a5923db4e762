//! Who sends the mails that ask to confirm, by the transport of the workspace.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::opener;
use super::told::Told;
use crate::commands::desk::Desk;
use crate::commands::sending::way::{Way, refuse_default_outbox};
use crate::commands::{Failure, readers};
use crate::model::subscriber::ListId;
use crate::settings::lists::List;
use crate::web::serve::{Dress, From, Mails, Open, Postman};

/// A postman, and the way that the mails go.
pub struct Sender {
    postman: Postman,
    open: Open,
    way: Way,
}

/// Nobody where there is no form.
pub fn sender(
    desk: &Desk,
    offered: &[List],
    dress: &Arc<Dress>,
    told: &Told,
) -> Result<Option<Sender>, Failure> {
    if offered.is_empty() {
        return Ok(None);
    }
    let (base_url, _) = readers::signing(desk)?;
    refuse_default_outbox(desk, "the form of [subscribe] sends mails")?;
    let settings = &desk.settings.transport.transport;
    let way = Way::open(settings, None)?;
    let postman = Postman {
        mails: Mails { dress: Arc::clone(dress), base_url, from: senders(desk, offered)? },
        transport: settings.name.clone(),
        listener: Arc::clone(&told.listener),
        wake: Arc::clone(&told.wake),
    };
    Ok(Some(Sender { postman, open: opener(desk), way }))
}

fn senders(desk: &Desk, offered: &[List]) -> Result<BTreeMap<ListId, From>, Failure> {
    let each = offered.iter().map(|list| {
        let mailbox = desk.from_of(list.from.clone())?;
        let reply_to = list.reply_to.clone().or_else(|| desk.settings.reply_to.clone());
        let signers = desk.signers(mailbox.address.domain())?;
        Ok((list.id.clone(), From { mailbox, reply_to, signers }))
    });
    each.collect()
}

impl Sender {
    /// Works until `end` says so.
    pub async fn work(self, end: watch::Receiver<bool>) {
        let Sender { postman, open, way } = self;
        match way {
            Way::Outbox(outbox) => postman.work(open, outbox.as_ref(), end).await,
            Way::Smtp(smtp) => postman.work(open, smtp.as_ref(), end).await,
            Way::Http(http) => postman.work(open, http.as_ref(), end).await,
        }
    }
}
