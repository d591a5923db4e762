//! What stands in braces behind a link, an image or words in brackets: `[Go](/there){.button}`,
//! `![A map](map.png){width=300}`, `[Ada Lovell]{.smallcaps}`.

use super::run::{Opened, RunItem, Words};
use super::tree::Style;

const BUTTON: &str = "{.button}";
const SMALL_CAPS: &str = "]{.smallcaps}";

/// Reads them in a run. Braces that say nothing known stay as they are.
pub fn read(run: Vec<RunItem>) -> Vec<RunItem> {
    let has =
        |mark: &str| run.iter().any(|item| matches!(item, RunItem::Text(words) if words.text.contains(mark)));
    let (has_small_caps, has_braces) = (has(SMALL_CAPS), has("{"));
    let run = if has_braces { behind(run) } else { run };
    if has_small_caps { small_caps(run) } else { run }
}

/// Attributes of links and images.
fn behind(run: Vec<RunItem>) -> Vec<RunItem> {
    let mut out: Vec<RunItem> = Vec::with_capacity(run.len());
    let mut open = Vec::new();
    let mut items = run.into_iter().peekable();
    while let Some(item) = items.next() {
        match item {
            RunItem::Open(..) => {
                open.push(out.len());
                out.push(item);
            }
            RunItem::Close => {
                out.push(item);
                let Some(start) = open.pop() else { continue };
                if let Some(RunItem::Text(words)) = items.peek_mut() {
                    take(&mut out, start, words);
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Applies what `words` begin with to what was opened at `start` and closed last.
fn take(out: &mut Vec<RunItem>, start: usize, words: &mut Words) {
    if words.literal.first() == Some(&0) {
        return;
    }
    let taken = match &mut out[start] {
        RunItem::Open(Opened::Image { width, .. }, _) => pixels(&words.text).map(|(length, pixels)| {
            *width = Some(pixels);
            length
        }),
        RunItem::Open(Opened::Link { .. }, span) if words.text.starts_with(BUTTON) => {
            let span = span.clone();
            out.insert(start, RunItem::Open(Opened::Styled(Style::Strong), span));
            out.push(RunItem::Close);
            Some(BUTTON.len())
        }
        _ => None,
    };
    if let Some(length) = taken {
        *words = words.part(length, words.text.len(), words.verbatim);
    }
}

/// `{width=300}` or `{width=300px}`: its length, and the pixels, 1 to 2000.
fn pixels(text: &str) -> Option<(usize, u32)> {
    let inside = text.strip_prefix("{width=")?;
    let end = inside.find('}')?;
    let number = inside[..end].trim_matches('"').trim_end_matches("px").parse().ok()?;
    (1..=2000).contains(&number).then_some(("{width=".len() + end + 1, number))
}

/// A bracket that may open words in small capitals.
struct Bracket {
    depth: usize,
    /// Its place in the new run.
    at: usize,
}

fn small_caps(run: Vec<RunItem>) -> Vec<RunItem> {
    let mut pen = Pen { out: Vec::with_capacity(run.len()), brackets: Vec::new(), depth: 0 };
    for item in run {
        match item {
            RunItem::Text(words) if !words.verbatim => pen.text(&words),
            other => {
                match other {
                    RunItem::Open(..) => pen.depth += 1,
                    RunItem::Close => pen.depth = pen.depth.saturating_sub(1),
                    _ => {}
                }
                let depth = pen.depth;
                pen.brackets.retain(|bracket| bracket.depth <= depth);
                pen.out.push(other);
            }
        }
    }
    pen.out
}

struct Pen {
    out: Vec<RunItem>,
    brackets: Vec<Bracket>,
    depth: usize,
}

impl Pen {
    fn text(&mut self, words: &Words) {
        let mut done = 0;
        for (at, _) in words.text.match_indices(['[', ']']) {
            if at < done || words.literal.contains(&at) {
                continue;
            }
            done = match words.text[at..].starts_with('[') {
                true => self.open(words, done, at),
                false => self.close(words, done, at),
            };
        }
        self.push(words, done, words.text.len());
    }

    fn push(&mut self, words: &Words, from: usize, to: usize) {
        if from < to {
            self.out.push(RunItem::Text(words.part(from, to, false)));
        }
    }

    fn open(&mut self, words: &Words, done: usize, at: usize) -> usize {
        self.push(words, done, at);
        self.brackets.push(Bracket { depth: self.depth, at: self.out.len() });
        self.push(words, at, at + 1);
        at + 1
    }

    fn close(&mut self, words: &Words, done: usize, at: usize) -> usize {
        let bracket = match self.brackets.last() {
            Some(bracket) if bracket.depth == self.depth => self.brackets.pop(),
            _ => None,
        };
        match bracket {
            Some(bracket) if words.text[at..].starts_with(SMALL_CAPS) => {
                self.push(words, done, at);
                let span = words.part(at, at + 1, false).span;
                self.out[bracket.at] = RunItem::Open(Opened::Styled(Style::SmallCaps), span);
                self.out.push(RunItem::Close);
                at + SMALL_CAPS.len()
            }
            _ => done,
        }
    }
}
