//! What the answer of any provider says by its status and headers alone.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};

use crate::model::attempt::{Broken, Fault, Reply};

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// What is kept of an answer that is no JSON: a page of a proxy says little.
const SHOWN: usize = 300;
/// Longer waits are not believed.
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether a provider said it, and not something on the way, and all of it came.
    pub fn is_json(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_named = kind.split(';').next().is_some_and(|kind| {
            let kind = kind.trim().to_ascii_lowercase();
            kind.ends_with("/json") || kind.ends_with("+json") || kind.starts_with("application/x-amz-json")
        });
        is_named && self.json::<serde::de::IgnoredAny>().is_some()
    }

    /// The body as JSON of this shape.
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The answer as a reply, with these words, or with its own where they are empty.
    pub fn reply(&self, words: &str) -> Reply {
        let words = words.trim();
        match words.is_empty() {
            false => Reply::new(self.status, words),
            true => Reply::new(self.status, self.own_words()),
        }
    }

    /// Of a page its title: the rest is for browsers.
    fn own_words(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let title = text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
        let text: Vec<&str> = title.map_or(&*text, |(title, _)| title).split_whitespace().collect();
        text.join(" ").chars().take(SHOWN).collect()
    }

    /// An answer that is not what the provider says when it took letters; `words` are its own.
    pub fn broken(&self, words: &str) -> Broken {
        Broken::faulted(self.fault(words), self.reply(words))
    }

    /// Whom an answer blames that does not say so in the provider's own way.
    fn fault(&self, words: &str) -> Fault {
        match (self.status, self.is_json()) {
            (429, _) if is_used_up(words) => Fault::Account,
            (429, _) => Fault::Speed { wait: self.wait() },
            // A gateway answers for a provider that may have taken the letters (RFC 9110 15.6.3, 15.6.5).
            (502 | 504 | 520..=527, _) => Fault::Unclear,
            // So does what speaks no JSON: proxies say 503 for a connection that broke after the request had passed.
            (500..600, false) => Fault::Unclear,
            (408 | 425 | 500..600, _) => Fault::Passing,
            (401..=405 | 407 | 410 | 421 | 451, _) => Fault::Account,
            (400..500, true) => Fault::Account,
            (400..500, false) => Fault::Passing,
            // Neither taken nor refused: a redirect, or a success that nobody can read.
            _ => Fault::Unclear,
        }
    }

    /// `Retry-After` in seconds or as a date (RFC 9110 10.2.3), at most a day.
    pub fn wait(&self) -> Option<Duration> {
        let text = self.header(RETRY_AFTER.as_str())?;
        let wait = match text.parse::<f64>() {
            Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
            Err(_) => until(text)?,
        };
        Some(wait.min(LONGEST_WAIT))
    }

    /// For how long no further call is allowed, by the headers that many providers send with every answer.
    pub fn pause(&self) -> Option<Duration> {
        const NAMES: [(&str, &str); 3] = [
            ("ratelimit-remaining", "ratelimit-reset"),
            ("x-ratelimit-remaining", "x-ratelimit-reset"),
            ("x-sib-ratelimit-remaining", "x-sib-ratelimit-reset"),
        ];
        let (_, reset) = NAMES.into_iter().find(|(left, _)| self.header(left) == Some("0"))?;
        let count: u64 = self.header(reset)?.parse().ok()?;
        // Some count seconds from now, some from 1970, and some of these milliseconds.
        let now = jiff::Timestamp::now().as_millisecond().unsigned_abs();
        let wait = match count {
            count if count > now / 2 => Duration::from_millis(count.saturating_sub(now)),
            count if count > now / 2000 => Duration::from_millis((1000 * count).saturating_sub(now)),
            seconds => Duration::from_secs(seconds),
        };
        Some(wait.min(LONGEST_WAIT))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }
}

/// From now until this date (RFC 5322), unless it is over.
pub fn until(date: &str) -> Option<Duration> {
    let at = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Duration::try_from(at.duration_since(jiff::Timestamp::now())).ok()
}

/// A quota that no waiting within a run brings back.
fn is_used_up(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["daily", "monthly", "quota", "per day", "per month"].iter().any(|word| words.contains(word))
}

