//! What a monitor asks for, in the text format 0.0.4 of Prometheus.
//!
//! Numbers of requests are counted in memory. Those of letters come from the ledger, and are read anew no more than once
//! a second, and no more often than costs a twentieth of the time, however many ask. Without a token nobody is
//! answered: behind a proxy on the same machine, strangers come from loopback, too.

mod counters;
mod page;
mod snapshot;

pub use counters::Counters;
pub use snapshot::{Letters, Snapshots};

use std::sync::Arc;

use aws_lc_rs::constant_time;
use aws_lc_rs::digest::{SHA256, digest};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

/// What `/metrics` is answered with, and to whom.
pub struct Metrics {
    /// Nobody is answered without one.
    pub token: Option<SecretString>,
    pub counters: Arc<Counters>,
    pub snapshots: Snapshots,
}

impl Metrics {
    /// Whether the request carries the token (RFC 6750).
    pub(super) fn admits(&self, headers: &HeaderMap) -> bool {
        let told = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let told = told.and_then(|told| told.split_once(' '));
        let told = told.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        match (&self.token, told) {
            (Some(own), Some((_, told))) => is_same(own.expose_secret(), told.trim()),
            _ => false,
        }
    }

    /// `is_well`: whether what comes can be written down.
    pub(super) async fn page(&self, is_well: bool) -> String {
        let issues = self.snapshots.newest().await;
        page::written(&self.counters, issues.as_deref().map_or(&[][..], Vec::as_slice), is_well)
    }
}

/// Takes as long whatever differs, even the length.
fn is_same(own: &str, told: &str) -> bool {
    let (own, told) = (digest(&SHA256, own.as_bytes()), digest(&SHA256, told.as_bytes()));
    constant_time::verify_slices_are_equal(own.as_ref(), told.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(token: Option<&str>, header: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, header.parse().unwrap());
        }
        let snapshots = Snapshots::new(Box::new(|| Ok(Vec::new())));
        Metrics { token: token.map(Into::into), counters: Arc::default(), snapshots }.admits(&headers)
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
