//! A message of SNS, and which of its parts are signed.

use data_encoding::BASE64;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::super::Refused;
use super::super::read::envelope;
use super::place;

#[derive(Debug, Deserialize)]
struct Written {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "MessageId")]
    id: String,
    #[serde(rename = "TopicArn")]
    topic: String,
    #[serde(rename = "Message")]
    message: String,
    #[serde(rename = "Subject")]
    subject: Option<String>,
    #[serde(rename = "Timestamp")]
    timestamp: String,
    #[serde(rename = "SignatureVersion")]
    version: String,
    #[serde(rename = "Signature")]
    signature: String,
    #[serde(rename = "SigningCertURL")]
    certificate: String,
    #[serde(rename = "SubscribeURL")]
    subscribe: Option<String>,
    #[serde(rename = "Token")]
    token: Option<String>,
}

/// What is signed, and by what.
#[derive(Debug)]
pub struct Message {
    pub(super) kind: String,
    pub(super) topic: String,
    pub(super) timestamp: Timestamp,
    pub(super) version: Version,
    pub(super) signature: Vec<u8>,
    pub(super) certificate: String,
    written: Written,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// RSA with SHA-1.
    One,
    /// RSA with SHA-256.
    Two,
}

/// What a message is for.
#[derive(Debug, PartialEq)]
pub enum Body {
    Notification(String),
    /// The address to ask for more.
    Confirmation(Url),
    /// The topic will send no more.
    Farewell,
}

impl Message {
    pub fn read(body: &[u8]) -> Result<Message, Refused> {
        let written: Written = envelope(body)?;
        let version = match written.version.as_str() {
            "1" => Version::One,
            "2" => Version::Two,
            _ => return Err(Refused::Unproven),
        };
        let timestamp = written.timestamp.parse().map_err(|_| Refused::Malformed("its time is none"))?;
        let signature = BASE64.decode(written.signature.as_bytes()).map_err(|_| Refused::Unproven)?;
        Ok(Message {
            kind: written.kind.clone(),
            topic: written.topic.clone(),
            timestamp,
            version,
            signature,
            certificate: written.certificate.clone(),
            written,
        })
    }

    /// Names and values in the order that SNS signs them in, a line for each.
    pub(super) fn signed(&self) -> Result<String, Refused> {
        let it = &self.written;
        let mut parts = vec![("Message", Some(&it.message)), ("MessageId", Some(&it.id))];
        match it.kind.as_str() {
            "Notification" => parts.push(("Subject", it.subject.as_ref())),
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                let missing = Refused::Malformed("a confirmation without its address or token");
                let both = it.subscribe.as_ref().zip(it.token.as_ref()).ok_or(missing)?;
                parts.push(("SubscribeURL", Some(both.0)));
            }
            _ => return Err(Refused::Malformed("its kind is none that SNS has")),
        }
        parts.push(("Timestamp", Some(&it.timestamp)));
        if it.kind != "Notification" {
            parts.push(("Token", it.token.as_ref()));
        }
        parts.extend([("TopicArn", Some(&it.topic)), ("Type", Some(&it.kind))]);
        let lines = parts.into_iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", value?)));
        Ok(lines.collect())
    }

    /// What it says, once it is believed. An address to confirm at that is not Amazon's is none.
    pub fn body(&self) -> Body {
        let it = &self.written;
        let address = it.subscribe.as_deref().and_then(|text| Url::parse(text).ok());
        let address = address.filter(|url| place::require_amazon(url).is_ok());
        match (it.kind.as_str(), address) {
            ("Notification", _) => Body::Notification(it.message.clone()),
            ("SubscriptionConfirmation", Some(url)) => Body::Confirmation(url),
            _ => Body::Farewell,
        }
    }
}
