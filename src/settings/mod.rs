//! File, environment and flags become one [`Settings`], finished once and read-only after.

pub mod transport;
pub mod dotenv;
pub mod environment;
pub mod values;
pub mod clients;
pub mod spam;
pub mod limits;
pub mod shaping;
pub mod dkim;
pub mod transport_url;
pub mod aws;
pub mod http;
pub mod lost;
pub mod theme;
pub mod file;
pub mod archive;
pub mod images;
pub mod retention;
pub mod tracking;
pub mod lists;
pub mod mailbox;
pub mod remote;
pub mod webhooks;
pub mod subscribe;
mod load;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::address::{Address, Mailbox};
use crate::model::finding::{Explain, Finding, Severity};
use crate::model::kind::Kind;
use crate::model::source::Place;
use crate::model::subscriber::ListId;
use crate::model::theme::Changes;
use archive::ArchiveSettings;
use clients::Client;
use dkim::DkimSettings;
use images::ImageSettings;
use mailbox::{MailboxSettings, SoftRule};
use retention::RetentionSettings;
use shaping::Shaping;
use spam::SpamSettings;
use subscribe::SubscribeSettings;
use tracking::TrackingSettings;
use transport::{TransportKind, TransportSettings};
use webhooks::WebhookSettings;

/// Everything that was decided before the work begins.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder with `courant.toml`; `None` for a lone file outside any workspace.
    pub root: Option<PathBuf>,
    /// `id` of `courant.toml`.
    pub workspace_id: Option<String>,
    pub site: Site,
    pub from: Option<Mailbox>,
    pub reply_to: Option<Mailbox>,
    /// Who gets proofs.
    pub preview_to: Vec<Address>,
    /// `[lists.NAME]`, by name; a file in `subscribers/` without a table is a list with defaults.
    pub lists: BTreeMap<String, ListSettings>,
    /// The lists of an issue that names none.
    pub default_lists: Vec<String>,
    /// Declared attributes: name and what they hold.
    pub fields: BTreeMap<String, Kind>,
    pub markdown: MarkdownSettings,
    /// What `[theme]` changes of the look.
    pub theme: Changes,
    /// The template of an issue that names none.
    pub template: String,
    pub transport: Chosen,
    /// Who takes mail, and how fast: what is known, and `[throttle]`.
    pub shaping: Shaping,
    pub send: SendSettings,
    pub check: CheckSettings,
    pub links: LinkSettings,
    pub images: ImageSettings,
    pub retention: RetentionSettings,
    /// `[archive]`.
    pub archive: ArchiveSettings,
    /// The keys that letters are signed with.
    pub dkim: Vec<DkimSettings>,
    /// `[mailbox]`.
    pub mailbox: MailboxSettings,
    /// `[bounces]`.
    pub soft: SoftRule,
    /// Whether an address that a server refuses while letters are sent may be suppressed for it.
    pub judges_refusals: bool,
    /// `[tracking]`.
    pub tracking: TrackingSettings,
    /// `[webhooks.PROVIDER]`.
    pub webhooks: WebhookSettings,
    /// `[subscribe]`.
    pub subscribe: SubscribeSettings,
    /// `COURANT_SECRET`, where it is set.
    pub secret: Option<secrecy::SecretString>,
    /// `METRICS_TOKEN`: who has it may ask `courant serve` for its metrics.
    pub metrics_token: Option<secrecy::SecretString>,
    /// What is not wrong but should be seen to; shown once by whoever loads the settings.
    pub warnings: Vec<Finding>,
}

impl Default for Settings {
    /// What holds outside any workspace.
    fn default() -> Settings {
        Settings {
            root: None,
            workspace_id: None,
            site: Site::default(),
            from: None,
            reply_to: None,
            preview_to: Vec::new(),
            lists: BTreeMap::new(),
            default_lists: Vec::new(),
            fields: BTreeMap::new(),
            markdown: MarkdownSettings::default(),
            theme: Changes::default(),
            template: "letter".to_owned(),
            transport: Chosen::default(),
            shaping: Shaping::built_in(),
            send: SendSettings::default(),
            check: CheckSettings::default(),
            links: LinkSettings::default(),
            images: ImageSettings::default(),
            retention: RetentionSettings::default(),
            archive: ArchiveSettings::default(),
            dkim: Vec::new(),
            mailbox: MailboxSettings::default(),
            soft: SoftRule::default(),
            judges_refusals: true,
            tracking: TrackingSettings::default(),
            webhooks: WebhookSettings::default(),
            subscribe: SubscribeSettings::default(),
            secret: None,
            metrics_token: None,
            warnings: Vec::new(),
        }
    }
}

