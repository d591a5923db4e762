//! YAML → tree.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::{At, Misfit, Node, Plain, Table, Value};

impl Table {
    /// Reads one YAML document that is a mapping, or nothing. Spans are those of `text` plus `offset`.
    pub fn from_yaml(text: &str, offset: usize) -> Result<Table, Misfit> {
        let starts = text.char_indices().map(|(byte, _)| byte).collect();
        let places = Places { text, starts, offset };
        let root: Spanned<Tree> = serde_saphyr::from_str(text).map_err(|error| places.misfit(&error))?;
        match root.value {
            Tree::Table(entries) => Ok(places.table(entries)),
            Tree::Null => Ok(Table::default()),
            _ => Err(Misfit::new(
                "these lines are no `key: value` pairs",
                offset..offset + text.trim_end().len(),
            )
            .help("write one `key: value` on each line, such as `title: Hello`")),
        }
    }
}

/// What the YAML parser gives, places not yet turned into spans.
enum Tree {
    Text(String),
    Whole(i64),
    Fraction(f64),
    Truth(bool),
    Null,
    List(Vec<Spanned<Tree>>),
    Table(Vec<(Spanned<String>, Spanned<Tree>)>),
}

struct Places<'a> {
    text: &'a str,
    /// Where each character begins.
    starts: Vec<usize>,
    offset: usize,
}

impl Places<'_> {
    fn table(&self, entries: Vec<(Spanned<String>, Spanned<Tree>)>) -> Table {
        let entries = entries.into_iter().map(|(key, value)| {
            let span = self.span(key.referenced);
            (At { value: key.value, span }, self.node(value))
        });
        Table { entries: entries.collect() }
    }

    fn node(&self, tree: Spanned<Tree>) -> Node {
        let span = self.span(tree.referenced);
        let written = || self.text[self.span_here(tree.referenced)].to_owned();
        let value = match tree.value {
            Tree::Text(text) => Value::Text(text),
            Tree::Whole(number) => Value::Plain { written: written(), is: Plain::Whole(number) },
            Tree::Fraction(number) => Value::Plain { written: written(), is: Plain::Fraction(number) },
            Tree::Truth(truth) => Value::Plain { written: written(), is: Plain::Truth(truth) },
            Tree::Null => Value::Null,
            Tree::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Tree::Table(entries) => Value::Table(self.table(entries)),
        };
        Node { value, span }
    }

    fn span(&self, location: Location) -> std::ops::Range<usize> {
        let here = self.span_here(location);
        here.start + self.offset..here.end + self.offset
    }

    /// The parser counts characters, and bytes only sometimes.
    fn span_here(&self, location: Location) -> std::ops::Range<usize> {
        let first = usize::try_from(location.span().offset()).unwrap_or(usize::MAX);
        let count = usize::try_from(location.span().len()).unwrap_or(usize::MAX);
        let start = self.byte_of(first);
        let end = self.byte_of(first.saturating_add(count)).max(start);
        let trimmed = self.text[start..end].trim_end().len();
        start..start + trimmed
    }

    fn byte_of(&self, character: usize) -> usize {
        self.starts.get(character).copied().unwrap_or(self.text.len())
    }

    fn misfit(&self, error: &serde_saphyr::Error) -> Misfit {
        let told = error.without_snippet().to_string();
        let message = told.split(" at line ").next().unwrap_or(&told).replace('\n', " ");
        let end = self.text.trim_end().len() + self.offset;
        let span = error.location().map_or(end..end, |location| self.span(location));
        let misfit = Misfit::new(plain_words(&message), span);
        match remedy(message.as_str()) {
            Some(help) => misfit.help(help),
            None => misfit,
        }
    }
}

/// What to do about the errors that authors make most.
fn remedy(message: &str) -> Option<&'static str> {
    let begins = |start: &str| message.starts_with(start);
    match message {
        _ if begins("mapping values are not allowed") => {
            Some("put the value in quotes: a `:` followed by a space begins a value of its own")
        }
        _ if begins("tabs disallowed") || message.ends_with("found a tab") => {
            Some("indent with spaces, or not at all")
        }
        _ if begins("illegal placement of ':'") => {
            Some("close the `[`, `{` or quotation mark that is open, or put a text that holds them in quotes")
        }
        _ if begins("duplicate mapping key") => Some("keep one of the two"),
        _ => None,
    }
}

/// The parser's advice about its own options helps nobody who writes an issue.
fn plain_words(message: &str) -> String {
    match message.strip_prefix("duplicate mapping key: ") {
        Some(rest) => format!("`{}` stands here twice", rest.split(", set ").next().unwrap_or(rest)),
        None => message.to_owned(),
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Tree, E> {
        Ok(Tree::Truth(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        #[expect(clippy::cast_precision_loss, reason = "past i64 a number is only shown, as it was written")]
        Ok(i64::try_from(number).map_or(Tree::Fraction(number as f64), Tree::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Fraction(number))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut table = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            table.push(entry);
        }
        Ok(Tree::Table(table))
    }
}
