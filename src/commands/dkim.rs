//! `courant dkim`: a key to sign letters with, and the record that lets receivers verify them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::commands::desk::{Desk, signer};
use crate::commands::{Exit, Failure, Global, Plain};
use crate::compose::dkim::key::{Algorithm, PrivateKey};
use crate::compose::dkim::{Signer, txt_strings};
use crate::model::address::Domain;
use crate::settings::dkim::{SELECTOR_HELP, is_selector};
use crate::workspace::{shown_path, write_private};

/// Make a key that signs letters, or show what DNS has to say of it
///
/// With a signature (DKIM) receivers can tell that a letter is from your domain and was not changed. They verify
/// it with the public half of the key, which you publish as a TXT record. docs/dkim.md goes through it.
#[derive(Debug, Args)]
pub struct Dkim {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key and keep it in a file that only you can read
    ///
    /// Nothing is signed with it before courant.toml names it, so that there is time to publish the record that
    /// is printed. A file that is there is never replaced.
    Keygen(Keygen),
    /// Show the TXT record of every key that courant.toml or .env names
    Show,
}

#[derive(Debug, Args)]
struct Keygen {
    /// The name of the key in DNS, before `._domainkey`; each key needs its own [default: courant, or
    /// courant-ed25519]
    #[arg(long, value_name = "NAME", value_parser = selector)]
    selector: Option<String>,
    /// Make a key of Ed25519, to sign beside one of RSA: Gmail and Outlook verify RSA only
    #[arg(long)]
    ed25519: bool,
    /// The domain it is for, if not that of the sender
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    domain: Option<Domain>,
    /// Write the key to this file instead of .courant/dkim-NAME.pem
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn selector(text: &str) -> Result<String, String> {
    if is_selector(text) { Ok(text.to_owned()) } else { Err(SELECTOR_HELP.to_owned()) }
}

fn domain(text: &str) -> Result<Domain, String> {
    Domain::parse(text).map_err(|error| error.to_string())
}

impl Dkim {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open(global)?;
        match &self.action {
            Action::Keygen(keygen) => keygen.run(&desk),
            Action::Show => show(&desk),
        }
    }
}

impl Keygen {
    fn run(&self, desk: &Desk) -> Result<Exit, Failure> {
        let domain = self.domain(desk)?;
        let path = self.path(desk)?;
        let key = PrivateKey::generate(self.algorithm())
            .ok_or_else(|| Plain::new("the system gives no random bytes", "try again later"))?;
        write(&path, &key)?;
        let signer = Signer { domain, selector: self.selector().to_owned(), key: key.into() };
        desk.answer(|| self.told(desk, &signer, &path), || made_json(&signer, &path))?;
        Ok(Exit::Done)
    }

    fn algorithm(&self) -> Algorithm {
        if self.ed25519 { Algorithm::Ed25519 } else { Algorithm::Rsa }
    }

    fn selector(&self) -> &str {
        match (&self.selector, self.algorithm()) {
            (Some(selector), _) => selector,
            (None, Algorithm::Rsa) => "courant",
            (None, Algorithm::Ed25519) => "courant-ed25519",
        }
    }

    fn domain(&self, desk: &Desk) -> Result<Domain, Plain> {
        let of_sender = || desk.settings.from.as_ref().map(|from| from.address.domain().clone());
        self.domain.clone().or_else(of_sender).ok_or_else(|| {
            Plain::new(
                "it is not known which domain the key is for",
                "name it with --domain, or set `from` in courant.toml",
            )
        })
    }

    /// In the folder that git ignores, unless it is said where.
    fn path(&self, desk: &Desk) -> Result<PathBuf, Failure> {
        match &self.output {
            Some(path) => Ok(path.clone()),
            None => {
                desk.settings.require_root()?;
                Ok(desk.workspace.state_folder()?.join(format!("dkim-{}.pem", self.selector())))
            }
        }
    }

