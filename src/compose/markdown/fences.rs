//! The lines that begin and end containers: `::: columns` and `:::`. They are taken out of the Markdown before
//! it is parsed. In the place of each stands a rule of the same length, which ends whatever block is open and
//! tells where it stood.

use std::collections::BTreeMap;

use super::directive::{Directive, Wrong};
use crate::compose::merge::{Marks, Part};
use crate::compose::{ComposeError, dialect};
use crate::model::finding::Finding;
use crate::model::source::{Source, Span};
use crate::subscribers::segment::Segment;

/// The rule that stands for a line of colons: it interrupts a paragraph and goes on no list.
const RULE: &str = "***";

/// One line of colons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fence {
    Open(Directive),
    /// Begins and ends in one line: `::: divider :::`.
    Whole(Directive),
    /// Who gets what is inside: the tokens of `if` and `endif`.
    Segment([String; 2]),
    /// What cannot be read: its content stands as if there were no container.
    Broken,
    Close,
}

/// The lines of colons in a text, by the byte at which they begin.
#[derive(Debug, Clone, Default)]
pub struct Fences {
    lines: BTreeMap<usize, (Fence, Span)>,
}

impl Fences {
    /// Takes the lines of colons out of `text`, which begins at `offset` of the source and holds the tokens of
    /// `marks`. The result is as long as `text`.
    pub fn take(
        text: String,
        source: &Source,
        offset: usize,
        marks: &mut Marks,
        findings: &mut Vec<Finding>,
    ) -> Result<(String, Fences), ComposeError> {
        let mut fences = Fences::default();
        if !text.contains(":::") {
            return Ok((text, fences));
        }
        let mut left = text.clone();
        let code = dialect::code(&text);
        findings.extend(misplaced(&text, &code).into_iter().map(|span| {
            Finding::warning("container", "a container begins at the left edge: this line stands as text")
                .at(source.at(span.start + offset..span.end + offset))
                .help("take the colons out of the quote or the list")
        }));
        for line in lines(&text, &code) {
            let place = line.start + offset..line.end + offset;
            let mut taking = Taking { source, place: place.clone(), marks, findings };
            let fence = taking.fence(&text[line.clone()])?;
            left.replace_range(line.clone(), &format!("{RULE}{}", " ".repeat(line.len() - RULE.len())));
            fences.lines.insert(line.start, (fence, place));
        }
        Ok((left, fences))
    }

    /// The line that the rule at `start` stands for, and its place in the author's file.
    pub fn at(&self, start: usize) -> Option<&(Fence, Span)> {
        self.lines.get(&start)
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, &Span)> {
        self.lines.iter().map(|(start, (_, span))| (*start, span))
    }
}

/// The lines that begin with three colons and are not in code.
fn lines(text: &str, code: &[Span]) -> Vec<Span> {
    lines_that(text, code, |line| line.starts_with(":::").then_some(0))
}

/// Where colons would begin a container if a quote, a list or an indent did not stand before them.
fn misplaced(text: &str, code: &[Span]) -> Vec<Span> {
    lines_that(text, code, |line| {
        let inside = line.trim_start_matches(|c: char| " \t>-*+.)".contains(c) || c.is_ascii_digit());
        let before = line.len() - inside.len();
        (before > 0 && inside.starts_with(":::")).then_some(before)
    })
}

/// The lines outside of code for which `begins` says where, each from there to its end.
fn lines_that(text: &str, code: &[Span], begins: impl Fn(&str) -> Option<usize>) -> Vec<Span> {
    let is_code = |at: usize| {
        code.get(code.partition_point(|span| span.end <= at)).is_some_and(|span| span.start <= at)
    };
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(before) = begins(line).filter(|before| !is_code(start + before)) {
            found.push(start + before..start + line.trim_end().len());
        }
        start += line.len();
    }
    found
}

struct Taking<'a> {
    source: &'a Source,
    place: Span,
    marks: &'a mut Marks,
    findings: &'a mut Vec<Finding>,
}

