//! Whose letter is looked at: a subscriber, or somebody made up.

use crate::commands::person::{Seen, Unread, look_up, reading, sample};
use crate::model::address::Address;
use crate::model::subscriber::{Fields, Subscriber};
use crate::settings::lists::List;
use crate::web::preview::view::{Person, Persona};
use crate::web::preview::{Refusal, Why};

/// Before the name of somebody made up.
const PERSONA: &str = "persona:";

/// Whose letter is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// The first subscriber, or a made-up one where there is none yet.
    First,
    Subscriber(Address),
    /// One of [`personas`], by its id.
    Persona(&'static str),
}

/// Somebody made up, with what real lists rarely show.
struct Made {
    about: Persona,
    dress: fn(&mut Subscriber),
}

const MADE: [Made; 5] = [
    Made { about: Persona { id: "no-name", words: "no name" }, dress: |person| named(person, None) },
    Made {
        about: Persona { id: "long-name", words: "a very long name" },
        dress: |person| {
            named(person, Some("Maximiliane-Wilhelmine Wolfeschlegelsteinhausenbergerdorff-Cholmondeley"))
        },
    },
    Made {
        about: Persona { id: "rtl", words: "a name written from right to left" },
        dress: |person| named(person, Some("\u{5e8}\u{5d7}\u{5dc} \u{5d1}\u{5df}-\u{5d3}\u{5d5}\u{5d3}")),
    },
    Made {
        about: Persona { id: "emoji", words: "emoji and marks in the name" },
        dress: |person| {
            named(person, Some("Zoe\u{308} \u{1f98a} <O\u{2019}Brien> & \u{1f469}\u{200d}\u{1f4bb}"))
        },
    },
    Made {
        about: Persona { id: "bare", words: "nothing but an address" },
        dress: |person| (person.name, person.fields) = (None, Fields::new()),
    },
];

/// Everybody who can be made up.
pub fn personas() -> Vec<Persona> {
    MADE.iter().map(|made| made.about.clone()).collect()
}

impl Who {
    /// An address, `persona:NAME`, or nothing for the first.
    pub fn parse(text: Option<&str>) -> Result<Who, Refusal> {
        let Some(text) = text else { return Ok(Who::First) };
        if let Some(name) = text.strip_prefix(PERSONA) {
            let found = MADE.iter().find(|made| made.about.id == name);
            let known: Vec<&str> = MADE.iter().map(|made| made.about.id).collect();
            let unknown = || {
                Refusal::new(
                    Why::Wrong,
                    "there is nobody of that name",
                    format!("there are {}", known.join(", ")),
                )
            };
            return found.map(|made| Who::Persona(made.about.id)).ok_or_else(unknown);
        }
        let address = Address::parse(text).map(Who::Subscriber);
        address.map_err(|error| {
            Refusal::new(Why::Wrong, error.to_string(), "name a subscriber by the whole address")
        })
    }

    /// The person, with the values of the first of `lists` that has them. Fails where a list cannot be read.
    pub fn find(&self, lists: &[List]) -> Result<Seen, Unread> {
        match self {
            Who::First => look_up(lists, None),
            Who::Subscriber(address) => look_up(lists, Some(address)),
            Who::Persona(id) => {
                let mut seen = look_up(lists, None)?;
                dress(id, &mut seen.person);
                Ok(seen)
            }
        }
    }

    /// Somebody in their place, where no list can be read.
    pub fn made_up(&self) -> Seen {
        let mut person = sample();
        match self {
            Who::First | Who::Subscriber(_) => {}
            Who::Persona(id) => dress(id, &mut person),
        }
        Seen { person, is_listed: false, broken: None }
    }

    /// What is to be said of whom [`Who::find`] gave: that they are on no list, where somebody was meant who could be.
    pub fn note(&self, seen: &Seen) -> Option<String> {
        match self {
            Who::First => seen.note(None),
            Who::Subscriber(address) => seen.note(Some(address)),
            Who::Persona(_) => None,
        }
    }
}

