//! Finds `courant.toml` and `.env`, reads them, and puts environment and flags on top.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::aws::AwsEnvironment;
use super::dkim::{self, DkimSettings, KeySource, Named, Written};
use super::environment::{Environment, Variable};
use super::mailbox::{self as inlet, MailboxSettings, Source as MailSource, Unset};
use super::transport::{TransportKind, TransportSettings};
use super::transport_url::{self, Naming};
use super::values::{addresses, mailbox};
use super::webhooks::{self, WebhookSettings};
use super::{Chosen, ChosenBy, Flags, LinkSettings, Settings, SettingsError, Site, file};
use crate::model::address::{Address, Mailbox};
use crate::model::finding::Finding;
use crate::model::issue::At;
use crate::model::source::{Source, Span};
use crate::model::tree::{Misfit, Table, nearest};

const FILE: &str = "courant.toml";

impl Settings {
    /// Finds the workspace upwards from `flags.directory` or the current folder and reads `courant.toml`,
    /// `.env` and `environment` (the real environment wins). Outside any workspace the defaults hold.
    pub fn load(flags: &Flags, environment: &BTreeMap<String, String>) -> Result<Settings, SettingsError> {
        let here = here(flags.directory.as_deref())?;
        let found = here.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file());
        let config = flags.config.as_ref().map(|path| here.join(path)).or_else(|| found.clone());
        // `--config` changes what is read, not where the workspace is.
        let root = found.as_ref().or(config.as_ref()).and_then(|path| path.parent()).map(Path::to_path_buf);
        let base = root.clone().unwrap_or(here.clone());
        let env_file = env_file(flags.env_file.as_deref(), root.as_deref(), &here)?;
        let config = config.as_deref().map(read).transpose()?;
        let environment = Environment::new(environment, env_file.as_ref())?;
        let reader = Reader { source: config, environment, base, root };
        let mut settings = reader.settings(flags.transport.as_deref())?;
        settings.warnings.extend(reader.readable_secrets(env_file.as_ref()));
        settings.warnings.extend(settings.dkim.iter().filter_map(readable_key));
        Ok(settings)
    }

    /// The root of the workspace, or why one is needed.
    pub fn require_root(&self) -> Result<&Path, SettingsError> {
        self.root.as_deref().ok_or(SettingsError::NoWorkspace)
    }
}

/// The folder to look from. A process started in a folder that is gone can still be sent elsewhere by `-C`.
fn here(directory: Option<&Path>) -> Result<PathBuf, SettingsError> {
    if let Some(directory) = directory.filter(|directory| directory.is_absolute()) {
        return Ok(directory.to_path_buf());
    }
    let current =
        std::env::current_dir().map_err(|error| SettingsError::NoFolder { why: error.to_string() })?;
    Ok(directory.map_or(current.clone(), |directory| current.join(directory)))
}

/// The file `--env-file` names, else `.env` of the workspace if there is one.
fn env_file(named: Option<&Path>, root: Option<&Path>, here: &Path) -> Result<Option<Source>, SettingsError> {
    match (named, root) {
        (Some(path), _) => read(&here.join(path)).map(Some),
        (None, Some(root)) if root.join(".env").exists() => read(&root.join(".env")).map(Some),
        (None, _) => Ok(None),
    }
}

/// A file of the configuration under the name that is shown: relative where it lies below the current folder.
fn read(path: &Path) -> Result<Source, SettingsError> {
    let fail = |why: String| SettingsError::Unreadable { path: path.to_path_buf(), why };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
    Ok(Source::new(shown(path), text))
}

fn shown(path: &Path) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(current).unwrap_or(path).to_path_buf()
}

struct Reader<'a> {
    /// `courant.toml`; `None` outside a workspace.
    source: Option<Source>,
    environment: Environment<'a>,
    /// What relative paths start from.
    base: PathBuf,
    root: Option<PathBuf>,
}

