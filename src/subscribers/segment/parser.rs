//! Words → a tree of tests.

use super::words::{Word, words};
use super::{Operator, SegmentError, SegmentFault, Test, Value};
use crate::model::finding::suggest;
use crate::model::source::Span;

/// So deep may parentheses and `not` stand in each other.
const DEEPEST: usize = 64;

/// Words that cannot be fields.
pub(super) const KEYWORDS: [&str; 7] = ["and", "or", "not", "in", "contains", "starts", "with"];

/// The test, and every field it asks for with its place.
pub(super) fn parse(text: &str) -> Result<(Test, Vec<(String, Span)>), SegmentError> {
    let words = words(text)?;
    if words.is_empty() {
        return Err(SegmentError::new(SegmentFault::Empty, 0..text.len()));
    }
    let mut parser = Parser { words, at: 0, depth: 0, end: text.len(), asked: Vec::new() };
    let test = parser.any_of()?;
    match parser.words.get(parser.at) {
        Some((word, span)) => Err(SegmentError::new(left_over(word), span.clone())),
        None => Ok((test, parser.asked)),
    }
}

/// Why a word cannot follow a whole test.
fn left_over(word: &Word) -> SegmentFault {
    let meant = match word {
        Word::Name(name) => {
            suggest(&name.to_lowercase(), ["and", "or", "in", "contains", "starts with"]).map(str::to_owned)
        }
        _ => None,
    };
    SegmentFault::LeftOver { word: word.to_string(), meant }
}

struct Parser {
    words: Vec<(Word, Span)>,
    at: usize,
    depth: usize,
    /// Where the text ends.
    end: usize,
    asked: Vec<(String, Span)>,
}

impl Parser {
    fn any_of(&mut self) -> Result<Test, SegmentError> {
        let mut tests = vec![self.all_of()?];
        while self.take_keyword("or") {
            tests.push(self.all_of()?);
        }
        Ok(one_or(tests, Test::Any))
    }

    fn all_of(&mut self) -> Result<Test, SegmentError> {
        let mut tests = vec![self.negation()?];
        while self.take_keyword("and") {
            tests.push(self.negation()?);
        }
        Ok(one_or(tests, Test::All))
    }

    fn negation(&mut self) -> Result<Test, SegmentError> {
        if self.take_keyword("not") {
            let inner = self.deeper(Parser::negation)?;
            return Ok(Test::Not(Box::new(inner)));
        }
        if self.take_mark("(") {
            let inner = self.deeper(Parser::any_of)?;
            self.expect_mark(")", "a closing parenthesis")?;
            return Ok(inner);
        }
        self.comparison()
    }

    fn deeper(&mut self, part: fn(&mut Parser) -> Result<Test, SegmentError>) -> Result<Test, SegmentError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SegmentError::new(SegmentFault::TooDeep, self.here()));
        }
        let test = part(self);
        self.depth -= 1;
        test
    }

    fn comparison(&mut self) -> Result<Test, SegmentError> {
        let field = self.field()?;
        if let Some(operator) = self.take_operator()? {
            let value = self.value()?;
            return Ok(Test::Compare { field, operator, value });
        }
        let negated = self.next_is_not_in();
        if negated {
            self.at += 1;
        }
        if !self.take_keyword("in") {
            return Ok(Test::Has(field));
        }
        let test = Test::In { field, values: self.values()? };
        Ok(if negated { Test::Not(Box::new(test)) } else { test })
    }

    fn field(&mut self) -> Result<String, SegmentError> {
        let span = self.here();
        match self.peek() {
            Some(Word::Name(name)) if !is_keyword(name) => {
                let name = name.clone();
                self.at += 1;
                self.asked.push((name.clone(), span));
                Ok(name)
            }
            _ => Err(self.expected("the name of a field")),
        }
    }

    fn take_operator(&mut self) -> Result<Option<Operator>, SegmentError> {
        if self.take_keyword("contains") {
            return Ok(Some(Operator::Contains));
        }
        if self.take_keyword("starts") {
            return match self.take_keyword("with") {
                true => Ok(Some(Operator::StartsWith)),
                false => Err(self.expected("`with`, as in `starts with`")),
            };
        }
        let found = match self.peek() {
            Some(Word::Mark(mark)) => Operator::from_mark(mark),
            _ => None,
        };
        self.at += usize::from(found.is_some());
        Ok(found)
    }

    fn value(&mut self) -> Result<Value, SegmentError> {
        let value = match self.peek() {
            Some(Word::Text(text)) => Value::Text(text.clone()),
            Some(Word::Number(number)) => Value::Number(number.clone()),
            Some(Word::Name(name)) if !is_keyword(name) => {
                return Err(SegmentError::new(SegmentFault::Unquoted(name.clone()), self.here()));
            }
            _ => return Err(self.expected("a value")),
        };
        self.at += 1;
        Ok(value)
    }

    fn values(&mut self) -> Result<Vec<Value>, SegmentError> {
        self.expect_mark("(", "a list in parentheses")?;
        let mut values = vec![self.value()?];
        while self.take_mark(",") {
            values.push(self.value()?);
        }
        self.expect_mark(")", "a comma or a closing parenthesis")?;
        Ok(values)
    }

    fn next_is_not_in(&self) -> bool {
        let is = |at: usize, keyword: &str| matches!(self.words.get(at), Some((Word::Name(name), _)) if name.eq_ignore_ascii_case(keyword));
        is(self.at, "not") && is(self.at + 1, "in")
    }

    fn peek(&self) -> Option<&Word> {
        self.words.get(self.at).map(|(word, _)| word)
    }

    fn here(&self) -> Span {
        self.words.get(self.at).map_or(self.end..self.end, |(_, span)| span.clone())
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Some(Word::Name(name)) if name.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn take_mark(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Word::Mark(here)) if *here == mark);
        self.at += usize::from(found);
        found
    }

    fn expect_mark(&mut self, mark: &str, wanted: &'static str) -> Result<(), SegmentError> {
        if self.take_mark(mark) { Ok(()) } else { Err(self.expected(wanted)) }
    }

    fn expected(&self, wanted: &'static str) -> SegmentError {
        let found = self.peek().map(Word::to_string);
        SegmentError::new(SegmentFault::Expected { wanted, found }, self.here())
    }
}

fn is_keyword(name: &str) -> bool {
    KEYWORDS.iter().any(|keyword| name.eq_ignore_ascii_case(keyword))
}

fn one_or(mut tests: Vec<Test>, many: fn(Vec<Test>) -> Test) -> Test {
    if tests.len() == 1 { tests.remove(0) } else { many(tests) }
}
