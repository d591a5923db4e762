//! Events that are asked for, where no server of ours can be posted to. One provider, one file. A page at a time;
//! nothing here writes to the ledger, and what is told twice is told with the same key.

mod mailgun;
mod postmark;
mod resend;
mod sendgrid;
mod ses;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::HeaderMap;

use crate::inbound::webhook::Refused;
use crate::model::attempt::Broken;
use crate::model::event::ProviderEvent;
use crate::model::finding::Explain;
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;
use crate::transport::http::answer::Answer;
use crate::transport::http::api::Request;
use crate::transport::http::call::Caller;
use crate::transport::http::ses::signer::Signer;

/// So often a call is made again that the provider put off, or that nobody answered.
const TRIES: u32 = 4;
/// Events may be told this long after they happened.
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// How far the first time looks back.
const FIRST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// No longer is waited for between two of them.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("{} tells of letters by webhooks alone", .0.title())]
    Unsupported(Provider),
    #[error("{} was not reached: {cause}", provider.title())]
    Unreached { provider: Provider, cause: String },
    #[error("{} does not list events to this key ({status}): {words}", provider.title())]
    Forbidden { provider: Provider, status: u16, words: String },
    #[error("{} answers {status}: {words}", provider.title())]
    Answered { provider: Provider, status: u16, words: String },
    #[error("Amazon SES tells of letters through a queue, and the transport names none")]
    NoQueue,
    #[error("the queue keeps messages that are in the ledger already: {cause}")]
    Kept { cause: String },
    #[error("the list of {} cannot be read: {cause}", provider.title())]
    Unreadable { provider: Provider, cause: String },
}

impl Explain for PullError {
    fn help(&self) -> Option<String> {
        Some(match self {
            PullError::Unsupported(_) => {
                "let it post to `courant serve` instead: see docs/webhooks.md".to_owned()
            }
            PullError::Forbidden { provider: Provider::Sendgrid, .. } => {
                "SendGrid lists events only with its add-on Email Activity History, to a key with the right Email \
                 Activity; without it, let it post to `courant serve`"
                    .to_owned()
            }
            PullError::Forbidden { provider: Provider::Ses, .. } => {
                "allow this key `sqs:ReceiveMessage` and `sqs:DeleteMessage` on the queue: see docs/providers/ses.md"
                    .to_owned()
            }
            PullError::NoQueue => {
                "write its address as `queue` into the table of the transport, or let SES post to `courant serve`: \
                 see docs/providers/ses.md"
                    .to_owned()
            }
            PullError::Kept { .. } => "type the same again later: nothing counts twice".to_owned(),
            PullError::Forbidden { .. } => "give the key the right to read, or name another key".to_owned(),
            PullError::Unreached { .. } | PullError::Answered { .. } | PullError::Unreadable { .. } => {
                "type the same again later: it goes on where it was".to_owned()
            }
        })
    }
}

/// One event of a list.
#[derive(Debug, PartialEq)]
pub struct Listed {
    pub event: ProviderEvent,
    /// The provider's name of the letter, as it answered when it took it; lists mostly lack the token.
    pub letter: String,
}

/// A part of a list.
#[derive(Debug, Default)]
pub struct Page {
    pub events: Vec<Listed>,
    /// What to ask for next; `None` at the end.
    pub next: Option<String>,
    /// Letters that the provider has and does not list.
    pub left_out: u64,
    /// What stays where it is, since nobody understands it.
    pub unreadable: Vec<Unreadable>,
    /// What to give to [`Lists::delete`] once the events are on disk.
    pub receipts: Vec<String>,
}

/// A message that is not what the provider writes.
#[derive(Debug)]
pub struct Unreadable {
    /// The provider's own.
    pub name: String,
    pub cause: String,
}

/// The lists of one account.
pub struct Lists {
    settings: HttpSettings,
    caller: Caller,
    /// Of providers whose calls are signed.
    signer: Option<Signer>,
}

impl Lists {
    /// Fails for a provider that has none.
    pub fn new(settings: &HttpSettings) -> Result<Lists, PullError> {
        let provider = settings.provider;
        if !has_lists(provider) {
            return Err(PullError::Unsupported(provider));
        }
        let is_queue = provider == Provider::Ses;
        let settings = if is_queue { ses::of_queue(settings)? } else { settings.clone() };
        let signer = is_queue.then(|| Signer::new(&settings, "sqs"));
        let caller = Caller::new(&settings).map_err(|broken| unreached(provider, &broken))?;
        Ok(Lists { settings, caller, signer })
    }

    /// Whose lists they are.
    pub fn provider(&self) -> Provider {
        self.settings.provider
    }

