//! The audience as it went by: what was counted and found, and the largest letter.

use std::sync::OnceLock;

use jiff::Timestamp;

use super::{Parts, People};
use crate::check::merge::Tally;
use crate::check::sizes::Pressed;
use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::compose::press::Stamp;
use crate::links::Made;
use crate::model::finding::Finding;
use crate::model::issue::Issue;
use crate::model::letter::Edition;
use crate::model::subscriber::Subscriber;

/// Everybody who was merged with one text, if anybody could be.
#[derive(Default)]
pub struct Audience(pub(super) Option<Heard>);

impl Audience {
    /// How many there are; `None` if nobody could be read.
    pub fn members(&self) -> Option<u64> {
        self.0.as_ref().map(|heard| heard.tally.members())
    }

    /// What the links with holes become for them.
    pub fn made(&self) -> Option<&Made> {
        self.0.as_ref().map(|heard| &heard.made)
    }

    /// The largest letter of the text that they were merged with, if it can be pressed.
    pub(super) fn largest(&self, issue: &Issue, parts: &Parts<'_>, now: Timestamp) -> Option<&Pressed> {
        self.0.as_ref()?.heaviest.as_ref()?.letter(|to| {
            let stamp = sample_stamp(parts.edition, now);
            Pressed::of(issue, parts.edition, parts.press, to, &stamp).ok()
        })
    }
}

/// What was heard while the audience went by.
pub(super) struct Heard {
    pub tally: Tally,
    pub found: Vec<Finding>,
    pub made: Made,
    heaviest: Option<Heaviest>,
}

/// Whoever has most to say in the fields that the letter uses.
struct Heaviest {
    /// In bytes.
    weight: usize,
    who: Subscriber,
    /// Their letter, once somebody asked for it: the spam filter and the rules both do, and the rules again when the
    /// links were visited.
    letter: OnceLock<Option<Pressed>>,
}

impl Heaviest {
    fn new(weight: usize, who: &Subscriber) -> Heaviest {
        Heaviest { weight, who: who.clone(), letter: OnceLock::new() }
    }

    fn letter(&self, press: impl FnOnce(&Subscriber) -> Option<Pressed>) -> Option<&Pressed> {
        self.letter.get_or_init(|| press(&self.who)).as_ref()
    }
}

pub(super) fn hear(desk: &Desk, parts: &Parts<'_>, people: &mut People<'_>) -> Result<Heard, Failure> {
    let press = parts.press;
    let made = Made::of(parts.rendered.links.iter().map(|link| &link.target));
    let mut heard = Heard { tally: Tally::of(&desk.settings.fields), found: vec![], made, heaviest: None };
    let fields = press.fields();
    heard.tally.expect(press.uses());
    let found = people(&mut |member| {
        let weight = fields.iter().filter_map(|field| member.field(field)).map(|value| value.len()).sum();
        if heard.heaviest.as_ref().is_none_or(|heaviest| weight > heaviest.weight) {
            heard.heaviest = Some(Heaviest::new(weight, member));
        }
        heard.made.meet(member);
        heard.tally.add(member, &press.missing(member));
    })?;
    heard.found = found;
    Ok(heard)
}

/// As long as a real one: the size of a letter depends on it.
fn sample_stamp(edition: &Edition, now: Timestamp) -> Stamp {
    let (token, domain) = ("a".repeat(56), edition.from.address.domain());
    let track = "a".repeat(45);
    Stamp { message_id: format!("{token}@{domain}"), date: now, token, track, proof: false, to: None }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::commands::person::sample;

    #[test]
    fn the_largest_letter_is_pressed_once_however_many_ask_for_it() {
        let pressed = Cell::new(0);
        let press = |to: &Subscriber| {
            pressed.set(pressed.get() + 1);
            Some(Pressed { html: to.address.to_string(), ..Pressed::default() })
        };
        let heaviest = Heaviest::new(1, &sample());
        assert_eq!(heaviest.letter(press).unwrap().html, "ada@example.org");
        assert_eq!(heaviest.letter(press).unwrap().html, "ada@example.org");
        assert_eq!(pressed.get(), 1);
    }
}
