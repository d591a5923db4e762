//! The stamps of letters that are only looked at: by `render --as` and in the preview.

use jiff::Timestamp;

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::commands::sending::secret;
use crate::compose::edition;
use crate::compose::press::{Stamp, Stamper};
use crate::model::letter::Edition;
use crate::model::subscriber::Subscriber;
use crate::token::{Purpose, Secret};

/// Stamps the letters of one edition as a send would. The links to leave the list, and those that count readers, are
/// those of a proof: they change nothing.
pub struct Stamps(Stamper);

impl Stamps {
    pub fn new(edition: &Edition, secret: Secret) -> Stamps {
        Stamps(Stamper::new(secret, edition, edition::hash(edition), Purpose::Unsubscribe))
    }

    /// That of `person`'s letter, dated `date`.
    pub fn stamp(&self, person: &Subscriber, date: Timestamp) -> Stamp {
        let (key, secret) = (person.address.key(), &self.0.secret);
        let token = secret.token(Purpose::Proof, secret.person(&key));
        Stamp { track: token.clone(), token, ..self.0.stamp(&key, 0, date) }
    }
}

/// The secret of the workspace; where there is none yet, one that is gone with the process.
pub fn secret_of(desk: &Desk) -> Result<Secret, Failure> {
    Ok(match secret::existing(desk)? {
        Some(secret) => secret,
        None => Secret::random()?,
    })
}
