//! Takes apart what mail-parser does not: parts whose boundary does not match, and mails nested so deep that it would
//! be dangerous to keep their form. It reads lines, once, and knows no depth.

use mail_parser::MessageParser;

use super::fields::{Fields, is_field};
use super::open::Part;

/// More parts are not read.
const MOST: usize = 200;

/// Whether a mail says that it has parts, and there is something like a boundary.
pub(super) fn is_worth_it(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let kind = Fields::parse(lines.iter().copied());
    let kind = kind.get("content-type").unwrap_or_default().to_ascii_lowercase();
    kind.starts_with("multipart/") && starts(&lines).next().is_some()
}

/// The parts of a mail: what stands between lines that begin with `--` and are followed by `Content-…:`.
pub(super) fn parts(bytes: &[u8]) -> Vec<Part> {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let body = lines.iter().position(|line| line.trim().is_empty()).unwrap_or(lines.len());
    let mut edges: Vec<usize> = starts(&lines).filter(|start| *start > body).take(MOST).collect();
    if edges.is_empty() {
        return vec![part(&lines)];
    }
    edges.push(lines.len());
    edges.windows(2).map(|edge| part(&lines[edge[0] + 1..edge[1]])).collect()
}

fn starts<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = usize> + 'a {
    let is_start = |pair: &&[&str]| {
        let next = pair[1].trim_start();
        pair[0].starts_with("--")
            && next.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-"))
            && is_field(next)
    };
    lines.windows(2).enumerate().filter(move |(_, pair)| is_start(pair)).map(|(at, _)| at)
}

fn part(lines: &[&str]) -> Part {
    let fields = Fields::parse(lines.iter().copied());
    let kind = fields.get("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let body = lines.iter().position(|line| line.trim().is_empty()).map_or(lines.len(), |at| at + 1);
    let raw = lines[body..].join("\n");
    let encoding = fields.get("content-transfer-encoding").unwrap_or_default();
    let text =
        if kind.starts_with("multipart/") { String::new() } else { decoded(&raw, encoding).unwrap_or(raw) };
    Part { kind, text }
}

/// A message with this body alone, so that nothing can be nested in it.
fn decoded(raw: &str, encoding: &str) -> Option<String> {
    let is_coded = ["base64", "quoted-printable"].iter().any(|known| encoding.eq_ignore_ascii_case(known));
    let message = is_coded
        .then(|| format!("Content-Type: text/plain\nContent-Transfer-Encoding: {encoding}\n\n{raw}"))?;
    Some(MessageParser::new().parse(message.as_bytes())?.body_text(0)?.into_owned())
}
