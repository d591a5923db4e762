//! Amazon's keys, wherever they are: in the settings, the environment, a profile, or with the service that gives a
//! container or a machine those of its role. What expires is fetched anew, once for all calls that wait.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Client;
use secrecy::SecretString;
use serde::Deserialize;

use super::profile;
use super::sigv4::AwsKeys;
use crate::model::attempt::{Broken, Phase};
use crate::settings::aws::{AwsEnvironment, Container, EnvironmentKeys};
use crate::settings::http::Credentials;

/// Gives the keys of one transport.
pub struct Keys {
    source: Source,
    held: Mutex<Option<Held>>,
    /// Taken by whoever fetches, so that the others wait for it.
    fetching: tokio::sync::Mutex<()>,
}

enum Source {
    Given(AwsKeys),
    Ambient { profile: Option<String>, aws: Box<AwsEnvironment> },
}

#[derive(Clone)]
struct Held {
    keys: AwsKeys,
    expires: Option<Timestamp>,
}

/// Keys that are good for less than this are fetched anew, if they can be.
const MARGIN: Duration = Duration::from_secs(300);
/// A machine that is none of Amazon's has nothing at the address of the service.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(10);

impl Keys {
    pub fn new(credentials: &Credentials) -> Keys {
        let source = match credentials {
            Credentials::Pair { user, secret } => {
                Source::Given(AwsKeys { access: user.clone(), secret: secret.clone(), session: None })
            }
            Credentials::Key(secret) => {
                Source::Given(AwsKeys { access: String::new(), secret: secret.clone(), session: None })
            }
            Credentials::Ambient { profile, aws } => {
                Source::Ambient { profile: profile.clone(), aws: aws.clone() }
            }
        };
        Keys { source, held: Mutex::new(None), fetching: tokio::sync::Mutex::new(()) }
    }

    /// Keys that are good at `now`. Fails with the phase of a login where there are none.
    pub async fn get(&self, now: Timestamp) -> Result<AwsKeys, Broken> {
        if let Some(keys) = self.fresh(now) {
            return Ok(keys);
        }
        let _turn = self.fetching.lock().await;
        if let Some(keys) = self.fresh(now) {
            return Ok(keys);
        }
        match self.fetch().await {
            Ok(held) => {
                *self.held() = Some(held.clone());
                Ok(held.keys)
            }
            // The service may be away for a moment; what is held is good until its last second.
            Err(broken) => self.held_at(now).ok_or(broken),
        }
    }

    fn fresh(&self, now: Timestamp) -> Option<AwsKeys> {
        let held = self.held().clone()?;
        let is_fresh = held.expires.is_none_or(|expires| now + MARGIN < expires);
        is_fresh.then_some(held.keys)
    }

    fn held_at(&self, now: Timestamp) -> Option<AwsKeys> {
        let held = self.held().clone()?;
        held.expires.is_none_or(|expires| now < expires).then_some(held.keys)
    }

    /// Forgets the keys that signed with `access`, which Amazon says are over, unless others are there by now.
    /// Whether that leaves something to try: keys in the settings and in variables stay what they are.
    pub fn is_renewed(&self, access: &str) -> bool {
        let is_lasting = match &self.source {
            Source::Given(_) => true,
            Source::Ambient { profile, aws } => profile.is_none() && aws.keys.is_some(),
        };
        let mut held = self.held();
        if held.as_ref().is_some_and(|held| held.keys.access == access) {
            *held = None;
        }
        !is_lasting
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self) -> Result<Held, Broken> {
        match &self.source {
            Source::Given(keys) => Ok(Held { keys: keys.clone(), expires: None }),
            Source::Ambient { profile, aws } => ambient(profile.as_deref(), aws).await,
        }
    }
}

