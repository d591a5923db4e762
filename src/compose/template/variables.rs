//! What a template may use; `docs/templates.md` explains each.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::value::Serde;

use crate::compose::Medium;
use crate::compose::words::Words;
use crate::model::theme::Theme;

/// Every name that a template may use.
pub const NAMES: [&str; 26] = [
    "lang",
    "dir",
    "title",
    "heading",
    "preheader",
    "kicker",
    "byline",
    "reading_time",
    "lead",
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
    "web_version",
    "on_web",
    "preferences_url",
    "unsubscribe_url",
    "reader_token",
    "email",
    "name",
];

/// What some of them hold, for whoever mistyped it.
pub const PARTS: [&str; 23] = [
    "theme.width",
    "theme.size",
    "theme.leading",
    "theme.font",
    "theme.heading_font",
    "theme.mono_font",
    "theme.logo",
    "theme.logo_width",
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
    "words.view_in_browser",
    "words.preferences",
    "issue.long_date",
    "issue.short_date",
];

/// The values. Those called HTML or MJML are put in as they are, all others escaped.
pub struct Variables<'a> {
    pub lang: &'a str,
    pub dir: &'a str,
    pub title: String,
    /// HTML.
    pub heading: String,
    pub preheader: Option<String>,
    pub kicker: Vec<String>,
    pub byline: Vec<String>,
    pub reading_time: String,
    /// MJML.
    pub lead: String,
    /// MJML.
    pub body: String,
    /// CSS.
    pub styles: String,
    pub theme: &'a Theme,
    /// `issue`, `site`, `vars`.
    pub roots: &'a serde_json::Value,
    pub list_title: &'a str,
    pub medium: Medium<'a>,
    pub preferences_url: Option<&'a str>,
    pub footer: Vec<String>,
    pub words: Words,
    /// Tokens of what differs for every subscriber, by name.
    pub holes: BTreeMap<String, String>,
}

/// The theme as templates see it.
#[derive(serde::Serialize)]
struct Look<'a> {
    #[serde(flatten)]
    theme: &'a Theme,
    leading: u32,
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
            ("kicker", Value::from(self.kicker)),
            ("byline", Value::from(self.byline)),
            ("reading_time", Value::from(self.reading_time)),
            ("lead", Value::from_safe_string(self.lead)),
            ("body", Value::from_safe_string(self.body)),
            ("styles", Value::from_safe_string(self.styles)),
            ("theme", Value::from(Serde(Look { theme: self.theme, leading: self.theme.leading() }))),
            ("site", root("site")),
            ("issue", root("issue")),
            ("vars", root("vars")),
            ("list", Value::from(list)),
            ("on_web", Value::from(self.medium == Medium::Web)),
            ("web_version", Value::from(self.medium.web_version().unwrap_or_default())),
            ("preferences_url", Value::from(self.preferences_url.unwrap_or_default())),
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
