//! Questions to a provider that carry no letter: whom it suppresses, what it sent, whether the account may send.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;

use super::answer::Answer;
use super::api::{Api, Request};
use super::call::Caller;
use super::pace::Pace;
use crate::model::attempt::Broken;
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;
use crate::settings::transport::Rate;

/// An account at a provider, ready to be asked.
pub struct Account {
    api: Arc<dyn Api>,
    caller: Caller,
    pace: Pace,
    pub settings: HttpSettings,
}

/// A busy provider is asked again after its own wait, if that is no longer than this.
const PATIENCE: Duration = Duration::from_secs(60);
const TRIES: usize = 4;

impl Account {
    /// Fails if the settings make no client.
    pub fn new(settings: &HttpSettings) -> Result<Account, Broken> {
        let api = super::api_of(settings)?;
        let caller = Caller::new(settings)?.for_lists();
        let pace = Pace::new(settings.calls.or_else(|| questions(settings.provider)));
        Ok(Account { api, caller, pace, settings: settings.clone() })
    }

    pub async fn get(&self, path: &str) -> Result<Value, Broken> {
        self.json(Method::GET, path, None).await
    }

    /// What a successful answer holds; an empty one is null.
    pub async fn json(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Broken> {
        let answer = self.ask(method, path, body).await?;
        match (answer.is_success(), answer.body.is_empty()) {
            (true, true) => Ok(Value::Null),
            (true, false) => answer.json().ok_or_else(|| answer.broken("")),
            (false, _) => Err(answer.broken(&words(&answer))),
        }
    }

    /// Whatever it answers. Questions may be asked twice, so that a busy provider is.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Broken> {
        let mut answer = self.once(&method, path, body).await?;
        for _ in 1..TRIES {
            let wait = answer.wait().unwrap_or(Duration::from_secs(1));
            if !matches!(answer.status, 429 | 503) || wait > PATIENCE {
                break;
            }
            tokio::time::sleep(wait).await;
            answer = self.once(&method, path, body).await?;
        }
        Ok(answer)
    }

    async fn once(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Answer, Broken> {
        let (signed, answer) = self.signed(method, path, body).await?;
        if self.api.renews(&signed, &answer) {
            return Ok(self.signed(method, path, body).await?.1);
        }
        Ok(answer)
    }

    async fn signed(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(HeaderMap, Answer), Broken> {
        self.pace.wait().await;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let mut request = Request { method: method.clone(), path: path.to_owned(), headers, body };
        self.api.sign(&mut request).await?;
        let signed = request.headers.clone();
        Ok((signed, self.caller.call(request).await?))
    }
}

/// How many questions a provider takes where that is fewer than letters: <https://docs.aws.amazon.com/ses/latest/dg/quotas.html>.
fn questions(provider: Provider) -> Option<Rate> {
    let one = Rate { letters: NonZeroU32::MIN, per: Duration::from_secs(1) };
    (provider == Provider::Ses).then_some(one)
}

/// The sentence in a refusal, wherever a provider writes it.
pub fn words(answer: &Answer) -> String {
    const PLACES: [&str; 6] =
        ["/message", "/Message", "/ErrorMessage", "/errors/0/message", "/error", "/errors/0/description"];
    let value: Value = answer.json().unwrap_or_default();
    let said = PLACES.iter().find_map(|place| value.pointer(place)?.as_str());
    said.unwrap_or_default().to_owned()
}

/// A value within a query or a path (RFC 3986 2.1).
pub fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
