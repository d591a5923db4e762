//! Ids of headings: from their words, each once.

use std::collections::HashMap;

/// Gives out ids.
#[derive(Debug, Default)]
pub struct Anchors {
    taken: HashMap<String, usize>,
}

impl Anchors {
    /// An id from the author's own, else from `words`: letters, digits and hyphens. Tokens must have been taken
    /// out of `words`.
    pub fn id(&mut self, own: Option<&str>, words: &str) -> String {
        let wanted = own.map(slug).filter(|id| !id.is_empty()).unwrap_or_else(|| slug(words));
        let wanted = if wanted.is_empty() { "section".to_owned() } else { wanted };
        let mut id = wanted.clone();
        while self.taken.contains_key(&id) {
            let count = self.taken.entry(wanted.clone()).or_insert(0);
            *count += 1;
            id = format!("{wanted}-{count}");
        }
        self.taken.insert(id.clone(), 0);
        id
    }
}

fn slug(words: &str) -> String {
    let mut id = String::new();
    for c in words.chars().flat_map(char::to_lowercase) {
        match c {
            c if c.is_alphanumeric() || c == '_' => id.push(c),
            '-' => id.push('-'),
            c if c.is_whitespace() && !id.ends_with('-') => id.push('-'),
            _ => {}
        }
    }
    id.trim_matches('-').to_owned()
}
