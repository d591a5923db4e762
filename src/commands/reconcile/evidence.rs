//! What logs, reports and the person say of uncertain letters.

use std::collections::HashMap;

use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::Resolution;
use crate::model::event::{Fate, Said};

/// What one source says of one letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub fate: Fate,
    pub basis: Basis,
    /// Told by `status --why` ever after.
    pub source: String,
    pub said: Said,
}

/// What a word rests on, which decides whether somebody has to say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// It stands written.
    Record,
    /// It stands nowhere where it would have to stand.
    Absence,
    Hand,
}

impl Word {
    pub fn by_hand(fate: Fate) -> Word {
        Word { fate, basis: Basis::Hand, source: "by hand".to_owned(), said: Said::default() }
    }

    /// A letter goes out again because of it, or a person answers for it.
    pub fn needs_a_yes(&self) -> bool {
        self.fate == Fate::NotArrived || self.basis == Basis::Hand
    }

    pub fn resolution(&self, delivery: DeliveryId) -> Resolution {
        Resolution { delivery, fate: self.fate, source: self.source.clone(), said: self.said.clone() }
    }
}

/// All that was said: for each letter the strongest word, or why there is none.
#[derive(Debug, Default)]
pub struct Evidence {
    words: HashMap<DeliveryId, Word>,
    whys: HashMap<DeliveryId, Vec<String>>,
}

impl Evidence {
    /// What is written outranks a hand, and a hand that says a letter arrived outranks what is not written: nobody
    /// twice. Among equals the fate that tells more counts.
    pub fn say(&mut self, delivery: DeliveryId, word: Word) {
        let rank = |word: &Word| {
            let arrived_by_hand = word.basis == Basis::Hand && word.fate != Fate::NotArrived;
            (word.basis == Basis::Record, arrived_by_hand, word.basis == Basis::Absence, word.fate)
        };
        match self.words.get(&delivery) {
            Some(known) if rank(known) >= rank(&word) => {}
            Some(_) | None => drop(self.words.insert(delivery, word)),
        }
    }

    /// Why a source does not settle the letter.
    pub fn explain(&mut self, delivery: DeliveryId, why: String) {
        self.whys.entry(delivery).or_default().push(why);
    }

    pub fn word(&self, delivery: DeliveryId) -> Option<&Word> {
        self.words.get(&delivery)
    }

    /// Takes a word back, for a reason that is told instead.
    pub fn withdraw(&mut self, delivery: DeliveryId, why: &str) {
        self.words.remove(&delivery);
        self.explain(delivery, why.to_owned());
    }

    /// Why the letter is uncertain still; empty where no source was asked.
    pub fn whys(&self, delivery: DeliveryId) -> &[String] {
        self.whys.get(&delivery).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(fate: Fate) -> Word {
        Word { basis: Basis::Record, ..Word::by_hand(fate) }
    }

    #[test]
    fn what_is_written_outranks_a_hand_and_a_bounce_outranks_an_acceptance() {
        let letter = DeliveryId(1);
        let mut evidence = Evidence::default();
        evidence.say(letter, Word::by_hand(Fate::Accepted));
        evidence.say(letter, Word { basis: Basis::Absence, ..Word::by_hand(Fate::NotArrived) });
        assert_eq!(evidence.word(letter).unwrap().fate, Fate::Accepted, "who has it does not get it twice");
        evidence.say(letter, written(Fate::Accepted));
        evidence.say(letter, written(Fate::Bounced));
        evidence.say(letter, written(Fate::Accepted));
        evidence.say(letter, Word::by_hand(Fate::NotArrived));
        assert_eq!(evidence.word(letter), Some(&written(Fate::Bounced)));
        assert!(!written(Fate::Bounced).needs_a_yes() && written(Fate::NotArrived).needs_a_yes());
        evidence.withdraw(letter, "you said no");
        assert_eq!((evidence.word(letter), evidence.whys(letter)), (None, &["you said no".to_owned()][..]));
    }
}
