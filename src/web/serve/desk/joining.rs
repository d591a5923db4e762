//! What the desk does for whoever subscribes by themselves.

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};

use super::{Desk, Door, trouble};
use crate::ledger::consent::{Confirmed, Request, Terms};
use crate::ledger::{Ledger, LedgerError};
use crate::token::{PersonId, Purpose, Secret};
use crate::web::serve::answer::Hindered;
use crate::web::serve::books::Opened;
use crate::web::serve::join::{Asked, SNIPPET_VERSION, VERSION};
use crate::web::serve::{Listener, Note};

/// Nobody fills in a form faster.
const FASTEST: SignedDuration = SignedDuration::from_secs(1);
/// A form may be open for so long.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// So many requests may wait for their mail.
const MOST_WAITING: u64 = 20_000;

/// What is heard of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::serve) enum Heard {
    /// It is written down.
    Asked,
    /// The stamp is none of ours, too old, or too new.
    Stale,
}

impl Door {
    /// A stamp for a form that is shown.
    pub(in crate::web::serve) async fn stamp(&self) -> Result<String, Hindered> {
        self.send(|desk| desk.join(|clerk| Ok(clerk.secret.stamp(Purpose::Form, clerk.now)))).await
    }

    /// Somebody asks, with the stamp of the form that they filled in.
    pub(in crate::web::serve) async fn request(
        &self,
        stamp: String,
        asked: Asked,
    ) -> Result<Heard, Hindered> {
        self.send(move |desk| desk.join(|clerk| clerk.request(&stamp, asked))).await
    }

    /// What the mail with this token asked for; `None` where its link was used, is too old, or none of ours.
    pub(in crate::web::serve) async fn look(&self, token: String) -> Result<Option<Confirmed>, Hindered> {
        self.send(move |desk| desk.join(|clerk| Ok(clerk.look(&token)?))).await
    }

    /// The same, confirmed by whoever is at `from`.
    pub(in crate::web::serve) async fn confirm(
        &self,
        token: String,
        from: String,
    ) -> Result<Option<Confirmed>, Hindered> {
        self.send(move |desk| desk.join(|clerk| Ok(clerk.confirm(&token, &from)?))).await
    }
}

impl Desk {
    fn join<T>(&mut self, work: impl FnOnce(&Clerk<'_>) -> Result<T, Held>) -> Result<T, Hindered> {
        let (Opened { ledger, secret }, _) = self.books.ready().ok_or(Hindered::Trouble)?;
        let clerk = Clerk { ledger, secret, listener: &self.listener, now: Timestamp::now() };
        work(&clerk).map_err(|held| match held {
            Held::Full => Hindered::Crowded,
            Held::Trouble(error) => trouble(&self.listener, &error),
        })
    }
}

/// Why nothing is written down.
enum Held {
    /// Too many wait.
    Full,
    Trouble(LedgerError),
}

impl From<LedgerError> for Held {
    fn from(error: LedgerError) -> Held {
        Held::Trouble(error)
    }
}

/// Who hears one visitor.
struct Clerk<'a> {
    ledger: &'a Ledger,
    secret: &'a Secret,
    listener: &'a Listener,
    now: Timestamp,
}

impl Clerk<'_> {
    /// Written down whoever it is. Whether a mail leaves is decided afterwards, so that neither the answer nor its time
    /// tells whom we know.
    fn request(&self, stamp: &str, asked: Asked) -> Result<Heard, Held> {
        let Some(form) = version(self.secret, stamp, self.now) else { return Ok(Heard::Stale) };
        if self.ledger.requests_waiting(self.now)? >= MOST_WAITING {
            (self.listener)(Note::Full(MOST_WAITING));
            return Err(Held::Full);
        }
        let ticket = PersonId::random().map_err(|error| LedgerError::Store { cause: error.to_string() })?;
        let Asked { address, lists, words, lang, from } = asked;
        let terms = Terms { form: form.to_owned(), words, lang, from };
        let request = Request { address, lists, terms };
        self.ledger.ask(&request, &HEXLOWER.encode(&ticket.0), self.now)?;
        (self.listener)(Note::Asked);
        Ok(Heard::Asked)
    }

    fn look(&self, token: &str) -> Result<Option<Confirmed>, LedgerError> {
        self.ticket(token).map_or(Ok(None), |ticket| self.ledger.request_of(&ticket, self.now))
    }

    fn confirm(&self, token: &str, from: &str) -> Result<Option<Confirmed>, LedgerError> {
        let Some(ticket) = self.ticket(token) else { return Ok(None) };
        let done = self.ledger.confirm(&ticket, from, self.now)?;
        if done.as_ref().is_some_and(|done| !done.is_shut && !done.is_known) {
            (self.listener)(Note::Joined);
        }
        Ok(done)
    }

    /// The request that the token of a mail names.
    fn ticket(&self, token: &str) -> Option<String> {
        self.secret.verify(Purpose::Confirm, token).ok().map(|id| HEXLOWER.encode(&id.0))
    }
}

/// Which form a stamp is of, if it is one of ours and of this time. A form on another site says nothing of when it was
/// shown.
fn version(secret: &Secret, stamp: &str, now: Timestamp) -> Option<&'static str> {
    if let Ok(shown) = secret.verify_stamp(Purpose::Form, stamp) {
        let age = now.duration_since(shown);
        return (FASTEST..=LONGEST).contains(&age).then_some(VERSION);
    }
    secret.verify_stamp(Purpose::Snippet, stamp).ok().map(|_| SNIPPET_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_good_for_a_day_and_not_before_a_person_could_have_typed() {
        let (secret, shown) = (Secret::random().unwrap(), Timestamp::from_second(1_800_000_000).unwrap());
        let stamp = secret.stamp(Purpose::Form, shown);
        let at = |seconds| version(&secret, &stamp, shown + SignedDuration::from_secs(seconds));
        assert_eq!((at(0), at(1), at(24 * 3600)), (None, Some(VERSION), Some(VERSION)));
        assert_eq!((at(24 * 3600 + 1), at(-5)), (None, None));
        let snippet = secret.stamp(Purpose::Snippet, shown);
        let years = shown + SignedDuration::from_hours(3 * 365 * 24);
        assert_eq!(version(&secret, &snippet, years), Some(SNIPPET_VERSION));
        for forged in ["", "x", &secret.stamp(Purpose::Confirm, shown)] {
            assert_eq!(version(&secret, forged, shown + LONGEST), None);
        }
    }
}
