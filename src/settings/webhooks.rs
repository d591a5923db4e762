//! `[webhooks.PROVIDER]`: how what a provider tells is known to come from it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::SettingsError;
use super::values::line_at;
use crate::model::issue::At;
use crate::model::provider::Provider;
use crate::model::source::{Place, Span};
use crate::model::tree::{Misfit, Table};

/// The providers whose webhooks are taken, as far as what they need is there.
#[derive(Debug, Clone, Default)]
pub struct WebhookSettings(pub BTreeMap<Provider, Result<Hook, Missing>>);

/// A variable that nobody set: only told by whoever takes webhooks.
#[derive(Debug, Clone)]
pub struct Missing {
    pub message: String,
    pub place: Option<Place>,
    pub help: Option<String>,
}

/// What one provider proves itself with.
#[derive(Debug, Clone)]
pub enum Hook {
    Ses(Sns),
    Mailgun(SecretString),
    /// A public key: P-256, SubjectPublicKeyInfo in DER.
    Sendgrid(Vec<u8>),
    /// Keys of Standard Webhooks; a message may be signed by any.
    Resend(Vec<SecretString>),
    Postmark(Credential),
    Brevo(Credential),
    Sparkpost(Credential),
    Mailjet(Credential),
}

/// Topics of Amazon SNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sns {
    /// ARNs; a message of any other topic is refused.
    pub topics: Vec<String>,
    /// A certificate to believe instead of fetching the one that a message names.
    pub certificate: Option<PathBuf>,
}

/// What a request carries where the provider signs nothing.
#[derive(Debug, Clone)]
pub enum Credential {
    Basic {
        user: String,
        password: SecretString,
    },
    Bearer(SecretString),
    /// A header of one's own.
    Header {
        name: String,
        value: SecretString,
    },
}

impl WebhookSettings {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The hooks, if nothing that they need is missing.
    pub fn ready(&self) -> Result<BTreeMap<Provider, Hook>, SettingsError> {
        let ready = self.0.iter().map(|(provider, hook)| Ok((*provider, hook.clone()?)));
        ready
            .collect::<Result<_, Missing>>()
            .map_err(|Missing { message, place, help }| SettingsError::Invalid { message, place, help })
    }
}

/// Fails at the first key that means nothing.
pub fn check_keys(root: &Table) -> Result<(), Misfit> {
    tables(root)?.into_iter().try_for_each(|(name, provider, table)| table.only(&title(name), keys(provider)))
}

/// A table, by its name, which is that of a provider.
pub type Named<'a> = (&'a At<String>, Provider, &'a Table);

/// The tables of `[webhooks]`.
pub fn tables(root: &Table) -> Result<Vec<Named<'_>>, Misfit> {
    let known = Provider::ALL.map(Provider::name);
    let each = root.tables("webhooks")?.into_iter().map(|(name, table)| {
        let provider = Provider::from_name(&name.value).ok_or_else(|| {
            Misfit::unknown("a provider whose webhooks are known", &name.value, &known, name.span.clone())
        })?;
        Ok((name, provider, table))
    });
    each.collect()
}

fn title(name: &At<String>) -> String {
    format!("`[webhooks.{}]`", name.value)
}

fn keys(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Ses => &["topics", "certificate"],
        Provider::Mailgun | Provider::Sendgrid => &["key"],
        Provider::Resend => &["secret"],
        Provider::Postmark | Provider::Brevo | Provider::Sparkpost => {
            &["user", "password", "token", "header", "value"]
        }
        Provider::Mailjet => &["user", "password"],
    }
}

