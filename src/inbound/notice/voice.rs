//! What a notice says to people: the readable parts, up to where it quotes the letter.

use super::fields::{Fields, is_field};
use super::open::{Part, is_returned};

/// More lines are not read: the longest boilerplate has some fifty.
const MOST_LINES: usize = 500;
const LONGEST_LINE: usize = 2000;

/// Where a letter begins to be quoted. In lower case.
static QUOTES: &[&str] = &[
    "below this line is a copy",
    "below the next line is a copy",
    "original message follows",
    "original message is attached",
    "original message attached",
    "original message below this line",
    "original message as received",
    "original message header",
    "original message headers",
    "original message details",
    "original message ---",
    "--- original message",
    "--original message",
    "is a copy of the message",
    "is a copy of your message",
    "copy of the original message",
    "copy of the first part of the message",
    "copy of the message header",
    "copy of the mail",
    "attachment is a copy",
    "header of the original message",
    "header of the source mail",
    "returned mail follows",
    "returned mail ---",
    "returned message",
    "start of returned",
    "message header follows",
    "message headers follow",
    "message text follows",
    "message body suppressed",
    "unsent message below",
    "forwarded message ---",
    "your message reads",
    "your message follows",
    "undelivered message you sent follows",
    "lines of the message follow",
    "lines of your original message",
    "old message:",
    "mensaje original",
    "mensagem original",
    "message d'origine",
    "message original",
    "messaggio originale",
    "ursprüngliche nachricht",
    "original-nachricht",
    "---- start of",
    "begin original",
    "received: from ",
    "return-path: <",
    ">return-path:",
    ">received:",
];

/// The lines that were written for people, and the headers that are quoted below them.
pub(super) fn voice(parts: &[Part]) -> (Vec<String>, Vec<Fields>) {
    let has_plain =
        parts.iter().any(|part| is_spoken(part) && part.kind != "text/html" && !part.text.trim().is_empty());
    let spoken = parts.iter().filter(|part| is_spoken(part) && !(has_plain && part.kind == "text/html"));
    let (mut lines, mut quoted) = (Vec::new(), Vec::new());
    for part in spoken {
        let all: Vec<&str> = part.text.lines().take(MOST_LINES).collect();
        let end = all.iter().position(|line| is_quote(line)).unwrap_or(all.len());
        lines.extend(all[..end].iter().map(|line| cut(line).trim_end().to_owned()));
        lines.push(String::new());
        quoted.extend(header_in(&all[end..]));
    }
    lines.truncate(MOST_LINES);
    (lines, quoted)
}

/// Not what machines wrote, nor what came back.
fn is_spoken(part: &Part) -> bool {
    let is_text =
        part.kind.is_empty() || part.kind.starts_with("text/") || part.kind.starts_with("multipart/");
    is_text && !is_returned(&part.kind)
}

fn cut(line: &str) -> &str {
    &line[..line.floor_char_boundary(LONGEST_LINE)]
}

fn is_quote(line: &str) -> bool {
    let line = cut(line).to_lowercase();
    QUOTES.iter().any(|words| line.contains(words))
}

/// The header that stands somewhere in the quoted lines, which may each begin with `>`.
fn header_in(lines: &[&str]) -> Option<Fields> {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_start_matches('>')).collect();
    let is_start =
        |pair: &[&str]| is_field(pair[0]) && (is_field(pair[1]) || pair[1].starts_with([' ', '\t']));
    let start = lines.windows(2).position(is_start)?;
    Some(Fields::parse(lines[start..].iter().copied()))
}