impl Reader<'_> {
    fn settings(&self, transport: Option<&str>) -> Result<Settings, SettingsError> {
        let table = self.table()?;
        let mut settings = self.sections(&table).map_err(|misfit| self.placed(misfit))?;
        self.overlay(&mut settings)?;
        if settings.preview_to.is_empty() {
            settings.preview_to = settings.from.iter().map(|from| from.address.clone()).collect();
        }
        settings.transport = self.chosen(&table, transport)?;
        self.tell_of_keys(&mut settings.transport.transport);
        settings.dkim = self.dkim(&table)?;
        settings.webhooks = self.webhooks(&table).map_err(|misfit| self.placed(misfit))?;
        settings.mailbox.source = self.source_of_mail(&table).map_err(|misfit| self.placed(misfit))?;
        Ok(settings)
    }

    /// `courant.toml` with every `${NAME}` filled in, but for the transports, of which only the one that is used
    /// needs its variables, the keys, which only signed letters need, and the webhooks and the mailbox, which only
    /// whoever asks there needs.
    fn table(&self) -> Result<Table, SettingsError> {
        let Some(source) = &self.source else { return Ok(Table::default()) };
        let table = Table::from_toml(source.text(), 0).map_err(|misfit| self.placed(misfit))?;
        file::check_keys(&table).map_err(|misfit| self.placed(misfit))?;
        let is_filled_later = |key: &str| matches!(key, "transports" | "dkim" | "webhooks" | "mailbox");
        let (later, entries) = table.entries.into_iter().partition(|(key, _)| is_filled_later(&key.value));
        let mut table = Table { entries };
        self.environment.fill(&mut table, source).map_err(|misfit| self.placed(misfit))?;
        table.entries.extend::<Vec<_>>(later);
        Ok(table)
    }

    fn sections(&self, table: &Table) -> Result<Settings, Misfit> {
        let site = file::site(table)?;
        let archive = super::archive::read(table, site.base_url.as_deref())?;
        let own = archive.url.as_ref().filter(|_| archive.is_on).map(|url| format!("{url}/"));
        let web_version = site.web_version.or_else(|| archive.pattern());
        Ok(Settings {
            root: self.root.clone(),
            workspace_id: super::values::line_at(table, "id")?,
            site: Site { web_version, ..site },
            archive,
            from: super::values::mailbox_at(table, "from")?,
            reply_to: super::values::mailbox_at(table, "reply_to")?,
            preview_to: file::preview_to(table)?,
            lists: file::lists(table, &self.base)?,
            default_lists: file::default_lists(table)?,
            fields: file::fields(table)?,
            markdown: file::markdown(table)?,
            theme: file::theme(table)?,
            template: super::values::line_at(table, "template")?.unwrap_or(Settings::default().template),
            shaping: super::shaping::read(table)?,
            send: file::send(table)?,
            check: file::check(table)?,
            links: LinkSettings { own, ..file::links(table)? },
            images: super::images::read(table)?,
            retention: super::retention::read(table)?,
            mailbox: MailboxSettings { address: self.mailbox_address(table)?, source: Ok(None) },
            soft: super::mailbox::soft_rule(table)?,
            judges_refusals: super::mailbox::judges_refusals(table)?,
            subscribe: super::subscribe::read(table)?,
            tracking: super::tracking::read(table)?,
            ..Settings::default()
        })
    }

    /// What the environment says of sender and readers wins over the file.
    fn overlay(&self, settings: &mut Settings) -> Result<(), SettingsError> {
        settings.from = self.mailbox("FROM")?.or(settings.from.take());
        settings.reply_to = self.mailbox("REPLY_TO")?.or(settings.reply_to.take());
        if let Some(variable) = self.environment.get("PREVIEW_TO") {
            settings.preview_to = addresses(&variable.value).map_err(|why| bad_variable(&variable, why))?;
        }
        if let Some(variable) = self.environment.get("POSTAL_ADDRESS") {
            settings.site.postal_address = Some(variable.value);
        }
        let secret = |name| self.environment.get(name).map(|variable| SecretString::from(variable.value));
        settings.secret = secret("COURANT_SECRET");
        settings.metrics_token = secret("METRICS_TOKEN");
        Ok(())
    }

    fn mailbox(&self, name: &str) -> Result<Option<Mailbox>, SettingsError> {
        let Some(variable) = self.environment.get(name) else { return Ok(None) };
        mailbox(&variable.value).map(Some).map_err(|why| bad_variable(&variable, why))
    }

    /// `--transport`, else `transport` of the file, else `TRANSPORT_URL` or `SMTP_URL`, else the outbox.
    fn chosen(&self, table: &Table, flag: Option<&str>) -> Result<Chosen, SettingsError> {
        if let Some(flag) = flag {
            let at = At { value: flag.to_owned(), span: 0..0 };
            let transport = self.named_or_url(table, &at);
            return Ok(Chosen {
                transport: transport.map_err(|e| e.of("--transport", self))?,
                by: ChosenBy::Flag,
            });
        }
        if let Some(at) = table.text("transport").map_err(|misfit| self.placed(misfit))? {
            let transport = self.named_or_url(table, &at).map_err(|e| e.of_file(self))?;
            return Ok(Chosen { transport, by: ChosenBy::File });
        }
        let variable = ["TRANSPORT_URL", "SMTP_URL"].into_iter().find_map(|name| self.environment.get(name));
        if let Some(variable) = variable {
            let at = At { value: variable.value, span: 0..0 };
            let transport = transport_url::transport(&at, &Table::default(), &self.naming(None));
            let transport = transport.map_err(|misfit| Choice::Word(misfit).of(&variable.named, self))?;
            return Ok(Chosen { transport, by: ChosenBy::Environment });
        }
        Ok(Chosen { transport: self.outbox(), by: ChosenBy::Default })
    }

    /// Amazon's tools find keys in the environment; so do we, and in `.env`.
    fn tell_of_keys(&self, transport: &mut TransportSettings) {
        let get = |name: &str| self.environment.get(name).map(|variable| variable.value);
        match &mut transport.kind {
            TransportKind::Http(http) => http.credentials.look_in(|| AwsEnvironment::read(get)),
            TransportKind::Outbox(_) | TransportKind::Smtp(_) => {}
        }
    }

    fn naming<'b>(&'b self, name: Option<&'b str>) -> Naming<'b> {
        Naming { name, root: &self.base }
    }

    fn outbox(&self) -> TransportSettings {
        let url = At { value: "outbox:outbox".to_owned(), span: 0..0 };
        let outbox = transport_url::transport(&url, &Table::default(), &self.naming(Some("outbox")));
        outbox.expect("the URL of the default outbox is well formed")
    }

    /// The table of this name, or the URL it is. A name never has a colon, a URL always.
    fn named_or_url(&self, table: &Table, at: &At<String>) -> Result<TransportSettings, Choice> {
        if at.value.contains(':') {
            let transport = transport_url::transport(at, &Table::default(), &self.naming(None));
            return transport.map_err(Choice::Word);
        }
        let tables = table.tables("transports").map_err(Choice::Table)?;
        match tables.iter().find(|(name, _)| name.value == at.value) {
            Some((name, found)) => self.tabled(name, found).map_err(Choice::Table),
            None if at.value == "outbox" => Ok(self.outbox()),
            None => {
                let names: Vec<&str> =
                    tables.iter().map(|(name, _)| name.value.as_str()).chain(["outbox"]).collect();
                let message = format!("there is no transport `{}`", at.value);
                Err(Choice::Word(Misfit::new(message, at.span.clone()).help(nearest(&at.value, &names))))
            }
        }
    }

    fn tabled(&self, name: &At<String>, table: &Table) -> Result<TransportSettings, Misfit> {
        let mut table = table.clone();
        if let Some(source) = &self.source {
            self.environment.fill(&mut table, source)?;
        }
        let urls = table.texts("url")?;
        let transport = transport_url::relays(&urls, &table, &self.naming(Some(&name.value)))?;
        transport.ok_or_else(|| {
            Misfit::new(format!("the transport `{}` has no `url`", name.value), name.span.clone())
                .help("add a line such as url = \"${SMTP_URL}\"")
        })
    }

    /// The tables of `courant.toml`, else what the environment says.
    fn dkim(&self, table: &Table) -> Result<Vec<DkimSettings>, SettingsError> {
        let tables = dkim::tables(table).map_err(|misfit| self.placed(misfit))?;
        if tables.is_empty() {
            let [key, selector] = ["DKIM_KEY", "DKIM_SELECTOR"].map(|name| self.environment.get(name));
            return Ok(dkim::of_environment(key, selector).into_iter().collect());
        }
        tables
            .into_iter()
            .map(|(place, table)| self.dkim_key(table, place).map_err(|misfit| self.placed(misfit)))
            .collect()
    }

    fn dkim_key(&self, table: &Table, place: Span) -> Result<DkimSettings, Misfit> {
        let (key, entries) = table.entries.iter().cloned().partition(|(key, _)| key.value == "key");
        let (mut key, mut rest) = (Table { entries: key }, Table { entries });
        if let Some(source) = &self.source {
            self.environment.fill(&mut rest, source)?;
        }
        let Named { domain, selector } = dkim::named(&rest, place)?;
        rest.entries.extend(key.entries.iter().cloned());
        let written = dkim::written(&rest, &selector.span)?;
        let place = self.source.as_ref().map(|source| source.at(written.span()));
        let key = match written {
            Written::File(at) => KeySource::File(self.base.join(&at.value)),
            Written::Variable(at) => self.dkim_variable(&mut key, &at)?,
        };
        Ok(DkimSettings { domain, selector: selector.value, key, place })
    }

    /// A variable that nobody set is told by whoever needs the key.
    fn dkim_variable(&self, key: &mut Table, at: &At<String>) -> Result<KeySource, Misfit> {
        let filled = self.source.as_ref().map_or(Ok(()), |source| self.environment.fill(key, source));
        match (filled, key.text("key")?) {
            (Ok(()), Some(text)) => Ok(KeySource::Text { named: at.value.clone(), text: text.value.into() }),
            (Err(misfit), _) => {
                Ok(KeySource::Missing { message: misfit.message, help: misfit.help.unwrap_or_default() })
            }
            (Ok(()), None) => Err(Misfit::new("no key is named", at.span.clone())),
        }
    }

    fn webhooks(&self, table: &Table) -> Result<WebhookSettings, Misfit> {
        let mut hooks = WebhookSettings::default();
        for (name, provider, table) in webhooks::tables(table)? {
            let mut table = table.clone();
            let filled =
                self.source.as_ref().map_or(Ok(()), |source| self.environment.fill(&mut table, source));
            let hook = match filled {
                Ok(()) => Ok(webhooks::hook(name, provider, &table, &self.base)?),
                Err(Misfit { message, span, help }) => {
                    let place = self.source.as_ref().map(|source| source.at(span));
                    Err(webhooks::Missing { message, place, help })
                }
            };
            hooks.0.insert(provider, hook);
        }
        Ok(hooks)
    }

    /// Letters carry it, so that a variable in it is needed by everybody.
    fn mailbox_address(&self, table: &Table) -> Result<Option<Address>, Misfit> {
        let Some(table) = table.table("mailbox")? else { return Ok(None) };
        let is_it = |(key, _): &&(At<String>, _)| key.value == "address";
        let mut own = Table { entries: table.entries.iter().filter(is_it).cloned().collect() };
        self.source.as_ref().map_or(Ok(()), |source| self.environment.fill(&mut own, source))?;
        inlet::address(&own)
    }

    fn source_of_mail(&self, table: &Table) -> Result<Result<Option<MailSource>, Unset>, Misfit> {
        let Some(table) = table.table("mailbox")? else { return Ok(Ok(None)) };
        let mut table = table.clone();
        let filled = self.source.as_ref().map_or(Ok(()), |source| self.environment.fill(&mut table, source));
        match filled {
            Ok(()) => inlet::source(&table, &self.base).map(Ok),
            Err(Misfit { message, span, help }) => {
                let place = self.source.as_ref().map(|source| source.at(span));
                Ok(Err(Unset { message, place, help }))
            }
        }
    }

    fn placed(&self, misfit: Misfit) -> SettingsError {
        let place = self.source.as_ref().map(|source| source.at(misfit.span));
        SettingsError::Invalid { message: misfit.message, place, help: misfit.help }
    }

    /// A warning if others may read the secrets in `.env`.
    fn readable_secrets(&self, file: Option<&Source>) -> Option<Finding> {
        let path = file?.path();
        if !self.environment.file_holds_secrets() || !others_may_read(path) {
            return None;
        }
        Some(readable_by_others(path))
    }
}