/// Reads one table whose variables are filled in. `folder` is what relative paths start from.
pub fn hook(name: &At<String>, provider: Provider, table: &Table, folder: &Path) -> Result<Hook, Misfit> {
    Ok(match provider {
        Provider::Ses => Hook::Ses(sns(name, table, folder)?),
        Provider::Mailgun => Hook::Mailgun(secret(table, "key")?.ok_or_else(|| {
            missing(name, "key", "the HTTP webhook signing key, under Account, API security")
        })?),
        Provider::Sendgrid => Hook::Sendgrid(public_key(name, table)?),
        Provider::Resend => Hook::Resend(signing_secrets(name, table)?),
        Provider::Postmark => Hook::Postmark(credential(name, table)?),
        Provider::Brevo => Hook::Brevo(credential(name, table)?),
        Provider::Sparkpost => Hook::Sparkpost(credential(name, table)?),
        Provider::Mailjet => Hook::Mailjet(credential(name, table)?),
    })
}

fn missing(name: &At<String>, key: &str, what: &str) -> Misfit {
    Misfit::new(format!("{} has no `{key}`", title(name)), name.span.clone())
        .help(format!("add {key} = \"…\": {what}"))
}

fn secret(table: &Table, key: &str) -> Result<Option<SecretString>, Misfit> {
    Ok(line_at(table, key)?.filter(|text| !text.is_empty()).map(SecretString::from))
}

fn sns(name: &At<String>, table: &Table, folder: &Path) -> Result<Sns, Misfit> {
    let topics = table.texts("topics")?;
    if topics.is_empty() {
        return Err(missing(name, "topics", "the ARNs of the SNS topics that SES publishes to"));
    }
    if let Some(at) = topics.iter().find(|at| !is_topic(&at.value)) {
        let message = format!("`{}` is no ARN of an SNS topic", at.value);
        return Err(Misfit::new(message, at.span.clone())
            .help("write it as \"arn:aws:sns:eu-west-1:123456789012:mail-events\""));
    }
    Ok(Sns {
        topics: topics.into_iter().map(|at| at.value).collect(),
        certificate: line_at(table, "certificate")?.map(|path| folder.join(path)),
    })
}

fn is_topic(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    matches!(parts.as_slice(), ["arn", "aws" | "aws-cn" | "aws-us-gov", "sns", region, account, topic]
        if [region, account, topic].iter().all(|part| !part.is_empty()))
}

/// What stands before the point in SubjectPublicKeyInfo of a key of P-256 (RFC 5480).
const P256_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The point of a key of P-256 in SubjectPublicKeyInfo, uncompressed; `None` for any other key.
pub fn p256_point(key: &[u8]) -> Option<&[u8]> {
    key.strip_prefix(&P256_HEAD).filter(|point| point.len() == 65 && point[0] == 4)
}

fn public_key(name: &At<String>, table: &Table) -> Result<Vec<u8>, Misfit> {
    let help =
        "copy the verification key from Settings, Mail settings, Event webhook, Signature verification";
    let at = table.text("key")?.ok_or_else(|| missing(name, "key", help))?;
    let base64: String =
        at.value.lines().filter(|line| !line.starts_with("-----")).flat_map(str::split_whitespace).collect();
    let key = BASE64.decode(base64.as_bytes()).ok().filter(|key| p256_point(key).is_some());
    key.ok_or_else(|| Misfit::new("this is no public key of SendGrid", at.span).help(help))
}

/// The bytes of a signing secret of Standard Webhooks: base64 after `whsec_`.
pub fn signing_key(secret: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = secret.trim().strip_prefix("whsec_")?;
    BASE64.decode(text.as_bytes()).ok().filter(|key| !key.is_empty()).map(Zeroizing::new)
}

fn signing_secrets(name: &At<String>, table: &Table) -> Result<Vec<SecretString>, Misfit> {
    let help =
        "the signing secret of the webhook, which begins with whsec_; while it is changed, a list of both";
    let secrets = table.texts("secret")?;
    if secrets.is_empty() {
        return Err(missing(name, "secret", help));
    }
    let read = |at: At<String>| match signing_key(&at.value) {
        Some(_) => Ok(SecretString::from(at.value)),
        None => Err(Misfit::new("this is no signing secret", at.span).help(format!("copy {help}"))),
    };
    secrets.into_iter().map(read).collect()
}

