//! A desk to render on, for tests: the built-in letter, plain settings.

use crate::compose::front_matter::first_heading;
use crate::compose::{ComposeError, Look, Medium, Rendered, SiteWords, render, traced};
use crate::model::image::Images;
use crate::model::issue::{FrontMatter, Issue, IssueId};
use crate::model::letter::{Piece, Pieces};
use crate::model::source::Source;
use crate::model::template::Template;
use crate::model::theme::Theme;
use crate::settings::MarkdownSettings;

pub const LETTER: &str = include_str!("../../templates/letter.mjml");
const HEAD: &str = include_str!("../../templates/parts/head.mjml");
const FOOT: &str = include_str!("../../templates/parts/foot.mjml");

/// An issue that is all Markdown.
pub fn issue(markdown: &str) -> Issue {
    Issue {
        id: IssueId("welcome".to_owned()),
        source: Source::new("issues/welcome.md", markdown),
        front: FrontMatter { title: first_heading(markdown, &(0..markdown.len())), ..FrontMatter::default() },
        body: 0..markdown.len(),
    }
}

pub fn render_with(issue: &Issue, template: &str, lang: &str) -> Result<Rendered, ComposeError> {
    render_on(issue, template, lang, None)
}

/// The same for an issue that can be read on the web.
pub fn render_on(
    issue: &Issue,
    template: &str,
    lang: &str,
    web_version: Option<&str>,
) -> Result<Rendered, ComposeError> {
    render_fully(issue, template, lang, web_version, &Images::default())
}

/// The same with image files.
pub fn render_showing(
    issue: &Issue,
    template: &str,
    lang: &str,
    images: &Images,
) -> Result<Rendered, ComposeError> {
    render_fully(issue, template, lang, None, images)
}

fn render_fully(
    issue: &Issue,
    template: &str,
    lang: &str,
    web_version: Option<&str>,
    images: &Images,
) -> Result<Rendered, ComposeError> {
    looked(template, lang, Medium::Mail { web: web_version }, images, |look| render(issue, look))
}

/// The HTML whose blocks say where they come from.
pub fn traced_with(issue: &Issue, template: &str, lang: &str) -> Result<Pieces, ComposeError> {
    looked(template, lang, Medium::Mail { web: None }, &Images::default(), |look| traced(issue, look))
}

/// A look for pages.
pub fn on_web<T>(work: impl FnOnce(&Look<'_>) -> T) -> T {
    looked(LETTER, "en-GB", Medium::Web, &Images::default(), work)
}

fn looked<T>(
    template: &str,
    lang: &str,
    medium: Medium<'_>,
    images: &Images,
    work: impl FnOnce(&Look<'_>) -> T,
) -> T {
    let template = with_parts(Source::new("templates/letter.mjml", template));
    let theme = Theme::default();
    let site = SiteWords {
        name: "The Paper",
        base_url: None,
        postal_address: Some("1 Example Street"),
        preferences_url: None,
    };
    work(&Look {
        template: &template,
        theme: &theme,
        site,
        list_title: "Weekly",
        footer: None,
        lang,
        medium,
        markdown: MarkdownSettings::default(),
        images,
    })
}

/// The HTML of Markdown whose site has a page for what readers choose.
pub fn with_preferences(markdown: &str, url: &str) -> Pieces {
    let issue = issue(markdown);
    looked(LETTER, "en", Medium::Mail { web: None }, &Images::default(), |look| {
        let site = SiteWords { preferences_url: Some(url), ..look.site };
        render(&issue, &Look { site, ..look.clone() }).expect("the text can be rendered").html
    })
}

/// A template with the built-in parts.
pub fn with_parts(main: Source) -> Template {
    let parts = [("head", HEAD), ("foot", FOOT)];
    let parts = parts
        .map(|(name, text)| (name.to_owned(), Source::new(format!("templates/parts/{name}.mjml"), text)));
    Template { main, parts: parts.into() }
}

/// Renders Markdown as an English letter.
pub fn letter(markdown: &str) -> Rendered {
    render_with(&issue(markdown), LETTER, "en-GB").expect("the text can be rendered")
}

/// Pieces with their holes as `‹expression›` and their statements as `‹% … %›`.
pub fn shown(pieces: &Pieces) -> String {
    let show = |piece: &Piece| match piece {
        Piece::Literal(text) => text.clone(),
        Piece::Hole(hole) => format!("‹{}›", hole.expression),
        Piece::Logic { statement, .. } => format!("‹%{statement}%›"),
    };
    pieces.iter().map(show).collect()
}

/// The HTML of the body: what stands between the title and the footer.
pub fn body_html(markdown: &str) -> String {
    let html = shown(&letter(markdown).html);
    let (_, rest) = html.split_once("</h1>").expect("the letter has a title");
    let body = rest.split("c-small").next().unwrap_or_default();
    body.rsplit_once("<div class=\"c-card\"").map_or(body, |(body, _)| body).to_owned()
}

/// The text part of the body: what stands between title and footer.
pub fn body_text(markdown: &str) -> String {
    let text = shown(&letter(markdown).text);
    let (_, rest) = text.split_once("=\n").expect("the title is underlined");
    rest.split(&"-".repeat(72)).next().unwrap_or_default().trim_matches('\n').to_owned()
}

/// Where findings of this rule are, as `line:column`.
pub fn places(rendered: &Rendered, rule: &str) -> Vec<String> {
    let found = rendered.findings.iter().filter(|finding| finding.rule == rule);
    let place = |place: &crate::model::source::Place| {
        let position = place.position();
        format!("{}:{}", position.line, position.column)
    };
    found.map(|finding| finding.place.as_ref().map(place).unwrap_or_default()).collect()
}
