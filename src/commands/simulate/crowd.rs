//! Made-up subscribers: the same number and seed make the same people, one by one and never all in memory.

use std::fs::File;
use std::io::BufReader;

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::commands::sending::ready::Ready;
use crate::model::address::Address;
use crate::model::kind::Kind;
use crate::model::subscriber::{Fields, Subscriber};
use crate::sink::dice;
use crate::subscribers::csv::{CsvError, Row, Rows};
use crate::subscribers::segment::Segment;

/// So many real rows lend their attributes, never their names and addresses.
const SAMPLES: usize = 500;

/// People who are nobody.
pub struct Crowd {
    samples: Vec<Sample>,
    number: u64,
    seed: u64,
}

/// What one row of a list holds beside who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sample {
    has_name: bool,
    fields: Fields,
}

impl Crowd {
    /// Attributes are those of rows of the lists that its segment takes, in turn; where there are none, made up
    /// for the fields that the issue asks for.
    pub fn gather(desk: &Desk, ready: &Ready, number: u64, seed: u64) -> Result<Crowd, Failure> {
        let mut samples = Vec::new();
        for path in ready.lists.iter().filter_map(|list| list.file.as_ref()) {
            let unreadable = |cause| CsvError::Unreadable { path: path.clone(), cause };
            let rows = Rows::new(path, BufReader::new(File::open(path).map_err(unreadable)?))?;
            let good = rows.filter_map(Result::ok).map(|row| row.subscriber);
            samples.extend(fitting(good, ready.selection.segment.as_ref()).take(SAMPLES - samples.len()));
        }
        if samples.is_empty() {
            let asked = ready.press.fields();
            samples.push(plausible(&asked, |field| desk.settings.fields.get(field).copied()));
        }
        Ok(Crowd { samples, number, seed })
    }

    /// One after the other, as the rows of a list's file.
    pub fn into_rows(self) -> impl Iterator<Item = Row> {
        (0..self.number).map(move |index| Row { line: index + 1, subscriber: self.person(index) })
    }

    fn person(&self, index: u64) -> Subscriber {
        let dice = |what: u64| dice::join(&[self.seed, index, what]);
        let sample = &self.samples[(index % self.samples.len() as u64) as usize];
        let (first, last) = (pick(&FIRST_NAMES, dice(1)), pick(&LAST_NAMES, dice(2)));
        // Some addresses are known to be dead: a profile may look for them.
        let local = if dice::falls(dice(3), DEAD) { "bounce" } else { pick(&LOCALS, dice(4)) };
        let address = format!("{local}-{}@{}", index + 1, domain(dice(5), dice(6), self.number));
        Subscriber {
            address: Address::parse(&address).expect("it is made of letters, digits and dots"),
            name: sample.has_name.then(|| format!("{first} {last}")),
            fields: sample.fields.clone(),
        }
    }
}

fn fitting<'a>(
    people: impl Iterator<Item = Subscriber> + 'a,
    segment: Option<&'a Segment>,
) -> impl Iterator<Item = Sample> + 'a {
    let fits = move |person: &Subscriber| segment.is_none_or(|segment| segment.matches(person));
    people.filter(fits).map(|person| Sample { has_name: person.name.is_some(), fields: person.fields })
}

fn plausible(asked: &[String], kind: impl Fn(&str) -> Option<Kind>) -> Sample {
    let own = asked.iter().filter(|field| !matches!(field.as_str(), "email" | "name"));
    let value = |field: &String| match kind(field).unwrap_or(Kind::Text) {
        Kind::Text => format!("sample {}", field.replace('_', " ")),
        Kind::Number => "12".to_owned(),
        Kind::Date => "2026-01-31".to_owned(),
        Kind::YesNo => "yes".to_owned(),
    };
    Sample { has_name: true, fields: own.map(|field| (field.clone(), value(field))).collect() }
}

const DEAD: f64 = 0.002;

const FIRST_NAMES: [&str; 16] = [
    "Ada", "Bo", "Chloé", "Dmitri", "Eve", "Farid", "Grüezi", "Hana", "Iñigo", "Jürgen", "Łucja", "Mei",
    "Noor", "Øyvind", "Zoë", "美咲",
];
const LAST_NAMES: [&str; 10] =
    ["Example", "Probst", "Muster", "O'Sample", "d'Essai", "Nowak", "Иванова", "García", "Smith-Jones", "Li"];
const LOCALS: [&str; 8] = ["ada", "bo", "news", "j.doe", "reader", "mail", "hello", "first.last"];

/// Where newsletters go, in per mille; the rest goes to many small domains.
const DOMAINS: [(&str, u64); 11] = [
    ("gmail.com", 340),
    ("yahoo.com", 90),
    ("outlook.com", 80),
    ("hotmail.com", 50),
    ("icloud.com", 45),
    ("gmx.net", 30),
    ("web.de", 20),
    ("proton.me", 15),
    ("aol.com", 15),
    ("orange.fr", 12),
    ("strict.example", 3),
];

/// A small domain is larger the earlier it stands.
fn domain(which: u64, small: u64, number: u64) -> String {
    let mut left = which % 1000;
    for (name, share) in DOMAINS {
        if left < share {
            return name.to_owned();
        }
        left -= share;
    }
    let domains = (number / 20).clamp(1, 5_000) as f64;
    let spread = (small >> 11) as f64 / (1u64 << 53) as f64;
    format!("small{}.example", (domains * spread.powi(3)) as u64 + 1)
}

fn pick<'a>(from: &[&'a str], dice: u64) -> &'a str {
    from[(dice % from.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn crowd(number: u64, seed: u64) -> Vec<Subscriber> {
        let fields = Fields::from([("city".to_owned(), "Minsk".to_owned())]);
        let named = Sample { has_name: true, fields };
        let samples = vec![named.clone(), Sample { has_name: false, ..named }];
        Crowd { samples, number, seed }.into_rows().map(|row| row.subscriber).collect()
    }

    #[test]
    fn everybody_is_somebody_else_and_the_same_again() {
        let people = crowd(2_000, 7);
        let keys: HashSet<_> = people.iter().map(|person| person.address.key()).collect();
        assert_eq!(keys.len(), 2_000);
        assert_eq!(people, crowd(2_000, 7));
        assert_ne!(people, crowd(2_000, 8));
    }

    #[test]
    fn domains_are_spread_as_on_a_real_list() {
        let people = crowd(5_000, 1);
        let at = |fits: fn(&str) -> bool| {
            people.iter().filter(|person| fits(person.address.domain().as_str())).count()
        };
        assert!((1_500..1_900).contains(&at(|domain| domain == "gmail.com")));
        assert!((1_300..1_700).contains(&at(|domain| domain.starts_with("small"))));
        assert!(at(|domain| domain == "strict.example") > 0);
        assert!(people.iter().any(|person| person.address.to_string().starts_with("bounce-")));
    }

    #[test]
    fn attributes_come_in_turn_and_names_are_made_up() {
        let people = crowd(4, 1);
        assert_eq!(
            people.iter().map(|person| person.name.is_some()).collect::<Vec<_>>(),
            [true, false, true, false]
        );
        assert_eq!(people[3].fields["city"], "Minsk");
        let kinds = |field: &str| (field == "age").then_some(Kind::Number);
        let sample = plausible(&["age", "name", "home_town"].map(str::to_owned), kinds);
        assert_eq!(
            sample.fields,
            Fields::from([
                ("age".to_owned(), "12".to_owned()),
                ("home_town".to_owned(), "sample home town".to_owned())
            ])
        );
    }
}
