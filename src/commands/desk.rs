//! What every verb works with: settings and workspace read once, the clock, the terminal, and the issue that
//! was asked for with the lists and the look it gets.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::Timestamp;

use crate::commands::{Failure, Global, Plain};
use crate::compose::front_matter::parse_issue;
use crate::compose::template::own_theme;
use crate::compose::{self, Album, Look, Medium, SiteWords};
use crate::images::{Drawn, Shelf};
use crate::model::image::Images;
use crate::model::issue::{At, Issue};
use crate::model::template::Template;
use crate::model::theme::{Changes, Theme};
use crate::report::{Format, problem};
use crate::settings::lists::{List, ListsError};
use crate::settings::{Flags, Settings};
use crate::workspace::{Workspace, WorkspaceError};

mod namesake;
mod openness;
mod screen;
mod sender;
mod signers;
mod terminal;

pub use screen::{Screen, columns};
pub use signers::signer;
pub use terminal::{ask, enter, environment, is_attended, no_threads, say_always, write_new, write_out};

use terminal::write_result;

/// One invocation's settings, workspace and ways to speak.
pub struct Desk {
    pub settings: Settings,
    /// Outside any workspace, its root is the current folder.
    pub workspace: Workspace,
    pub format: Format,
    pub quiet: bool,
    /// How many `-v` there were.
    pub verbose: u8,
    /// Whether standard output takes colour.
    pub colour: bool,
    /// Whether standard error takes colour.
    pub colour_of_errors: bool,
    /// Images that were drawn anew for a letter before.
    pub drawn: Drawn,
}

impl Desk {
    /// Reads the settings and finds the workspace. Warnings about them go to standard error.
    pub fn open(global: &Global) -> Result<Desk, Failure> {
        Desk::open_with(global, None)
    }

    /// The same, with `--transport` (a name or a URL).
    pub fn open_with(global: &Global, transport: Option<&str>) -> Result<Desk, Failure> {
        let desk = Desk::read(global, transport)?;
        desk.tell_warnings();
        Ok(desk)
    }

    /// For `courant run`, which prints only what changed: a workspace, and no warnings. They are in
    /// `settings.warnings`.
    pub fn open_for_cron(global: &Global, transport: Option<&str>) -> Result<Desk, Failure> {
        let desk = Desk::read(global, transport)?;
        desk.settings.require_root()?;
        Ok(desk)
    }

    /// The same as [`Desk::open_with`] without a word; the warnings are in `settings.warnings`.
    pub fn read(global: &Global, transport: Option<&str>) -> Result<Desk, Failure> {
        let flags = Flags { transport: transport.map(str::to_owned), ..global.flags() };
        let settings = Settings::load(&flags, &environment())?;
        let desk = Desk::with(global, settings);
        desk.tell_where();
        Ok(desk)
    }

    /// With built-in settings, for whoever puts back what the settings need.
    pub fn bare(global: &Global, root: &Path) -> Desk {
        Desk::with(global, Settings { root: Some(root.to_owned()), ..Settings::default() })
    }

    fn with(global: &Global, settings: Settings) -> Desk {
        Desk {
            workspace: Workspace::new(settings.root.clone().unwrap_or_else(|| ".".into())),
            format: global.format(),
            quiet: global.quiet,
            verbose: global.verbose,
            colour: global.color.wanted(&io::stdout()),
            colour_of_errors: global.color.wanted(&io::stderr()),
            drawn: Drawn::default(),
            settings,
        }
    }

    fn tell_where(&self) {
        match &self.settings.root {
            Some(root) => self.detail(format!("workspace {}", root.display())),
            None => self.detail("no workspace: every setting is the built-in one"),
        }
        let transport = &self.settings.transport.transport;
        self.detail(format!("transport {} ({})", transport.name, transport.realm().name()));
    }

    /// The same as [`Desk::open_with`], but only inside a workspace: for verbs that need a ledger.
    pub fn open_workspace(global: &Global, transport: Option<&str>) -> Result<Desk, Failure> {
        let desk = Desk::open_with(global, transport)?;
        desk.settings.require_root()?;
        Ok(desk)
    }

    fn tell_warnings(&self) {
        for warning in &self.settings.warnings {
            self.say(problem::finding(warning, self.colour_of_errors).trim_end());
        }
    }