/// Whether a refusal blames the address it was for: by words about a recipient, and none about us. `addresses`
/// that it quotes could hold any word.
pub fn is_about_recipient(words: &str) -> bool {
    let words = words.to_lowercase();
    let kept: Vec<&str> = words.split_whitespace().filter(|word| !word.contains('@')).collect();
    let words = kept.join(" ");
    const US: [&str; 10] = [
        "sender",
        "reply",
        // Whom a sandbox writes to is written down by us.
        "authorized recipient",
        "`from`",
        "\"from\"",
        "'from'",
        "from address",
        "from field",
        "domain is not",
        "not verified",
    ];
    const THEM: [&str; 9] = [
        "`to`",
        "\"to\"",
        "'to'",
        "to address",
        "to field",
        "recipient address",
        "invalid recipient",
        "recipient is invalid",
        "recipient is not valid",
    ];
    !US.iter().any(|us| words.contains(us)) && THEM.iter().any(|them| words.contains(them))
}

#[cfg(test)]
pub mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    /// An answer of a test: JSON, unless `headers` say something else.
    pub fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Answer {
        let mut map = HeaderMap::new();
        map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Answer { status, headers: map, body: body.as_bytes().to_vec() }
    }

    const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];

    #[test]
    fn a_page_of_a_proxy_refuses_no_subscriber() {
        let fault = |status| answer(status, HTML, "<html>no</html>").fault("");
        for status in [400, 406, 409, 413, 418, 422] {
            assert_eq!(fault(status), Fault::Passing, "{status}");
        }
        for status in [401, 403, 404, 407, 421, 451] {
            assert_eq!(fault(status), Fault::Account, "{status}");
        }
    }

    #[test]
    fn half_a_refusal_stops_no_run() {
        assert_eq!(answer(422, &[], r#"{"name":"validation_error","mess"#).fault(""), Fault::Passing);
        assert_eq!(answer(422, &[], r#"{"name":"validation_error"}"#).fault(""), Fault::Account);
    }

    #[test]
    fn a_gateway_that_gave_up_may_have_passed_the_letters_on() {
        for status in [502, 504, 524, 301, 200] {
            assert_eq!(answer(status, HTML, "").fault(""), Fault::Unclear, "{status}");
        }
        for status in [500, 503] {
            assert_eq!(answer(status, HTML, "upstream connect error").fault(""), Fault::Unclear, "{status}");
            assert_eq!(answer(status, &[], "{}").fault(""), Fault::Passing, "{status}");
        }
    }

    #[test]
    fn speed_is_told_from_a_quota_that_is_used_up() {
        let slow = answer(429, &[("retry-after", "7")], "{}");
        assert_eq!(slow.fault("Too many requests"), Fault::Speed { wait: Some(Duration::from_secs(7)) });
        assert_eq!(slow.fault("You have reached your daily quota"), Fault::Account);
        let forever = answer(429, &[("retry-after", "99999999999")], "{}");
        assert_eq!(forever.wait(), Some(LONGEST_WAIT));
        assert_eq!(answer(429, &[("retry-after", "soon")], "{}").wait(), None);
    }

    #[test]
    fn the_last_call_of_a_window_is_followed_by_a_pause() {
        let headers = &[("ratelimit-remaining", "0"), ("ratelimit-reset", "1")];
        assert_eq!(answer(200, headers, "{}").pause(), Some(Duration::from_secs(1)));
        let left = &[("ratelimit-remaining", "4"), ("ratelimit-reset", "1")];
        assert_eq!(answer(200, left, "{}").pause(), None);
        let epoch = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000000000")];
        assert_eq!(answer(200, epoch, "{}").pause(), Some(Duration::ZERO));
        let milliseconds = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000000000")];
        assert_eq!(answer(200, milliseconds, "{}").pause(), Some(Duration::ZERO));
    }

    #[test]
    fn a_refusal_is_about_the_recipient_only_if_it_says_so() {
        assert!(is_about_recipient("Invalid `to` field"));
        assert!(is_about_recipient("The recipient sender@example.org is invalid"));
        for about_us in [
            "Invalid `from` field",
            "the sender and the recipient domain is not verified",
            "Bad JSON",
            "Invalid `reply_to` field. The email address needs to follow the `email@example.com` format",
            "Sandbox subdomains are for test purposes only. Please add the address to authorized recipients",
            "Too many recipients",
        ] {
            assert!(!is_about_recipient(about_us), "{about_us}");
        }
    }
}
