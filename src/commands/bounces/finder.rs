//! Which letter a mail is about, by what only those know who saw it; and whom a mail names that proves nothing.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::commands::sending::deliver::stamper;
use crate::commands::sending::secret;
use crate::compose::press::Stamper;
use crate::inbound::notice::{Kind, Notice};
use crate::ledger::rows::{EditionId, EditionRow, Mailed};
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::{Address, AddressKey};
use crate::model::delivery::State;
use crate::model::subscriber::ListId;
use crate::token::{PersonId, Purpose, Secret};

/// An address alone may be about letters that are no older: no server tries for longer.
const RECENT: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How far back a Message-ID is looked for when the mail names nobody whom we know.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(60 * 24);

/// A letter that a mail is about, and what says so.
pub struct Found {
    pub letter: Mailed,
    pub basis: &'static str,
}

/// What the token of a mail that unsubscribes turned out to be.
pub enum Leaver {
    /// And the lists that the mail names.
    Person(Address, Vec<ListId>),
    /// Of a proof: it changes nothing.
    Proof,
    Forged,
}

pub struct Finder<'a> {
    ledger: &'a Ledger,
    secret: Option<Secret>,
    editions: HashMap<EditionId, EditionRow>,
    /// `None` where the text of the edition was forgotten.
    stampers: HashMap<EditionId, Option<Stamper>>,
    /// Letters by Message-ID, once they were needed.
    by_id: Option<HashMap<String, Mailed>>,
    people: Option<HashMap<PersonId, AddressKey>>,
    now: Timestamp,
}

