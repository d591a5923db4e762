//! Whom the holes of an edition would hit: the whole audience, counted.

use std::collections::{BTreeMap, BTreeSet};

use super::thousands;
use crate::compose::press::{FieldUse, MergeError};
use crate::model::finding::{Finding, suggest};
use crate::model::kind::Kind;
use crate::model::source::{Place, Span};
use crate::model::subscriber::Subscriber;

/// Adds up what is missing, subscriber by subscriber. Memory grows with the kinds of errors, not with the
/// audience.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    members: u64,
    known: BTreeSet<String>,
    hits: BTreeMap<Key, Hit>,
    /// Every name that the edition asks for.
    uses: Vec<FieldUse>,
    declared: BTreeMap<String, Kind>,
    /// Members whose value of a declared field is of another kind.
    odd: BTreeMap<String, Hit>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    start: usize,
    end: usize,
    error: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Problem {
    Missing(String),
    Failed(String),
}

#[derive(Debug, Clone)]
struct Hit {
    count: u64,
    /// Masked.
    example: String,
}

impl Tally {
    /// Counts nobody yet; fields of `declared` are compared with what they should hold.
    pub fn of(declared: &BTreeMap<String, Kind>) -> Tally {
        Tally { declared: declared.clone(), known: declared.keys().cloned().collect(), ..Tally::default() }
    }

    /// Counts one member with everything that is missing for them.
    pub fn add(&mut self, member: &Subscriber, errors: &[MergeError]) {
        self.members += 1;
        for field in member.fields.keys().filter(|field| !self.known.contains(*field)).collect::<Vec<_>>() {
            self.known.insert(field.clone());
        }
        for error in errors {
            let hit = self
                .hits
                .entry(Key::of(error))
                .or_insert_with(|| Hit { count: 0, example: member.address.masked() });
            hit.count += 1;
        }
        self.compare(member);
    }

    fn compare(&mut self, member: &Subscriber) {
        for (field, kind) in &self.declared {
            if member.field(field).is_some_and(|value| !kind.fits(&value)) {
                let new = || Hit { count: 0, example: member.address.masked() };
                self.odd.entry(field.clone()).or_insert_with(new).count += 1;
            }
        }
    }

    /// Declared fields with values of another kind: the field, its kind, and whom it is about, in words.
    pub fn odd(&self) -> impl Iterator<Item = (&str, Kind, String)> {
        self.odd.iter().map(|(field, hit)| (field.as_str(), self.declared[field], self.whom(hit)))
    }

    /// Fields that somebody may have although nobody who was counted has.
    pub fn learn(&mut self, fields: impl IntoIterator<Item = String>) {
        self.known.extend(fields);
    }

    /// What the edition asks for: a name that nobody has is a slip, though a default or a statement hides it.
    pub fn expect(&mut self, uses: Vec<FieldUse>) {
        self.uses = uses;
    }

    /// How many were counted.
    pub fn members(&self) -> u64 {
        self.members
    }

