//! The pipeline as one story: issue and look → both parts.

mod links;
mod page;
mod pictures;
mod raw_mjml;
mod title;

use std::collections::BTreeMap;

use super::expression::{READER_TOKEN, UNSUBSCRIBE_URL};
use super::html::{self, Body};
use super::markdown::tree::{Document, Inline, InlineKind, words as words_of};
use super::markdown::{self, Fences, Reading};
use super::merge::Marks;
use super::template::{self, Variables};
use super::text;
use super::words::Words;
use super::{ComposeError, Look, Medium, Rendered, images, masthead};
use crate::model::finding::Finding;
use crate::model::image::Images;
use crate::model::issue::Issue;
use crate::model::letter::{Context, Pieces};
use crate::model::source::Span;
pub use page::page;

/// What differs for every subscriber and may stand in a template.
const HOLES: [&str; 4] = [UNSUBSCRIBE_URL, READER_TOKEN, "email", "name"];

/// What differs for every subscriber in the address where they choose what they get.
const TOKEN: &str = "{token}";

pub fn render(issue: &Issue, look: &Look<'_>) -> Result<Rendered, ComposeError> {
    let (draft, mut findings) = read(issue, look)?;
    let framed = draft.framed()?;
    let shown = Shown { images: look.images.open(framed.wanted_images(&draft)), framed };
    findings.extend(pictures::findings(&draft, shown.images));
    draft.finish(&shown, findings)
}

pub fn wanted_images(issue: &Issue, look: &Look<'_>) -> Result<Vec<String>, ComposeError> {
    let (draft, _) = read(issue, look)?;
    Ok(draft.framed()?.wanted_images(&draft))
}

/// The HTML of the letter in which every block says where it comes from.
pub fn traced(issue: &Issue, look: &Look<'_>) -> Result<Pieces, ComposeError> {
    let (draft, _) = read(issue, look)?;
    let draft = Draft { traced: true, ..draft };
    let framed = draft.framed()?;
    let shown = Shown { images: look.images.open(framed.wanted_images(&draft)), framed };
    draft.marks.html_pieces(&draft.html(&shown)?, &issue.source)
}

/// The text with its template around it.
struct Framed {
    body: Body,
    resolved: template::Resolved,
}

impl Framed {
    fn wanted_images(&self, draft: &Draft<'_>) -> Vec<String> {
        images::wanted(&self.resolved.mjml, &draft.marks)
    }
}

/// The same with the images that it shows.
struct Shown<'a> {
    framed: Framed,
    images: &'a Images,
}

fn read<'a>(issue: &'a Issue, look: &'a Look<'a>) -> Result<(Draft<'a>, Vec<Finding>), ComposeError> {
    let lang = issue.front.lang.as_ref().map_or(look.lang, |lang| lang.value.as_str());
    let roots = roots(issue, look, lang);
    let (text, mut marks) = Marks::take(&issue.source, issue.body.clone(), &roots)?;
    let mut findings = Vec::new();
    let (text, fences) = Fences::take(text, &issue.source, issue.body.start, &mut marks, &mut findings)?;
    let reading = Reading {
        source: &issue.source,
        offset: issue.body.start,
        marks: &marks,
        lang,
        medium: look.medium,
        markdown: look.markdown,
    };
    let (mut document, found) = markdown::parse(&text, reading, &fences);
    findings.extend(found);
    findings.extend(raw_mjml::settle(&mut document, &issue.source));
    let heading = title::heading(issue, &mut document, &mut marks, &roots, lang, look.markdown)?;
    document.settle_levels();
    let fields = Fields::take(issue, look, &heading, &mut marks, &roots)?;
    let minutes = masthead::minutes(&words_in(&document));
    let traced = false;
    let draft = Draft { issue, look, lang, document, heading, fields, marks, roots, minutes, traced };
    findings.extend(template::findings(look.template));
    Ok((draft, findings))
}

/// Short texts of the front matter and the configuration, merge syntax taken out.
struct Fields {
    subject: String,
    preheader: Option<String>,
    footer: Vec<String>,
    holes: BTreeMap<String, String>,
    /// Where readers choose what they get; it may differ for every one of them.
    preferences_url: Option<String>,
    /// Whether the template has a place for the picture that the text begins with.
    has_lead: bool,
}

