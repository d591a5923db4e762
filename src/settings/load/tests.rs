use super::*;
use crate::model::finding::Explain;
use crate::settings::transport::TransportKind;
use crate::settings::{OnDeadLink, OnUncertain};

struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new(config: &str, dotenv: &str) -> Scratch {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("courant.toml"), config).unwrap();
        if !dotenv.is_empty() {
            std::fs::write(folder.path().join(".env"), dotenv).unwrap();
        }
        Scratch(folder)
    }

    fn load(&self, transport: Option<&str>, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let flags = Flags {
            directory: Some(self.0.path().to_path_buf()),
            transport: transport.map(str::to_owned),
            ..Flags::default()
        };
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::load(&flags, &environment)
    }
}

fn load(config: &str) -> Settings {
    Scratch::new(config, "").load(None, &[]).unwrap()
}

/// `line:column`, the message, and the help.
fn wrong(config: &str) -> (String, String, String) {
    let error = Scratch::new(config, "").load(None, &[]).unwrap_err();
    let place = error.place().map(|place| {
        let position = place.position();
        format!("{}:{}", position.line, position.column)
    });
    (place.unwrap_or_default(), error.to_string(), error.help().unwrap_or_default())
}

#[test]
fn every_key_of_the_contract_is_read() {
    let settings = load(
        r##"
        id = "w-1"
        name = "Weekly"
        from = "Ada <ada@example.org>"
        reply_to = "bob@example.org"
        preview_to = ["eve@example.org"]
        postal_address = "1 Road\nTown"
        base_url = "https://news.example.org/"
        timezone = "Europe/London"
        lang = "en-GB"
        default_lists = ["weekly"]
        template = "plain"
        transport = "relay"
        [transports.relay]
        url = "smtps://u:p@mail.example.org"
        connections = 4
        rate = "50/s"
        messages_per_connection = 20
        pipelining = false
        tls_ca = "ca.pem"
        hello = "me.example.org"
        auth = "login"
        [transports.relay.timeouts]
        answer = "5 min"
        [[dkim]]
        selector = "s1"
        domain = "Example.ORG"
        key_file = "dkim.pem"
        [lists.weekly]
        id = "w"
        title = "The Weekly"
        from = "Weekly <weekly@example.org>"
        list_id = "Weekly <weekly.example.org>"
        footer = "Bye"
        file = "subscribers/readers.csv"
        [fields]
        city = "text"
        [theme]
        width = 640
        link = "#f00"
        text = { light = "#111111" }
        [send]
        wait = "0 s"
        retry_for = "48h"
        max_late = "1h"
        delay = "3 s"
        on_uncertain = "resend"
        on_dead_link = "send"
        retry_after = ["1 min", "1h"]
        [check.rules]
        link-dead = "warning"
        alt-text = "off"
        [links]
        concurrency = 5
        timeout = "3 s"
        allow_private = true
        skip = ["https://example.org"]
        "##,
    );
    assert_eq!(settings.site.base_url.as_deref(), Some("https://news.example.org"));
    assert!(settings.site.timezone_is_named);
    assert_eq!(settings.preview_to[0].to_string(), "eve@example.org");
    let theme = crate::model::theme::Theme::default().with(&settings.theme);
    assert_eq!(theme.link, crate::model::theme::Pair::new("#ff0000", "#ff0000"));
    assert_eq!(theme.text.light, "#111111");
    assert_eq!(theme.text.dark, crate::model::theme::Theme::default().text.dark);
    assert_eq!(
        (settings.send.on_uncertain, settings.send.on_dead_link),
        (OnUncertain::Resend, OnDeadLink::Send)
    );
    assert_eq!(settings.send.retry_after.len(), 2);
    assert_eq!(settings.check.rules["alt-text"], None);
    assert_eq!(settings.links.concurrency, 5);
    assert!(settings.lists["weekly"].file.as_ref().unwrap().ends_with("subscribers/readers.csv"));
    assert_eq!(
        (settings.transport.by, settings.transport.transport.name.as_str()),
        (ChosenBy::File, "relay")
    );
    let TransportKind::Smtp(smtp) = settings.transport.transport.kind else { panic!("an outbox") };
    assert_eq!((smtp.messages_per_connection.get(), smtp.pipelining), (20, false));
    assert!(smtp.tls_ca.unwrap().is_absolute());
    let key = &settings.dkim[0];
    assert_eq!((key.domain.as_ref().unwrap().as_str(), key.selector.as_str()), ("example.org", "s1"));
    let KeySource::File(file) = &key.key else { panic!("{key:?}") };
    assert!(file.is_absolute() && file.ends_with("dkim.pem"));
}

