//! Templates: those of the workspace, and the built-in ones, which are always there.

use std::path::PathBuf;

use super::{Workspace, WorkspaceError, files_in, stem};
use crate::model::source::Source;
use crate::model::template::Template;

/// The built-in templates, by name.
const TEMPLATES: [(&str, &str); 4] = [
    ("letter", include_str!("../../templates/letter.mjml")),
    ("essay", include_str!("../../templates/essay.mjml")),
    ("digest", include_str!("../../templates/digest.mjml")),
    ("announcement", include_str!("../../templates/announcement.mjml")),
];

/// What they include, by name.
const PARTS: [(&str, &str); 2] = [
    ("head", include_str!("../../templates/parts/head.mjml")),
    ("foot", include_str!("../../templates/parts/foot.mjml")),
];

/// What the pages of the archive are made with: names of files below `templates/archive/`.
const ARCHIVE: [(&str, &str); 4] = [
    ("layout.html", include_str!("../../templates/archive/layout.html")),
    ("issue.html", include_str!("../../templates/archive/issue.html")),
    ("index.html", include_str!("../../templates/archive/index.html")),
    ("style.css", include_str!("../../templates/archive/style.css")),
];

/// A template or a part that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// `letter`, `parts/foot` for a part, or `archive/issue.html` for one of the archive.
    pub name: String,
    /// The file in the workspace; `None` for a built-in one that no file replaces.
    pub file: Option<PathBuf>,
    /// Whether there is a built-in one of that name.
    pub is_built_in: bool,
}

impl Workspace {
    /// `templates/NAME.mjml` of the workspace, else the built-in one of that name, with every part that it may
    /// include: `templates/parts/*.mjml` of the workspace, and the built-in ones.
    pub fn template(&self, name: &str) -> Result<Template, WorkspaceError> {
        let main = self.template_text(name)?.ok_or_else(|| self.no_such_template(name))?;
        let parts = self.listed("parts/", "templates/parts", &PARTS)?;
        let parts = parts.into_iter().map(|part| self.part(&part.name));
        Ok(Template { main, parts: parts.collect::<Result<_, _>>()? })
    }

    fn part(&self, name: &str) -> Result<(String, Source), WorkspaceError> {
        let source = self.template_text(name)?.ok_or_else(|| self.no_such_template(name))?;
        Ok((name.trim_start_matches("parts/").to_owned(), source))
    }

    /// The text of a template, or of a part (`parts/foot`); `None` if there is neither a file nor a built-in
    /// one.
    pub fn template_text(&self, name: &str) -> Result<Option<Source>, WorkspaceError> {
        let own = self.template_path(name);
        match own.filter(|own| own.exists()) {
            Some(own) => self.read_text(&own).map(Some),
            None => {
                let file =
                    if name.starts_with("archive/") { name.to_owned() } else { format!("{name}.mjml") };
                Ok(built_in(name).map(|text| Source::new(format!("templates/{file} (built in)"), text)))
            }
        }
    }

    /// Where the workspace has, or would have, this template; `None` if it can have no such name.
    pub fn template_path(&self, name: &str) -> Option<PathBuf> {
        if let Some(file) = name.strip_prefix("archive/") {
            let is_known = ARCHIVE.iter().any(|(known, _)| *known == file);
            return is_known.then(|| self.root.join("templates").join(name));
        }
        let stem = name.strip_prefix("parts/").unwrap_or(name);
        let is_name = !stem.is_empty() && !stem.starts_with('.') && !stem.contains(['/', '\\', '\0']);
        is_name.then(|| self.root.join("templates").join(format!("{name}.mjml")))
    }

    /// Every template by name, then every part, then those of the archive.
    pub fn templates(&self) -> Result<Vec<Listed>, WorkspaceError> {
        let mut listed = self.listed("", "templates", &TEMPLATES)?;
        listed.extend(self.listed("parts/", "templates/parts", &PARTS)?);
        listed.extend(ARCHIVE.iter().map(|(name, _)| self.of_archive(name)));
        Ok(listed)
    }

    fn of_archive(&self, name: &str) -> Listed {
        let file = self.root.join("templates/archive").join(name);
        Listed { name: format!("archive/{name}"), file: file.exists().then_some(file), is_built_in: true }
    }

    fn listed(
        &self,
        prefix: &str,
        folder: &str,
        built_in: &[(&str, &str)],
    ) -> Result<Vec<Listed>, WorkspaceError> {
        let files = files_in(&self.root.join(folder), &["mjml"])?;
        let mut listed: Vec<Listed> = built_in
            .iter()
            .map(|(name, _)| Listed { name: format!("{prefix}{name}"), file: None, is_built_in: true })
            .collect();
        for file in files {
            let name = format!("{prefix}{}", stem(&file));
            match listed.iter_mut().find(|listed| listed.name == name) {
                Some(listed) => listed.file = Some(file),
                None => listed.push(Listed { name, file: Some(file), is_built_in: false }),
            }
        }
        Ok(listed)
    }

    fn no_such_template(&self, name: &str) -> WorkspaceError {
        let known = self.templates().unwrap_or_default().into_iter().map(|listed| listed.name);
        let mut known: Vec<String> = known.filter(|known| !known.contains('/')).collect();
        known.sort();
        WorkspaceError::NoTemplate { name: name.to_owned(), known, place: None }
    }
}

/// The text of a built-in template or part.
pub fn built_in(name: &str) -> Option<&'static str> {
    let (list, name): (&[(&str, &str)], _) = match name.split_once('/') {
        Some(("parts", name)) => (&PARTS, name),
        Some(("archive", name)) => (&ARCHIVE, name),
        _ => (&TEMPLATES, name),
    };
    list.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
