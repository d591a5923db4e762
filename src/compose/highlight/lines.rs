//! Languages whose lines stand for themselves.

use super::{Piece, Role};

/// A patch: lines added, taken away, and places.
pub fn diff(code: &str) -> Vec<Piece> {
    by_line(code, |line| match line.as_bytes().first()? {
        _ if line.starts_with("+++") || line.starts_with("---") => Some(Role::Type),
        b'+' => Some(Role::String),
        b'-' => Some(Role::Keyword),
        b'@' => Some(Role::Function),
        _ if line.starts_with("diff ") || line.starts_with("index ") => Some(Role::Comment),
        _ => None,
    })
}

/// A session at a prompt: the answers step back behind what was typed.
pub fn console(code: &str) -> Vec<Piece> {
    by_line(code, |line| {
        let is_typed = line.trim_start().starts_with(['$', '>', '%']);
        (!is_typed && !line.trim().is_empty()).then_some(Role::Comment)
    })
}

fn by_line(code: &str, role: impl Fn(&str) -> Option<Role>) -> Vec<Piece> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in code.split_inclusive('\n') {
        let end = start + line.len();
        if let Some(role) = role(line) {
            found.push((Some(role), start..end));
        }
        start = end;
    }
    found
}