#[test]
fn keys_of_the_file_go_before_those_of_the_environment_and_are_never_shown() {
    let environment = [("DKIM_KEY", "geheim"), ("DKIM_SELECTOR", "env")];
    let selectors = |config: &str| {
        let settings = Scratch::new(config, "").load(None, &environment).unwrap();
        assert!(!format!("{settings:?}").contains("geheim"));
        settings.dkim.into_iter().map(|key| key.selector).collect::<Vec<_>>()
    };
    assert_eq!(selectors(""), ["env"]);
    let two =
        "[[dkim]]\nselector = \"a\"\nkey = \"${DKIM_KEY}\"\n[[dkim]]\nselector = \"b\"\nkey_file = \"b.pem\"";
    assert_eq!(selectors(two), ["a", "b"]);
}

#[test]
fn a_key_whose_variable_is_not_set_is_no_error_before_it_is_needed() {
    let settings = load("[dkim]\nselector = \"s1\"\nkey = \"${NOBODY_SETS_THIS}\"");
    let KeySource::Missing { message, .. } = &settings.dkim[0].key else { panic!("{settings:?}") };
    assert_eq!(message, "`NOBODY_SETS_THIS` is not set");
    let (place, message, _) = wrong("[dkim]\nselector = \"${NOBODY_SETS_THIS}\"\nkey_file = \"a.pem\"");
    assert_eq!((place.as_str(), message.as_str()), ("2:13", "`NOBODY_SETS_THIS` is not set"));
}

#[test]
fn an_empty_file_is_a_workspace_with_an_outbox() {
    let scratch = Scratch::new("", "");
    let settings = scratch.load(None, &[]).unwrap();
    assert_eq!(settings.require_root().unwrap(), scratch.0.path());
    assert_eq!(settings.transport.by, ChosenBy::Default);
    let TransportKind::Outbox(folder) = settings.transport.transport.kind else { panic!("not an outbox") };
    assert_eq!(folder, scratch.0.path().join("outbox"));
}

#[test]
fn a_workspace_is_found_from_a_folder_inside_it() {
    let scratch = Scratch::new("name = 'Above'", "");
    let inside = scratch.0.path().join("issues/deep");
    std::fs::create_dir_all(&inside).unwrap();
    let flags = Flags { directory: Some(inside), ..Flags::default() };
    assert_eq!(Settings::load(&flags, &BTreeMap::new()).unwrap().site.name, "Above");
}

#[test]
fn another_configuration_does_not_move_the_workspace() {
    let scratch = Scratch::new("name = 'Usual'", "");
    let elsewhere = tempfile::tempdir().unwrap();
    let config = elsewhere.path().join("other.toml");
    std::fs::write(&config, "name = 'Other'").unwrap();
    let flags = |directory: &Path| Flags {
        directory: Some(directory.to_path_buf()),
        config: Some(config.clone()),
        ..Flags::default()
    };
    let inside = Settings::load(&flags(scratch.0.path()), &BTreeMap::new()).unwrap();
    assert_eq!((inside.site.name.as_str(), inside.root.as_deref()), ("Other", Some(scratch.0.path())));
    let outside = Settings::load(&flags(tempfile::tempdir().unwrap().path()), &BTreeMap::new()).unwrap();
    assert_eq!(outside.root.as_deref(), Some(elsewhere.path()));
}

#[test]
fn outside_any_workspace_the_defaults_hold_and_a_root_is_asked_for_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let flags = Flags { directory: Some(folder.path().to_path_buf()), ..Flags::default() };
    let settings = Settings::load(&flags, &BTreeMap::new()).unwrap();
    assert_eq!((settings.root.clone(), settings.site.lang.as_str()), (None, "en"));
    assert!(settings.require_root().unwrap_err().help().unwrap().contains("courant init"));
}

