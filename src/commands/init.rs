//! `courant init`

use std::io;
use std::path::{Path, PathBuf};

use crate::commands::{Exit, Failure, Global, Plain, desk};
use crate::model::address::Mailbox;
use crate::settings::values;

mod files;

use files::{Answers, FILES, File};

/// Make a workspace that sends at once, into a folder
///
/// The folder gets courant.toml, a sample issue, a list of a dozen readers at example domains, .env.example
/// and a .gitignore. Files that are there stay as they are.
///
/// On a terminal it asks for what no flag says. Nothing has to be answered: a rehearsal works
/// without.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// The folder; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// What the newsletter is called
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Who the letters are from, as "Ada Example <ada@example.org>"
    #[arg(long, value_name = "SENDER")]
    from: Option<String>,
    /// Where you can be reached by post; many countries ask for it in every issue
    #[arg(long, value_name = "ADDRESS")]
    postal_address: Option<String>,
}

impl Init {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        refuse_a_workspace(&self.folder)?;
        let answers = self.answers()?;
        let texts = FILES.iter().map(|file| Ok((file, file.text(&answers)?)));
        let texts: Vec<(&File, String)> = texts.collect::<Result<_, Plain>>()?;
        let mut kept = Vec::new();
        for (file, text) in &texts {
            if !write_new(&self.folder.join(file.path), text)? {
                kept.push(*file);
            }
        }
        self.report(&answers, &kept, global)?;
        Ok(Exit::Done)
    }

    /// What the flags say, and what a person at the terminal says to the rest.
    fn answers(&self) -> Result<Answers, Plain> {
        let attended = desk::is_attended();
        let usual = usual_name(&self.folder);
        let from = match &self.from {
            Some(text) => Some(sender(text).map_err(|why| bad_flag("--from", &why))?),
            None if attended => ask_for_sender()?,
            None => None,
        };
        let postal_address = match &self.postal_address {
            None if attended => said(desk::ask("Postal address, on one line (may be empty): ")?),
            given => given.clone(),
        };
        let name = match &self.name {
            None if attended => said(desk::ask(&format!("Name of the newsletter [{usual}]: "))?),
            given => given.clone(),
        };
        if name.as_ref().is_some_and(|name| name.chars().any(char::is_control)) {
            return Err(bad_flag("--name", "a name is one line without control characters"));
        }
        Ok(Answers { name: name.unwrap_or(usual), from, postal_address })
    }

    fn report(&self, answers: &Answers, kept: &[&File], global: &Global) -> Result<(), Failure> {
        if global.json {
            let kept: Vec<&str> = kept.iter().map(|file| file.path).collect();
            let value = serde_json::json!({"workspace": self.folder.display().to_string(), "kept": kept});
            desk::write_out(format!("{value}\n").as_bytes())?;
            return Ok(());
        }
        let mut text = format!("{} is a workspace now.\n", shown(&self.folder));
        for file in kept {
            text += &format!("  {} was there already and stays as it is.{}\n", file.path, file.advice());
        }
        if !global.quiet {
            desk::write_out((text + &next_steps(&self.folder, answers)).as_bytes())?;
        }
        Ok(())
    }
}

fn refuse_a_workspace(folder: &Path) -> Result<(), Plain> {
    match folder.join("courant.toml").exists() {
        true => Err(Plain::new(
            format!("{} is a workspace already", shown(folder)),
            "begin the next issue with `courant new TITLE`, or name another folder",
        )),
        false => Ok(()),
    }
}

fn shown(folder: &Path) -> String {
    match folder == Path::new(".") {
        true => "this folder".to_owned(),
        false => folder.display().to_string(),
    }
}

/// The name of the folder.
fn usual_name(folder: &Path) -> String {
    let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let name = full.file_name().map(|name| name.to_string_lossy().replace(char::is_control, ""));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "Newsletter".to_owned())
}

fn sender(text: &str) -> Result<Mailbox, String> {
    values::mailbox(text.trim())
}

/// Asks until the answer is an address, or nothing.
fn ask_for_sender() -> Result<Option<Mailbox>, Plain> {
    loop {
        let Some(text) = said(desk::ask("Sender, as Name <you@your-domain> (may be empty): ")?) else {
            return Ok(None);
        };
        match sender(&text) {
            Ok(mailbox) => return Ok(Some(mailbox)),
            Err(why) => desk::say_always(&why),
        }
    }
}