impl Taking<'_> {
    fn fence(&mut self, line: &str) -> Result<Fence, ComposeError> {
        let text = line.trim_matches(':').trim();
        if text.is_empty() {
            return Ok(Fence::Close);
        }
        let is_whole = text.len() < line.trim_start_matches(':').trim_start().len();
        match Directive::parse(text) {
            Ok(Directive::Segment(filter)) => self.segment(&filter),
            Ok(directive) if is_whole => Ok(Fence::Whole(directive)),
            Ok(directive) => Ok(Fence::Open(directive)),
            Err(wrong) => Ok(self.broken(wrong)),
        }
    }

    fn broken(&mut self, wrong: Wrong) -> Fence {
        let place = self.source.at(self.place.clone());
        self.findings.push(Finding::error("container", wrong.message).at(place).help(wrong.help));
        Fence::Broken
    }

    /// The fields are named beside the filter, so that they count as asked for like those of any statement.
    fn segment(&mut self, filter: &str) -> Result<Fence, ComposeError> {
        let written = self.marks.restore(filter);
        let parsed = match Segment::parse(&written) {
            Ok(parsed) => parsed,
            Err(error) => {
                let help = "the filter language is that of `segment` in the front matter";
                return Ok(self.broken(Wrong { message: error.to_string(), help: help.to_owned() }));
            }
        };
        let fields: String = parsed.fields().iter().map(|field| format!(", {field}")).collect();
        let text = written.replace('\\', "\\\\").replace('"', "\\\"");
        let statements = format!("{{% if segment(\"{text}\"{fields}) %}}{{% endif %}}");
        let no_roots = serde_json::Value::Null;
        let tokens = self.marks.take_more(self.source, self.place.clone(), &statements, &no_roots)?;
        let mut tokens = self.marks.split(&tokens).into_iter().filter_map(|part| match part {
            Part::Mark(mark) => Some(mark.token.clone()),
            Part::Text(_) => None,
        });
        let two = [tokens.next().unwrap_or_default(), tokens.next().unwrap_or_default()];
        Ok(Fence::Segment(two))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> (String, Vec<Fence>, Vec<Finding>) {
        let (source, mut findings) = (Source::new("a.md", text), Vec::new());
        let (left, fences) =
            Fences::take(text.to_owned(), &source, 0, &mut Marks::default(), &mut findings).unwrap();
        (left, fences.lines.into_values().map(|(fence, _)| fence).collect(), findings)
    }

    #[test]
    fn lines_of_colons_become_rules_of_the_same_length() {
        let (left, fences, _) = taken("a\n::: columns\nb\n:::\n::: divider :::\n");
        assert_eq!(left, "a\n***        \nb\n***\n***            \n");
        assert_eq!(fences, [Fence::Open(Directive::Columns), Fence::Close, Fence::Whole(Directive::Divider)]);
    }

    #[test]
    fn colons_in_a_quote_or_a_list_are_text_and_that_is_said() {
        let (_, fences, findings) = taken("> ::: section\n> a\n> :::\n\n- ::: button\n\nb\n\n    ::: code\n");
        assert!(fences.is_empty());
        let places: Vec<String> =
            findings.iter().filter_map(|found| Some(found.place.as_ref()?.to_string())).collect();
        assert_eq!(places, ["a.md:1:3", "a.md:3:3", "a.md:5:3"]);
    }

    #[test]
    fn colons_in_code_and_within_a_line_are_no_containers() {
        let text = "```\n::: columns\n```\n\na ::: b\n";
        let (left, fences, _) = taken(text);
        assert_eq!((left.as_str(), fences), (text, Vec::new()));
    }

    #[test]
    fn a_segment_is_a_statement_that_names_its_fields() {
        let text = "::: segment city = \"London\" and plan\nx\n:::\n";
        let source = Source::new("a.md", text);
        let mut marks = Marks::default();
        let (_, fences) = Fences::take(text.to_owned(), &source, 0, &mut marks, &mut Vec::new()).unwrap();
        let Some((Fence::Segment([open, _]), _)) = fences.at(0) else { panic!("no segment") };
        let statement = r#"{% if segment("city = \"London\" and plan", city, plan) %}"#;
        assert_eq!(marks.restore(open), statement);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_a_finding_at_its_line() {
        let (_, fences, findings) = taken("::: segment city =\nx\n:::\n");
        assert_eq!(fences, [Fence::Broken, Fence::Close]);
        assert_eq!(findings[0].rule, "container");
    }
}
