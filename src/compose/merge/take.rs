//! Takes the merge syntax of one text out of it, mark by mark.

use std::ops::Range;

use super::scan::{self, Brace, Reading};
use super::syntax::{Problem, Syntax};
use super::{MOST_MARKS, Mark, MarkKind, Marks};
use crate::compose::{ComposeError, dialect};
use crate::model::source::{Source, Span};

/// Adds the marks of `text` to `marks` and gives the text with their tokens, which has the same length.
/// `span` is where `text` stands in `source`.
pub(super) fn take(
    marks: &mut Marks,
    source: &Source,
    span: Span,
    text: &str,
    reading: Reading,
    roots: &serde_json::Value,
) -> Result<String, ComposeError> {
    let origin = Origin::new(source, span, text);
    marks.reserve(&roots.to_string());
    let mut taking = Taking {
        marks,
        origin: &origin,
        left: text.to_owned(),
        reading,
        code: Vec::new(),
        syntax: Syntax::new(roots),
    };
    taking.find_code();
    taking.all().map_err(|problem| origin.error(problem))?;
    Ok(taking.left)
}

/// Where a text comes from.
struct Origin<'a> {
    source: &'a Source,
    span: Span,
    text: &'a str,
    /// Where the text begins in the source, if it stands there as it is: a value of the front matter may
    /// be written with escapes.
    start: Option<usize>,
}

impl<'a> Origin<'a> {
    fn new(source: &'a Source, span: Span, text: &'a str) -> Origin<'a> {
        let written = source.text().get(span.clone()).unwrap_or_default();
        let found = if text.is_empty() { None } else { written.find(text) };
        let start = found.map(|found| span.start + found);
        Origin { source, span, text, start }
    }

    fn span_of(&self, range: &Range<usize>) -> Span {
        match self.start {
            Some(start) => range.start + start..range.end + start,
            None => self.span.clone(),
        }
    }

    fn error(&self, problem: Problem) -> ComposeError {
        let place = (!self.span.is_empty()).then(|| self.source.at(self.span_of(&problem.range)));
        ComposeError::Broken { message: problem.message, place, help: problem.help }
    }
}

struct Taking<'a> {
    marks: &'a mut Marks,
    origin: &'a Origin<'a>,
    /// The text, with tokens for what was taken.
    left: String,
    reading: Reading,
    code: Vec<Span>,
    syntax: Syntax,
}

impl Taking<'_> {
    fn all(&mut self) -> Result<(), Problem> {
        let mut from = 0;
        while let Some((open, brace)) = scan::next_open(&self.left, from, self.reading) {
            from = match self.code_at(open) {
                Some(end) => end.max(open + 2),
                None => self.one(open, brace)?,
            };
        }
        self.syntax.finish()
    }

    /// Takes the mark that opens here; where to go on.
    fn one(&mut self, open: usize, brace: Brace) -> Result<usize, Problem> {
        let end = scan::end_of(&self.left, open, brace).ok_or_else(|| unclosed(open, brace))?;
        let span = open..end;
        let inner = scan::inner(&self.left, &span);
        let text = &self.left[inner.clone()];
        if brace == Brace::Logic && text == "raw" {
            return self.raw(span);
        }
        let kind = match brace {
            Brace::Value => self.syntax.value(text),
            Brace::Logic => self.syntax.statement(text, span.clone()),
            Brace::Comment => Ok(MarkKind::Comment),
        };
        let kind = kind.map_err(|problem| Problem {
            range: problem.range.start + inner.start..problem.range.end + inner.start,
            ..problem
        })?;
        self.put(span, kind)?;
        Ok(end)
    }

    /// What stands between `raw` and `endraw` is literal: only the two marks go.
    fn raw(&mut self, start: Span) -> Result<usize, Problem> {
        let Some(end) = scan::end_of_raw(&self.left, start.end) else {
            return Err(Problem {
                message: "`{% raw %}` is never closed".to_owned(),
                range: start,
                help: Some("add `{% endraw %}` where it ends".to_owned()),
            });
        };
        let after = end.end;
        self.put(start, MarkKind::Comment)?;
        self.put(end, MarkKind::Comment)?;
        Ok(after)
    }

    fn put(&mut self, span: Span, kind: MarkKind) -> Result<(), Problem> {
        let token = self.marks.next_token(span.len()).ok_or_else(|| Problem {
            message: format!("there are more than {MOST_MARKS} merge fields"),
            range: span.clone(),
            help: Some("make two issues of it".to_owned()),
        })?;
        let source = self.origin.text[span.clone()].to_owned();
        self.left.replace_range(span.clone(), &token);
        // Such characters may have opened or closed code further on.
        let changes_code = source.contains(['`', '~', '<', '>', '\n', '\\']);
        self.marks.marks.push(Mark { token, source, kind, span: self.origin.span_of(&span) });
        if changes_code {
            self.find_code();
        }
        Ok(())
    }

    fn find_code(&mut self) {
        if self.reading == Reading::Markdown {
            self.code = dialect::code(&self.left);
        }
    }

    /// The end of the code that `at` stands in.
    fn code_at(&self, at: usize) -> Option<usize> {
        let index = self.code.partition_point(|span| span.end <= at);
        self.code.get(index).filter(|span| span.start <= at).map(|span| span.end)
    }
}

fn unclosed(open: usize, brace: Brace) -> Problem {
    Problem {
        message: format!("`{}` is never closed", brace.open()),
        range: open..open + 2,
        help: Some(format!(
            "close it with `{}` in the same paragraph; to show braces as they are, put them in code or after \
             a backslash",
            brace.close()
        )),
    }
}