/// A warning if others may read the file of a key.
fn readable_key(key: &DkimSettings) -> Option<Finding> {
    match &key.key {
        KeySource::File(path) if others_may_read(path) => Some(readable_by_others(&shown(path))),
        KeySource::File(_) | KeySource::Text { .. } | KeySource::Missing { .. } => None,
    }
}

fn readable_by_others(path: &Path) -> Finding {
    let name = path.display();
    let warning =
        Finding::warning("secrets-readable", format!("other users of this machine can read {name}"));
    warning.help(format!("chmod 600 {name}"))
}

#[cfg(unix)]
fn others_may_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_path: &Path) -> bool {
    false
}

/// What was wrong with the choice of a transport: the word that chose it, or the table it chose.
enum Choice {
    Word(Misfit),
    Table(Misfit),
}

impl Choice {
    /// The word stands outside the file, in `named`.
    fn of(self, named: &str, reader: &Reader<'_>) -> SettingsError {
        match self {
            Choice::Word(Misfit { message, help, .. }) => {
                SettingsError::Invalid { message: format!("{named}: {message}"), place: None, help }
            }
            Choice::Table(misfit) => reader.placed(misfit),
        }
    }

    fn of_file(self, reader: &Reader<'_>) -> SettingsError {
        match self {
            Choice::Word(misfit) | Choice::Table(misfit) => reader.placed(misfit),
        }
    }
}

fn bad_variable(variable: &Variable, why: String) -> SettingsError {
    SettingsError::Invalid {
        message: format!("{}: {why}", variable.named),
        place: None,
        help: Some(super::values::MAILBOX_HELP.to_owned()),
    }
}

#[cfg(test)]
mod tests;
