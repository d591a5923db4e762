//! Visits many addresses at once, each once, with retries.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use super::host::Hosts;
use super::reach::PublicResolver;
use super::visit::{Budget, End, Visit, Walker};
use crate::model::finding::Explain;
use crate::settings::LinkSettings;

/// The wait before the first retry, on average; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const CONNECT: Duration = Duration::from_secs(10);

/// The client that makes the requests could not be made.
#[derive(Debug, thiserror::Error)]
#[error("links cannot be visited: {0}")]
pub struct EngineError(String);

impl Explain for EngineError {
    fn help(&self) -> Option<String> {
        Some("run it with `--offline` to check everything but the links".to_owned())
    }
}

/// Visits links. Cheap to clone; all clones share the manners.
#[derive(Clone)]
pub struct Engine {
    walker: Arc<Walker>,
    timeout: Duration,
    retries: u32,
    first_pause: Duration,
}

impl Engine {
    /// `site` says on whose behalf we come, in the User-Agent header.
    pub fn new(settings: &LinkSettings, site: Option<&str>) -> Result<Engine, EngineError> {
        Engine::with_pause(settings, site, FIRST_PAUSE)
    }

    pub(super) fn with_pause(
        settings: &LinkSettings,
        site: Option<&str>,
        first_pause: Duration,
    ) -> Result<Engine, EngineError> {
        let walker = Walker {
            client: client(settings, site)?,
            hosts: Hosts::new(settings.per_host, 2 * first_pause, settings.timeout),
            slots: Arc::new(Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            redirects: settings.redirects,
            allow_private: settings.allow_private,
        };
        let (timeout, retries) = (settings.timeout, settings.retries);
        Ok(Engine { walker: Arc::new(walker), timeout, retries, first_pause })
    }

    /// Visits each distinct address once; fragments do not make an address another. `seen` is told after
    /// each visit. Dropping the future ends all visits that are under way.
    pub async fn visit_all(
        &self,
        addresses: impl IntoIterator<Item = Url>,
        mut seen: impl FnMut(&Visit),
    ) -> BTreeMap<Url, Visit> {
        let mut visits = JoinSet::new();
        for address in addresses.into_iter().map(without_fragment).collect::<BTreeSet<_>>() {
            let engine = self.clone();
            visits.spawn(async move { engine.visit(address).await });
        }
        let mut all = BTreeMap::new();
        while let Some(visit) = visits.join_next().await {
            let visit = visit.expect("a visit neither panics nor is aborted while it is waited for");
            seen(&visit);
            all.insert(visit.address.clone(), visit);
        }
        all
    }

    /// Visits one address, again where the first end may have been a passing one. Where its host is given up
    /// in the meantime, the answer that there was counts.
    pub async fn visit(&self, address: Url) -> Visit {
        let mut budget = Budget::new(self.timeout);
        let mut tries = 0;
        let mut earlier: Option<Visit> = None;
        loop {
            tries += 1;
            let before = budget.left;
            let (hops, end) = self.walker.walk(&address, &mut budget).await;
            let took = before - budget.left;
            if let (End::HostBusy, Some(visit)) = (&end, earlier) {
                return visit;
            }
            let pause = pause(self.first_pause, tries, roll(&address, tries))
                .max(end.retry_after().unwrap_or_default());
            if tries > self.retries || !end.may_pass() || pause >= budget.left {
                return Visit { address, hops, end, took, tries };
            }
            earlier = Some(Visit { address: address.clone(), hops, end, took, tries });
            budget.spend(pause);
            tokio::time::sleep(pause).await;
        }
    }
}

/// The address as it is fetched and as it is kept in the results.
pub fn without_fragment(mut address: Url) -> Url {
    address.set_fragment(None);
    address
}

/// Doubles with every try, and spreads by half to both sides: `roll` is in 0..1.
fn pause(first: Duration, tries: u32, roll: f64) -> Duration {
    first.mul_f64(f64::from(1 << (tries - 1).min(6)) * (0.5 + roll))
}

fn roll(address: &Url, tries: u32) -> f64 {
    let hash = RandomState::new().hash_one((address, tries));
    f64::from(u32::try_from(hash >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

fn client(settings: &LinkSettings, site: Option<&str>) -> Result<Client, EngineError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"));
    // A proxy would resolve the names itself, and nobody would look at the addresses.
    let builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(agent(site))
        .default_headers(headers)
        .connect_timeout(CONNECT.min(settings.timeout))
        .pool_max_idle_per_host(settings.per_host)
        .tls_backend_preconfigured(tls()?);
    let builder = if settings.allow_private { builder } else { builder.dns_resolver(PublicResolver) };
    builder.build().map_err(|error| EngineError(error.to_string()))
}

fn agent(site: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match site.filter(|site| site.bytes().all(|byte| byte.is_ascii_graphic())) {
        Some(site) => format!("courant/{version} (newsletter link check for {site})"),
        None => format!("courant/{version} (newsletter link check)"),
    }
}

/// The roots that browsers trust, since readers come with browsers.
pub(super) fn tls() -> Result<rustls::ClientConfig, EngineError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| EngineError(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_are_spread() {
        let first = Duration::from_millis(500);
        assert_eq!(pause(first, 1, 0.0), Duration::from_millis(250));
        assert_eq!(pause(first, 1, 1.0), Duration::from_millis(750));
        assert_eq!(pause(first, 3, 0.5), Duration::from_secs(2));
    }

    #[test]
    fn a_roll_is_a_fraction_and_differs() {
        let address = Url::parse("http://a.example").unwrap();
        let rolls: Vec<f64> = (0..20).map(|tries| roll(&address, tries)).collect();
        assert!(rolls.iter().all(|roll| (0.0..=1.0).contains(roll)));
        assert!(rolls.windows(2).any(|two| two[0] != two[1]));
    }
}