impl Fields {
    fn take(
        issue: &Issue,
        look: &Look<'_>,
        heading: &[Inline],
        marks: &mut Marks,
        roots: &serde_json::Value,
    ) -> Result<Fields, ComposeError> {
        let mut take = |text: &str, span: Span| -> Result<String, ComposeError> {
            let taken = marks.take_more(&issue.source, span, text, roots)?;
            Ok(marks.fill_constants(&taken))
        };
        let front = &issue.front;
        let title = front.title.as_ref().filter(|_| !issue.title_is_heading());
        let subject = match front.subject.as_ref().or(title) {
            Some(subject) => take(&subject.value, subject.span.clone())?,
            None => words_of(heading),
        };
        let preheader =
            front.preheader.as_ref().map(|text| take(&text.value, text.span.clone())).transpose()?;
        let footer = look.footer.unwrap_or_default().lines().filter(|line| !line.trim().is_empty());
        let footer = footer.map(|line| take(line, 0..0)).collect::<Result<_, _>>()?;
        let asked = template::asks_for(look.template);
        let mut holes = BTreeMap::new();
        let is_used = |name: &&str| *name == UNSUBSCRIBE_URL || asked.iter().any(|asked| asked == name);
        for name in HOLES.into_iter().filter(is_used) {
            holes.insert(name.to_owned(), take(&format!("{{{{ {name} }}}}"), 0..0)?);
        }
        // On the web there is nobody to choose for.
        let is_for_all = |url: &&str| look.medium != Medium::Web || !url.contains(TOKEN);
        let preferences_url = look.site.preferences_url.filter(is_for_all);
        let preferences_url = preferences_url.map(|url| url.replace(TOKEN, "{{ reader_token }}"));
        let preferences_url = preferences_url.map(|url| take(&url, 0..0)).transpose()?;
        let has_lead = asked.iter().any(|name| name == "lead");
        Ok(Fields { subject, preheader, footer, holes, preferences_url, has_lead })
    }
}

/// Everything that the parts are made of.
struct Draft<'a> {
    issue: &'a Issue,
    look: &'a Look<'a>,
    lang: &'a str,
    document: Document,
    heading: Vec<Inline>,
    fields: Fields,
    marks: Marks,
    roots: serde_json::Value,
    /// Of reading.
    minutes: usize,
    /// Whether blocks say where they come from.
    traced: bool,
}

