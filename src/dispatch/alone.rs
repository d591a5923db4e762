//! A letter that travels alone: a proof, or a mail that asks somebody to confirm.

use crate::model::attempt::Broken;
use crate::transport::{Envelope, Session, Transport};

/// A session of a server that has taken the envelope. Whoever holds it closes it.
pub async fn open<T: Transport>(transport: &T, envelope: &Envelope) -> Result<T::Session, Broken> {
    let mut session = transport.connect().await?;
    match session.open(envelope).await {
        Ok(()) => Ok(session),
        Err(broken) => {
            session.close().await;
            Err(broken)
        }
    }
}
