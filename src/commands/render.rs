//! `courant render`: an issue as its readers get it, or as it is before anybody's values are in it.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::commands::desk::Desk;
use crate::commands::person::seen_as;
use crate::commands::stamps::{Stamps, secret_of};
use crate::commands::{Exit, Failure, Global, Plain, archive, proofread};
use crate::compose::html::sections;
use crate::compose::images::in_browser;
use crate::compose::press::{MergeError, Press};
use crate::compose::{self, Rendered, escape};
use crate::model::address::Address;
use crate::model::issue::Issue;
use crate::model::letter::{Edition, Piece, Pieces};
use crate::model::subscriber::Subscriber;
use crate::report::problem;

/// Show an issue as HTML, text, MJML or a whole letter
///
/// Without --as, merge fields in HTML, text and MJML stand as they were written. A letter (eml) is always
/// somebody's: without --as, that of the first subscriber of the issue's lists.
#[derive(Debug, clap::Args)]
pub struct Render {
    /// A path, an id, or a number; `-` reads standard input
    issue: String,
    /// What to show; by default what the name of the file says, else html
    #[arg(long, value_name = "FORMAT")]
    format: Option<Form>,
    /// Fill in what this subscriber gets
    #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
    seen_as: Option<Address>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Html,
    Text,
    Mjml,
    /// The letter as it goes over the wire
    Eml,
    /// The page that the letter leads to: with what is for the web alone
    Web,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Form::Html => "html",
            Form::Text => "text",
            Form::Mjml => "mjml",
            Form::Eml => "eml",
            Form::Web => "web",
        }
    }

    fn of_file(path: &Path) -> Option<Form> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(Form::Html),
            "txt" => Some(Form::Text),
            "mjml" => Some(Form::Mjml),
            "eml" => Some(Form::Eml),
            _ => None,
        }
    }
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}

impl Render {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open(global)?;
        let issue = desk.issue(&self.issue)?;
        let form = self.form()?;
        if form == Form::Web && desk.settings.archive.is_on {
            let page = archive::page_alone(&desk, &issue)?;
            self.deliver(&desk, &issue, form, page.as_bytes())?;
            return Ok(Exit::Done);
        }
        if form == Form::Web {
            let rendered = compose::render(&issue, &desk.dress_for_web(&issue)?.look())?;
            tell(&desk, &rendered);
            self.deliver(&desk, &issue, form, as_written(rendered, form).as_bytes())?;
            return Ok(Exit::Done);
        }
        let (rendered, edition, _) = proofread::bind(&desk, &issue)?;
        tell(&desk, &rendered);
        let shown = match self.person(&desk, &issue, form)? {
            Some(person) => filled(&desk, &issue, &edition, &person, form)?,
            None => as_written(rendered, form).into_bytes(),
        };
        self.deliver(&desk, &issue, form, &shown)?;
        Ok(Exit::Done)
    }

    fn form(&self) -> Result<Form, Plain> {
        let by_name = self.output.as_deref().and_then(Form::of_file);
        match self.format.or(by_name).unwrap_or(Form::Html) {
            Form::Mjml | Form::Web if self.seen_as.is_some() => Err(Plain::new(
                "MJML and the web version are the same for everybody",
                "leave out --as, or render html, text or eml with it",
            )),
            form => Ok(form),
        }
    }

    /// Whose values are filled in; `None` for nobody's.
    fn person(&self, desk: &Desk, issue: &Issue, form: Form) -> Result<Option<Subscriber>, Failure> {
        if self.seen_as.is_none() && form != Form::Eml {
            return Ok(None);
        }
        let lists = match desk.lists(issue) {
            Ok(lists) => lists,
            // Nothing says yet which lists it goes to: everybody there is can be shown.
            Err(_) => desk.settings.all_lists(&desk.workspace.list_files()?),
        };
        seen_as(desk, &lists, self.seen_as.as_ref()).map(Some)
    }

    fn deliver(&self, desk: &Desk, issue: &Issue, form: Form, shown: &[u8]) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            write(desk, path, shown)?;
        } else if !desk.json() {
            return desk.print_raw(shown);
        }
        match desk.json() {
            true => desk.print(summary(issue, form, self.output.as_deref(), shown).to_string()),
            false => Ok(()),
        }
    }
}