impl Draft<'_> {
    fn body(&self) -> Body {
        let dir = masthead::direction(self.lang);
        let words = Words::of(self.lang);
        html::body(
            &self.document,
            &self.marks,
            self.look.theme,
            words,
            dir,
            self.fields.has_lead,
            self.traced,
        )
    }

    fn framed(&self) -> Result<Framed, ComposeError> {
        let body = self.body();
        let resolved = template::resolve(self.look.template, self.variables(&body).into_value())?;
        Ok(Framed { body, resolved })
    }

    fn finish(self, shown: &Shown<'_>, mut findings: Vec<Finding>) -> Result<Rendered, ComposeError> {
        let html = self.html(shown)?;
        let links = links::all(&self, shown);
        let images = images::parts(&html, shown.images);
        findings.extend(images::weighed(&images));
        Ok(Rendered {
            mjml: self.marks.restore(&shown.framed.resolved.mjml),
            html: self.marks.html_pieces(&html, &self.issue.source)?,
            text: self.marks.pieces(&self.text(shown.images), Context::Plain),
            subject: self.marks.pieces(&one_line(&self.fields.subject), Context::Header),
            preheader: self.fields.preheader.as_ref().map(|text| self.plain_pieces(text)),
            links,
            images,
            roots: self.roots,
            theme: self.look.theme.clone(),
            template: self.look.template.clone(),
            findings,
        })
    }

    fn html(
        &self,
        Shown { framed: Framed { body, resolved }, images }: &Shown<'_>,
    ) -> Result<String, ComposeError> {
        let blame = |error| resolved.blame(error, self.look.template, &self.issue.source, body);
        template::check_balance(&resolved.mjml).map_err(blame)?;
        let width = self.look.theme.width;
        let mjml = template::zeros_as_pixels(&resolved.mjml);
        let html = html::finish(&images::settle(&mjml, &self.marks, images, width), &self.marks);
        let html = html.map_err(|error| {
            // Positions must be those of the MJML as it was resolved.
            blame(html::parse(&resolved.mjml).err().unwrap_or(error))
        })?;
        Ok(images::measured(&html, images))
    }

    fn variables(&self, body: &Body) -> Variables<'_> {
        let title = words_of(&self.heading);
        Variables {
            lang: self.lang,
            dir: masthead::direction(self.lang),
            title,
            heading: html::fragment(&self.heading, &self.marks, self.look.theme),
            preheader: self.fields.preheader.as_deref().map(with_filler),
            kicker: masthead::kicker(&self.issue.front),
            byline: masthead::byline(&self.issue.front, self.lang, self.minutes),
            reading_time: Words::of(self.lang).reading_time(self.minutes),
            lead: body.lead.clone(),
            body: body.mjml.clone(),
            styles: html::sheet(self.look.theme, body),
            theme: self.look.theme,
            roots: &self.roots,
            list_title: self.list_title(),
            medium: self.look.medium,
            preferences_url: self.fields.preferences_url.as_deref(),
            footer: self.fields.footer.clone(),
            words: Words::of(self.lang),
            holes: self.fields.holes.clone(),
        }
    }

    fn list_title(&self) -> &str {
        if self.look.list_title.is_empty() { self.look.site.name } else { self.look.list_title }
    }

    fn text(&self, images: &Images) -> String {
        let words = Words::of(self.lang);
        let mut meta = masthead::kicker(&self.issue.front);
        meta.extend(masthead::byline(&self.issue.front, self.lang, self.minutes));
        let footer = self.footer(&words);
        let frame = text::Frame { title: &self.heading, meta: &meta, footer: &footer, words };
        text::text(&self.document, &frame, &self.marks, images)
    }

    fn footer(&self, words: &Words) -> Vec<String> {
        let mut lines = self.fields.footer.clone();
        lines.push(words.why(self.list_title()));
        let ways = [
            (words.view_in_browser, self.look.medium.web_version()),
            (words.preferences, self.fields.preferences_url.as_deref()),
            (words.unsubscribe, Some(self.fields.holes[UNSUBSCRIBE_URL].as_str())),
        ];
        lines.extend(ways.into_iter().filter_map(|(words, url)| Some(format!("{words}: {}", url?))));
        let site = [Some(self.look.site.name), self.look.site.postal_address];
        let site: Vec<&str> = site.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        lines.push(site.join(" · "));
        lines
    }

    fn plain_pieces(&self, text: &str) -> Pieces {
        self.marks.pieces(&one_line(text), Context::Plain)
    }
}

/// What there is to read, code left out.
fn words_in(document: &Document) -> String {
    let mut words = String::new();
    document.each_inline(&mut |inline| {
        if let InlineKind::Text(text) = &inline.kind {
            words.push_str(text);
            words.push(' ');
        }
    });
    words
}

/// A header has one line, whatever YAML made of the text.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Invisible characters after a short preheader, so that the inbox does not go on with the text of the letter.
fn with_filler(preheader: &str) -> String {
    const SHOWN: usize = 140;
    let free = SHOWN.saturating_sub(text::columns(preheader));
    format!("{preheader}{}", "\u{2007}\u{34f} ".repeat(free / 2))
}

/// What expressions may name besides the fields of a subscriber.
fn roots(issue: &Issue, look: &Look<'_>, lang: &str) -> serde_json::Value {
    let front = &issue.front;
    let title = issue.title();
    let subject = front.subject.as_ref().map_or(title, |subject| &subject.value);
    serde_json::json!({
        "issue": {
            "id": issue.id.0,
            "title": title,
            "subject": subject,
            "preheader": front.preheader.as_ref().map(|text| &text.value),
            "number": front.number.as_ref().map(|number| number.value),
            "series": front.series.as_ref().map(|series| &series.value),
            "author": front.author.as_ref().map(|author| &author.value),
            "date": front.date.as_ref().map(|date| date.value.to_string()),
            "long_date": front.date.as_ref().map(|date| masthead::long_date(date.value, lang)),
            "short_date": front.date.as_ref().map(|date| masthead::short_date(date.value, lang)),
            "lang": lang,
        },
        "site": {
            "name": look.site.name,
            "base_url": look.site.base_url,
            "postal_address": look.site.postal_address,
        },
        "theme": look.theme,
        "vars": front.vars,
    })
}

#[cfg(test)]
mod tests;
