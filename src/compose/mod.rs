//! Issue → Edition → Letter: text in, text out. No clock, no network, no disk.

pub mod dialect;
pub mod expression;
pub mod escape;
pub mod front_matter;
pub mod merge;
pub mod markdown;
pub mod words;
pub mod masthead;
mod highlight;
pub mod web_version;
pub mod html;
pub mod template;
pub mod text;
pub mod page;
pub mod images;
mod assemble;
pub mod trace;
pub mod edition;
pub mod tracking;
pub mod mime;
pub mod dkim;
pub mod press;
#[cfg(test)]
mod testing;

pub use markdown::Medium;
pub use masthead::direction;

use crate::model::finding::{Explain, Finding};
use crate::model::image::Images;
use crate::model::issue::Issue;
use crate::model::letter::{Attachment, Pieces};
use crate::model::source::{Place, Span};
use crate::model::template::Template;
use crate::model::theme::Theme;
use crate::settings::MarkdownSettings;

/// What an issue is rendered with.
#[derive(Debug, Clone)]
pub struct Look<'a> {
    pub template: &'a Template,
    pub theme: &'a Theme,
    pub site: SiteWords<'a>,
    /// The title of the list it goes to, for "why you get this".
    pub list_title: &'a str,
    /// The list's own footer text, if it has one.
    pub footer: Option<&'a str>,
    /// Language of an issue that names none.
    pub lang: &'a str,
    /// What is made: a letter, or the page that letters lead to. Where that is says [`web_version::web_version`].
    pub medium: Medium<'a>,
    pub markdown: MarkdownSettings,
    /// The image files that it may show.
    pub images: &'a dyn Album,
}

/// Where the image files of a letter come from.
pub trait Album: std::fmt::Debug {
    /// Those at `paths`, and why others cannot be shown; `paths` are all that the letter names.
    fn open(&self, paths: Vec<String>) -> &Images;
}

impl Album for Images {
    fn open(&self, _paths: Vec<String>) -> &Images {
        self
    }
}

#[derive(Debug, Clone, Copy)]
pub struct SiteWords<'a> {
    pub name: &'a str,
    pub base_url: Option<&'a str>,
    pub postal_address: Option<&'a str>,
    pub preferences_url: Option<&'a str>,
}

/// A link as the author wrote it, or as the template makes it.
#[derive(Debug, Clone)]
pub struct Link {
    /// May have holes.
    pub target: Pieces,
    /// What the reader sees.
    pub text: String,
    /// `None` if it comes from the template.
    pub span: Option<Span>,
    /// Whether the letter shows it, and does not lead there.
    pub is_image: bool,
}

/// An issue turned into its parts, holes open.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Before mrml, with merge syntax as the author wrote it.
    pub mjml: String,
    pub html: Pieces,
    pub text: Pieces,
    pub subject: Pieces,
    pub preheader: Option<Pieces>,
    pub links: Vec<Link>,
    /// What the HTML shows and has to travel with it.
    pub images: Vec<Attachment>,
    pub roots: serde_json::Value,
    pub theme: Theme,
    /// What it was rendered with, so that what is wrong in the HTML can be shown where it was written.
    pub template: Template,
    /// What rendering noticed: removed markup, unbalanced logic…
    pub findings: Vec<Finding>,
}

#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Something in the issue or the template that cannot be rendered.
    #[error("{message}")]
    Broken { message: String, place: Option<Place>, help: Option<String> },
}

impl Explain for ComposeError {
    fn place(&self) -> Option<Place> {
        match self {
            ComposeError::Broken { place, .. } => place.clone(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            ComposeError::Broken { help, .. } => help.clone(),
        }
    }
}

/// The paths of image files that the issue and its template name: `boat.png`, from the issue's folder, or
/// `/images/logo.png`, from that of the workspace.
pub fn wanted_images(issue: &Issue, look: &Look<'_>) -> Result<Vec<String>, ComposeError> {
    assemble::wanted_images(issue, look)
}

/// The HTML of an issue in which every block says where it comes from: see [`trace`]. But for that it is the HTML of
/// [`render`].
pub fn traced(issue: &Issue, look: &Look<'_>) -> Result<Pieces, ComposeError> {
    assemble::traced(issue, look)
}

/// The colours of code: class, light and dark.
pub fn code_colours() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    highlight::Role::ALL.into_iter().map(|role| (role.class(), role.colours().0, role.colours().1))
}

/// An issue as a page on the web. `look` should be one for [`Medium::Web`].
pub fn page(issue: &Issue, look: &Look<'_>) -> Result<page::Page, ComposeError> {
    assemble::page(issue, look)
}

/// Renders an issue: merge syntax out, Markdown to blocks, blocks to MJML and to text, template around, mrml
/// to HTML, CSS inlined, holes back in with their contexts.
pub fn render(issue: &Issue, look: &Look<'_>) -> Result<Rendered, ComposeError> {
    assemble::render(issue, look)
}