fn credential(name: &At<String>, table: &Table) -> Result<Credential, Misfit> {
    let (user, header) = (line_at(table, "user")?, line_at(table, "header")?);
    let (password, token, value) =
        (secret(table, "password")?, secret(table, "token")?, secret(table, "value")?);
    match (user, password, token, header, value) {
        (Some(user), Some(password), None, None, None) if !user.contains(':') => {
            Ok(Credential::Basic { user, password })
        }
        (None, None, Some(token), None, None) => Ok(Credential::Bearer(token)),
        (None, None, None, Some(header), Some(value)) if is_header(&header) => {
            Ok(Credential::Header { name: header.to_ascii_lowercase(), value })
        }
        _ => Err(misfit_of_credential(name, table)),
    }
}

fn is_header(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn misfit_of_credential(name: &At<String>, table: &Table) -> Misfit {
    let span: Span = table.entries.first().map_or(&name.span, |(key, _)| &key.span).clone();
    let one = match Provider::from_name(&name.value) {
        Some(Provider::Mailjet) => "`user` and `password`",
        Some(_) | None => "either `user` and `password`, or `token`, or `header` and `value`",
    };
    Misfit::new(format!("{} needs {one}", title(name)), span)
        .help("choose them yourself and enter the same at the provider; a user has no colon in it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Hook>, Misfit> {
        let root = Table::from_toml(text, 0).unwrap();
        check_keys(&root)?;
        tables(&root)?.into_iter().map(|(name, of, table)| hook(name, of, table, Path::new("/w"))).collect()
    }

    fn message(text: &str) -> String {
        read(text).unwrap_err().message
    }

    #[test]
    fn each_provider_has_the_keys_that_it_proves_itself_with() {
        let hooks = read(
            "[webhooks.ses]\ntopics = ['arn:aws:sns:eu-west-1:1:mail']\ncertificate = 'sns.pem'\n\
             [webhooks.postmark]\nuser = 'u'\npassword = 'p'\n[webhooks.brevo]\ntoken = 't'\n\
             [webhooks.sparkpost]\nheader = 'X-Own'\nvalue = 'v'\n[webhooks.resend]\nsecret = 'whsec_AAAA'",
        )
        .unwrap();
        assert!(
            matches!(&hooks[0], Hook::Ses(sns) if sns.certificate.as_deref() == Some(Path::new("/w/sns.pem")))
        );
        assert!(matches!(&hooks[1], Hook::Postmark(Credential::Basic { user, .. }) if user == "u"));
        assert!(matches!(&hooks[2], Hook::Brevo(Credential::Bearer(_))));
        assert!(matches!(&hooks[3], Hook::Sparkpost(Credential::Header { name, .. }) if name == "x-own"));
        assert!(matches!(&hooks[4], Hook::Resend(keys) if keys.len() == 1));
    }

    #[test]
    fn what_is_no_key_is_said_before_anything_is_served() {
        assert_eq!(message("[webhooks.resend]\nsecret = 'hunter2'"), "this is no signing secret");
        assert_eq!(message("[webhooks.sendgrid]\nkey = 'AAAA'"), "this is no public key of SendGrid");
        assert_eq!(message("[webhooks.mailgun]"), "`[webhooks.mailgun]` has no `key`");
        assert_eq!(message("[webhooks.ses]\ntopics = 'mail'"), "`mail` is no ARN of an SNS topic");
        assert_eq!(
            message("[webhooks.mailjet]\nuser = 'u'"),
            "`[webhooks.mailjet]` needs `user` and `password`"
        );
        assert!(message("[webhooks.brevo]\ntoken = 't'\nuser = 'u'").contains("needs either"));
        assert!(message("[webhooks.smtp]").contains("`smtp` is not a provider"));
        assert!(message("[webhooks.resend]\nkey = 'x'").contains("is not a key of `[webhooks.resend]`"));
    }

    #[test]
    fn no_secret_is_shown() {
        let hooks = read("[webhooks.brevo]\ntoken = 'hunter2'\n[webhooks.mailgun]\nkey = 'hunter2'").unwrap();
        assert!(!format!("{hooks:?}").contains("hunter2"));
    }
}