fn tell(desk: &Desk, rendered: &Rendered) {
    for finding in &rendered.findings {
        desk.say(problem::finding(finding, desk.colour_of_errors).trim_end());
    }
}

/// The issue for one person.
fn filled(
    desk: &Desk,
    issue: &Issue,
    edition: &Edition,
    person: &Subscriber,
    form: Form,
) -> Result<Vec<u8>, Failure> {
    let stamp = Stamps::new(edition, secret_of(desk)?).stamp(person, desk.now());
    let within = |error: MergeError| error.within(&issue.source);
    let press = Press::new(edition).map_err(within)?;
    if form == Form::Eml {
        let signers = desk.signers(edition.from.address.domain())?;
        let mut letter = Vec::new();
        press.signed_by(signers).press(person, &stamp, &mut letter).map_err(within)?;
        return Ok(letter);
    }
    let unfolded = press.unfold(person, &stamp).map_err(within)?;
    Ok(match form {
        Form::Text => unfolded.text,
        Form::Html | Form::Mjml | Form::Eml | Form::Web => in_browser(&unfolded.html, &edition.attachments),
    }
    .into_bytes())
}

/// The issue before anybody's values are in it. An eml is always somebody's.
fn as_written(rendered: Rendered, form: Form) -> String {
    match form {
        Form::Html | Form::Eml | Form::Web => in_browser(&written(&rendered.html, true), &rendered.images),
        Form::Text => written(&rendered.text, false),
        // A template may begin with notes to whoever changes it, which leave blank lines.
        Form::Mjml => format!("{}\n", rendered.mjml.trim()),
    }
}

/// Merge syntax as an author writes it, escaped so that HTML stays whole around it.
fn written(pieces: &Pieces, is_markup: bool) -> String {
    let mut out = String::new();
    for piece in pieces.iter() {
        let syntax = match piece {
            Piece::Literal(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Hole(hole) => format!("{{{{ {} }}}}", hole.expression),
            Piece::Logic { statement, .. } => format!("{{% {statement} %}}"),
        };
        match is_markup {
            true => escape::html(&syntax, &mut out),
            false => out.push_str(&syntax),
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn write(desk: &Desk, path: &Path, shown: &[u8]) -> Result<(), Plain> {
    let replaced = path.exists();
    std::fs::write(path, shown).map_err(|error| {
        let message = format!("{} could not be written: {error}", path.display());
        Plain::new(message, "name a file in a folder that is there and that you may write to with -o")
    })?;
    if desk.verbose > 0 {
        let verb = if replaced { "Replaced" } else { "Wrote" };
        desk.say(format!("{verb} {} ({} bytes).", path.display(), shown.len()));
    }
    Ok(())
}

/// `content` stands in the file instead where there is one.
fn summary(issue: &Issue, form: Form, file: Option<&Path>, shown: &[u8]) -> serde_json::Value {
    let mut summary = json!({
        "issue": issue.id.to_string(),
        "format": form.name(),
        "bytes": shown.len(),
    });
    if form == Form::Html {
        let sections = sections(&String::from_utf8_lossy(shown));
        summary["sections"] =
            sections.iter().map(|section| json!({ "name": section.name, "bytes": section.bytes })).collect();
    }
    match file {
        Some(path) => summary["file"] = path.display().to_string().into(),
        None => summary["content"] = String::from_utf8_lossy(shown).into(),
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::letter::{Context, Hole};

    #[test]
    fn merge_syntax_is_shown_as_written_without_breaking_the_html() {
        let hole = Hole { expression: "a | default(\"b\")".into(), context: Context::Attribute, span: 0..0 };
        let logic = Piece::Logic { statement: "if a < 3".into(), span: 0..0 };
        let pieces = Pieces::new([Piece::Literal("<i title=\"".into()), Piece::Hole(hole), logic]);
        let html = "<i title=\"{{ a | default(&quot;b&quot;) }}{% if a &lt; 3 %}\n";
        assert_eq!(written(&pieces, true), html);
        assert_eq!(written(&pieces, false), "<i title=\"{{ a | default(\"b\") }}{% if a < 3 %}\n");
    }

    #[test]
    fn the_name_of_the_file_says_what_it_is() {
        assert_eq!(Form::of_file(Path::new("a.EML")), Some(Form::Eml));
        assert_eq!(Form::of_file(Path::new("a.txt")), Some(Form::Text));
        assert_eq!(Form::of_file(Path::new("a")), None);
    }
}
