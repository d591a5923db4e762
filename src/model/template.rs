//! The frame around an issue: a template and the parts that it may include.

use std::path::Path;

use super::source::Source;

/// A template in MJML with placeholders, and the parts that it may include by name.
#[derive(Debug, Clone)]
pub struct Template {
    pub main: Source,
    /// By name: `foot` is what `{% include "foot" %}` puts in.
    pub parts: Vec<(String, Source)>,
}

impl Template {
    pub fn alone(main: Source) -> Template {
        Template { main, parts: Vec::new() }
    }

    pub fn path(&self) -> &Path {
        self.main.path()
    }

    pub fn part(&self, name: &str) -> Option<&Source> {
        self.parts.iter().find(|(known, _)| known == name).map(|(_, source)| source)
    }

    /// The template and its parts, for hashes: whatever can change a letter.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.main].into_iter().chain(self.parts.iter().map(|(_, source)| source)).map(Source::text)
    }
}