/// What is said of the newsletter as a whole.
#[derive(Debug, Clone)]
pub struct Site {
    pub name: String,
    /// Without a slash at the end.
    pub base_url: Option<String>,
    /// Where issues can be read on the web, with `{id}`, `{number}` and `{date}` in it.
    pub web_version: Option<String>,
    /// Where readers choose what they get.
    pub preferences_url: Option<String>,
    pub postal_address: Option<String>,
    /// UTC where none is named.
    pub timezone: jiff::tz::TimeZone,
    /// Whether courant.toml names it, so that a `send_at` without an offset may be read by it.
    pub timezone_is_named: bool,
    /// BCP 47, such as `en-GB`.
    pub lang: String,
}

#[derive(Debug, Clone, Default)]
pub struct ListSettings {
    /// `id`, else the name.
    pub id: Option<ListId>,
    /// Shown to readers ("why you get this"), else the name.
    pub title: Option<String>,
    /// Shown to readers who choose what they get.
    pub description: Option<String>,
    /// `public`: whether readers may choose it by themselves.
    pub is_open: bool,
    pub from: Option<Mailbox>,
    pub reply_to: Option<Mailbox>,
    /// The value of the List-Id header, such as `Weekly <weekly.example.org>`.
    pub list_id: Option<String>,
    pub template: Option<String>,
    pub footer: Option<String>,
    /// Whether its issues are for everybody to read; by default they are.
    pub archive: Option<bool>,
    /// The file, from the workspace root; `subscribers/NAME.csv` if absent.
    pub file: Option<PathBuf>,
}

/// How the text of issues is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkdownSettings {
    /// Straight quotation marks, hyphens and dots as the language prints them.
    pub smart_punctuation: bool,
    /// `:tada:` as the emoji of that name.
    pub emoji: bool,
}

impl Default for MarkdownSettings {
    fn default() -> MarkdownSettings {
        MarkdownSettings { smart_punctuation: true, emoji: false }
    }
}

impl Default for Site {
    fn default() -> Site {
        Site {
            name: "Newsletter".to_owned(),
            base_url: None,
            web_version: None,
            preferences_url: None,
            postal_address: None,
            timezone: jiff::tz::TimeZone::UTC,
            timezone_is_named: false,
            lang: "en".to_owned(),
        }
    }
}

/// The transport, and who chose it.
#[derive(Debug, Clone)]
pub struct Chosen {
    pub transport: TransportSettings,
    pub by: ChosenBy,
}