    /// The time on the clock. Verbs read it here and hand it down.
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether there is a person to ask: standard input and standard error are terminals.
    pub fn is_attended(&self) -> bool {
        is_attended()
    }

    /// Writes a result and a line end to standard output. A reader that went away (`| head`) is no failure.
    pub fn print(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        Ok(write_result(text.as_ref().as_bytes(), true)?)
    }

    /// Prints a result in the form that was asked for.
    pub fn answer(
        &self,
        human: impl FnOnce() -> String,
        json: impl FnOnce() -> serde_json::Value,
    ) -> Result<(), Failure> {
        self.print(if self.json() { json().to_string() } else { human() })
    }

    /// Writes bytes to standard output as they are.
    pub fn print_raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(write_out(bytes)?)
    }

    /// Tells the person something on standard error, unless `-q`.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            say_always(text.as_ref());
        }
    }

    /// Tells one step of the work on standard error, with `-v` only. Never an address or a secret.
    pub fn detail(&self, text: impl AsRef<str>) {
        if self.verbose > 0 {
            say_always(&format!("- {}", text.as_ref()));
        }
    }

    /// Asks for a yes on the terminal. Without a terminal it is a failure that names `flag`.
    pub fn confirm(&self, question: &str, flag: &str) -> Result<bool, Failure> {
        if !self.is_attended() {
            return Err(Plain {
                message: format!("there is no terminal to ask: {question}"),
                help: Some(format!("say yes beforehand with `{flag}`")),
            }
            .into());
        }
        let answer = ask(&format!("{question} [y/N] "))?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Reads the issue that a path, an id, a number or `-` (standard input) names.
    pub fn issue(&self, name: &str) -> Result<Issue, Failure> {
        if name == "-" {
            return Ok(parse_issue(self.workspace.read_standard_input()?)?);
        }
        let path = self.workspace.find_issue(name)?;
        Ok(parse_issue(self.workspace.read_text(&path)?)?)
    }

    /// Every issue of the workspace by file name, broken ones as the error that reading them gives.
    pub fn issues(&self) -> Result<Vec<Result<Issue, Failure>>, Failure> {
        let read = |path: &PathBuf| Ok(parse_issue(self.workspace.read_text(path)?)?);
        Ok(self.workspace.issue_files()?.iter().map(read).collect())
    }

    /// When `run` may start the issue, if it says so. A local time is one in `timezone` of courant.toml.
    pub fn send_at(&self, issue: &Issue) -> Result<Option<Timestamp>, Failure> {
        let site = &self.settings.site;
        Ok(issue.send_at(site.timezone_is_named.then_some(&site.timezone))?)
    }

    /// The lists that this issue goes to; the first one's own settings count.
    pub fn lists(&self, issue: &Issue) -> Result<Vec<List>, Failure> {
        Ok(self.choose_lists(issue)??)
    }

    fn choose_lists(&self, issue: &Issue) -> Result<Result<Vec<List>, ListsError>, WorkspaceError> {
        let files = self.workspace.list_files()?;
        Ok(self.settings.chosen_lists(&issue.front.lists, &issue.source, &files))
    }

    /// The list whose settings shape the issue. An issue that names no list can be looked at without any.
    pub fn first_list(&self, issue: &Issue) -> Result<Option<List>, Failure> {
        match self.choose_lists(issue)? {
            Ok(lists) => Ok(lists.into_iter().next()),
            Err(ListsError::NoneChosen { .. } | ListsError::NoLists) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What the issue is rendered with; [`Dress::look`] is what `compose::render` takes.
    pub fn dress(&self, issue: &Issue) -> Result<Dress<'_>, Failure> {
        self.dressed(issue, false)
    }

    /// The same for the page that its letters lead to.
    pub fn dress_for_web(&self, issue: &Issue) -> Result<Dress<'_>, Failure> {
        self.dressed(issue, true)
    }

    fn dressed(&self, issue: &Issue, on_web: bool) -> Result<Dress<'_>, Failure> {
        let list = self.first_list(issue)?;
        let template = self.template_of(issue, list.as_ref())?;
        let (theme, web_version) = (self.theme(&template, issue)?, self.web_version(issue));
        let settings = &self.settings;
        let folder = issue.source.path().parent().unwrap_or(Path::new(""));
        let album =
            OnDemand { shelf: Shelf::new(settings, folder).with(&self.drawn), images: OnceLock::new() };
        Ok(Dress { settings, list, template, theme, web_version, on_web, album })
    }

    /// The template's own, then what settings and issue change. A logo that is a file lies in the workspace,
    /// wherever the issue is.
    fn theme(&self, template: &Template, issue: &Issue) -> Result<Theme, Failure> {
        let lang = issue.front.lang.as_ref().map_or(&self.settings.site.lang, |lang| &lang.value);
        self.theme_in(template, Some(&issue.front.theme), lang)
    }

    /// That of pages which belong to no issue.
    pub fn site_theme(&self) -> Result<Theme, Failure> {
        let template = self.workspace.template(&self.settings.template)?;
        self.theme_in(&template, None, &self.settings.site.lang)
    }

    fn theme_in(
        &self,
        template: &Template,
        of_issue: Option<&Changes>,
        lang: &str,
    ) -> Result<Theme, Failure> {
        let own = own_theme(template)?;
        let theme = [&own, &self.settings.theme].into_iter().chain(of_issue);
        let mut theme = theme.fold(Theme::default(), Theme::with).for_language(lang);
        if compose::images::is_local(&theme.logo) && !theme.logo.starts_with('/') {
            theme.logo.insert(0, '/');
        }
        Ok(theme)
    }

    /// The folder that the archive is built into.
    pub fn archive_folder(&self) -> PathBuf {
        self.workspace.root().join(&self.settings.archive.dir)
    }

    /// The template that the issue names, else its list, else the settings.
    fn template_of(&self, issue: &Issue, list: Option<&List>) -> Result<Template, Failure> {
        let own = issue.front.template.as_ref();
        let name = own.map(|at| at.value.as_str()).or_else(|| list?.template.as_deref());
        let found = self.workspace.template(name.unwrap_or(&self.settings.template));
        Ok(found.map_err(|error| pointing_at(error, issue, own))?)
    }
}

