//! The ledger over years: backed up during a send, put back on another machine, and rid of what is old.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;
use crate::json;

/// A live workspace in which one of three letters has gone.
fn begun(sink: &SmtpSink) -> Scratch {
    let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={}\n", sink.url()));
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    scratch
}

fn back_up(scratch: &Scratch) -> PathBuf {
    let path = scratch.path("backup.tar.gz");
    scratch.run("db backup -o backup.tar.gz").ok().prints("ledger.db, secret, courant.toml, .env");
    path
}

#[test]
fn a_backup_put_into_an_empty_folder_knows_who_has_what_and_sends_nothing_unasked() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    let backup = back_up(&scratch);
    let other = Scratch::empty();
    other.run(&format!("db restore {}", backup.display())).ok().prints("everything is stopped");
    for folder in ["issues/001-hello.md", "subscribers/weekly.csv"] {
        other.write(folder, scratch.read(folder));
    }
    other.run("run");
    assert_eq!(sink.messages().len(), 1);
    assert_eq!(other.run("status 1 --json").ok().json()["state"], "stopped");
    other.run("send 1 --yes --offline").ok();
    let mut recipients: Vec<String> = sink.messages().iter().map(|mail| mail.recipients.join(",")).collect();
    recipients.sort();
    assert_eq!(recipients, ["ada@example.org", "bob@example.org", "eve@example.org"]);
}

#[test]
fn a_lost_env_is_not_in_the_way_of_getting_it_back() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink).settings("transport = \"${SMTP_URL}\"");
    let backup = back_up(&scratch);
    fs::remove_file(scratch.path(".env")).unwrap();
    fs::remove_dir_all(scratch.path(".courant")).unwrap();
    scratch.run("status 1").expect_code(1).says("SMTP_URL");
    let restore = format!("db restore {}", backup.display());
    scratch.run(&restore).ok().prints("courant.toml was here and stays as it is");
    scratch.run("status 1").ok();
}

#[test]
fn a_ledger_that_is_here_is_replaced_only_when_asked_and_kept_beside() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    let backup = back_up(&scratch);
    scratch.run("send 1 --yes --offline").ok();
    let restore = format!("db restore {}", backup.display());
    scratch.run(&restore).expect_code(1).says("there is a ledger here").says("--replace");
    assert_eq!(scratch.run("status 1 --json").ok().json()["counts"]["accepted"], 3);
    let put = scratch.run(&format!("{restore} --replace --json")).ok().json();
    assert_eq!(json::keys(&put), json::keys(&json::documented("db restore FILE")));
    assert_eq!(scratch.run("status 1 --json").ok().json()["counts"]["accepted"], 1);
    assert!(state(&scratch).iter().any(|name| name.starts_with("replaced-")));
}

#[test]
fn a_backup_without_a_secret_leaves_the_one_that_is_here() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    let secret = scratch.read(".courant/secret");
    let other = Scratch::weekly()
        .file(".env", format!("SMTP_URL={}\nCOURANT_SECRET={}\n", sink.url(), secret.trim()));
    other.run("send 1 --yes --offline --limit 1").expect_code(75);
    other.run("db backup -o backup.tar.gz").ok().prints("COURANT_SECRET is not in it");
    let restore = format!("db restore {} --replace", other.path("backup.tar.gz").display());
    scratch.run(&restore).ok();
    assert_eq!(scratch.read(".courant/secret"), secret);
}

#[test]
fn what_is_replaced_is_whole_where_it_is_kept() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    let backup = back_up(&scratch);
    scratch.run("send 1 --yes --offline").ok();
    scratch.run(&format!("db restore {} --replace", backup.display())).ok();
    let folder = state(&scratch).into_iter().find(|name| name.starts_with("replaced-")).unwrap();
    let old = scratch.path(".courant").join(folder);
    let query = "SELECT count(*) FROM delivery WHERE state = 'accepted'";
    let count = Command::new("sqlite3").arg(old.join("ledger.db")).arg(query).output();
    let count = count.expect("tests/setup installs sqlite3");
    assert_eq!(String::from_utf8_lossy(&count.stdout).trim(), "3");
    assert!(old.join("secret").exists());
}

