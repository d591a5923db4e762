//! `<ada@example.org>:` at the start of a line, with the reason behind or below it: Postfix, qmail and their children.

use super::super::found::{self, Found};
use super::text::Text;

/// Every address that is written so.
pub(super) fn angles(text: &Text<'_>) -> Vec<Found> {
    let lines = text.lines();
    let starts = (0..lines.len()).filter_map(|at| Some((at, start(lines, at)?)));
    starts.map(|(at, address)| reason(lines, at, address)).collect()
}

/// The address may have been expanded from another, and the colon may then stand in the next line.
fn start(lines: &[String], at: usize) -> Option<&str> {
    let line = lines[at].trim();
    let inside = line.strip_prefix('<')?;
    let (address, rest) = inside.split_once('>')?;
    let is_marked = rest.starts_with(':') || rest.trim_start().starts_with("(expanded from");
    (is_marked && found::addresses(address).next() == Some(address)).then_some(address)
}

fn reason(lines: &[String], at: usize, address: &str) -> Found {
    let below = lines[at + 1..].iter().zip(at + 1..);
    let below = below.take_while(|(line, at)| !line.trim().is_empty() && start(lines, *at).is_none());
    let first = lines[at].split_once('>').map_or("", |(_, rest)| rest);
    let rest: Vec<&str> = std::iter::once(first).chain(below.map(|(line, _)| line.trim())).collect();
    let text = rest.join("\n").trim_start_matches(':').to_owned();
    let origin = found::origin(&text.replace('\n', " ")).map(str::to_owned);
    let last = origin.is_some().then(|| address.to_owned());
    Found { address: origin.unwrap_or_else(|| address.to_owned()), last, text }
}
