//! What the desk does for whoever subscribes by themselves.

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use crate::ledger::consent::{Request, Terms};
use crate::ledger::{Ledger, LedgerError};
use crate::token::{PersonId, Purpose, Secret};
use crate::web::serve::books::Opened;
use crate::web::serve::join::{Answer, Asked, Errand, SNIPPET_VERSION, VERSION};
use crate::web::serve::{Listener, Note};

/// Nobody fills in a form faster.
const FASTEST: SignedDuration = SignedDuration::from_secs(1);
/// A form may be open for so long.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// So many requests may wait for their mail.
const MOST_WAITING: u64 = 20_000;

impl Desk {
    pub(super) fn join(&mut self, errand: &Errand) -> Answer {
        let Some((Opened { ledger, secret }, _)) = self.books.ready() else { return Answer::Trouble };
        let clerk = Clerk { ledger, secret, listener: &self.listener, now: Timestamp::now() };
        clerk.answer(errand).unwrap_or_else(|error| {
            (self.listener)(Note::Trouble(&error.to_string()));
            Answer::Trouble
        })
    }
}

/// Who hears one of them.
struct Clerk<'a> {
    ledger: &'a Ledger,
    secret: &'a Secret,
    listener: &'a Listener,
    now: Timestamp,
}

impl Clerk<'_> {
    fn answer(&self, errand: &Errand) -> Result<Answer, LedgerError> {
        match errand {
            Errand::Stamp => Ok(Answer::Stamp(self.secret.stamp(Purpose::Form, self.now))),
            Errand::Ask { stamp, asked } => match version(self.secret, stamp, self.now) {
                Some(version) => self.ask(asked, version),
                None => Ok(Answer::Stale),
            },
            Errand::Look { token } => {
                let open = self.ticket(token).map(|ticket| self.ledger.request_of(&ticket, self.now));
                Ok(open.transpose()?.flatten().map_or(Answer::Old, Answer::Open))
            }
            Errand::Confirm { token, from } => self.confirm(token, from),
        }
    }

    /// Written down whoever it is. Whether a mail leaves is decided afterwards, so that neither the answer nor its time
    /// tells whom we know.
    fn ask(&self, asked: &Asked, version: &str) -> Result<Answer, LedgerError> {
        let Ok(ticket) = PersonId::random() else { return Ok(Answer::Trouble) };
        if self.ledger.requests_waiting(self.now)? >= MOST_WAITING {
            (self.listener)(Note::Full(MOST_WAITING));
            return Ok(Answer::Crowded);
        }
        let Asked { address, lists, words, lang, from } = asked.clone();
        let terms = Terms { form: version.to_owned(), words, lang, from };
        let request = Request { address, lists, terms };
        self.ledger.ask(&request, &HEXLOWER.encode(&ticket.0), self.now)?;
        (self.listener)(Note::Asked);
        Ok(Answer::Asked)
    }

    fn confirm(&self, token: &str, from: &str) -> Result<Answer, LedgerError> {
        let done = self.ticket(token).map(|ticket| self.ledger.confirm(&ticket, from, self.now));
        let Some(done) = done.transpose()?.flatten() else { return Ok(Answer::Old) };
        if !done.is_shut && !done.is_known {
            (self.listener)(Note::Joined);
        }
        Ok(Answer::Confirmed(done))
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