#[test]
fn what_is_no_backup_or_a_damaged_one_changes_nothing() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    let backup = fs::read(back_up(&scratch)).unwrap();
    let other =
        Scratch::empty().file("text.tar.gz", "not a backup").file("cut.tar.gz", &backup[..backup.len() / 2]);
    for name in ["text.tar.gz", "cut.tar.gz", "absent.tar.gz"] {
        other.run(&format!("db restore {name}")).expect_code(1).says("cannot be used as a backup");
    }
    assert!(!other.path(".courant/ledger.db").exists() && !other.path("courant.toml").exists());
}

#[test]
fn a_backup_is_for_its_owner_alone_and_replaces_no_file() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    let backup = back_up(&scratch);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    }
    scratch.run("db backup -o backup.tar.gz").expect_code(1).says("cannot be written");
    let named = scratch.run("db backup --json").ok().json();
    assert_eq!(named["files"][0]["name"], "ledger.db", "{named}");
    assert_eq!(json::keys(&named), json::keys(&json::documented("db backup")));
    let left = state(&scratch);
    assert!(!left.iter().any(|name| name.starts_with("backup-")), "{left:?}");
}

#[test]
fn a_whole_ledger_is_called_whole_and_a_damaged_one_is_not() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    scratch.run("db check").ok().prints("The ledger is whole");
    scratch.sqlite("PRAGMA foreign_keys = OFF; DELETE FROM letter WHERE id = 1;");
    let check = scratch.run("db check --json").expect_code(2).json();
    assert_eq!(check["whole"], false, "{check}");
    assert_eq!(json::keys(&check), json::keys(&json::documented("db check")));
    assert!(check["faults"].to_string().contains("belongs to nothing"), "{check}");
}

#[test]
fn what_is_old_is_forgotten_and_who_has_what_is_not() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("db prune --yes").expect_code(1).says("[retention]");
    let scratch =
        scratch.settings("[retention]\nreplies = \"90 days\"\nevents = \"1 year\"\neditions = \"1 year\"");
    scratch.run("db prune --yes").ok().prints("Nothing is old enough");
    let year = 1000_i64 * 3600 * 24 * 400;
    scratch.sqlite(&format!(
        "UPDATE attempt SET ended_at = ended_at - {year}; UPDATE edition SET frozen_at = frozen_at - {year};
         INSERT INTO hit SELECT id, 1, 'person', 0, 0, 1 FROM delivery;"
    ));
    let keys_of = |line: &str| json::keys(&json::documented(line));
    let dry = scratch.run("db prune --dry-run --json").ok().json();
    assert_eq!((&dry["forgotten"], &dry["replies"], &dry["letters"]), (&false.into(), &3.into(), &3.into()));
    assert_eq!(json::keys(&dry), keys_of("db prune"));
    assert_eq!((&dry["events"], &dry["hits"]), (&0.into(), &3.into()));
    scratch.run("db prune").expect_code(1).says("--yes");
    let forgotten = "3 answers of servers, 3 opens and clicks, 1 issue's text, 3 letters' values";
    scratch.run("db prune --yes").ok().prints(forgotten);
    let status = scratch.run("status 1 --json").ok().json();
    assert_eq!(status["counts"]["accepted"], 3, "{status}");
    scratch.run("send 1 --yes --offline").ok();
    assert_eq!(sink.messages().len(), 3, "nobody gets it twice");
    scratch.run("retry 1 --refused").expect_code(1).says("has let it be forgotten");
    scratch.run("db check").ok();
}

/// Files and folders in `.courant/`.
fn state(scratch: &Scratch) -> Vec<String> {
    let entries = fs::read_dir(scratch.path(".courant")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
