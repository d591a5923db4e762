//! What open pages hear without asking.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as Sent, KeepAlive, KeepAliveStream, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;
use tokio::sync::{broadcast, watch};

use super::view::Verdict;

/// A line now and then tells a proxy, and us, that somebody still listens.
const PULSE: Duration = Duration::from_secs(15);

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// An issue is to be looked at again; without an id, the list of issues.
    Changed { revision: u64, id: Option<String> },
    /// A link of an issue was visited.
    Link {
        id: String,
        url: String,
        #[serde(flatten)]
        verdict: Verdict,
    },
    /// How many links of an issue were visited.
    Links { id: String, done: usize, total: usize },
    /// A box changed.
    Mail {
        #[serde(rename = "box")]
        name: String,
        /// The letters that are new, by their ids as they come.
        came: Vec<String>,
        /// The letters that are there no longer, by the same.
        went: Vec<String>,
    },
}

impl Event {
    fn name(&self) -> &'static str {
        match self {
            Event::Changed { .. } => "changed",
            Event::Link { .. } => "link",
            Event::Links { .. } => "links",
            Event::Mail { .. } => "mail",
        }
    }

    fn sent(&self) -> Sent {
        let data = serde_json::to_string(self).expect("texts and numbers are always JSON");
        Sent::default().event(self.name()).data(data)
    }
}

/// Every event from here on, until `closing` says so or a page falls so far behind that it has to begin anew: a
/// browser connects again by itself. The first word comes at once: without it the browser would not know that
/// anybody is there.
pub(super) fn stream(
    events: broadcast::Receiver<Event>,
    closing: watch::Receiver<bool>,
) -> Sse<KeepAliveStream<impl Stream<Item = Result<Sent, Infallible>>>> {
    let stream = stream::unfold((events, closing), async |(mut events, mut closing)| {
        let event = tokio::select! {
            event = events.recv() => event.ok()?,
            _ = closing.wait_for(|closing| *closing) => return None,
        };
        Some((Ok(event.sent()), (events, closing)))
    });
    let greeting = stream::iter([Ok(Sent::default().comment("here"))]);
    Sse::new(greeting.chain(stream)).keep_alive(KeepAlive::new().interval(PULSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_what_the_page_reads() {
        let changed = Event::Changed { revision: 7, id: None };
        assert_eq!(serde_json::to_string(&changed).unwrap(), r#"{"revision":7,"id":null}"#);
        let verdict = Verdict { state: "alive", words: "answers".to_owned(), chain: Vec::new() };
        let link = Event::Link { id: "1".to_owned(), url: "https://a.example/".to_owned(), verdict };
        assert_eq!(
            serde_json::to_string(&link).unwrap(),
            r#"{"id":"1","url":"https://a.example/","state":"alive","words":"answers","chain":[]}"#
        );
        let mail = Event::Mail { name: "outbox".to_owned(), came: vec!["1@x".to_owned()], went: Vec::new() };
        assert_eq!(serde_json::to_string(&mail).unwrap(), r#"{"box":"outbox","came":["1@x"],"went":[]}"#);
    }
}