fn said(answer: String) -> Option<String> {
    (!answer.is_empty()).then_some(answer)
}

fn bad_flag(flag: &str, why: &str) -> Plain {
    Plain::new(format!("{flag}: {why}"), "see `courant init --help`")
}

/// Writes a file that is not there yet; says whether it did.
fn write_new(path: &Path, text: &str) -> Result<bool, Plain> {
    let broken = |error: io::Error| {
        Plain::new(
            format!("{} cannot be written: {error}", path.display()),
            "see that there is room and that you may write there, then run the same command again",
        )
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(broken)?;
    }
    match desk::write_new(path, text) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(broken(error)),
    }
}

fn next_steps(folder: &Path, answers: &Answers) -> String {
    let enter = match folder == Path::new(".") {
        true => String::new(),
        false => format!("  cd {}\n", quoted(&folder.display().to_string())),
    };
    let sender = match answers.from {
        Some(_) => "",
        None => "  write your own address into courant.toml, at `from`\n",
    };
    format!(
        "Next:\n{enter}{sender}  courant check 1    what is wrong with the sample issue\n  courant send 1     \
         a rehearsal: its letters go to outbox/, nobody gets mail\n  courant new TITLE  your own first issue\n\
         To send for real, put your readers into subscribers/ and copy .env.example to .env.\n"
    )
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    let plain = word.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::commands::Colour;
    use crate::settings::{Flags, Settings};

    fn global() -> Global {
        Global {
            directory: None,
            config: None,
            env_file: None,
            json: false,
            quiet: true,
            verbose: 0,
            color: Colour::Never,
        }
    }

    async fn init(folder: &Path) -> Result<Exit, Failure> {
        let init = Init {
            folder: folder.to_path_buf(),
            name: Some("Ada \"and\" [Bob]".to_owned()),
            from: Some("Ada <ada@example.org>".to_owned()),
            postal_address: Some("1 Road\nTown".to_owned()),
        };
        init.run(&global()).await
    }

    #[tokio::test]
    async fn a_new_workspace_can_be_loaded_and_says_what_was_answered() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a/b");
        assert_eq!(init(&root).await.unwrap(), Exit::Done);
        let flags = Flags { directory: Some(root.clone()), ..Flags::default() };
        let settings = Settings::load(&flags, &BTreeMap::new()).unwrap();
        assert_eq!(settings.site.name, "Ada \"and\" [Bob]");
        assert_eq!(settings.from.unwrap().to_string(), "Ada <ada@example.org>");
        assert_eq!(settings.site.postal_address.unwrap(), "1 Road\nTown");
        assert!(settings.workspace_id.unwrap().starts_with("w-"));
        for file in FILES {
            assert!(root.join(file.path).is_file(), "{}", file.path);
        }
        assert!(root.join("templates").is_dir());
    }

    #[tokio::test]
    async fn a_workspace_is_never_made_over_another_and_files_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".gitignore"), "mine\n").unwrap();
        init(folder.path()).await.unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join(".gitignore")).unwrap(), "mine\n");
        let config = std::fs::read_to_string(folder.path().join("courant.toml")).unwrap();
        assert!(init(folder.path()).await.unwrap_err().error.to_string().contains("is a workspace already"));
        assert_eq!(std::fs::read_to_string(folder.path().join("courant.toml")).unwrap(), config);
    }

    #[tokio::test]
    async fn every_workspace_has_an_id_of_its_own() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        init(one.path()).await.unwrap();
        init(two.path()).await.unwrap();
        let id = |folder: &Path| {
            let text = std::fs::read_to_string(folder.join("courant.toml")).unwrap();
            text.lines().find(|line| line.starts_with("id = ")).unwrap().to_owned()
        };
        assert_ne!(id(one.path()), id(two.path()));
    }

    #[test]
    fn a_folder_with_a_space_can_be_typed_after_cd() {
        assert_eq!(quoted("my-news"), "my-news");
        assert_eq!(quoted("Ada's news"), r"'Ada'\''s news'");
    }
}
