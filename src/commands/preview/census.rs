//! Who takes which way through the conditions of an issue, counted.

use super::made::Made;
use crate::compose::press::Way;
use crate::model::source::Source;
use crate::model::subscriber::Subscriber;
use crate::web::preview::view::Branch;

/// A count that goes on while people go by.
pub struct Census<'a> {
    made: &'a Made,
    ways: Vec<Branch>,
}

impl<'a> Census<'a> {
    /// Nobody has gone by yet.
    pub fn of(made: &'a Made) -> Census<'a> {
        let ways = made.branches.iter().flat_map(|branches| &branches.ways);
        Census { made, ways: ways.map(|way| branch(way, &made.issue.source)).collect() }
    }

    pub fn add(&mut self, member: &Subscriber) {
        let Some(branches) = &self.made.branches else { return };
        for place in branches.taken(&self.made.press, member) {
            if let Some(way) = self.ways.get_mut(place) {
                way.count += 1;
                way.address.get_or_insert_with(|| member.address.to_string());
            }
        }
    }

    /// Every way in the order of the issue, also those that nobody takes.
    pub fn counted(self) -> Vec<Branch> {
        let mut ways = self.ways;
        ways.sort_by_key(|way| way.line);
        ways
    }
}

fn branch(way: &Way, issue: &Source) -> Branch {
    let is_written = !way.span.is_empty();
    Branch {
        words: words(way, issue),
        line: is_written.then(|| issue.position(way.span.start).line),
        count: 0,
        address: None,
    }
}

/// The condition as its author wrote it, and whether it holds.
fn words(way: &Way, issue: &Source) -> String {
    let first = issue.text().get(way.span.clone()).and_then(|text| text.lines().next()).unwrap_or_default();
    let written = match first.starts_with(":::") {
        true => first.trim().to_owned(),
        false => format!("{{% {} %}}", way.statement.trim()),
    };
    match (way.is_otherwise, way.statement.trim() == "else") {
        (true, _) => format!("{written} is not true"),
        (false, true) => written,
        (false, false) => format!("{written} is true"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_named_as_its_author_wrote_it() {
        let issue = Source::new("a.md", "::: segment plan = free\nx\n:::\n");
        let way =
            |statement: &str, is_otherwise, span| Way { statement: statement.to_owned(), is_otherwise, span };
        assert_eq!(words(&way("if member", false, 0..0), &issue), "{% if member %} is true");
        assert_eq!(words(&way("if member", true, 0..0), &issue), "{% if member %} is not true");
        assert_eq!(words(&way("else", false, 0..0), &issue), "{% else %}");
        assert_eq!(words(&way("if segment('x')", false, 0..23), &issue), "::: segment plan = free is true");
    }
}
