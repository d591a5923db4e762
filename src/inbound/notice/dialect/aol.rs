//! AOL: it names its own people without their domain.

use super::super::found::{self, Found};
use super::Dialect;
use super::text::Text;

pub(super) static DIALECT: Dialect =
    Dialect { name: "aol", knows: |text| domain(text).is_some() && text.says(&[OPENER]), find };

const OPENER: &str = "to the following recipients could not be delivered because";

fn domain<'a>(text: &Text<'a>) -> Option<&'a str> {
    let from = found::addresses(text.mail.head.get("from")?).next()?;
    let domain = from.split_once('@')?.1;
    ["aol.com", "aim.com"].iter().any(|known| domain.eq_ignore_ascii_case(known)).then_some(domain)
}

fn find(text: &Text<'_>) -> Vec<Found> {
    let Some(domain) = domain(text) else { return Vec::new() };
    let why: String =
        text.lines().iter().take_while(|line| !line.trim_end().ends_with(':')).cloned().collect();
    let last = text.lines().iter().find(|line| line.trim_end().ends_with(':')).map_or("", String::as_str);
    let why = format!("{why} {last}");
    let below = text.lines().iter().skip_while(|line| !line.trim_end().ends_with(':')).skip(1);
    let names =
        below.map(|line| line.trim()).filter(|line| !line.is_empty()).take_while(|line| is_name(line));
    let found = |name: &str| Found {
        address: format!("{}@{}", name, domain.to_lowercase()),
        last: None,
        text: why.clone(),
    };
    names.map(found).collect()
}

fn is_name(line: &str) -> bool {
    line.len() <= 32 && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