impl Default for Chosen {
    /// The embedded outbox, in the current folder.
    fn default() -> Chosen {
        let transport = TransportSettings {
            name: "outbox".to_owned(),
            kind: TransportKind::Outbox(PathBuf::from("outbox")),
            connections: NonZeroUsize::MIN,
            rate: None,
            windows: Vec::new(),
            warmup: Vec::new(),
        };
        Chosen { transport, by: ChosenBy::Default }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// `--transport`.
    Flag,
    /// `SMTP_URL` in the environment or `.env`.
    Environment,
    /// `courant.toml` names it.
    File,
    /// Nobody: the embedded outbox. `courant run` does not take it.
    Default,
}

#[derive(Debug, Clone)]
pub struct SendSettings {
    /// How long `send` waits for what is due before it ends with 75. Default 10 min.
    pub wait: Duration,
    /// A delivery expires this long after its first attempt. Default 24 h.
    pub retry_for: Duration,
    /// How late `run` may start an issue with `send_at`. Default 2 h.
    pub max_late: Duration,
    pub on_uncertain: OnUncertain,
    pub on_dead_link: OnDeadLink,
    /// Countdown before the first letter on a terminal with more than 100 subscribers. Default 10 s.
    pub delay: Duration,
    /// Waits before the second, third, … attempt; the last one repeats. Each is spread by jitter.
    pub retry_after: Vec<Duration>,
}

impl Default for SendSettings {
    fn default() -> SendSettings {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        SendSettings {
            wait: minutes(10),
            retry_for: minutes(24 * 60),
            max_late: minutes(2 * 60),
            on_uncertain: OnUncertain::Hold,
            on_dead_link: OnDeadLink::Hold,
            delay: Duration::from_secs(10),
            retry_after: [1, 5, 15, 30, 60].map(minutes).to_vec(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUncertain {
    /// Nobody twice: left for a person to settle.
    Hold,
    /// Nobody missing: sent again with the same Message-ID.
    Resend,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDeadLink {
    Hold,
    Send,
}

#[derive(Debug, Clone)]
pub struct CheckSettings {
    /// Severities by rule id; `None` turns a rule off.
    pub rules: BTreeMap<String, Option<Severity>>,
    /// The file of findings that `courant check` knows already, from the workspace root.
    pub baseline: Option<PathBuf>,
    /// The mail clients that letters are to come out well in, each once.
    pub clients: Vec<Client>,
    /// Who is asked whether a letter looks like spam.
    pub spamassassin: SpamSettings,
}

impl Default for CheckSettings {
    fn default() -> CheckSettings {
        CheckSettings {
            rules: BTreeMap::new(),
            baseline: None,
            clients: clients::usual(),
            spamassassin: SpamSettings::default(),
        }
    }
}

#[derive(Debug, Clone)]
pub struct LinkSettings {
    /// Requests at a time. Default 64.
    pub concurrency: usize,
    /// Requests at a time to one host. Default 10.
    pub per_host: usize,
    /// For one address with all its redirects. Default 20 s.
    pub timeout: Duration,
    /// Tries after the first that failed for a passing reason. Default 2.
    pub retries: u32,
    /// Default 10.
    pub redirects: usize,
    /// Whether private and loopback addresses may be visited.
    pub allow_private: bool,
    /// Address prefixes that are not visited.
    pub skip: Vec<String>,
    /// What the addresses of the newsletter's own archive begin with.
    pub own: Option<String>,
    /// For all addresses together. Default 5 min.
    pub total: Duration,
    /// Whether pages are read, and not only asked for. Default true.
    pub pages: bool,
    /// How long `check` believes a good verdict; zero keeps none. Default 1 day.
    pub cache: Duration,
    /// How long a send believes a good verdict. Default 10 min.
    pub recheck: Duration,
    /// Whether copies of dead pages are looked for.
    pub snapshots: bool,
    /// Where they are looked for. Default <https://archive.org>.
    pub archive: url::Url,
}

impl Default for LinkSettings {
    fn default() -> LinkSettings {
        LinkSettings {
            concurrency: 64,
            per_host: 10,
            timeout: Duration::from_secs(20),
            retries: 2,
            redirects: 10,
            allow_private: false,
            skip: Vec::new(),
            own: None,
            total: Duration::from_secs(5 * 60),
            pages: true,
            cache: Duration::from_secs(24 * 3600),
            recheck: Duration::from_secs(10 * 60),
            snapshots: false,
            archive: url::Url::parse("https://archive.org").expect("the archive has an address"),
        }
    }
}

/// What stands on the command line before the verb.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `-C DIR`.
    pub directory: Option<PathBuf>,
    pub config: Option<PathBuf>,
    pub env_file: Option<PathBuf>,
    /// `--transport`: a name or a URL.
    pub transport: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A key or value of `courant.toml`, a variable or a flag that cannot be used.
    #[error("{message}")]
    Invalid { message: String, place: Option<Place>, help: Option<String> },
    #[error("{} cannot be read: {why}", path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error(transparent)]
    Dotenv(#[from] dotenv::DotenvError),
    #[error("this is no workspace: no courant.toml here or in a folder above")]
    NoWorkspace,
    #[error("the current folder cannot be found: {why}")]
    NoFolder { why: String },
}

impl Explain for SettingsError {
    fn place(&self) -> Option<Place> {
        match self {
            SettingsError::Invalid { place, .. } => place.clone(),
            SettingsError::Unreadable { .. }
            | SettingsError::Dotenv(_)
            | SettingsError::NoWorkspace
            | SettingsError::NoFolder { .. } => None,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            SettingsError::Invalid { help, .. } => help.clone(),
            SettingsError::Unreadable { .. } => Some("name another file, or mend this one".to_owned()),
            SettingsError::Dotenv(_) => Some(
                "write each value as NAME=value on a line of its own; comments begin with `#`".to_owned(),
            ),
            SettingsError::NoWorkspace => {
                Some("make one with `courant init`, or name one with `-C DIR`".to_owned())
            }
            SettingsError::NoFolder { .. } => Some("name the workspace with `-C DIR`".to_owned()),
        }
    }
}
