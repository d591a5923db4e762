//! An error → what the person at the keyboard reads: message, excerpt with caret, help.
//!
//! What came out of a file or a server never reaches the terminal as a control character, and a password in a
//! URL is never shown.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::model::finding::{Explain, Finding, Severity};
use crate::model::source::{Place, Span};

/// More lines than this of one span say nothing more.
const MOST_LINES: usize = 4;

/// The whole text, coloured or not, ending with a line end.
pub fn problem(error: &dyn Explain, colour: bool) -> String {
    let message = with_causes(error);
    excerpt(Severity::Error, &message, error.place().as_ref(), error.help().as_deref(), colour)
}

/// A finding in the same form, with its severity in front.
pub fn finding(finding: &Finding, colour: bool) -> String {
    excerpt(finding.severity, &finding.message, finding.place.as_ref(), finding.help.as_deref(), colour)
}

/// `error: message`, then ` --> file:line:column` and the lines with a caret where there is a place, then
/// `help: …`; ends with a line end.
pub fn excerpt(
    severity: Severity,
    message: &str,
    place: Option<&Place>,
    help: Option<&str>,
    colour: bool,
) -> String {
    let (message, help) = (visible(message), help.map(visible));
    let window = place.map(Window::of);
    let problem = Group::with_title(level(severity).primary_title(message));
    let help = help.map(|help| Group::with_title(Level::HELP.secondary_title(help)));
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let text = match (&window, help) {
        (Some(window), Some(help)) => renderer.render(&[problem.element(window.lines()), help]),
        (Some(window), None) => renderer.render(&[problem.element(window.lines())]),
        // In one report the renderer would draw a bar between the two.
        (None, Some(help)) => format!("{}\n{}", renderer.render(&[problem]), renderer.render(&[help])),
        (None, None) => renderer.render(&[problem]),
    };
    text + "\n"
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// The error and what caused it, without saying anything twice.
fn with_causes(error: &dyn Explain) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}

/// The few lines of a file that an error is about, fit to be shown.
struct Window {
    text: String,
    /// Within `text`.
    span: Span,
    /// From 1.
    first_line: usize,
    path: String,
}

impl Window {
    fn lines(&self) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
        let caret = AnnotationKind::Primary.span(self.span.clone());
        let lines = Snippet::source(&self.text).line_start(self.first_line).path(&self.path);
        lines.fold(false).annotation(caret)
    }

    fn of(place: &Place) -> Window {
        let text = place.source.text();
        let start = text.floor_char_boundary(place.span.start.min(text.len()));
        let end = text.floor_char_boundary(place.span.end.clamp(start, text.len()));
        let first = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let last = end_of_lines(text, start, end);
        let (text, span) = shown(&text[first..last], start - first..end.min(last) - first);
        Window {
            text,
            span,
            first_line: place.source.position(start).line,
            path: visible(&place.source.path().display().to_string()),
        }
    }
}

/// Where the last shown line of `start..end` ends, its line end not included.
fn end_of_lines(text: &str, start: usize, end: usize) -> usize {
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |newline| from + newline);
    let mut last = line_end(start);
    for _ in 1..MOST_LINES {
        if last + 1 >= end {
            break;
        }
        last = line_end(last + 1);
    }
    last
}

/// `text` with everything that must not reach a terminal replaced, and where `span` is in it.
fn shown(text: &str, span: Span) -> (String, Span) {
    let hidden = passwords(text);
    let (mut out, mut start, mut end) = (String::new(), None, None);
    for (at, char) in text.char_indices() {
        if at >= span.start {
            start.get_or_insert(out.len());
        }
        if at >= span.end {
            end.get_or_insert(out.len());
        }
        let secret = hidden.iter().any(|password| password.contains(&at));
        out.push(if secret { '*' } else { visible_char(char) });
    }
    let start = start.unwrap_or(out.len());
    let end = end.unwrap_or(out.len()).max(start);
    (out, start..end)
}

/// Where the passwords of URLs stand: `scheme://user:PASSWORD@host`.
fn passwords(text: &str) -> Vec<Span> {
    let after = |(at, mark): (usize, &str)| {
        let from = at + mark.len();
        let length = text[from..].find(|c: char| c.is_whitespace() || "\"'<>`".contains(c));
        let login_end = from + text[from..from + length.unwrap_or(text.len() - from)].rfind('@')?;
        let colon = from + text[from..login_end].find(':')?;
        Some(colon + 1..login_end)
    };
    text.match_indices("://").filter_map(after).collect()
}

/// A text in which the passwords of URLs are asterisks.
pub fn without_passwords(text: &str) -> String {
    let hidden = passwords(text);
    let is_hidden = |at| hidden.iter().any(|password| password.contains(&at));
    text.char_indices().map(|(at, char)| if is_hidden(at) { '*' } else { char }).collect()
}

/// A text whose control characters are replaced by pictures of them; ends of lines stay.
pub fn visible(text: &str) -> String {
    text.chars().map(visible_char).collect()
}

fn visible_char(char: char) -> char {
    match char {
        '\n' | '\t' => char,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(char)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        char if char.is_control() => '\u{fffd}',
        char => char,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::source::Source;

    fn plain(text: &str, span: Span) -> String {
        let place = Source::new("issues/012.md", text).at(span);
        excerpt(Severity::Error, "it is wrong", Some(&place), Some("mend it"), false)
    }

    #[test]
    fn an_error_shows_where_it_is_and_what_to_do() {
        insta::assert_snapshot!(plain("---\ntitle: Héllo {{ first_nmae }}\n", 21..31), @r"
        error: it is wrong
         --> issues/012.md:2:17
          |
        2 | title: Héllo {{ first_nmae }}
          |                 ^^^^^^^^^^
          |
        help: mend it
        ");
    }

    #[test]
    fn an_error_without_a_place_is_its_message_and_help() {
        let text = excerpt(Severity::Warning, "it is odd", None, Some("look at it"), false);
        insta::assert_snapshot!(text, @r"
        warning: it is odd
        help: look at it
        ");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let text = plain("a \x1b[31m\u{202e} b\n", 2..4);
        assert!(!text.contains('\x1b') && !text.contains('\u{202e}'), "{text}");
        assert!(text.contains("a ␛[31m"), "{text}");
    }

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        let text = plain("url = \"smtp://ada:ge:he@im@mail.example.org\"\n", 6..44);
        assert!(text.contains("smtp://ada:********@mail.example.org"), "{text}");
    }

    #[test]
    fn of_a_line_without_end_only_the_part_that_matters_is_shown() {
        let long = format!("{}HERE{}", "x".repeat(100_000), "y".repeat(100_000));
        let text = plain(&long, 100_000..100_004);
        assert!(text.len() < 3_000 && text.contains("HERE"), "{}", text.len());
        assert!(text.contains("issues/012.md:1:100001"), "{text}");
    }

    proptest! {
        #[test]
        fn any_text_and_any_span_can_be_shown(text in "[\\PC\n\t\x1b\r]*", start in 0usize..60, length in 0usize..60) {
            let shown = plain(&text, start..start + length);
            prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", shown);
        }
    }
}