impl<'a> Finder<'a> {
    pub fn new(desk: &Desk, ledger: &'a Ledger) -> Result<Finder<'a>, Failure> {
        let editions = ledger.editions()?.into_iter().map(|row| (row.id, row)).collect();
        let (secret, now) = (secret::existing(desk)?, desk.now());
        Ok(Finder { ledger, secret, editions, stampers: HashMap::new(), by_id: None, people: None, now })
    }

    /// The letter that a notice is about, if it has what proves that it is: a token that we signed, or a Message-ID
    /// of ours, which only the letter itself tells.
    pub fn find(&mut self, notice: &Notice) -> Result<Option<Found>, LedgerError> {
        let found = |basis| move |letter| Found { letter, basis };
        if let Some(letter) = self.by_token(notice)? {
            return Ok(Some(letter).map(found("by its token")));
        }
        if let Some(letter) = self.by_ids(&notice.keys.envelope_ids, notice)? {
            return Ok(Some(letter).map(found("by its envelope id")));
        }
        let letter = self.by_ids(&notice.keys.message_ids, notice)?;
        Ok(letter.map(found("by its Message-ID")))
    }

    /// A signature proves that the number is ours, the mark that its row is still the same.
    fn by_token(&self, notice: &Notice) -> Result<Option<Mailed>, LedgerError> {
        let Some(secret) = &self.secret else { return Ok(None) };
        for token in notice.keys.verp.iter().filter_map(|token| secret.verify_bounce(token).ok()) {
            let row = self.ledger.mailed(crate::ledger::recorded::DeliveryId(token.delivery))?;
            let is_theirs = |row: &Mailed| secret.mark(&row.address.key()) == token.mark;
            if let Some(row) = row.filter(is_theirs) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn by_ids(&mut self, ids: &[String], notice: &Notice) -> Result<Option<Mailed>, LedgerError> {
        if ids.is_empty() {
            return Ok(None);
        }
        for letter in
            named(notice).iter().map(|key| self.ledger.mailed_to(key)).collect::<Result<Vec<_>, _>>()?
        {
            for letter in letter {
                if self.message_id(&letter)?.is_some_and(|id| ids.contains(&id)) {
                    return Ok(Some(letter));
                }
            }
        }
        match ids.iter().any(|id| looks_like_ours(id)) {
            true => self.by_index(ids),
            false => Ok(None),
        }
    }

    fn by_index(&mut self, ids: &[String]) -> Result<Option<Mailed>, LedgerError> {
        let index = match self.by_id.take() {
            Some(index) => index,
            None => self.index()?,
        };
        let found = ids.iter().find_map(|id| index.get(id).cloned());
        self.by_id = Some(index);
        Ok(found)
    }

    fn index(&mut self) -> Result<HashMap<String, Mailed>, LedgerError> {
        let mut index = HashMap::new();
        for letter in self.ledger.mailed_since(self.now - LOOKED_BACK)? {
            if let Some(id) = self.message_id(&letter)? {
                index.insert(id, letter);
            }
        }
        Ok(index)
    }

    fn message_id(&mut self, letter: &Mailed) -> Result<Option<String>, LedgerError> {
        if !self.stampers.contains_key(&letter.edition) {
            let stamper = self.stamper(letter.edition)?;
            self.stampers.insert(letter.edition, stamper);
        }
        let stamper = self.stampers.get(&letter.edition).and_then(Option::as_ref);
        // The Message-ID does not depend on the date.
        let stamp = |stamper: &Stamper| {
            stamper.stamp(&letter.address.key(), letter.again, Timestamp::UNIX_EPOCH).message_id
        };
        Ok(stamper.map(stamp))
    }

    fn stamper(&self, edition: EditionId) -> Result<Option<Stamper>, LedgerError> {
        let (Some(secret), Some(row)) = (&self.secret, self.editions.get(&edition)) else { return Ok(None) };
        match self.ledger.load_edition(edition) {
            Ok(loaded) => Ok(Some(stamper(secret.clone(), row, &loaded))),
            Err(LedgerError::Forgotten) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whose letter a bounce may be about that proves nothing: it has nothing else to go by, and names one of our
    /// readers and no other. One that names another mail, or has a token that is not ours, is not about a letter of
    /// ours.
    pub fn by_address(&self, notice: &Notice) -> Result<Option<Mailed>, LedgerError> {
        let keys = &notice.keys;
        let has_others =
            !(keys.verp.is_empty() && keys.envelope_ids.is_empty() && keys.message_ids.is_empty());
        if notice.kind != Kind::Bounce || has_others {
            return Ok(None);
        }
        let mut all = Vec::new();
        for key in named(notice) {
            all.extend(self.ledger.mailed_to(&key)?.into_iter().find(|letter| self.is_recent(letter)));
        }
        Ok(all.pop().filter(|_| all.is_empty()))
    }

    fn is_recent(&self, letter: &Mailed) -> bool {
        let has_left = matches!(letter.state, State::Accepted | State::Delivered | State::Bounced);
        has_left && letter.first_begun >= self.now - RECENT
    }

    /// The lists that a request to unsubscribe names. Its subject may have lost its capitals on the way.
    fn named_lists(&self, notice: &Notice) -> Result<Vec<ListId>, LedgerError> {
        let all = self.ledger.lists()?;
        let named = notice.keys.lists.iter().map(|name| {
            let known = all.iter().find(|row| row.list.0.to_lowercase() == *name);
            known.map_or_else(|| ListId(name.clone()), |row| row.list.clone())
        });
        Ok(named.collect())
    }

    /// Who asks in words to be left in peace: whose letter they answer, else the reader who has their address.
    pub fn asker(&mut self, notice: &Notice) -> Result<Option<AddressKey>, LedgerError> {
        if let Some(letter) = self.by_ids(&notice.keys.message_ids, notice)? {
            return Ok(Some(letter.address.key()));
        }
        let author = notice.author.as_deref().and_then(|text| Address::parse(text).ok());
        let Some(key) = author.map(|address| address.key()) else { return Ok(None) };
        let is_known = self.ledger.person(&key)?.is_some();
        Ok(is_known.then_some(key))
    }

    /// Who unsubscribes.
    pub fn leaver(&mut self, notice: &Notice) -> Result<Leaver, LedgerError> {
        let Some(secret) = self.secret.clone() else { return Ok(Leaver::Forged) };
        let verified =
            |purpose| notice.keys.unsubscribe.iter().find_map(|token| secret.verify(purpose, token).ok());
        let Some(person) = verified(Purpose::Unsubscribe) else {
            return Ok(verified(Purpose::Proof).map_or(Leaver::Forged, |_| Leaver::Proof));
        };
        let people = match self.people.take() {
            Some(people) => people,
            None => self.ledger.everybody()?.into_iter().map(|key| (secret.person(&key), key)).collect(),
        };
        let found = people.get(&person).and_then(|key| Address::parse(key.as_str()).ok());
        self.people = Some(people);
        let Some(address) = found else { return Ok(Leaver::Forged) };
        Ok(Leaver::Person(address, self.named_lists(notice)?))
    }
}

/// Whom a notice names, each once.
fn named(notice: &Notice) -> Vec<AddressKey> {
    let mut all = Vec::new();
    for text in notice.about.iter().flat_map(|about| [&about.address, &about.last]).flatten() {
        if let Ok(address) = Address::parse(text)
            && !all.contains(&address.key())
        {
            all.push(address.key());
        }
    }
    all
}

/// Whether an id has the form of our Message-IDs: all letters need not be read for those of others.
fn looks_like_ours(id: &str) -> bool {
    const LENGTH: usize = 26;
    let local = id.split('@').next().unwrap_or_default();
    local.len() == LENGTH
        && local.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte))
}
