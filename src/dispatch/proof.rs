//! One letter to oneself, on the same road as all others.

use crate::compose::press::{Press, Stamp};
use crate::ledger::Ledger;
use crate::ledger::recorded::Recorded;
use crate::model::address::Address;
use crate::model::attempt::{Accepted, Broken, Outcome};
use crate::model::issue::IssueId;
use crate::model::subscriber::Subscriber;
use crate::policy::judge::judge;
use crate::transport::{Envelope, Session, Transport};

use super::DispatchError;
use super::alone::open;

/// A proof: the letter of `person` (whose values are shown), sent to `to`.
pub struct Proof<'a> {
    pub issue: &'a IssueId,
    pub press: &'a Press,
    pub person: &'a Subscriber,
    pub to: &'a Address,
    pub stamp: &'a Stamp,
    pub envelope_sender: &'a Address,
    pub transport_name: &'a str,
}

/// Sends one proof and says what became of it.
pub async fn send<T: Transport>(
    ledger: &Ledger,
    transport: &T,
    proof: &Proof<'_>,
    now: jiff::Timestamp,
) -> Result<Outcome, DispatchError> {
    let mut bytes = Vec::new();
    let stamp = Stamp { to: Some(proof.to.clone()), ..proof.stamp.clone() };
    proof.press.press(proof.person, &stamp, &mut bytes)?;
    let envelope = Envelope {
        sender: proof.envelope_sender.clone(),
        recipient: proof.to.clone(),
        size: Some(bytes.len()),
        id: Some(stamp.message_id),
        token: None,
    };
    let recorded = ledger.begin_proof(proof.issue, &proof.to.key(), proof.transport_name, now).await?;
    let outcome = judge(carry(transport, &envelope, &recorded, &bytes).await);
    ledger.settle_proof(recorded, &outcome, now).await?;
    Ok(outcome)
}

async fn carry<T: Transport>(
    transport: &T,
    envelope: &Envelope,
    recorded: &Recorded,
    bytes: &[u8],
) -> Result<Accepted, Broken> {
    let mut session = open(transport, envelope).await?;
    let answer = session.body(recorded, bytes, None).await.letter;
    session.close().await;
    answer
}