/// In the order of Amazon's tools; a profile that the settings name comes before all.
async fn ambient(profile: Option<&str>, aws: &AwsEnvironment) -> Result<Held, Broken> {
    if let (None, Some(keys)) = (profile, &aws.keys) {
        return Ok(lasting(of_variables(keys)));
    }
    let named = profile.or(aws.profile.as_deref());
    if let Some(keys) = of_files(&aws.files, named.unwrap_or("default"))? {
        return Ok(lasting(keys));
    }
    if let Some(named) = named {
        return Err(none(format!("no file has keys in a profile `{named}`")));
    }
    match (&aws.container, &aws.machine) {
        (Some(container), _) => of_container(container).await,
        (None, Some(machine)) => of_machine(machine).await,
        (None, None) => Err(none("there are none anywhere")),
    }
}

fn lasting(keys: AwsKeys) -> Held {
    Held { keys, expires: None }
}

fn of_variables(keys: &EnvironmentKeys) -> AwsKeys {
    let EnvironmentKeys { access, secret, session } = keys.clone();
    AwsKeys { access, secret, session }
}

fn of_files(files: &[PathBuf], name: &str) -> Result<Option<AwsKeys>, Broken> {
    for path in files.iter().filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(path)
            .map_err(|error| none(format!("{} cannot be read: {error}", path.display())))?;
        if let Some(keys) = profile::keys(&text, name) {
            return Ok(Some(keys));
        }
    }
    Ok(None)
}

/// What the services of containers and machines answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Lent {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
    expiration: Option<Timestamp>,
}

impl Lent {
    fn held(self) -> Held {
        let keys = AwsKeys {
            access: self.access_key_id,
            secret: SecretString::from(self.secret_access_key),
            session: self.token.map(SecretString::from),
        };
        Held { keys, expires: self.expiration }
    }
}

async fn of_container(container: &Container) -> Result<Held, Broken> {
    let mut request = client()?.get(&container.url);
    let token = match &container.token_file {
        Some(path) => Some(token_in(path)?),
        None => container.token.clone(),
    };
    if let Some(token) = token {
        request = request.header("authorization", super::header_of(&token));
    }
    lent(&answered(request, "the container's").await?)
}

fn token_in(path: &Path) -> Result<SecretString, Broken> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| none(format!("{} cannot be read: {error}", path.display())))?;
    Ok(SecretString::from(text.trim()))
}

/// Version 2 of the service: a token first, the name of the role, its keys.
async fn of_machine(service: &str) -> Result<Held, Broken> {
    let client = client()?;
    let ask = client.put(format!("{service}/latest/api/token"));
    let token =
        answered(ask.header("x-aws-ec2-metadata-token-ttl-seconds", "21600"), "the machine's").await?;
    let token = super::header_of(&SecretString::from(token.trim()));
    let read = async |path: &str| {
        let url = format!("{service}/latest/meta-data/iam/security-credentials/{path}");
        answered(client.get(url).header("x-aws-ec2-metadata-token", token.clone()), "the machine's").await
    };
    let roles = read("").await?;
    let role = roles.lines().next().map(str::trim).filter(|role| !role.is_empty());
    let role = role.ok_or_else(|| none("the machine has no role"))?;
    lent(&read(role).await?)
}

fn lent(text: &str) -> Result<Held, Broken> {
    let lent: Lent = serde_json::from_str(text).map_err(|_| none("what its service answered is no key"))?;
    Ok(lent.held())
}

fn client() -> Result<Client, Broken> {
    let builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .tls_backend_preconfigured(super::super::call::tls(None)?);
    builder.build().map_err(|error| none(error.to_string()))
}

async fn answered(request: reqwest::RequestBuilder, whose: &str) -> Result<String, Broken> {
    let away = |why: String| none(format!("{whose} service of keys does not answer: {why}"));
    let answer = request.send().await.map_err(|error| away(super::super::call::words(&error)))?;
    if !answer.status().is_success() {
        return Err(away(answer.status().to_string()));
    }
    answer.text().await.map_err(|error| away(super::super::call::words(&error)))
}

/// Nobody is at fault but us, and nothing has left.
fn none(why: impl std::fmt::Display) -> Broken {
    Broken::hopeless(Phase::Login, format!("no keys for Amazon: {why}"))
}

#[cfg(test)]
mod tests;
