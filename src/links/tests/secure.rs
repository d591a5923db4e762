//! Certificates, and ways between http and https. Names lead to this machine as if it were in the world.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::*;

/// Somebody whom the engine of these tests trusts.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A server's certificate for `name`, after `change`.
    fn sign(&self, name: &str, change: impl Fn(&mut CertificateParams)) -> ServerConfig {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        config(certificate.der().clone(), &key)
    }

    /// Allows private addresses, trusts this authority, and knows where `.example` is.
    fn engine(&self, ports: Ports) -> Engine {
        let settings = LinkSettings { timeout: Duration::from_secs(4), retries: 0, ..settings() };
        let mut ways = ways(&settings);
        ways.ports = ports;
        ways.trust.roots.add(self.0.der().clone()).unwrap();
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        ways.trust.known =
            ["a.example", "b.example", "xn--bcher-kva.example"].map(|name| (name.to_owned(), here)).to_vec();
        Engine::with(&settings, &Behalf::default(), ways).unwrap()
    }
}

fn config(certificate: CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

fn self_signed() -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "a.example");
    config(params.self_signed(&key).unwrap().der().clone(), &key)
}

async fn at_https(authority: &Authority, tls: Option<ServerConfig>) -> String {
    let server = Server::at("127.0.0.1:0", tls, |_| Reply::status(200)).await;
    let address = Url::parse(&format!("https://a.example:{}/", server.port)).unwrap();
    judge(&authority.engine(Ports::default()).visit(address).await).words()
}

#[tokio::test]
async fn a_certificate_that_browsers_refuse_is_dead_and_says_why() {
    let authority = Authority::new();
    let sign = |change: fn(&mut CertificateParams)| Some(authority.sign("a.example", change));
    let good = at_https(&authority, sign(|_| {})).await;
    assert_eq!(good, "it answers");
    let expired = at_https(&authority, sign(|params| params.not_after = date_time_ymd(2020, 1, 1))).await;
    assert_eq!(expired, "its certificate has expired");
    let early = at_https(&authority, sign(|params| params.not_before = date_time_ymd(2990, 1, 1))).await;
    assert_eq!(early, "its certificate is not valid yet");
    let other = at_https(&authority, Some(authority.sign("c.example", |_| {}))).await;
    assert_eq!(other, "its certificate is for another name");
    let own = at_https(&authority, Some(self_signed())).await;
    assert_eq!(own, "nobody that browsers trust signed its certificate");
    let none = at_https(&authority, None).await;
    assert!(none.starts_with("no secure connection: ") || none.starts_with("nobody answers there"), "{none}");
}

#[tokio::test]
async fn a_host_with_letters_of_its_own_is_visited_by_its_ascii_name() {
    let authority = Authority::new();
    let tls = authority.sign("xn--bcher-kva.example", |_| {});
    let server = Server::at("127.0.0.1:0", Some(tls), |_| Reply::status(200)).await;
    let address = Url::parse(&format!("https://bücher.example:{}/", server.port)).unwrap();
    assert_eq!(judge(&authority.engine(Ports::default()).visit(address).await), Verdict::Alive);
}

/// One server for http and https, whose two ports are the same: where a page of http is looked for over https.
async fn both(
    authority: &Authority,
    answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> (Server, Engine) {
    let server = Server::at("127.0.0.1:0", Some(authority.sign("a.example", |_| {})), answer).await;
    let engine = authority.engine(Ports { http: server.port, https: server.port });
    (server, engine)
}

fn at(scheme: &str, server: &Server, path: &str) -> Url {
    Url::parse(&format!("{scheme}://a.example:{}{path}", server.port)).unwrap()
}

#[tokio::test]
async fn a_page_that_https_shows_too_is_insecure_over_http() {
    let authority = Authority::new();
    let (server, engine) = both(&authority, |_| Reply::status(200).body("<title>The sea</title>")).await;
    let visit = engine.visit(at("http", &server, "/sea")).await;
    let https = Some(at("https", &server, "/sea"));
    assert!(matches!(judge(&visit), Verdict::Insecure { https: found, .. } if found == https), "{visit:?}");
    assert_eq!(server.asked(), ["GET /sea", "GET /sea"]);
}

#[tokio::test]
async fn another_page_at_https_proves_nothing() {
    let authority = Authority::new();
    let answer = |request: &Request| Reply::status(200).body(format!("<title>{}</title>", request.before));
    let (server, engine) = both(&authority, answer).await;
    assert_eq!(judge(&engine.visit(at("http", &server, "/")).await), Verdict::Alive);
}

#[tokio::test]
async fn an_address_with_a_query_may_work_once_and_is_asked_for_once() {
    let authority = Authority::new();
    let (server, engine) = both(&authority, |_| Reply::status(200)).await;
    assert_eq!(judge(&engine.visit(at("http", &server, "/?ticket=7")).await), Verdict::Alive);
    assert_eq!(server.asked(), ["GET /?ticket=7"]);
}

#[tokio::test]
async fn a_host_without_https_is_asked_for_it_once() {
    let authority = Authority::new();
    let server = Server::start(|_| Reply::status(200)).await;
    let engine = authority.engine(Ports { http: server.port, https: 1 });
    for path in ["/a", "/b"] {
        assert_eq!(judge(&engine.visit(server.url(path)).await), Verdict::Alive);
    }
    assert_eq!(server.asked(), ["GET /a", "GET /b"]);
}

#[tokio::test]
async fn ways_between_http_and_https_are_told_apart() {
    let authority = Authority::new();
    let port = std::sync::Arc::new(std::sync::OnceLock::new());
    let known = port.clone();
    let (server, engine) = both(&authority, move |request| {
        let to = |scheme: &str, path: &str| format!("{scheme}://a.example:{}{path}", known.get().unwrap());
        match request.path.as_str() {
            "/up" => Reply::to(301, &to("https", "/page")),
            "/down" => Reply::to(302, &to("http", "/page")),
            "/down-and-up" => Reply::to(302, &to("http", "/up")),
            _ => Reply::status(200),
        }
    })
    .await;
    port.set(server.port).unwrap();
    let up = judge(&engine.visit(at("http", &server, "/up")).await);
    assert_eq!(up, Verdict::Moved { to: at("https", &server, "/page"), permanent: true });
    let down = judge(&engine.visit(at("https", &server, "/down")).await);
    assert_eq!((down.name(), down.words().as_str()), ("insecure", "it leads from https back to http"));
    let back = judge(&engine.visit(at("https", &server, "/down-and-up")).await);
    assert!(matches!(back, Verdict::Moved { permanent: false, .. }), "{back:?}");
}

#[tokio::test]
async fn another_site_at_the_end_is_a_change() {
    let authority = Authority::new();
    let other = Server::start(|_| Reply::status(200)).await;
    let target = format!("http://b.example:{}/story", other.port);
    let server = Server::start(move |_| Reply::to(301, &target)).await;
    let visit = authority.engine(Ports::default()).visit(at("http", &server, "/story")).await;
    assert_eq!(judge(&visit), Verdict::Changed("it leads to another site, b.example".into()));
}
