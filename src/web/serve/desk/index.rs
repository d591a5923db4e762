//! From the id in a token to the person. Ids are computed from addresses and not stored, so somebody has to go through
//! all of them once.

use crate::ledger::{Ledger, LedgerError};
use crate::model::address::AddressKey;
use crate::token::{PersonId, Secret};

/// The ids of everybody who ever was on a list: 16 bytes for each, in memory. It is filled by the first who leaves, and
/// later reads only memberships that are new since.
#[derive(Debug, Default)]
pub(in crate::web::serve) struct Index {
    /// In order: the first 8 bytes of an id, and the number of the membership.
    people: Vec<(u64, i64)>,
    last: i64,
}

impl Index {
    /// The person with this id, if the ledger knows one.
    pub(in crate::web::serve) fn find(
        &mut self,
        ledger: &Ledger,
        secret: &Secret,
        person: PersonId,
    ) -> Result<Option<AddressKey>, LedgerError> {
        if let Some(key) = self.known(ledger, secret, person)? {
            return Ok(Some(key));
        }
        self.read_on(ledger, secret)?;
        self.known(ledger, secret, person)
    }

    fn known(
        &self,
        ledger: &Ledger,
        secret: &Secret,
        person: PersonId,
    ) -> Result<Option<AddressKey>, LedgerError> {
        let short = short(person);
        let first = self.people.partition_point(|(known, _)| *known < short);
        for (_, number) in self.people[first..].iter().take_while(|(known, _)| *known == short) {
            // Half an id is not enough to act on.
            if let Some(key) = ledger.member_at(*number)?
                && secret.person(&key) == person
            {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn read_on(&mut self, ledger: &Ledger, secret: &Secret) -> Result<(), LedgerError> {
        let (people, mut last) = (&mut self.people, self.last);
        ledger.memberships_after(self.last, &mut |number, key| {
            people.push((short(secret.person(key)), number));
            last = number;
        })?;
        if last != self.last {
            people.sort_unstable();
            self.last = last;
        }
        Ok(())
    }
}

fn short(person: PersonId) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = person.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Address;
    use crate::model::subscriber::{Fields, ListId, Subscriber};
    use crate::subscribers::csv::Row;

    fn sync(ledger: &Ledger, addresses: &[&str]) {
        let row = |address: &&str| {
            let address = Address::parse(address).unwrap();
            Row { line: 2, subscriber: Subscriber { address, name: None, fields: Fields::default() } }
        };
        let mut rows = addresses.iter().map(row);
        let now = jiff::Timestamp::UNIX_EPOCH;
        ledger.sync_list(&ListId("weekly".to_owned()), "weekly", &mut rows, true, now).unwrap();
    }

    #[test]
    fn whoever_joined_or_left_since_the_last_look_is_found_and_a_stranger_is_not() {
        let (ledger, secret, mut index) =
            (Ledger::in_memory().unwrap(), Secret::random().unwrap(), Index::default());
        let mut find = |address: &str| {
            let person = secret.person(&Address::parse(address).unwrap().key());
            index.find(&ledger, &secret, person).unwrap().map(|key| key.as_str().to_owned())
        };
        sync(&ledger, &["ana@example.org", "bob@example.org"]);
        assert_eq!(find("bob@example.org").as_deref(), Some("bob@example.org"));
        assert_eq!(find("eva@example.org"), None);
        sync(&ledger, &["ana@example.org", "Eva@example.org"]);
        assert_eq!(find("eva@example.org").as_deref(), Some("eva@example.org"));
        assert_eq!(find("bob@example.org").as_deref(), Some("bob@example.org"));
    }
}
