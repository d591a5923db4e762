//! From the connection to the first envelope: greeting, EHLO, TLS, login, and every way in which they fail.

use std::io::Write;

use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::model::attempt::Reply;
use crate::settings::transport::{Login, Mechanism};
use crate::transport::Transport;
use crate::transport::smtp::Smtp;
use crate::transport::smtp::tls::Tls;

const EHLO: &str = "250-server\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n";

type Steps = Vec<(&'static str, String)>;

fn steps(steps: &[(&'static str, &str)]) -> Steps {
    steps.iter().map(|(awaited, answer)| (*awaited, (*answer).to_owned())).collect()
}

/// Stands for an empty line that is awaited.
const EMPTY: &str = "\r\n";

/// Says the second of each pair after a line that begins with the first, or unasked if that is empty. Gives
/// the lines it heard.
async fn play<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, steps: Steps) -> Vec<String> {
    let mut heard = Vec::new();
    for (awaited, answer) in steps {
        if !awaited.is_empty() {
            let Some(line) = line(stream).await else { break };
            assert!(line.starts_with(awaited.trim_end()), "{line} instead of {awaited}");
            assert_eq!(line.is_empty(), awaited == EMPTY);
            heard.push(line);
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            break;
        }
    }
    heard
}

async fn line<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(line).unwrap().trim_end().to_owned())
}

/// Greets a server that plays `script`, and keeps still afterwards.
async fn greet(settings: &SmtpSettings, is_local: bool, script: Steps) -> Result<(), Broken> {
    let (ours, mut theirs) = tokio::io::duplex(1 << 21);
    let server = tokio::spawn(async move {
        play(&mut theirs, script).await;
        std::future::pending::<()>().await;
    });
    let tls = (settings.security == Security::StartTls).then(|| Tls::new(&settings.host, None).unwrap());
    let opening = Opening { settings, tls: tls.as_ref(), hello: "client.example" };
    let greeted = opening.greet(ours, is_local).await.map(|_| ());
    server.abort();
    greeted
}

