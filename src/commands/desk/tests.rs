use std::collections::BTreeMap;
use std::path::Path;

use super::*;

fn desk(folder: &Path, config: &str, transport: Option<&str>) -> Desk {
    std::fs::write(folder.join("courant.toml"), config).unwrap();
    let flags = Flags {
        directory: Some(folder.to_path_buf()),
        transport: transport.map(str::to_owned),
        ..Flags::default()
    };
    Desk {
        settings: Settings::load(&flags, &BTreeMap::new()).unwrap(),
        workspace: Workspace::new(folder),
        format: Format::Human,
        quiet: true,
        verbose: 0,
        colour: false,
        colour_of_errors: false,
        drawn: Drawn::default(),
    }
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

const CONFIG: &str = r#"
from = "Site <site@mail.example>"
name = "The Site"
[lists.weekly]
title = "The <Weekly>"
from = "List <list@mail.example>"
template = "own"
footer = "Bye"
"#;

#[test]
fn the_front_matter_wins_over_the_list_and_the_list_over_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "subscribers/daily.csv", "email\n");
    write(folder.path(), "templates/own.mjml", "<mjml/>");
    let desk = desk(folder.path(), CONFIG, None);
    let from = |text: &str| {
        write(folder.path(), "issues/1.md", text);
        let issue = desk.issue("1").unwrap();
        let list = desk.first_list(&issue).unwrap();
        let dress = desk.dress(&issue).unwrap();
        let sender = desk.sender(&issue, list.as_ref()).unwrap();
        (
            sender.from.to_string(),
            sender.list_id,
            dress.look().list_title.to_owned(),
            dress.template.main.text().len(),
        )
    };
    let built_in = desk.workspace.template("letter").unwrap().main.text().len();
    let (sender, list_id, title, template) =
        from("---\nlists: weekly\nfrom: Issue <issue@mail.example>\n---\n");
    assert_eq!(
        (sender.as_str(), title.as_str(), template),
        ("Issue <issue@mail.example>", "The <Weekly>", 7)
    );
    assert_eq!(list_id, "The Weekly <weekly.mail.example>");
    assert_eq!(from("---\nlists: weekly\ntemplate: letter\n---\n").0, "List <list@mail.example>");
    let (sender, list_id, title, template) = from("---\nlists: daily\n---\n");
    assert_eq!((sender.as_str(), title.as_str(), template), ("Site <site@mail.example>", "daily", built_in));
    assert_eq!(list_id, "daily <daily.mail.example>");
}

#[test]
fn what_the_front_matter_names_and_is_not_there_is_shown_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path(), CONFIG, None);
    let issue = |text: &str| {
        write(folder.path(), "issues/1.md", text);
        desk.issue("1").unwrap()
    };
    let place = |failure: Failure| failure.error.place().map(|place| place.position().line);
    assert_eq!(place(desk.dress(&issue("---\ntemplate: lettre\n---\n")).err().unwrap()), Some(2));
    let wrong = issue("---\ntitle: x\nattachments: none.pdf\n---\n");
    assert_eq!(place(desk.sender(&wrong, None).unwrap_err()), Some(3));
    assert_eq!(place(desk.lists(&issue("---\nlists: weekyl\n---\n")).unwrap_err()), Some(2));
}

#[test]
fn attachments_are_found_beside_the_issue_and_know_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "issues/files/a.pdf", "%PDF");
    write(folder.path(), "issues/1.md", "---\nattachments: [files/a.pdf]\n---\n");
    let desk = desk(folder.path(), CONFIG, None);
    let sender = desk.sender(&desk.issue("1").unwrap(), None).unwrap();
    let attachment = &sender.attachments[0];
    assert_eq!(
        (attachment.file_name.as_str(), attachment.content_type.as_str()),
        ("a.pdf", "application/pdf")
    );
    assert_eq!(attachment.bytes, b"%PDF");
}

#[test]
fn nobody_sends_from_an_example_address_over_a_real_server() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "issues/1.md", "x");
    let from = |transport| {
        let desk = desk(folder.path(), "from = 'ada@news.example.org'", transport);
        desk.from(&desk.issue("1").unwrap(), None)
    };
    assert!(from(None).is_ok() && from(Some("smtp://127.0.0.1:2525")).is_ok());
    let failure = from(Some("smtps://mail.host.example")).unwrap_err();
    assert!(failure.error.help().unwrap().contains("FROM="), "{failure:?}");
}

#[test]
fn a_local_time_needs_a_time_zone_that_somebody_named() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "issues/1.md", "---\nsend_at: 2027-05-31 08:00\n---\n");
    let named = desk(folder.path(), "timezone = 'Europe/Berlin'", None);
    let moment = named.send_at(&named.issue("1").unwrap()).unwrap().unwrap();
    assert_eq!(moment.to_string(), "2027-05-31T06:00:00Z");
    let nameless = desk(folder.path(), "", None);
    assert!(nameless.send_at(&nameless.issue("1").unwrap()).is_err());
}

#[test]
fn a_broken_issue_is_one_failure_among_the_others() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "issues/1.md", "# One");
    write(folder.path(), "issues/2.md", "---\nnope: 1\n---\n");
    let desk = desk(folder.path(), "", None);
    let issues = desk.issues().unwrap();
    assert_eq!(issues.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
}
