//! Merge statements in the tree: `{% if … %}` around whole blocks or within one run, never across.

use super::tree::{Block, BlockKind, Inline, InlineKind};
use crate::compose::merge::{MarkKind, Marks, Part};
use crate::model::source::Span;

/// A statement that has no partner where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Unbalanced {
    pub statement: String,
    pub span: Span,
}

/// The statement of a logic token, such as `if city`.
pub fn statement<'a>(token: &'a str, marks: &'a Marks) -> &'a str {
    marks
        .split(token)
        .into_iter()
        .find_map(|part| match part {
            Part::Mark(mark) => match &mark.kind {
                MarkKind::Logic(statement) => Some(statement.as_str()),
                MarkKind::Constant(_) | MarkKind::Value(_) | MarkKind::Comment => None,
            },
            Part::Text(_) => None,
        })
        .unwrap_or_default()
}

/// What is unbalanced among statements that stand side by side.
pub fn unbalanced<'a>(statements: impl Iterator<Item = (&'a str, &'a Span)>) -> Vec<Unbalanced> {
    let mut open: Vec<(&str, &str, &Span)> = Vec::new();
    let mut wrong = Vec::new();
    for (statement, span) in statements {
        let word = statement.split_whitespace().next().unwrap_or_default();
        let is_set = word == "set" && statement.contains('=');
        match word.strip_prefix("end") {
            Some(opener) if open.last().is_some_and(|(word, ..)| *word == opener) => {
                open.pop();
            }
            Some(_) => wrong.push((statement, span)),
            None if matches!(word, "else" | "elif") && open.is_empty() => wrong.push((statement, span)),
            None if matches!(word, "else" | "elif" | "include" | "import" | "do" | "from") || is_set => {}
            None => open.push((word, statement, span)),
        }
    }
    wrong.extend(open.into_iter().map(|(_, statement, span)| (statement, span)));
    wrong
        .into_iter()
        .map(|(text, span)| Unbalanced { statement: text.to_owned(), span: span.clone() })
        .collect()
}

/// The statements directly in a run.
pub fn in_run<'a>(run: &'a [Inline], marks: &'a Marks) -> Vec<(&'a str, &'a Span)> {
    run.iter()
        .filter_map(|inline| match &inline.kind {
            InlineKind::Logic(token) => Some((statement(token, marks), &inline.span)),
            _ => None,
        })
        .collect()
}

/// The statements directly among blocks.
pub fn among<'a>(blocks: &'a [Block], marks: &'a Marks) -> Vec<(&'a str, &'a Span)> {
    blocks
        .iter()
        .filter_map(|block| match &block.kind {
            BlockKind::Logic(token) => Some((statement(token, marks), &block.span)),
            _ => None,
        })
        .collect()
}

/// Headings between `for` and `endfor` are there many times, and an id only once.
pub fn without_ids_in_loops(blocks: &mut [Block], marks: &Marks) {
    let mut loops: usize = 0;
    for block in blocks {
        match &block.kind {
            BlockKind::Logic(token) => match statement(token, marks).split_whitespace().next() {
                Some("for") => loops += 1,
                Some("endfor") => loops = loops.saturating_sub(1),
                _ => {}
            },
            _ if loops > 0 => take_ids(block),
            _ => {}
        }
    }
}

fn take_ids(block: &mut Block) {
    if let BlockKind::Heading { id, .. } = &mut block.kind {
        id.clear();
    }
    block.each_inner(&mut |inner| inner.iter_mut().for_each(take_ids));
}

/// A paragraph as blocks: statements that stand alone in it, or that open and close the whole of it, become
/// blocks of their own, so that they wrap whole blocks.
pub fn lift(run: Vec<Inline>, span: Span, marks: &Marks) -> Vec<Block> {
    let leading = run.iter().take_while(|inline| is_lone(inline)).count();
    if leading == run.len() {
        return run.into_iter().filter_map(logic_block).collect();
    }
    let trailing = run.iter().rev().take_while(|inline| is_lone(inline)).count();
    let middle = &run[leading..run.len() - trailing];
    let outside = [&run[..leading], &run[run.len() - trailing..]].concat();
    let has_logic = outside.iter().any(|inline| matches!(inline.kind, InlineKind::Logic(_)));
    let whole = unbalanced(in_run(middle, marks).into_iter()).is_empty();
    let on_own_lines = starts_line(&run[..leading]) && ends_line(&run[run.len() - trailing..]);
    if !has_logic || !whole || !on_own_lines {
        return vec![Block { kind: BlockKind::Paragraph(run), span }];
    }
    let mut run = run;
    let after = run.split_off(run.len() - trailing);
    let middle = run.split_off(leading);
    let mut blocks: Vec<Block> = run.into_iter().filter_map(logic_block).collect();
    blocks.push(Block { kind: BlockKind::Paragraph(middle), span });
    blocks.extend(after.into_iter().filter_map(logic_block));
    blocks
}

/// A statement before a paragraph is about the whole of it only if it has a line of its own.
fn starts_line(leading: &[Inline]) -> bool {
    leading.iter().all(|inline| !matches!(inline.kind, InlineKind::Logic(_)))
        || leading.last().is_some_and(is_break)
}

fn ends_line(trailing: &[Inline]) -> bool {
    trailing.iter().all(|inline| !matches!(inline.kind, InlineKind::Logic(_)))
        || trailing.first().is_some_and(is_break)
}

fn is_break(inline: &Inline) -> bool {
    matches!(inline.kind, InlineKind::SoftBreak | InlineKind::HardBreak)
}

fn is_lone(inline: &Inline) -> bool {
    match &inline.kind {
        InlineKind::Logic(_) | InlineKind::SoftBreak | InlineKind::HardBreak => true,
        InlineKind::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn logic_block(inline: Inline) -> Option<Block> {
    match inline.kind {
        InlineKind::Logic(token) => Some(Block { kind: BlockKind::Logic(token), span: inline.span }),
        _ => None,
    }
}
