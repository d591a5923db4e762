//! Yale's directory: it names people without their domain, which are two.

use super::super::found::Found;
use super::Dialect;
use super::text::Text;

pub(super) static DIALECT: Dialect =
    Dialect { name: "yale", knows: |text| text.says(&["error detail (phquery"]), find };

const DOMAINS: [&str; 2] = ["cs.yale.edu", "yale.edu"];

fn find(text: &Text<'_>) -> Vec<Found> {
    let is_of_yale = text.mail.head.get("from").is_some_and(|from| from.to_lowercase().contains("yale.edu"));
    let start =
        text.lines().iter().position(|line| line.to_lowercase().contains("not delivered to the following"));
    let listed = text.lines().iter().skip(start.filter(|_| is_of_yale).map_or(usize::MAX, |at| at + 1));
    let listed =
        listed.take_while(|line| !line.trim_start().starts_with("--")).filter(|line| !line.trim().is_empty());
    listed.flat_map(|line| people(line)).collect()
}

/// A name, and white space, and why.
fn people(line: &str) -> Vec<Found> {
    let (name, why) = line.trim().split_once([' ', '\t']).unwrap_or((line.trim(), ""));
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    let at = |domain| Found { address: format!("{name}@{domain}"), last: None, text: why.trim().to_owned() };
    if is_name { DOMAINS.map(at).into() } else { Vec::new() }
}