    /// From when on to ask, where what happened was asked for at `cursor` before. A clock that was ahead then must not hide
    /// what happened since. A list of letters that Resend gives says nothing of when what happened to them did: however
    /// often it is read, all of them are read that something may still happen to.
    pub fn since(&self, cursor: Option<Timestamp>, now: Timestamp) -> Timestamp {
        match (self.settings.provider, cursor) {
            (Provider::Resend, _) | (_, None) => now - FIRST,
            (_, Some(cursor)) => cursor.min(now) - LATE,
        }
    }

    /// Whether they tell what webhooks tell; others are of letters, with the last that happened to each.
    pub fn tells_events(&self) -> bool {
        match self.settings.provider {
            Provider::Resend | Provider::Sendgrid => false,
            Provider::Ses
            | Provider::Mailgun
            | Provider::Postmark
            | Provider::Brevo
            | Provider::Sparkpost
            | Provider::Mailjet => true,
        }
    }

    /// The page that `next` of the page before names, or the first of what happened after `since`.
    pub async fn page(
        &self,
        next: Option<&str>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Page, PullError> {
        match self.settings.provider {
            Provider::Mailgun => mailgun::page(self, next, since, now).await,
            Provider::Postmark => postmark::page(self, next, since, now).await,
            Provider::Resend => resend::page(self, next, since, now).await,
            Provider::Sendgrid => sendgrid::page(self, next, since, now).await,
            Provider::Ses => ses::page(self, next, now).await,
            other @ (Provider::Brevo | Provider::Sparkpost | Provider::Mailjet) => {
                Err(PullError::Unsupported(other))
            }
        }
    }

    /// Tells the provider that what these receipts stand for is on disk, and need not be told again.
    pub async fn delete(&self, receipts: &[String]) -> Result<(), PullError> {
        if receipts.is_empty() { Ok(()) } else { ses::delete(self, receipts).await }
    }

    async fn get(&self, path: String, headers: HeaderMap) -> Result<Vec<u8>, PullError> {
        self.answered(&Request { method: Method::GET, path, headers, body: Vec::new() }).await
    }

    /// The body of a good answer. Waits where the provider says so.
    async fn answered(&self, request: &Request) -> Result<Vec<u8>, PullError> {
        let mut tries = 1;
        loop {
            let answered = self.signed(request).await;
            let wait = match &answered {
                Ok(answer) if matches!(answer.status, 429 | 500..) => answer.wait(),
                Err(_) => None,
                Ok(answer) => return self.body(answer),
            };
            if tries == TRIES {
                return answered
                    .map_err(|broken| unreached(self.settings.provider, &broken))
                    .and_then(|answer| self.body(&answer));
            }
            tokio::time::sleep(wait.unwrap_or(Duration::from_secs(1)).min(LONGEST_WAIT)).await;
            tries += 1;
        }
    }

    /// Signed once more if nothing but the signature was wrong.
    async fn signed(&self, request: &Request) -> Result<Answer, Broken> {
        let Some(signer) = &self.signer else { return self.caller.call(request.clone()).await };
        let mut request = request.clone();
        signer.sign(&mut request).await?;
        let answer = self.caller.call(request.clone()).await?;
        if !signer.renews(&request.headers, &answer) {
            return Ok(answer);
        }
        signer.sign(&mut request).await?;
        self.caller.call(request).await
    }

    fn body(&self, answer: &Answer) -> Result<Vec<u8>, PullError> {
        let (provider, status) = (self.settings.provider, answer.status);
        let own = if provider == Provider::Ses { ses::words(answer) } else { String::new() };
        let words = || answer.reply(&own).lines.join(" ");
        match status {
            200..=299 => Ok(answer.body.clone()),
            400 if ses::is_forbidden(answer) => {
                Err(PullError::Forbidden { provider, status, words: words() })
            }
            401 | 403 => Err(PullError::Forbidden { provider, status, words: words() }),
            _ => Err(PullError::Answered { provider, status, words: words() }),
        }
    }

    fn unreadable(&self, refused: &Refused) -> PullError {
        PullError::Unreadable { provider: self.settings.provider, cause: refused.to_string() }
    }

    fn no_list(&self) -> PullError {
        PullError::Unreadable { provider: self.settings.provider, cause: "it holds no list".to_owned() }
    }
}

/// Whether events can be asked for.
pub fn has_lists(provider: Provider) -> bool {
    match provider {
        Provider::Mailgun | Provider::Postmark | Provider::Resend | Provider::Sendgrid | Provider::Ses => {
            true
        }
        Provider::Brevo | Provider::Sparkpost | Provider::Mailjet => false,
    }
}

fn unreached(provider: Provider, broken: &Broken) -> PullError {
    PullError::Unreached { provider, cause: broken.cause.clone() }
}

/// A value in a query (RFC 3986).
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
