//! The HTTP client: who we say we are, whom we trust, and which addresses a name may lead to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::{ACCEPT, FROM, HeaderMap, HeaderValue};

use super::engine::EngineError;
use super::reach::PublicResolver;
use crate::settings::LinkSettings;

const CONNECT: Duration = Duration::from_secs(10);

/// On whose behalf links are visited, so that whoever runs a host can reach them (RFC 9110 10.1.2 and 10.1.5).
#[derive(Debug, Clone, Default)]
pub struct Behalf {
    /// The address of the newsletter on the web.
    pub site: Option<String>,
    /// The address it is sent from; named only where there is no site.
    pub mail: Option<String>,
}

/// Whose certificates are believed, and how names are looked up.
pub struct Trust {
    pub roots: rustls::RootCertStore,
    /// `None` for the system's own resolver, whatever address it gives.
    pub resolver: Option<PublicResolver>,
    /// Names that are not looked up: where they lead.
    pub known: Vec<(String, SocketAddr)>,
}

impl Trust {
    /// The roots that browsers trust, since readers come with browsers.
    pub fn of(settings: &LinkSettings) -> Trust {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Trust { roots, resolver: (!settings.allow_private).then(PublicResolver::default), known: Vec::new() }
    }
}

/// A client that follows no redirect and keeps no cookie.
pub fn client(settings: &LinkSettings, behalf: &Behalf, trust: Trust) -> Result<Client, EngineError> {
    // A proxy would resolve the names itself, and nobody would look at the addresses.
    let builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(agent(behalf))
        .default_headers(headers(behalf))
        .connect_timeout(CONNECT.min(settings.timeout))
        .pool_max_idle_per_host(settings.per_host)
        .tls_backend_preconfigured(tls(trust.roots)?);
    let builder = match trust.resolver {
        Some(resolver) => builder.dns_resolver(resolver),
        None => builder,
    };
    let builder = trust.known.iter().fold(builder, |builder, (name, to)| builder.resolve(name, *to));
    builder.build().map_err(|error| EngineError::new(&error))
}

/// Named so that a host can tell us from a browser and write to us: `+` before an address is how robots do it.
fn agent(behalf: &Behalf) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match behalf.site.as_ref().filter(|site| is_plain(site)) {
        Some(site) => format!("courant/{version} (newsletter link check; +{site})"),
        None => format!("courant/{version} (newsletter link check)"),
    }
}

fn headers(behalf: &Behalf) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"));
    let mail = behalf.mail.as_ref().filter(|mail| behalf.site.is_none() && is_plain(mail));
    if let Some(value) = mail.and_then(|mail| HeaderValue::from_str(mail).ok()) {
        headers.insert(FROM, value);
    }
    headers
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn tls(roots: rustls::RootCertStore) -> Result<rustls::ClientConfig, EngineError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| EngineError::new(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