    /// Every field that somebody has or may have, `email` and `name` among them.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        ["email", "name"].into_iter().chain(self.known.iter().map(String::as_str))
    }

    pub fn knows(&self, field: &str) -> bool {
        self.known().any(|known| known == field)
    }

    /// One finding for each place and kind; `place` turns a span of the issue into a place.
    pub fn findings(&self, place: impl Fn(Span) -> Option<Place>) -> Vec<Finding> {
        let finding = |(key, hit): (&Key, &Hit)| {
            let mut finding = match &key.error {
                Problem::Missing(field) => self.missing(field, hit),
                Problem::Failed(message) => self.failed(message, hit),
            };
            finding.place = place(key.start..key.end);
            finding
        };
        self.hits.iter().map(finding).chain(self.hidden(&place)).collect()
    }

    /// Names that nobody has and that no letter fails for.
    fn hidden(&self, place: &impl Fn(Span) -> Option<Place>) -> Vec<Finding> {
        let is_told = |asked: &FieldUse| {
            let missing = Problem::Missing(asked.field.clone());
            self.hits.contains_key(&Key { start: asked.start, end: asked.end, error: missing })
        };
        let hidden = self.uses.iter().filter(|asked| !self.knows(&asked.field) && !is_told(asked));
        let finding = |asked: &FieldUse| {
            let message = format!("`{}` is not a field of any subscriber", asked.field);
            let mut finding = Finding::error("merge-unknown", message).help(self.near(&asked.field));
            finding.place = place(asked.start..asked.end);
            finding
        };
        hidden.map(finding).collect()
    }

    /// What to do about a name that nobody has.
    fn near(&self, field: &str) -> String {
        match suggest(field, self.known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the fields are: {}", self.known().collect::<Vec<_>>().join(", ")),
        }
    }

    fn missing(&self, field: &str, hit: &Hit) -> Finding {
        if self.knows(field) {
            let message = format!("`{field}` is empty for {}", self.whom(hit));
            let help =
                format!("say what stands there instead: `{{{{ {field} | default(\"…\") }}}}`, or fill it in");
            return Finding::error("merge-nodefault", message).help(help);
        }
        let message = format!("`{field}` is not a field of any subscriber: it would hit {}", self.whom(hit));
        Finding::error("merge-unknown", message).help(self.near(field))
    }

    fn failed(&self, message: &str, hit: &Hit) -> Finding {
        let message = format!("{message}: it would hit {}", self.whom(hit));
        Finding::error("merge-failed", message).help("mend the expression, or the values it meets")
    }

    fn whom(&self, hit: &Hit) -> String {
        let (count, members) = (thousands(hit.count), thousands(self.members));
        let people = if self.members == 1 { "subscriber" } else { "subscribers" };
        match hit.count {
            all if all == self.members => format!("all {members} {people}, such as {}", hit.example),
            _ => format!("{count} of {members} {people}, such as {}", hit.example),
        }
    }
}

impl Key {
    fn of(error: &MergeError) -> Key {
        match error {
            MergeError::Missing { field, span } => Key::new(span, Problem::Missing(field.clone())),
            MergeError::Failed { message, span } => Key::new(span, Problem::Failed(message.clone())),
        }
    }

    fn new(span: &Span, error: Problem) -> Key {
        Key { start: span.start, end: span.end, error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Address;

    fn member(address: &str, city: &str) -> Subscriber {
        let fields = [("city".to_owned(), city.to_owned())].into();
        Subscriber { address: Address::parse(address).unwrap(), name: None, fields }
    }

    fn missing(field: &str) -> MergeError {
        MergeError::Missing { field: field.to_owned(), span: 3..9 }
    }

    #[test]
    fn everybody_is_counted_and_nobody_is_named() {
        let mut tally = Tally::default();
        for n in 0..1200 {
            let errors = if n % 400 == 7 { vec![missing("city")] } else { vec![] };
            tally.add(&member(&format!("reader{n}@example.org"), "Minsk"), &errors);
        }
        let found = tally.findings(|_| None);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "`city` is empty for 3 of 1,200 subscribers, such as r…@example.org");
        assert!(found[0].help.as_ref().unwrap().contains("default("));
    }

    #[test]
    fn a_slip_in_a_field_name_hits_all_and_the_near_name_is_offered() {
        let mut tally = Tally::default();
        tally.add(&member("a@example.org", "Minsk"), &[missing("citty")]);
        tally.add(&member("b@example.org", "Brest"), &[missing("citty")]);
        let found = tally.findings(|_| None);
        assert_eq!(
            found[0].message,
            "`citty` is not a field of any subscriber: it would hit all 2 subscribers, such as a…@example.org"
        );
        assert_eq!(found[0].help.as_deref(), Some("did you mean `city`?"));
    }

    #[test]
    fn the_same_slip_at_two_places_is_two_findings() {
        let mut tally = Tally::default();
        let second = MergeError::Missing { field: "citty".into(), span: 20..26 };
        tally.add(&member("a@example.org", ""), &[missing("citty"), second]);
        assert_eq!(tally.findings(|_| None).len(), 2);
    }
}
