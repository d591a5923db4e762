//! What the desk does for whoever comes by the link of a letter.

use jiff::Timestamp;

use super::index::Index;
use super::{Desk, Door, trouble};
use crate::ledger::consent::{Choices, Terms, Ticks};
use crate::ledger::sqlite::{Left, SECOND_THOUGHTS};
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::AddressKey;
use crate::model::subscriber::ListId;
use crate::token::{PersonId, Purpose, Secret};
use crate::web::serve::answer::Hindered;
use crate::web::serve::books::Opened;
use crate::web::serve::leave::{Told, Wish};
use crate::web::serve::{Listener, Note};

impl Door {
    /// Does what whoever has this token wishes; `lists` are those that the link names.
    pub(in crate::web::serve) async fn ask(
        &self,
        token: &str,
        lists: Vec<ListId>,
        wish: Wish,
    ) -> Result<Told, Hindered> {
        let token = token.to_owned();
        self.send(move |desk| desk.hear(&token, &lists, &wish)).await
    }
}

/// Whose token it is, and what it is for.
enum Holder {
    Reader(PersonId),
    Proof,
}

fn holder(secret: &Secret, token: &str) -> Option<Holder> {
    let reader = secret.verify(Purpose::Unsubscribe, token).map(Holder::Reader);
    reader.or_else(|_| secret.verify(Purpose::Proof, token).map(|_| Holder::Proof)).ok()
}

impl Desk {
    fn hear(&mut self, token: &str, lists: &[ListId], wish: &Wish) -> Result<Told, Hindered> {
        self.books.ready().ok_or(Hindered::Trouble)?;
        let person = match self.books.verified(|secret| holder(secret, token)) {
            None => return Ok(Told::Unknown),
            Some(Holder::Proof) => return Ok(Told::Proof),
            Some(Holder::Reader(person)) => person,
        };
        let (Opened { ledger, secret }, index) = self.books.held().ok_or(Hindered::Trouble)?;
        let clerk = Clerk { ledger, secret, index, listener: &self.listener, person };
        clerk.serve(lists, wish).map_err(|error| trouble(&self.listener, &error))
    }
}

/// Who serves one reader.
struct Clerk<'a> {
    ledger: &'a Ledger,
    secret: &'a Secret,
    index: &'a mut Index,
    listener: &'a Listener,
    person: PersonId,
}

impl Clerk<'_> {
    fn serve(mut self, lists: &[ListId], wish: &Wish) -> Result<Told, LedgerError> {
        match wish {
            Wish::Look => Ok(Told::Asked(self.ledger.lists_to_leave(lists)?)),
            Wish::Unclear => Ok(Told::Unclear(self.ledger.lists_to_leave(lists)?)),
            Wish::Leave => self.leave(lists),
            Wish::LeaveAll => self.leave(&[]),
            Wish::Stay => self.stay(lists),
            Wish::StayAll => self.stay(&[]),
            Wish::Choices { public } => self.choices(public),
            Wish::Choose { public, ticks, terms } => self.choose(public, ticks, terms),
        }
    }

    fn key(&mut self) -> Result<Option<AddressKey>, LedgerError> {
        self.index.find(self.ledger, self.secret, self.person)
    }

    fn leave(&mut self, lists: &[ListId]) -> Result<Told, LedgerError> {
        let Some(key) = self.key()? else {
            (self.listener)(Note::Stranger);
            return Ok(Told::Gone);
        };
        let Left { lists, undo } = self.ledger.leave(&key, lists, Timestamp::now())?;
        (self.listener)(Note::Left);
        Ok(Told::Left { lists, undo })
    }

    fn stay(&mut self, lists: &[ListId]) -> Result<Told, LedgerError> {
        let Some(key) = self.key()? else { return Ok(Told::TooLate) };
        let now = Timestamp::now();
        let Some(lists) = self.ledger.stay(&key, lists, now - SECOND_THOUGHTS, now)? else {
            return Ok(Told::TooLate);
        };
        (self.listener)(Note::Stayed);
        Ok(Told::Stayed(lists))
    }

    fn choices(&mut self, public: &[ListId]) -> Result<Told, LedgerError> {
        let Some(key) = self.key()? else { return Ok(Told::Gone) };
        Ok(chosen(self.ledger.choices(&key, public)?, false))
    }

    fn choose(&mut self, public: &[ListId], ticks: &Ticks, terms: &Terms) -> Result<Told, LedgerError> {
        let Some(key) = self.key()? else {
            (self.listener)(Note::Stranger);
            return Ok(Told::Gone);
        };
        let before = self.ledger.choices(&key, public)?;
        let choices = self.ledger.choose(&key, public, ticks, terms, Timestamp::now())?;
        if choices != before {
            (self.listener)(Note::Chose);
        }
        Ok(chosen(choices, true))
    }
}

fn chosen(choices: Choices, is_saved: bool) -> Told {
    match choices.is_shut {
        true => Told::Shut,
        false => Told::Choices { lists: choices.lists, is_saved },
    }
}
