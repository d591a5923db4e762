use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

fn read(url: &str) -> Result<TransportSettings, Misfit> {
    read_with(url, "")
}

fn read_with(url: &str, table: &str) -> Result<TransportSettings, Misfit> {
    let table = Table::from_toml(table, 0).unwrap();
    let url = At { value: url.to_owned(), span: 0..1 };
    transport(&url, &table, &Naming { name: None, root: Path::new("/w") })
}

fn smtp_of(url: &str) -> SmtpSettings {
    match read(url).unwrap().kind {
        TransportKind::Smtp(smtp) => smtp,
        TransportKind::Outbox(_) | TransportKind::Http(_) => panic!("not a mail server"),
    }
}

#[test]
fn a_url_gives_host_port_security_and_login() {
    let smtp = smtp_of("smtps://ada%40example.org:p%40ss%2Fw%C3%B6rd@mail.example.org");
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.security), ("mail.example.org", 465, Security::Implicit));
    let login = smtp.login.unwrap();
    assert_eq!(login.user, "ada@example.org");
    assert_eq!(login.secret.expose_secret(), "p@ss/wörd");
    let smtp = smtp_of("smtp+starttls://u:p@bücher.example");
    assert_eq!((smtp.host.as_str(), smtp.port), ("xn--bcher-kva.example", 587));
}

#[test]
fn loopback_may_be_spoken_to_in_the_open_and_nobody_else() {
    for url in [
        "smtp://127.0.0.1:2525",
        "smtp://127.9.9.9",
        "smtp://[::1]:25",
        "smtp://LOCALHOST",
        "smtp://u:p@localhost",
    ] {
        assert!(read(url).is_ok(), "{url}");
    }
    assert_eq!(smtp_of("smtp://[::1]:2525").host, "::1");
    assert_eq!(read("smtp://[::1]:2525").unwrap().name, "smtp://[::1]:2525");
    for url in ["smtp://mail.example.org", "smtp://127.0.0.1.example.org", "smtp://10.0.0.1"] {
        assert!(read(url).unwrap_err().message.contains("without TLS"), "{url}");
    }
    assert!(read_with("smtp://10.0.0.1", "insecure = \"I know\"").is_ok());
    assert!(read_with("smtp://10.0.0.1", "insecure = \"yes\"").is_err());
    assert!(read_with("smtp://u:p@10.0.0.1", "insecure = \"I know\"").is_err());
}

#[test]
fn neither_the_name_nor_debug_nor_a_message_shows_the_password() {
    let there = read("smtps://ada:geheim@mail.example.org:465").unwrap();
    assert_eq!(there.name, "smtps://mail.example.org:465");
    assert!(!format!("{there:?}").contains("geheim"));
    for broken in [
        "smtp://ada:geheim@h.example",
        "smtpz://ada:geheim@h",
        "smtps://ada:geheim@h:x",
        "smtps://ada:geheim@h/x",
        "smtps://ada:geheim%zz@h",
    ] {
        let misfit = read(broken).unwrap_err();
        assert!(!format!("{misfit:?}").contains("geheim"), "{misfit:?}");
    }
}

#[test]
fn the_query_sets_what_the_table_sets_and_not_twice() {
    let there = read("smtps://h.example?connections=3&rate=50/s&timeouts.answer=5min&pipelining=no").unwrap();
    assert_eq!(there.connections.get(), 3);
    assert_eq!(there.rate.unwrap().letters.get(), 50);
    let TransportKind::Smtp(smtp) = there.kind else { panic!("an outbox") };
    assert_eq!((smtp.timeouts.answer, smtp.pipelining), (Duration::from_secs(300), false));
    assert!(read_with("smtps://h.example?connections=3", "connections = 4").is_err());
    let misfit = read("smtps://h.example?conections=3").unwrap_err();
    assert_eq!(misfit.help.unwrap(), "did you mean `connections`?");
}

#[test]
fn what_makes_no_sense_is_refused() {
    for nonsense in [
        "smtps://",
        "smtps:h",
        "smtps://u@h",
        "smtps://:p@h",
        "smtps://h/path",
        "relay",
        "smtps://h?connections=0",
        "smtps://h?rate=0/s",
        "smtps://h?windows=0/day",
        "smtps://h?auth=plain",
        "smtps://h?timeouts.data=0s",
        "smtps://u:p@h?auth=cram",
        "smtps://h?hello=a b",
    ] {
        assert!(read(nonsense).is_err(), "{nonsense}");
    }
    assert!(read("smtp+startls://h").unwrap_err().help.unwrap().contains("smtp+starttls"));
}

#[test]
fn an_outbox_is_a_folder_of_the_workspace() {
    let folder = |url| match read(url).unwrap().kind {
        TransportKind::Outbox(folder) => folder,
        TransportKind::Smtp(_) | TransportKind::Http(_) => panic!("not an outbox"),
    };
    assert_eq!(folder("outbox:mail"), Path::new("/w/mail"));
    assert_eq!(folder("outbox:"), Path::new("/w/outbox"));
    assert_eq!(folder("outbox:/elsewhere?connections=2"), Path::new("/elsewhere"));
}

#[test]
fn several_servers_stand_in_for_each_other_and_an_outbox_for_none() {
    let at = |url: &str| At { value: url.to_owned(), span: 0..1 };
    let naming = Naming { name: Some("relay"), root: Path::new("/w") };
    let read = |urls: &[&str]| {
        let urls: Vec<_> = urls.iter().map(|url| at(url)).collect();
        relays(&urls, &Table::default(), &naming)
    };
    let there = read(&["smtps://a.example", "smtps://u:p@b.example:4650"]).unwrap().unwrap();
    let TransportKind::Smtp(smtp) = there.kind else { panic!("an outbox") };
    assert_eq!((smtp.host.as_str(), smtp.spares[0].port), ("a.example", 4650));
    assert!(read(&["smtps://a.example", "outbox:mail"]).is_err());
    assert!(read(&["smtps://a.example", "smtps://b.example?rate=1/s"]).is_err());
    assert!(read(&[]).unwrap().is_none());
}

proptest! {
    #[test]
    fn no_url_makes_it_panic(url in "(smtps?|outbox|smtp\\+starttls)?:?(//)?\\PC{0,30}") {
        let _ = read(&url);
    }
}