fn with_login(mechanism: Option<Mechanism>) -> SmtpSettings {
    let login = Login { user: "ada".to_owned(), secret: "open sesame".to_owned().into(), mechanism };
    SmtpSettings { login: Some(login), ..settings() }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_for_us_is_told_apart() {
    let megabyte = "x".repeat(1 << 20);
    for (greeting, phase, may_pass, text) in [
        ("554 5.7.1 go away\r\n", Phase::Connect, false, "554 5.7.1 go away"),
        ("421 busy\r\n", Phase::Connect, true, "421 busy"),
        ("HTTP/1.1 400 Bad Request\r\n", Phase::Connect, false, "the server does not speak SMTP: it said"),
        (megabyte.as_str(), Phase::Connect, false, "the server answered with more than 32 KB"),
        ("", Phase::Connect, true, "no answer within 5 min (`smtps://` is for servers"),
    ] {
        let broken = greet(&settings(), true, steps(&[("", greeting)])).await.unwrap_err();
        assert_eq!((broken.phase, broken.may_pass), (phase, may_pass), "{broken}");
        assert!(broken.to_string().starts_with(text), "{broken}");
    }
}

#[tokio::test]
async fn a_server_without_extensions_is_greeted_the_old_way() {
    let old = steps(&[
        ("", "220 hi\r\n"),
        ("EHLO client.example", "502 what\r\n"),
        ("HELO client.example", "250 hi\r\n"),
    ]);
    greet(&settings(), true, old).await.unwrap();
}

#[tokio::test]
async fn logins_go_the_way_the_server_offers() {
    let hello = [("", "220 hi\r\n"), ("EHLO", EHLO)];
    let plain = [("AUTH PLAIN AGFkYQBvcGVuIHNlc2FtZQ==", "235 ok\r\n")];
    let asked_again = [("AUTH PLAIN", "334 \r\n"), ("AGFkYQBvcGVuIHNlc2FtZQ==", "235 ok\r\n")];
    let login = [
        ("AUTH LOGIN", "334 VXNlcjo=\r\n"),
        ("YWRh", "334 UGFzcw==\r\n"),
        ("b3BlbiBzZXNhbWU=", "235 ok\r\n"),
    ];
    for (mechanism, dialogue) in
        [(None, &plain[..]), (Some(Mechanism::Plain), &asked_again), (Some(Mechanism::Login), &login)]
    {
        let script = steps(&[&hello[..], dialogue].concat());
        greet(&with_login(mechanism), true, script).await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_login_is_the_whole_run_s_trouble_and_keeps_the_secret() {
    let token = [
        ("AUTH XOAUTH2", "334 eyJzdGF0dXMiOiI0MDAifQ==\r\n"),
        (EMPTY, "535-5.7.8 no\r\n535 5.7.8 open sesame\r\n"),
    ];
    let script = steps(&[&[("", "220 hi\r\n"), ("EHLO", EHLO)][..], &token].concat());
    let broken = greet(&with_login(Some(Mechanism::Xoauth2)), true, script).await.unwrap_err();
    assert_eq!((broken.phase, broken.may_pass), (Phase::Login, false));
    assert_eq!(broken.to_string(), "535 5.7.8 no 5.7.8 open sesame".replace("open sesame", "…"));
}

#[tokio::test]
async fn lettre_answers_the_questions_it_knows_and_we_the_others() {
    for (name, password) in [("VXNlcm5hbWU6", "UGFzc3dvcmQ6"), ("VXNlcm5hbWU6", "UGFzcz8="), ("", "c2VjcmV0")]
    {
        let asked = [("AUTH LOGIN", format!("334 {name}\r\n")), ("YWRh", format!("334 {password}\r\n"))];
        let answered = steps(&[("b3BlbiBzZXNhbWU=", "235 in\r\n")]);
        let hello = steps(&[("", "220 hi\r\n"), ("EHLO", EHLO)]);
        let script = hello.into_iter().chain(asked).chain(answered).collect();
        greet(&with_login(Some(Mechanism::Login)), true, script).await.unwrap();
    }
}

#[tokio::test]
async fn offers_that_lettre_overlooks_are_taken_all_the_same() {
    for offer in ["250-server\r\n250 auth=plain\r\n", "250-server\r\n250 Auth Plain\r\n"] {
        let plain = ("AUTH PLAIN AGFkYQBvcGVuIHNlc2FtZQ==", "235 ok\r\n");
        let script = steps(&[("", "220 hi\r\n"), ("EHLO", offer), plain]);
        greet(&with_login(None), true, script).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_without_extensions_gets_no_password() {
    let old = steps(&[("", "220 hi\r\n"), ("EHLO", "500 what\r\n"), ("HELO", "250 hi\r\n")]);
    let broken = greet(&with_login(Some(Mechanism::Plain)), true, old).await.unwrap_err();
    assert_eq!(broken, Broken::hopeless(Phase::Login, "the server offers no login (AUTH)"));
}

#[tokio::test]
async fn replies_that_lettre_cannot_read_are_understood_and_kept_whole() {
    let bare = [("", "220\r\n"), ("EHLO", "250-\n250 PIPELINING\n")];
    greet(&settings(), true, steps(&bare)).await.unwrap();
    let long = format!("250-server\r\n250-X-{}é\r\n250 AUTH PLAIN\r\n", "é".repeat(2_000));
    let login = ("AUTH PLAIN", "235\r\n");
    let script = steps(&[("", "220 hi\r\n"), ("EHLO", &long), login]);
    greet(&with_login(None), true, script).await.unwrap();

    let refused = "571-5.7.1 first\r\n571-5.7.1 second\r\n571 5.7.1 third\r\n";
    let whole = |phase| Broken::replied(phase, Reply::new(571, "5.7.1 first\n5.7.1 second\n5.7.1 third"));
    let greeting = steps(&[("", refused)]);
    assert_eq!(greet(&settings(), true, greeting).await.unwrap_err(), whole(Phase::Connect));
    let ehlo = steps(&[("", "220 hi\r\n"), ("EHLO", refused)]);
    assert_eq!(greet(&settings(), true, ehlo).await.unwrap_err(), whole(Phase::Connect));
    let login = steps(&[("", "220 hi\r\n"), ("EHLO", EHLO), ("AUTH", refused)]);
    assert_eq!(greet(&with_login(None), true, login).await.unwrap_err(), whole(Phase::Login));
}

#[tokio::test]
async fn only_220_is_a_greeting() {
    for code in [250, 354] {
        let script = steps(&[("", format!("{code} hi\r\n").as_str()), ("EHLO", EHLO)]);
        let broken = greet(&settings(), true, script).await.unwrap_err();
        assert_eq!(broken, Broken::replied(Phase::Connect, Reply::new(code, "hi")));
    }
}

#[tokio::test]
async fn nothing_more_is_said_after_a_refusal() {
    for settings in [settings(), with_login(None)] {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let opening = Opening { settings: &settings, tls: None, hello: "client.example" };
        let refused = if settings.login.is_some() { EHLO } else { "550 5.7.1 not you\r\n" };
        let script = steps(&[("", "220 hi\r\n"), ("EHLO", refused), ("AUTH", "535 no\r\n")]);
        let server = async {
            let heard = play(&mut theirs, script).await;
            (heard, line(&mut theirs).await)
        };
        let (greeted, (heard, more)) =
            tokio::join!(async { opening.greet(ours, true).await.map(|_| ()) }, server);
        assert!(greeted.unwrap_err().reply.is_some());
        assert_eq!((heard.len(), more), (1 + usize::from(settings.login.is_some()), None));
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_has_its_own_time() {
    let settings = with_login(Some(Mechanism::Login));
    let patience = settings.timeouts.greeting;
    for (slow, phase) in
        [(0, None), (1, Some(Phase::Connect)), (2, Some(Phase::Login)), (4, Some(Phase::Login))]
    {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let script = steps(&[
            ("", "220 hi\r\n"),
            ("EHLO", EHLO),
            ("AUTH", "334 VXNlcm5hbWU6\r\n"),
            ("YWRh", "334 UGFzc3dvcmQ6\r\n"),
            ("b3Bl", "235 in\r\n"),
        ]);
        let server = tokio::spawn(async move {
            for (at, step) in script.into_iter().enumerate() {
                let late = if phase.is_some() && at == slow { patience * 2 } else { patience * 9 / 10 };
                tokio::time::sleep(late).await;
                play(&mut theirs, vec![step]).await;
            }
            std::future::pending::<()>().await;
        });
        let opening = Opening { settings: &settings, tls: None, hello: "client.example" };
        let broken = opening.greet(ours, true).await.map(|_| ()).err();
        assert_eq!(broken.as_ref().map(|broken| broken.phase), phase);
        if let Some(broken) = broken {
            assert_eq!((broken.to_string().as_str(), broken.may_pass), ("no answer within 5 min", true));
        }
        server.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_reading_may_still_say_why() {
    let patience = settings().timeouts.greeting;
    for said in ["", "421 4.3.2 closing\r\n"] {
        let (ours, mut theirs) = tokio::io::duplex(10);
        let settings = settings();
        let opening = Opening { settings: &settings, tls: None, hello: "client.example" };
        let server = async {
            theirs.write_all(format!("220 hi\r\n{said}").as_bytes()).await.unwrap();
            tokio::time::sleep(patience * 3).await;
        };
        let (greeted, ()) = tokio::join!(async { opening.greet(ours, true).await.map(|_| ()) }, server);
        let broken = greeted.unwrap_err();
        let text = if said.is_empty() { "the server took nothing in for 5 min" } else { said.trim_end() };
        assert_eq!((broken.phase, broken.may_pass), (Phase::Connect, true));
        assert_eq!(broken.to_string(), text);
    }
}

#[tokio::test]
async fn a_login_that_is_cut_short_repeats_nothing_of_the_secret() {
    for echo in ["AUTH PLAIN AGFkYQBvcGVuIHNlc2FtZQ==\r\n", "AUTH PLAIN AGFkYQBvcGVu\r\n", "open sesame\r\n"]
    {
        let script = steps(&[("", "220 hi\r\n"), ("EHLO", EHLO), ("AUTH", echo)]);
        let broken = greet(&with_login(None), true, script).await.unwrap_err();
        assert_eq!((broken.phase, broken.may_pass), (Phase::Login, false));
        let shown = format!("{broken:?}");
        assert!(shown.contains("it said") && shown.contains('…'), "{shown}");
        assert!(!shown.contains("AGFk") && !shown.contains("sesame"), "{shown}");
    }
}

#[tokio::test]
async fn a_password_is_never_sent_in_the_clear_to_another_machine() {
    let script = steps(&[("", "220 hi\r\n"), ("EHLO", EHLO)]);
    let broken = greet(&with_login(None), false, script).await.unwrap_err();
    assert_eq!((broken.phase, broken.may_pass), (Phase::Login, false));
    assert_eq!(broken.to_string(), "a password is not sent without TLS");
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_where_tls_was_asked_for() {
    let settings = SmtpSettings { security: Security::StartTls, ..with_login(None) };
    let hello = [("", "220 hi\r\n"), ("EHLO", "250-server\r\n250 AUTH PLAIN\r\n")];
    let broken = greet(&settings, true, steps(&hello)).await.unwrap_err();
    assert_eq!((broken.phase, broken.may_pass), (Phase::Tls, false));
    assert!(broken.to_string().contains("does not offer STARTTLS"), "{broken}");

    let hello = [("", "220 hi\r\n"), ("EHLO", EHLO)];
    for (answer, text, may_pass) in [
        ("454 4.7.0 no TLS now\r\n", "454 4.7.0 no TLS now", true),
        ("220 go\r\n250 injected\r\n", "somebody spoke between", false),
    ] {
        let script = steps(&[&hello[..], &[("STARTTLS", answer)]].concat());
        let broken = greet(&settings, true, script).await.unwrap_err();
        assert_eq!((broken.phase, broken.may_pass), (Phase::Tls, may_pass), "{broken}");
        assert!(broken.to_string().starts_with(text), "{broken}");
    }
}

/// A server on a port of this machine with a certificate for `name`; gives its port and certificate.
async fn secure_server(name: &str, is_implicit: bool) -> (u16, String) {
    let certified = generate_simple_self_signed([name.to_owned()]).unwrap();
    serve_with(certified, is_implicit).await
}

async fn serve_with(certified: CertifiedKey<KeyPair>, is_implicit: bool) -> (u16, String) {
    let CertifiedKey { cert, signing_key } = certified;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let (greeting, ehlo) = (("", "220 hi\r\n"), ("EHLO", EHLO));
                if !is_implicit {
                    play(&mut stream, steps(&[greeting, ehlo, ("STARTTLS", "220 go\r\n")])).await;
                }
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let first = if is_implicit { greeting } else { ("", "") };
                let inside = [first, ehlo, ("AUTH PLAIN AGFkYQBvcGVuIHNlc2FtZQ==", "235 in\r\n")];
                let envelope = [
                    ("MAIL", "250 a\r\n"),
                    ("RCPT", "250 b\r\n"),
                    ("DATA", "354 c\r\n"),
                    ("Subject: letter 1", ""),
                ];
                play(&mut stream, steps(&[&inside[..], &envelope].concat())).await;
                while line(&mut stream).await.is_some_and(|line| line != ".") {}
                play(&mut stream, steps(&[("", "250 taken\r\n"), ("QUIT", "221 bye\r\n")])).await;
            });
        }
    });
    (port, cert.pem())
}

/// Connects with only this certificate added to those that are trusted, and sends a letter.
async fn send_one(port: u16, security: Security, ca: Option<&str>) -> Result<Accepted, Broken> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(ca.unwrap_or_default().as_bytes()).unwrap();
    let tls_ca = ca.map(|_| file.path().to_owned());
    let host = "127.0.0.1".to_owned();
    let smtp = Smtp::new(&SmtpSettings { host, port, security, tls_ca, ..with_login(None) })?;
    let mut session = smtp.connect().await?;
    session.open(&envelope(1)).await?;
    let carried = session.body(&Recorded::for_tests(), letter(1).as_bytes(), None).await;
    session.close().await;
    carried.letter
}

#[tokio::test]
async fn letters_go_through_tls_of_both_kinds() {
    for (security, is_implicit) in [(Security::Implicit, true), (Security::StartTls, false)] {
        let (port, certificate) = secure_server("127.0.0.1", is_implicit).await;
        let accepted = send_one(port, security, Some(&certificate)).await.unwrap();
        assert_eq!(accepted.reply.to_string(), "250 taken");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_stops_everything() {
    let (port, _) = secure_server("127.0.0.1", true).await;
    let broken = send_one(port, Security::Implicit, None).await.unwrap_err();
    assert_eq!((broken.phase, broken.may_pass), (Phase::Tls, false));
    assert!(broken.to_string().contains("signed by nobody we trust"), "{broken}");

    let (port, certificate) = secure_server("other.example", true).await;
    let broken = send_one(port, Security::Implicit, Some(&certificate)).await.unwrap_err();
    assert_eq!(broken.to_string(), "the certificate is not for `127.0.0.1`");

    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    let signing_key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    let (port, certificate) = serve_with(CertifiedKey { cert, signing_key }, true).await;
    let broken = send_one(port, Security::Implicit, Some(&certificate)).await.unwrap_err();
    assert_eq!((broken.phase, broken.may_pass), (Phase::Tls, false));
    assert_eq!(broken.to_string(), "the certificate of `127.0.0.1` has expired");

    let (port, _) = secure_server("127.0.0.1", false).await;
    let broken = send_one(port, Security::Implicit, None).await.unwrap_err();
    assert!(broken.to_string().starts_with("the server does not speak TLS on this port"), "{broken}");
}

#[tokio::test]
async fn a_second_server_takes_the_letters_while_the_first_is_down_and_not_for_a_bad_certificate() {
    let (host, down) = ("127.0.0.1".to_owned(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let (up, certificate) = secure_server("127.0.0.1", true).await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(certificate.as_bytes()).unwrap();
    let base = SmtpSettings { host, security: Security::Implicit, ..with_login(None) };
    let spare = SmtpSettings { port: up, tls_ca: Some(file.path().to_owned()), ..base.clone() };
    let port = down.local_addr().unwrap().port();
    drop(down);
    let smtp = Smtp::new(&SmtpSettings { port, spares: vec![spare.clone()], ..base.clone() }).unwrap();
    assert!(smtp.connect().await.is_ok());

    let smtp = Smtp::new(&SmtpSettings { port: up, spares: vec![spare], ..base }).unwrap();
    assert_eq!(smtp.connect().await.err().unwrap().phase, Phase::Tls);
}

#[tokio::test]
async fn a_server_that_is_down_may_come_back_and_one_that_does_not_exist_will_not() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let connect = async |host: &str| {
        let smtp = Smtp::new(&SmtpSettings { host: host.to_owned(), port, ..settings() }).unwrap();
        smtp.connect().await.err().unwrap()
    };
    let broken = connect("127.0.0.1").await;
    assert_eq!((broken.phase, broken.may_pass), (Phase::Connect, true));
    assert!(
        broken.to_string().starts_with(&format!("no connection to 127.0.0.1, port {port}: ")),
        "{broken}"
    );
    let broken = connect("no such host").await;
    assert_eq!((broken.phase, broken.may_pass), (Phase::Connect, false));
    assert!(broken.to_string().starts_with("the server `no such host` is not found: "), "{broken}");
}
