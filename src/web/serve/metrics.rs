//! What a monitor asks for, in the text format 0.0.4 of Prometheus.
//!
//! Numbers of requests are counted in memory. Those of letters come from the ledger, and are read anew no more than once
//! a second, and no more often than costs a twentieth of the time, however many ask. Without a token nobody is
//! answered: behind a proxy on the same machine, strangers come from loopback, too.

mod counters;
mod page;
mod snapshot;

pub use counters::Counters;
pub use snapshot::{Letters, Snapshots, newest_letters};

use std::sync::Arc;

use hyper::HeaderMap;

use crate::inbound::webhook::{Posted, credential};
use crate::settings::webhooks::Credential;

/// What `/metrics` is answered with, and to whom.
pub struct Metrics {
    /// What whoever asks has to show (RFC 6750); nobody is answered without one.
    pub token: Option<Credential>,
    pub counters: Arc<Counters>,
    pub snapshots: Snapshots,
}

impl Metrics {
    /// Whether the request carries the token.
    pub(super) fn admits(&self, headers: &HeaderMap) -> bool {
        let posted = Posted { headers, body: b"" };
        self.token.as_ref().is_some_and(|own| credential::verify(own, posted).is_ok())
    }

    /// `is_well`: whether what comes can be written down.
    pub(super) async fn page(&self, is_well: bool) -> String {
        let issues = self.snapshots.newest().await;
        page::written(&self.counters, issues.as_deref().map_or(&[][..], Vec::as_slice), is_well)
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::AUTHORIZATION;

    use super::*;

    fn admits(token: Option<&str>, header: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, header.parse().unwrap());
        }
        let snapshots = Snapshots::new(Box::new(|| Ok(Vec::new())));
        let token = token.map(|token| Credential::Bearer(token.into()));
        Metrics { token, counters: Arc::default(), snapshots }.admits(&headers)
    }

    #[test]
    fn only_who_has_the_token_is_admitted_and_nobody_where_there_is_none() {
        assert!(admits(Some("tok"), Some("Bearer tok")) && admits(Some("tok"), Some("bearer  tok")));
        for told in [None, Some("tok"), Some("Basic tok"), Some("Bearer to"), Some("Bearer ")] {
            assert!(!admits(Some("tok"), told), "{told:?}");
            assert!(!admits(None, told), "{told:?}");
        }
    }
}
