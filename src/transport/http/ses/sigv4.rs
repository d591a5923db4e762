//! Signature Version 4, by which Amazon's services know whose call it is and that nobody changed it. Arithmetic
//! alone: the time is an argument, and nothing is sent.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Keys of an account, of a role for a while.
#[derive(Debug, Clone)]
pub struct AwsKeys {
    /// Names the key; it is no secret.
    pub access: String,
    pub secret: SecretString,
    /// Of temporary keys.
    pub session: Option<SecretString>,
}

/// What a signature is good for.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `eu-central-1`.
    pub region: &'a str,
    /// `ses`, `sqs`.
    pub service: &'a str,
}

/// A call as it will be sent.
pub struct Call<'a> {
    pub method: &'a Method,
    /// Whole, with the query, percent-encoded as it is on the wire.
    pub url: &'a Url,
    /// Each of them is signed; `host` comes from the URL.
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

pub const DATE: HeaderName = HeaderName::from_static("x-amz-date");
pub const SESSION: HeaderName = HeaderName::from_static("x-amz-security-token");
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The headers to add to the call: its time, the session of temporary keys, and `authorization`.
pub fn headers(call: &Call<'_>, keys: &AwsKeys, scope: &Scope<'_>, at: Timestamp) -> HeaderMap {
    let stamp = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut added = HeaderMap::new();
    added.insert(DATE, visible(&stamp));
    if let Some(session) = &keys.session {
        added.insert(SESSION, secret(session.expose_secret()));
    }
    let fields = fields(call, &added);
    let day = &stamp[..8];
    let reach = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let text = format!("{ALGORITHM}\n{stamp}\n{reach}\n{}", hash(canonical(call, &fields).as_bytes()));
    let signature = HEXLOWER.encode(mac(&signing_key(keys, scope, day), &text).as_ref());
    let authorization = format!(
        "{ALGORITHM} Credential={}/{reach}, SignedHeaders={}, Signature={signature}",
        keys.access,
        names(&fields)
    );
    added.insert(reqwest::header::AUTHORIZATION, secret(&authorization));
    added
}

/// Visible ASCII, but for keys that are none; Amazon refuses those by its answer.
fn visible(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unreadable"))
}

fn secret(text: &str) -> HeaderValue {
    let mut value = visible(text);
    value.set_sensitive(true);
    value
}

/// The headers that are signed, by name; white space within them counts once.
fn fields(call: &Call<'_>, added: &HeaderMap) -> Vec<(String, String)> {
    let mut fields = vec![("host".to_owned(), host(call.url))];
    for (name, value) in call.headers.iter().chain(added) {
        let value = String::from_utf8_lossy(value.as_bytes());
        let words: Vec<&str> = value.split_whitespace().collect();
        fields.push((name.as_str().to_owned(), words.join(" ")));
    }
    fields.sort();
    fields
}

/// As the client writes it: without the port that the scheme stands for.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn names(fields: &[(String, String)]) -> String {
    fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
}

fn canonical(call: &Call<'_>, fields: &[(String, String)]) -> String {
    let lines: String = fields.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    [
        call.method.as_str(),
        &encoded_again(call.url.path()),
        &sorted(call.url.query().unwrap_or_default()),
        &lines,
        &names(fields),
        &hash(call.body),
    ]
    .join("\n")
}

/// Every service but S3 wants the path encoded once more than it is on the wire.
fn encoded_again(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// By name and then by value; each has a `=`.
fn sorted(query: &str) -> String {
    let pair = |part: &str| match part.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (part.to_owned(), String::new()),
    };
    let mut pairs: Vec<_> = query.split('&').filter(|part| !part.is_empty()).map(pair).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

fn signing_key(keys: &AwsKeys, scope: &Scope<'_>, day: &str) -> hmac::Tag {
    let first = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{}", keys.secret.expose_secret()).as_bytes());
    let day = hmac::sign(&first, day.as_bytes());
    [scope.region, scope.service, "aws4_request"].iter().fold(day, |key, text| mac(&key, text))
}

fn mac(key: &hmac::Tag, text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(url: &str, session: Option<&str>) -> HeaderMap {
        let keys = AwsKeys {
            access: "AKIDEXAMPLE".to_owned(),
            secret: SecretString::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session: session.map(SecretString::from),
        };
        let call = Call {
            method: &Method::GET,
            url: &Url::parse(url).unwrap(),
            headers: &HeaderMap::new(),
            body: b"",
        };
        let scope = Scope { region: "us-east-1", service: "service" };
        headers(&call, &keys, &scope, "2015-08-30T12:36:00Z".parse().unwrap())
    }

    fn signature(url: &str) -> String {
        let headers = signed(url, None);
        let text = headers["authorization"].to_str().unwrap();
        text.rsplit_once("Signature=").unwrap().1.to_owned()
    }

    /// Signatures of Amazon's own examples, `get-vanilla` and `get-vanilla-query-order-key-case`.
    #[test]
    fn signatures_are_those_of_amazons_examples() {
        assert_eq!(
            signature("https://example.amazonaws.com/"),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
        assert_eq!(
            signature("https://example.amazonaws.com/?Param2=value2&Param1=value1"),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        );
    }

    #[test]
    fn keys_of_a_role_bring_their_session_and_neither_is_shown() {
        let headers = signed("https://example.amazonaws.com/", Some("session-secret"));
        let authorization = headers["authorization"].to_str().unwrap();
        assert!(authorization.contains("SignedHeaders=host;x-amz-date;x-amz-security-token, "));
        let shown = format!("{headers:?}");
        assert!(!shown.contains("session-secret") && !shown.contains("Signature="), "{shown}");
    }

    #[test]
    fn a_path_is_encoded_once_more_than_it_is_sent() {
        assert_eq!(encoded_again("/v2/a%40b/~x"), "/v2/a%2540b/~x");
        assert_eq!(sorted("b=2&a=2&a=1&c"), "a=1&a=2&b=2&c=");
    }
}
