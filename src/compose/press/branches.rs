//! The ways through the conditions of an edition: who takes which, found by running the conditions alone.

use minijinja::Environment;

use super::filling::{Filling, Tokens};
use super::{MergeError, Press, script};
use crate::compose::expression;
use crate::model::letter::{Edition, Piece, Pieces};
use crate::model::source::Span;
use crate::model::subscriber::Subscriber;

const NAME: &str = "branches";

/// One way through a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The statement that opens it, without its braces: `if plan == "free"`, `elif …`, `else`.
    pub statement: String,
    /// Whether it is the way of those for whom neither the statement nor any `elif` after it holds, where no `else`
    /// says what they get.
    pub is_otherwise: bool,
    /// Where the statement stands in the issue; empty in a template.
    pub span: Span,
}

/// The conditions of an edition without what they stand around.
pub struct Branches {
    environment: Environment<'static>,
    pub ways: Vec<Way>,
}

impl Branches {
    /// `None` where nothing depends on a condition. Fails where one does not parse.
    pub fn of(edition: &Edition, press: &Press) -> Result<Option<Branches>, MergeError> {
        let mut writer = Writer::default();
        writer.pieces(&edition.subject);
        writer.pieces(&edition.html);
        if writer.ways.is_empty() {
            return Ok(None);
        }
        let mut environment = press.environment.clone();
        let added = environment.add_template_owned(NAME, writer.source);
        added.map_err(|error| MergeError::failed(&error, &(0..0)))?;
        Ok(Some(Branches { environment, ways: writer.ways }))
    }

    /// The places in `ways` that somebody takes, each once; none where a condition fails for them.
    pub fn taken(&self, press: &Press, to: &Subscriber) -> Vec<usize> {
        let filling = Filling::new(press, to, Tokens::SAMPLE);
        let told = self.environment.get_template(NAME).and_then(|script| script.render(filling.context()));
        let told = told.unwrap_or_default();
        let mut taken: Vec<usize> =
            told.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        taken.sort_unstable();
        taken.dedup();
        taken
    }
}

/// Writes a script that tells which ways it takes.
#[derive(Default)]
struct Writer {
    source: String,
    ways: Vec<Way>,
}

/// What a statement stands in.
enum Open {
    If { statement: String, span: Span, has_else: bool },
    Other,
}

impl Writer {
    fn pieces(&mut self, pieces: &Pieces) {
        let mut open: Vec<Open> = Vec::new();
        for piece in pieces.iter() {
            if let Piece::Logic { statement, span } = piece {
                self.statement(statement, span, &mut open);
            }
        }
    }

    fn statement(&mut self, statement: &str, span: &Span, open: &mut Vec<Open>) {
        let word = statement.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        match (word, open.last_mut()) {
            ("if", _) => {
                open.push(Open::If { statement: statement.to_owned(), span: span.clone(), has_else: false });
                self.write(statement);
                self.way(statement, span, false);
            }
            ("elif", _) => {
                self.write(statement);
                self.way(statement, span, false);
            }
            ("else", Some(Open::If { has_else, .. })) => {
                *has_else = true;
                self.write(statement);
                self.way(statement, span, false);
            }
            ("endif", _) => {
                if let Some(Open::If { statement, span, has_else: false }) = open.pop() {
                    self.write("else");
                    self.way(&statement, &span, true);
                }
                self.write(statement);
            }
            ("for", _) => {
                open.push(Open::Other);
                self.write(statement);
            }
            ("endfor", _) => {
                open.pop();
                self.write(statement);
            }
            _ => self.write(statement),
        }
    }

    fn write(&mut self, statement: &str) {
        self.source.push_str(&script::statement(&expression::runnable(statement)));
    }

    /// One condition may stand in several places of a letter.
    fn way(&mut self, statement: &str, span: &Span, is_otherwise: bool) {
        let way = Way { statement: statement.to_owned(), is_otherwise, span: span.clone() };
        let known = self.ways.iter().position(|known| *known == way);
        let place = known.unwrap_or_else(|| {
            self.ways.push(way);
            self.ways.len() - 1
        });
        self.source.push_str(&format!("{place} "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::press::tests::edition;
    use crate::model::address::Address;

    fn logic(statement: &str, at: usize) -> Piece {
        Piece::Logic { statement: statement.to_owned(), span: at..at + 1 }
    }

    fn ways(statements: &[&str], fields: &[(&str, &str)]) -> Vec<String> {
        let pieces = statements.iter().enumerate().map(|(at, statement)| logic(statement, at));
        let mut edition = edition();
        edition.html = Pieces::new(pieces);
        let press = Press::new(&edition).unwrap();
        let Some(branches) = Branches::of(&edition, &press).unwrap() else { return vec![] };
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let to = Subscriber { address: Address::parse("ada@example.org").unwrap(), name: None, fields };
        let words = |place: usize| {
            let way = &branches.ways[place];
            format!("{}{}", if way.is_otherwise { "not " } else { "" }, way.statement)
        };
        branches.taken(&press, &to).into_iter().map(words).collect()
    }

    #[test]
    fn everybody_takes_one_way_through_each_condition_they_come_to() {
        let nested = ["if a", "if b", "endif", "elif c", "else", "endif"];
        assert_eq!(ways(&nested, &[("a", "1"), ("b", "1")]), ["if a", "if b"]);
        assert_eq!(ways(&nested, &[("a", "1")]), ["if a", "not if b"]);
        assert_eq!(ways(&nested, &[("c", "1")]), ["elif c"]);
        assert_eq!(ways(&nested, &[]), ["else"]);
    }

    #[test]
    fn a_condition_in_a_loop_is_taken_if_any_turn_takes_it() {
        let looped = ["for x in tags", "if x == 'tea'", "endif", "else", "endfor"];
        assert_eq!(ways(&looped, &[("tags", "tea;rain")]), ["if x == 'tea'", "not if x == 'tea'"]);
        assert!(ways(&looped, &[("tags", "")]).is_empty());
        assert!(ways(&["set a = 1"], &[]).is_empty());
    }
}
