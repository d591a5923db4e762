//! `courant template`: which frames there are for an issue, and one of them to change.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::commands::desk::{Desk, write_new};
use crate::commands::{Exit, Failure, Global, Plain};
use crate::compose::template::about;
use crate::model::finding::suggest;
use crate::workspace::{Listed, built_in, shown_path};

/// Show the templates, or copy a built-in one to change it
///
/// A template is the frame around an issue, in MJML with placeholders. The issue names it (`template: essay`),
/// else its list, else courant.toml. A file templates/NAME.mjml goes before the built-in template of that name.
#[derive(Debug, Args)]
pub struct Template {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show every template and part that can be used
    List,
    /// Copy a built-in template or part into templates/, to be changed there
    ///
    /// `courant template eject foot` copies the footer of all templates. A file that is already there stays
    /// as it is.
    Eject {
        /// Its name, as `courant template list` shows it
        #[arg(value_name = "NAME")]
        name: String,
        /// Call the copy otherwise, to have both
        #[arg(long = "as", value_name = "NAME")]
        called: Option<String>,
    },
}

impl Template {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open(global)?;
        match &self.action {
            Action::List => list(&desk),
            Action::Eject { name, called } => eject(&desk, name, called.as_deref()),
        }
    }
}

fn list(desk: &Desk) -> Result<Exit, Failure> {
    let listed = desk.workspace.templates()?;
    let what = listed.iter().map(|listed| what(desk, listed)).collect::<Result<Vec<_>, _>>()?;
    desk.answer(|| table(desk, &listed, &what), || as_json(desk, &listed, &what))?;
    Ok(Exit::Done)
}

/// What its first comment says of it.
fn what(desk: &Desk, listed: &Listed) -> Result<String, Failure> {
    let source = desk.workspace.template_text(&listed.name)?;
    Ok(source.and_then(|source| about(source.text())).unwrap_or_default())
}

fn table(desk: &Desk, listed: &[Listed], what: &[String]) -> String {
    let width = listed.iter().map(|listed| listed.name.len()).max().unwrap_or_default();
    let line = |(listed, what): (&Listed, &String)| {
        let is_used = listed.name == desk.settings.template;
        let notes = [place(listed), is_used.then(|| "used where nothing else is named".to_owned())];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        format!("{:width$}  {what}{notes}", listed.name).trim_end().to_owned()
    };
    listed.iter().zip(what).map(line).collect::<Vec<_>>().join("\n")
}

/// Where it is, if it is not built in.
fn place(listed: &Listed) -> Option<String> {
    let file = listed.file.as_deref()?;
    let replaces = if listed.is_built_in { ", in place of the built-in one" } else { "" };
    Some(format!("{}{replaces}", shown(file)))
}

fn shown(file: &Path) -> String {
    shown_path(file).display().to_string()
}

fn as_json(desk: &Desk, listed: &[Listed], what: &[String]) -> serde_json::Value {
    let one = |(listed, what): (&Listed, &String)| {
        json!({
            "name": listed.name,
            "what": what,
            "built_in": listed.is_built_in,
            "file": listed.file.as_deref().map(shown),
            "used": listed.name == desk.settings.template,
        })
    };
    json!({ "templates": listed.iter().zip(what).map(one).collect::<Vec<_>>() })
}

fn eject(desk: &Desk, name: &str, called: Option<&str>) -> Result<Exit, Failure> {
    desk.settings.require_root()?;
    let (name, text) = find(name).ok_or_else(|| not_built_in(desk, name))?;
    let called = match (called, name.strip_prefix("parts/")) {
        (Some(called), Some(_)) => format!("parts/{}", called.trim_start_matches("parts/")),
        (Some(called), None) => called.to_owned(),
        (None, _) => name.clone(),
    };
    let path = target(desk, &called)?;
    write(&path, text)?;
    desk.answer(
        || format!("Wrote {}. It is used wherever `{}` is.", shown(&path), plain(&called)),
        || json!({ "name": called, "file": shown(&path) }),
    )?;
    Ok(Exit::Done)
}

/// A template of this name, else a part.
fn find(name: &str) -> Option<(String, &'static str)> {
    [name.to_owned(), format!("parts/{name}")]
        .into_iter()
        .find_map(|name| Some((name.clone(), built_in(&name)?)))
}

fn not_built_in(desk: &Desk, name: &str) -> Plain {
    let listed = desk.workspace.templates().unwrap_or_default();
    let known: Vec<&str> =
        listed.iter().filter(|listed| listed.is_built_in).map(|listed| plain(&listed.name)).collect();
    let help = match suggest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    Plain::new(format!("there is no built-in template or part `{name}`"), help)
}

fn plain(name: &str) -> &str {
    name.trim_start_matches("parts/")
}

fn target(desk: &Desk, called: &str) -> Result<PathBuf, Failure> {
    let path = desk.workspace.template_path(called).ok_or_else(|| {
        Plain::new(format!("`{called}` is no name for a template"), "use letters, digits and hyphens")
    })?;
    if path.exists() {
        let help = "change that file, remove it first, or name the copy with `--as`";
        return Err(Plain::new(format!("{} is already there", shown(&path)), help).into());
    }
    Ok(path)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let made = std::fs::create_dir_all(folder).and_then(|()| write_new(path, text));
    made.map_err(|error| {
        let message = format!("{} could not be written: {error}", shown(path));
        Plain::new(message, "see that templates/ can be written to").into()
    })
}
