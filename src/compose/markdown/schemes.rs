//! Which addresses a letter may lead to.

/// Schemes that carry programs or files instead of leading somewhere.
const FORBIDDEN: [&str; 4] = ["javascript", "vbscript", "data", "file"];

/// Whether a letter may hold such a link. An address without a scheme is relative, or begins with a token.
pub fn may_link(target: &str) -> bool {
    scheme(target).is_none_or(|scheme| !FORBIDDEN.contains(&scheme.as_str()))
}

/// The scheme in lower case, read as a browser reads it: blanks and control characters do not hide it.
pub fn scheme(target: &str) -> Option<String> {
    let (before, _) = target.split_once(':')?;
    let scheme: String = before.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| scheme.to_ascii_lowercase())
}