#[test]
fn a_key_that_nobody_knows_is_pointed_at_with_the_one_that_was_meant() {
    assert_eq!(wrong("name = 'x'\nfrmo = 'y'").0, "2:1");
    assert_eq!(wrong("name = 'x'\nfrmo = 'y'").2, "did you mean `from`?");
    assert_eq!(wrong("[send]\nwiat = '1 s'").0, "2:1");
    assert_eq!(wrong("[transports.a]\nconections = 3").2, "did you mean `connections`?");
    assert_eq!(wrong("[transports.a.timeouts]\nanswr = '1 s'").0, "2:1");
    assert_eq!(wrong("[lists.a]\ntitel = 'x'").2, "did you mean `title`?");
    assert_eq!(wrong("[theme]\nlink = { lihgt = '#fff' }").0, "2:10");
    assert_eq!(wrong("[chekc]").0, "1:2");
}

#[test]
fn a_value_that_makes_no_sense_is_pointed_at() {
    let places = [
        ("name = 3", "1:8"),
        ("from = 'nobody'", "1:8"),
        ("from = \"a\\nBcc: b@example.org <a@example.org>\"", "1:8"),
        ("base_url = 'news'", "1:12"),
        ("base_url = 'ftp://x.example'", "1:12"),
        ("timezone = 'Europe/Londn'", "1:12"),
        ("lang = 'english language'", "1:8"),
        ("[send]\nwait = '10'", "2:8"),
        ("[send]\nretry_for = '0 s'", "2:13"),
        ("[send]\non_uncertain = 'maybe'", "2:16"),
        ("[send]\nretry_after = []", "2:15"),
        ("[check.rules]\nlink-dead = 'fatal'", "2:13"),
        ("[theme]\nwidth = 100", "2:9"),
        ("[theme]\nlink = 'blue'", "2:8"),
        ("[links]\nconcurrency = 0", "2:15"),
        ("[links]\nallow_private = 'yes'", "2:17"),
        ("[fields]\ncity = 'towns'", "2:8"),
        ("transport = 'relay'", "1:13"),
        ("transport = 'smtp://mail.example.org'", "1:13"),
        ("transport = 'r'\n[transports.r]\nurl = 'smtps://h.example'\nrate = '0/s'", "4:8"),
        ("transport = 'r'\n[transports.r]\nconnections = 2", "2:13"),
        ("transports = 'x'", "1:1"),
        ("name = ", "1:8"),
        ("name = 'a'\nname = 'b'", "2:1"),
    ];
    for (config, place) in places {
        let (found, message, _) = wrong(config);
        assert_eq!(found, place, "{config}: {message}");
    }
    assert_eq!(wrong("timezone = 'Europe/Londn'").2, "did you mean `Europe/London`?");
}

#[test]
fn flags_win_over_the_file_and_the_file_over_the_environment() {
    let scratch = Scratch::new("transport = 'outbox'\n[transports.relay]\nurl = 'smtps://r.example'", "");
    let url = [("SMTP_URL", "smtps://e.example")];
    let by = |flag| {
        scratch.load(flag, &url).map(|settings| (settings.transport.by, settings.transport.transport.name))
    };
    assert_eq!(by(None).unwrap(), (ChosenBy::File, "outbox".to_owned()));
    assert_eq!(by(Some("relay")).unwrap(), (ChosenBy::Flag, "relay".to_owned()));
    assert_eq!(by(Some("smtps://f.example")).unwrap(), (ChosenBy::Flag, "smtps://f.example:465".to_owned()));
    let error = by(Some("relya")).unwrap_err();
    assert_eq!(error.to_string(), "--transport: there is no transport `relya`");
    assert_eq!(error.help().unwrap(), "did you mean `relay`?");
    let settings = Scratch::new("", "").load(None, &url).unwrap();
    assert_eq!(settings.transport.by, ChosenBy::Environment);
}

