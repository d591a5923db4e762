//! What a template may use; `templates/letter.mjml` explains each.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::value::Serde;

use crate::compose::words::Words;
use crate::model::theme::Theme;

/// Every name that a template may use.
pub const NAMES: [&str; 19] = [
    "lang",
    "dir",
    "title",
    "heading",
    "preheader",
    "meta",
    "body",
    "styles",
    "theme",
    "site",
    "issue",
    "vars",
    "list",
    "why",
    "footer",
    "words",
    "unsubscribe_url",
    "email",
    "name",
];

/// What some of them hold, for whoever mistyped it.
pub const PARTS: [&str; 16] = [
    "theme.width",
    "theme.font",
    "theme.heading_font",
    "theme.mono_font",
    "theme.logo",
    "theme.canvas",
    "theme.card",
    "theme.text",
    "theme.muted",
    "theme.link",
    "theme.line",
    "site.name",
    "site.base_url",
    "site.postal_address",
    "list.title",
    "words.unsubscribe",
];

/// The values. Those called HTML or MJML are put in as they are, all others escaped.
pub struct Variables<'a> {
    pub lang: &'a str,
    pub dir: &'a str,
    pub title: String,
    /// HTML.
    pub heading: String,
    pub preheader: Option<String>,
    pub meta: Vec<String>,
    /// MJML.
    pub body: String,
    /// CSS.
    pub styles: String,
    pub theme: &'a Theme,
    /// `issue`, `site`, `vars`.
    pub roots: &'a serde_json::Value,
    pub list_title: &'a str,
    pub footer: Vec<String>,
    pub words: Words,
    /// Tokens of what differs for every subscriber, by name.
    pub holes: BTreeMap<String, String>,
}

impl Variables<'_> {
    pub fn into_value(self) -> Value {
        let root = |name: &str| Value::from(Serde(&self.roots[name]));
        let list = BTreeMap::from([("title", Value::from(self.list_title))]);
        let mut values: BTreeMap<String, Value> = [
            ("lang", Value::from(self.lang)),
            ("dir", Value::from(self.dir)),
            ("title", Value::from(self.title)),
            ("heading", Value::from_safe_string(self.heading)),
            ("preheader", Value::from(self.preheader.unwrap_or_default())),
            ("meta", Value::from(self.meta)),
            ("body", Value::from_safe_string(self.body)),
            ("styles", Value::from_safe_string(self.styles)),
            ("theme", Value::from(Serde(self.theme))),
            ("site", root("site")),
            ("issue", root("issue")),
            ("vars", root("vars")),
            ("list", Value::from(list)),
            ("why", Value::from(self.words.why(self.list_title))),
            ("footer", Value::from(self.footer)),
            ("words", Value::from(Serde(self.words))),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        values.extend(self.holes.into_iter().map(|(name, token)| (name, Value::from_safe_string(token))));
        Value::from(values)
    }
}
