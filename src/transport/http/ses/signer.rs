//! Signs the calls of one transport to one of Amazon's services, and mends what its answers find wrong with that.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AUTHORIZATION, DATE, HeaderMap};
use url::Url;

use super::keys::Keys;
use super::kind;
use super::sigv4::{self, Call, Scope};
use crate::model::attempt::Broken;
use crate::settings::http::HttpSettings;
use crate::transport::http::answer::Answer;
use crate::transport::http::api::Request;
use crate::transport::http::call;

pub struct Signer {
    endpoint: Url,
    region: String,
    service: &'static str,
    keys: Keys,
    /// By how many seconds Amazon's clock is ahead of ours.
    skew: AtomicI64,
}

/// Amazon takes signatures that are up to five minutes old or early; less than this is no reason to refuse one.
const SKEW_THAT_MATTERS: i64 = 240;

impl Signer {
    /// For calls to the endpoint and region of the settings; `service` is `ses` or `sqs`.
    pub fn new(settings: &HttpSettings, service: &'static str) -> Signer {
        Signer {
            endpoint: settings.endpoint.clone(),
            region: settings.region.clone().unwrap_or_default(),
            service,
            keys: Keys::new(&settings.credentials),
            skew: AtomicI64::new(0),
        }
    }

    fn now(&self) -> Timestamp {
        let skew = SignedDuration::from_secs(self.skew.load(Ordering::Relaxed));
        Timestamp::now().saturating_add(skew).unwrap_or(Timestamp::MAX)
    }

    /// Signs a call that is made now. Fails where there are no keys.
    pub async fn sign(&self, request: &mut Request) -> Result<(), Broken> {
        let now = self.now();
        let keys = self.keys.get(now).await?;
        let url = call::url(&self.endpoint, &request.path)?;
        // Those of an earlier try are no part of what is signed.
        for name in [sigv4::DATE, sigv4::SESSION, AUTHORIZATION] {
            request.headers.remove(name);
        }
        let call =
            Call { method: &request.method, url: &url, headers: &request.headers, body: &request.body };
        let scope = Scope { region: &self.region, service: self.service };
        let added = sigv4::headers(&call, &keys, &scope, now);
        request.headers.extend(added);
        Ok(())
    }

    /// Whether the call should be signed and made once more. A clock that is wrong and keys that are over are mended
    /// once for all calls: what a call was `signed` with is held against what is known by now.
    pub fn renews(&self, signed: &HeaderMap, answer: &Answer) -> bool {
        if !(400..=403).contains(&answer.status) {
            return false;
        }
        match kind(answer).as_str() {
            "RequestTimeTooSkewed"
            | "RequestExpired"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "RequestTimeTooSkewedException" => self.is_clock_set(signed, answer),
            "ExpiredToken" | "ExpiredTokenException" => {
                signer(signed).is_some_and(|access| self.keys.is_renewed(access))
            }
            _ => false,
        }
    }

    /// Whether the call's time was refused and Amazon's is known now.
    fn is_clock_set(&self, signed: &HeaderMap, answer: &Answer) -> bool {
        let Some((theirs, then)) = stamp_of(answer).zip(signed_at(signed)) else { return false };
        if theirs.duration_since(then).as_secs().abs() < SKEW_THAT_MATTERS {
            return false;
        }
        let skew = theirs.duration_since(Timestamp::now()).as_secs();
        self.skew.store(skew, Ordering::Relaxed);
        true
    }
}

fn stamp_of(answer: &Answer) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(answer.header(DATE.as_str())?).ok().map(|at| at.timestamp())
}

pub(super) fn signed_at(signed: &HeaderMap) -> Option<Timestamp> {
    let text = signed.get(sigv4::DATE)?.to_str().ok()?;
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(at).ok()
}

/// The access key that a call was signed by.
pub(super) fn signer(signed: &HeaderMap) -> Option<&str> {
    let text = signed.get(AUTHORIZATION)?.to_str().ok()?;
    text.split_once("Credential=")?.1.split('/').next()
}