#[test]
fn the_environment_wins_over_dotenv_and_dotenv_over_the_file() {
    let dotenv =
        "FROM=Dot <dot@example.org>\nPOSTAL_ADDRESS=2 Road\nPREVIEW_TO=a@example.org, b@example.org\n";
    let scratch = Scratch::new("from = 'file@example.org'\nname = '${NAME}'", dotenv);
    let settings = scratch.load(None, &[("FROM", "real@example.org"), ("NAME", "The name")]).unwrap();
    assert_eq!(settings.from.unwrap().to_string(), "real@example.org");
    assert_eq!(settings.site.name, "The name");
    assert_eq!(settings.site.postal_address.as_deref(), Some("2 Road"));
    assert_eq!(settings.preview_to.len(), 2);
    let settings = scratch.load(None, &[("NAME", "x")]).unwrap();
    assert_eq!(settings.from.unwrap().to_string(), "Dot <dot@example.org>");
}

#[test]
fn proofs_go_to_the_sender_unless_somebody_is_named() {
    let settings = load("from = 'Ada <ada@example.org>'");
    assert_eq!(settings.preview_to[0].to_string(), "ada@example.org");
}

#[test]
fn a_variable_is_only_missed_where_it_is_used() {
    let relay = "[transports.relay]\nurl = '${RELAY_URL}'\n";
    load(relay);
    let (place, message, help) = wrong(&format!("transport = 'relay'\n{relay}"));
    assert_eq!((place.as_str(), message.as_str()), ("3:8", "`RELAY_URL` is not set"));
    assert!(help.contains("RELAY_URL=…") && help.contains(".env"), "{help}");
    assert_eq!(wrong("name = 'x ${NOPE}'").0, "1:11");
}

#[test]
fn a_wrong_variable_is_named_with_its_line_and_never_quoted() {
    let scratch = Scratch::new("", "\nSMTP_URL=smtp://ada:geheim@mail.example.org\n");
    let error = scratch.load(None, &[]).unwrap_err();
    assert!(error.to_string().starts_with("SMTP_URL (line 2 of ") && error.place().is_none(), "{error}");
    assert!(!format!("{error} {error:?} {:?}", error.help()).contains("geheim"));
}

#[cfg(unix)]
#[test]
fn secrets_that_others_can_read_are_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |scratch: &Scratch, mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(scratch.0.path().join(".env"), permissions).unwrap();
        scratch.load(None, &[]).unwrap().warnings.len()
    };
    let scratch = Scratch::new("", "SMTP_URL=smtps://u:p@h.example\n");
    assert_eq!((mode(&scratch, 0o644), mode(&scratch, 0o640), mode(&scratch, 0o600)), (1, 1, 0));
    assert_eq!(mode(&Scratch::new("", "FROM=ada@example.org\n"), 0o644), 0);
}

#[test]
fn what_debug_shows_of_the_settings_holds_no_secret() {
    let scratch = Scratch::new("transport = 'smtps://ada:geheim@mail.example.org'", "COURANT_SECRET=hush\n");
    let shown = format!("{:?}", scratch.load(None, &[]).unwrap());
    assert!(!shown.contains("geheim") && !shown.contains("hush"), "{shown}");
}

#[test]
fn mail_clients_are_named_one_by_one_or_by_family() {
    let names = |config: &str| {
        let clients = load(config).check.clients;
        clients.into_iter().map(|client| client.name()).collect::<Vec<_>>()
    };
    assert_eq!(names("name = 'x'").len(), 15);
    let chosen = names("[check]\nclients = ['thunderbird', 'apple-mail', 'apple-mail-ios']");
    assert_eq!(chosen, ["apple-mail-mac", "apple-mail-ios", "thunderbird"]);
    let (place, message, help) = wrong("[check]\nclients = ['gmail', 'outlok']");
    assert_eq!((place.as_str(), message.as_str()), ("2:21", "`outlok` is not a mail client"));
    assert_eq!(help, "did you mean `outlook`?");
    let (_, message, help) = wrong("[check]\nspamassassin = 'yes'");
    assert_eq!(message, "`yes` is no place of SpamAssassin");
    assert!(help.contains("HOST:PORT"), "{help}");
}