/// What an issue is rendered with, owned; made by [`Desk::dress`].
pub struct Dress<'a> {
    settings: &'a Settings,
    /// The list whose title, template and footer are used.
    pub list: Option<List>,
    pub template: Template,
    theme: Theme,
    web_version: Option<String>,
    on_web: bool,
    album: OnDemand<'a>,
}

/// Image files that are read when a letter is known to show them.
#[derive(Debug)]
struct OnDemand<'a> {
    shelf: Shelf<'a>,
    images: OnceLock<Images>,
}

impl Album for OnDemand<'_> {
    fn open(&self, paths: Vec<String>) -> &Images {
        self.images.get_or_init(|| self.shelf.load(paths))
    }
}

impl Dress<'_> {
    /// The image files that the issue shows. What cannot be rendered is told by whoever renders it.
    pub fn images(&self, issue: &Issue) -> &Images {
        match self.album.images.get() {
            Some(images) => images,
            None => self.album.open(compose::wanted_images(issue, &self.look()).unwrap_or_default()),
        }
    }

    pub fn look(&self) -> Look<'_> {
        let site = &self.settings.site;
        Look {
            template: &self.template,
            theme: &self.theme,
            site: SiteWords {
                name: &site.name,
                base_url: site.base_url.as_deref(),
                postal_address: site.postal_address.as_deref(),
                preferences_url: site.preferences_url.as_deref(),
            },
            list_title: self.list.as_ref().map_or(&site.name, |list| &list.title),
            footer: self.list.as_ref().and_then(|list| list.footer.as_deref()),
            lang: &site.lang,
            medium: match self.on_web {
                true => Medium::Web,
                false => Medium::Mail { web: self.web_version.as_deref() },
            },
            markdown: self.settings.markdown,
            images: &self.album,
        }
    }
}

/// A workspace error about something that the front matter names, shown there.
fn pointing_at(error: WorkspaceError, issue: &Issue, at: Option<&At<String>>) -> WorkspaceError {
    match at {
        Some(at) => error.named_at(issue.source.at(at.span.clone())),
        None => error,
    }
}

impl Global {
    /// What of it the settings read. `-C` was followed when the process began.
    fn flags(&self) -> Flags {
        Flags {
            directory: None,
            config: self.config.clone(),
            env_file: self.env_file.clone(),
            transport: None,
        }
    }
}

#[cfg(test)]
mod tests;
