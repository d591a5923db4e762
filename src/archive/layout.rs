//! Issues → pages, through templates that the author may replace.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, UndefinedBehavior, Value, context};

use super::{Entry, File, Logo, PICTURE, Site, Templates, Words, feed, segment, style, with_pictures};
use crate::compose::masthead::{Masthead, direction};
use crate::compose::{ComposeError, expression, html};
use crate::model::source::Source;

/// The names of the templates, as those of files below `templates/archive/`.
pub const TEMPLATES: [&str; 4] = ["layout.html", "issue.html", "index.html", "style.css"];

/// What a page may cost: far more than the longest index does.
const FUEL: u64 = 5_000_000;

/// The templates made ready.
pub(super) struct Layout<'a> {
    pub site: &'a Site,
    environment: Environment<'a>,
    sources: &'a Templates,
}

/// What differs for the heads of pages.
pub(super) struct Head<'a> {
    pub title: &'a str,
    pub description: Option<&'a str>,
    pub lang: &'a str,
    pub dir: &'a str,
    /// From this page to the folder of the archive: `../`.
    pub root: &'a str,
    /// From the folder of the archive to this page.
    pub path: String,
    /// Where it is really, if that is elsewhere.
    pub canonical: Option<String>,
    /// `website` or `article`.
    pub kind: &'a str,
    /// A whole address.
    pub image: Option<String>,
    pub published: Option<String>,
    /// What the page's theme changes of that of the site.
    pub style: String,
}

impl<'a> Layout<'a> {
    pub fn new(site: &'a Site, templates: &'a Templates) -> Result<Layout<'a>, ComposeError> {
        let mut environment = Environment::new();
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        environment.set_syntax(syntax());
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(|output, _, value| write(output, value));
        for (name, source) in templates.0.iter().filter(|(name, _)| name.ends_with(".html")) {
            let added = environment.add_template_owned(name.clone(), source.text().to_owned());
            added.map_err(|error| broken(&error, templates))?;
        }
        Ok(Layout { site, environment, sources: templates })
    }

    /// The page of one issue, between its neighbours.
    pub fn issue(
        &self,
        entry: &Entry,
        before: Option<&Entry>,
        after: Option<&Entry>,
    ) -> Result<File, ComposeError> {
        let path = format!("{}/", segment(&entry.id));
        let whole = self.site.url.as_ref().map(|url| format!("{url}/images/"));
        let head = Head {
            title: &entry.title,
            description: entry.preheader.as_deref(),
            lang: &entry.masthead.lang,
            dir: entry.masthead.dir,
            root: "../",
            canonical: entry.elsewhere.clone(),
            path,
            kind: "article",
            image: whole.zip(entry.pictures.first()).map(|(base, picture)| format!("{base}{}", picture.name)),
            published: entry.sent.map(feed::rfc3339),
            style: style::changed(self.site, &entry.theme),
        };
        let issue = context! {
            heading => Value::from_safe_string(with_pictures(&entry.heading, "../images/")),
            body => Value::from_safe_string(with_pictures(&entry.body, "../images/")),
            previous => before.map(neighbour),
            next => after.map(neighbour),
            ..about(entry)
        };
        let html = self.render("issue.html", &head, context! { issue })?;
        let path = format!("{}/index.html", entry.id);
        Ok(File { path, bytes: html.into_bytes(), issues: vec![entry.id.clone()] })
    }

    pub fn render(&self, name: &str, head: &Head<'_>, own: Value) -> Result<String, ComposeError> {
        let words = Value::from(Serde(&Words::of(head.lang)));
        let site = self.site_values(head.root);
        let values = context! { page => self.head_values(head), site, words, ..own };
        let template = self.environment.get_template(name).and_then(|template| template.render(values));
        template.map(|html| format!("{}\n", html.trim())).map_err(|error| broken(&error, self.sources))
    }

    fn site_values(&self, root: &str) -> Value {
        let Site { title, description, lang, url, subscribe_url, logo, .. } = self.site.clone();
        let logo = logo.map(|Logo { src, width, .. }| {
            let src = src.strip_prefix(PICTURE).map_or(src.clone(), |name| format!("{root}images/{name}"));
            context! { src, width }
        });
        let dir = direction(&lang);
        context! { title, description, lang, dir, url, subscribe_url, logo }
    }

    fn head_values(&self, head: &Head<'_>) -> Value {
        let own = self.site.url.as_ref().map(|url| format!("{url}/{}", head.path));
        context! {
            title => head.title,
            description => head.description,
            lang => head.lang,
            dir => head.dir,
            root => head.root,
            canonical => head.canonical.clone().or_else(|| own.clone()),
            url => own,
            kind => head.kind,
            image => head.image.clone(),
            published => head.published.clone(),
            locale => head.lang.replace('-', "_"),
            style => Value::from_safe_string(head.style.clone()),
        }
    }
}

/// Escaped as everywhere else: an address stays one that a person can read.
fn write(output: &mut Output<'_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let text = if value.is_none() { String::new() } else { value.to_string() };
    let written =
        if value.is_safe() { output.write_str(&text) } else { output.write_str(&html::escape(&text)) };
    written.map_err(Error::from)
}

/// A statement that has a line to itself leaves no empty one.
fn syntax() -> SyntaxConfig {
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    syntax.expect("the delimiters are those that minijinja has by itself")
}

/// What a list says of an issue.
pub(super) fn about(entry: &Entry) -> Value {
    let Masthead { lang, dir, kicker, author, date, .. } = &entry.masthead;
    context! {
        id => entry.id.0.clone(),
        title => entry.title.clone(),
        preheader => entry.preheader.clone(),
        kicker => kicker.clone(),
        author => author.clone(),
        date => date.map(|date| date.to_string()),
        long_date => entry.masthead.long_date(),
        reading_time => entry.masthead.reading_time(),
        lang => lang.clone(),
        dir => *dir,
        path => format!("{}/", segment(&entry.id)),
    }
}

fn neighbour(entry: &Entry) -> Value {
    context! {
        title => entry.title.clone(),
        lang => entry.masthead.lang.clone(),
        dir => entry.masthead.dir,
        path => format!("../{}/", segment(&entry.id)),
    }
}

/// What is wrong with a template, where it stands there.
fn broken(error: &Error, templates: &Templates) -> ComposeError {
    let file = templates.0.iter().find(|(name, _)| Some(name.as_str()) == error.name());
    let place = |source: &Source| error.range().map(|range| source.at(range));
    ComposeError::Broken {
        message: format!("the template of the archive cannot be used: {}", expression::reason(error)),
        place: file.and_then(|(_, source)| place(source)),
        help: Some("docs/archive.md lists what such a template may name".to_owned()),
    }
}