    fn told(&self, desk: &Desk, signer: &Signer, path: &Path) -> String {
        let Signer { domain, selector, key } = signer;
        let file = shown_path(path);
        let domain_line = match self.domain {
            Some(_) => format!("domain = \"{domain}\"\n"),
            None => String::new(),
        };
        format!(
            "Wrote {file} ({} with {} bits). Keep it secret, and a copy of it somewhere safe.\n\n\
             1. Publish this record in the DNS of {domain}:\n\n{}\n\n\
             2. Name the key in courant.toml:\n\n[[dkim]]\n{domain_line}selector = \"{selector}\"\n\
             key_file = \"{}\"\n\n\
             3. Send a proof with `courant test`; its Authentication-Results should say dkim=pass.",
            key.algorithm().title(),
            key.bits(),
            record(signer),
            from_root(desk, path).display(),
            file = file.display(),
        )
    }
}

/// The path as courant.toml names it.
fn from_root(desk: &Desk, path: &Path) -> PathBuf {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let (path, root) = (absolute(path), desk.settings.root.as_deref().map(absolute));
    root.and_then(|root| path.strip_prefix(root).ok().map(Path::to_path_buf)).unwrap_or(path)
}

fn write(path: &Path, key: &PrivateKey) -> Result<(), Plain> {
    let shown = shown_path(path);
    write_private(path, &key.to_pem()).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Plain::new(
            format!("{} is already there", shown.display()),
            "give the new key a name of its own with --selector: letters on their way are verified by the old one",
        ),
        _ => Plain::new(
            format!("{} could not be written: {error}", shown.display()),
            "name a file in a folder that is there and that you may write to with -o",
        ),
    })
}

/// As a form for DNS asks for it, and as a line of a zone file.
fn record(signer: &Signer) -> String {
    let (name, record) = (signer.dns_name(), signer.key.record());
    let strings: Vec<String> = txt_strings(&record).map(|part| format!("\"{part}\"")).collect();
    format!(
        "Name   {name}\nType   TXT\nValue  {record}\n\nThe same as a line of a zone file:\n\n\
         {name}. IN TXT ( {} )",
        strings.join("\n  ")
    )
}

fn show(desk: &Desk) -> Result<Exit, Failure> {
    let signers = signers(desk)?;
    if signers.is_empty() {
        let help = "make a key with `courant dkim keygen`, and name it in courant.toml";
        return Err(Plain::new("no key is named that would sign letters", help).into());
    }
    desk.answer(
        || signers.iter().map(titled).collect::<Vec<_>>().join("\n\n"),
        || json!({ "keys": signers.iter().map(as_json).collect::<Vec<_>>() }),
    )?;
    Ok(Exit::Done)
}

/// Every key; one without a domain once for each domain of a sender.
fn signers(desk: &Desk) -> Result<Vec<Signer>, Failure> {
    let senders = senders(desk);
    let each = desk.settings.dkim.iter().flat_map(|settings| {
        let domains = settings.domain.as_ref().map_or(senders.clone(), |domain| vec![domain.clone()]);
        domains.into_iter().map(move |domain| signer(settings, &domain))
    });
    each.collect()
}

fn senders(desk: &Desk) -> Vec<Domain> {
    let lists = desk.settings.lists.values().filter_map(|list| list.from.as_ref());
    let mut domains = Vec::new();
    for from in desk.settings.from.iter().chain(lists) {
        let domain = from.address.domain();
        if !domains.contains(domain) {
            domains.push(domain.clone());
        }
    }
    domains
}

fn titled(signer: &Signer) -> String {
    let key = &signer.key;
    format!(
        "{} signs for {}, by {} with {} bits:\n\n{}",
        signer.selector,
        signer.domain,
        key.algorithm().title(),
        key.bits(),
        record(signer)
    )
}

/// Stable: documented in `docs/json.md`.
fn as_json(signer: &Signer) -> serde_json::Value {
    json!({
        "domain": signer.domain.as_str(),
        "selector": signer.selector,
        "algorithm": signer.key.algorithm().name(),
        "bits": signer.key.bits(),
        "name": signer.dns_name(),
        "record": signer.key.record(),
    })
}

fn made_json(signer: &Signer, path: &Path) -> serde_json::Value {
    let mut made = as_json(signer);
    made["file"] = shown_path(path).display().to_string().into();
    made
}