/// Makes somebody the persona of this id.
fn dress(id: &str, person: &mut Subscriber) {
    MADE.iter().filter(|made| made.about.id == id).for_each(|made| (made.dress)(person));
    person.address = Address::parse(&format!("{id}@example.org")).expect("the ids are words");
}

/// The first `most` subscribers whose address or name holds `text`, in any case; one person on two lists once. Whoever is
/// on a list that cannot be read is left out, and the first such list is given.
pub fn search(lists: &[List], text: &str, most: usize) -> (Vec<Person>, Option<Unread>) {
    let wanted = text.trim().to_lowercase();
    let fits = |person: &Person| {
        let name = person.name.as_deref().unwrap_or_default();
        person.address.to_lowercase().contains(&wanted) || name.to_lowercase().contains(&wanted)
    };
    let (mut found, mut unread): (Vec<Person>, _) = (Vec::new(), None);
    for path in lists.iter().filter_map(|list| list.file.as_ref()) {
        if found.len() == most {
            break;
        }
        let looked = reading(path, |rows| {
            let mut people = rows.flatten().map(|row| person(&row.subscriber)).filter(fits);
            while found.len() < most
                && let Some(one) = people.next()
            {
                if found.iter().all(|other| other.address != one.address) {
                    found.push(one);
                }
            }
        });
        unread = unread.or(looked.err());
    }
    (found, unread)
}

/// As they are named to the page.
pub fn person(subscriber: &Subscriber) -> Person {
    Person { address: subscriber.address.to_string(), name: subscriber.name.clone() }
}

/// The name, and every field that holds a part of it.
fn named(person: &mut Subscriber, name: Option<&str>) {
    person.name = name.map(str::to_owned);
    let (first, rest) = name.map_or(("", ""), |name| name.split_once(' ').unwrap_or((name, name)));
    for (field, value) in person.fields.iter_mut().filter(|(field, _)| field.to_lowercase().contains("name"))
    {
        let field = field.to_lowercase();
        let is_first = ["first", "given", "fore"].iter().any(|word| field.contains(word));
        let is_last = ["last", "sur", "family"].iter().any(|word| field.contains(word));
        *value = match (is_first, is_last) {
            (true, _) => first.to_owned(),
            (false, true) => rest.to_owned(),
            (false, false) => name.unwrap_or_default().to_owned(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_meant_is_understood_and_others_are_named() {
        assert_eq!(Who::parse(None).unwrap(), Who::First);
        assert_eq!(Who::parse(Some("persona:rtl")).unwrap(), Who::Persona("rtl"));
        assert!(matches!(Who::parse(Some("ada@example.org")).unwrap(), Who::Subscriber(_)));
        assert!(Who::parse(Some("persona:x")).unwrap_err().help.unwrap().contains("long-name"));
        assert!(Who::parse(Some("nobody")).is_err());
    }

    #[test]
    fn a_persona_has_its_name_in_every_field_that_asks_for_one() {
        let mut ada = look_up(&[], None).unwrap().person;
        for field in ["first_name", "surname", "Nickname", "city"] {
            ada.fields.insert(field.to_owned(), "x".to_owned());
        }
        named(&mut ada, Some("Ann Lee"));
        let fields: Vec<&str> = ada.fields.values().map(String::as_str).collect();
        assert_eq!(fields, ["Ann Lee", "x", "Ann", "Lee"]);
        named(&mut ada, None);
        assert_eq!(
            (ada.field("first_name"), ada.field("name"), ada.field("city").as_deref()),
            (None, None, Some("x"))
        );
    }

    #[test]
    fn everybody_made_up_can_be_found() {
        for persona in personas() {
            let who = Who::parse(Some(&format!("{PERSONA}{}", persona.id))).unwrap();
            assert_eq!(
                who.find(&[]).unwrap().person.address.to_string(),
                format!("{}@example.org", persona.id)
            );
        }
    }
}
