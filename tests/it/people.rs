//! A list as a file of its own, and a person who wants to be forgotten.

use std::fs;
use std::path::Path;

use crate::bounces_collect::{Sent, gone};
use crate::harness::scratch::Scratch;

const ADA: &str = "ada@example.org";

/// Somebody on a list who came by the form.
fn joined_by_the_form(scratch: &Scratch, address: &str) {
    scratch.sqlite(&format!(
        "INSERT INTO membership (list, key, fields, joined_at, origin) VALUES (1, '{address}', '{{}}', 0, 'person')"
    ));
    scratch.sqlite("UPDATE list SET members = members + 1");
}

#[test]
fn a_list_that_is_exported_is_the_same_list_when_it_is_read_again() {
    let csv = "email,name,city,phone\nAda@example.org,\"Lovell, Ada\",Minsk,+375 17\nbob@example.org,,\"two\nlines\",\n\
               eve@example.org,Eve,,\n";
    let scratch = Scratch::weekly().list("weekly", csv);
    scratch.run("subscribers sync").ok();
    joined_by_the_form(&scratch, "zoe@example.net");
    scratch.run("subscribers suppress eve@example.org").ok();
    let exact = scratch.run("subscribers export weekly --exact").ok();
    exact.says("1 member who is suppressed was left out");
    let other = Scratch::weekly().list("weekly", &exact.stdout);
    other.run("subscribers sync").ok().prints("weekly: 3 subscribers (3 new)");
    let of = |scratch: &Scratch| scratch.run("subscribers export --json").ok().json();
    let mut theirs = of(&scratch);
    // Who came by the form has no values, which a file can only leave empty.
    theirs[2]["fields"] = serde_json::json!({ "city": "", "phone": "" });
    assert_eq!(theirs, of(&other));
    assert_eq!(theirs[0]["email"], "Ada@example.org", "as it was typed");
}

#[test]
fn what_a_spreadsheet_would_run_is_disarmed_unless_somebody_wants_it_as_it_is() {
    let csv = "email,name\n=1+1@example.org,=HYPERLINK(1)\nbob@example.org,@bob\neve@example.org,Eve\n";
    let scratch = Scratch::weekly().list("weekly", csv);
    scratch.run("subscribers sync").ok();
    let run = scratch.run("subscribers export").ok();
    run.says("2 cells begin like a formula");
    let mut lines: Vec<&str> = run.stdout.lines().collect();
    lines.sort_unstable();
    let expected =
        ["=1+1@example.org,'=HYPERLINK(1)", "bob@example.org,'@bob", "email,name", "eve@example.org,Eve"];
    assert_eq!(lines, expected, "an address with a sign in front is somebody else's");
    assert!(!scratch.run("subscribers export --exact").ok().stdout.contains('\''));
}

#[test]
fn which_list_and_whom_nothing_is_sent_to() {
    let scratch = Scratch::weekly().list("extra", "email\nada@example.org\n");
    scratch.run("subscribers export weekly").expect_code(1).says("courant subscribers sync");
    scratch.run("subscribers sync").ok();
    scratch.run("subscribers export").expect_code(1).says("name one of extra, weekly");
    scratch.run("subscribers export extr").expect_code(1).says("did you mean `extra`?");
    scratch.run("subscribers suppress ada@example.org --list extra --reason asked").ok();
    assert_eq!(scratch.run("subscribers export extra").ok().stdout, "email,name\n");
    assert_eq!(scratch.run("subscribers export weekly").ok().stdout.lines().count(), 4);
    let told = scratch.run("subscribers export --suppressed").ok().stdout;
    assert!(told.starts_with("email,list,reason,source,at\nada@example.org,extra,asked,courant"), "{told}");
}

/// The files of a workspace's ledger in which this text stands.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let files =
        fs::read_dir(folder).expect("there is a ledger").map(|entry| entry.expect("it is read").path());
    let has = |path: &std::path::PathBuf| {
        let bytes = fs::read(path).unwrap_or_default().to_ascii_lowercase();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files.filter(|path| path.is_file()).filter(has).map(|path| path.display().to_string()).collect()
}

#[test]
fn nothing_in_the_ledger_names_somebody_who_is_forgotten_and_reports_keep_their_counts() {
    let sent = Sent::with(&["[mailbox]\naddress = \"bounces@weekly.example\""]);
    let scratch = &sent.scratch;
    scratch.write("back.eml", gone(&sent.letter("ada").sender, ADA, ""));
    scratch.run("bounces collect back.eml").ok();
    scratch.run(&format!("subscribers unsuppress {ADA} --note again")).ok();
    scratch.run(&format!("subscribers suppress {ADA} --list weekly")).ok();
    scratch.run(&format!("test 1 --to {ADA}")).ok();
    let before = scratch.run("status 1 --json").ok().json();
    let ledger = scratch.path(".courant");
    assert!(!holding(&ledger, ADA).is_empty());

    let asked = scratch.courant(["subscribers", "forget", ADA]).on_terminal().input("n\n").run();
    asked.expect_code(1).prints("nothing was forgotten");
    assert!(!holding(&ledger, ADA).is_empty());
    let run = scratch.run(&format!("subscribers forget {} --yes", ADA.to_uppercase())).ok();
    run.prints("1 membership, 1 letter's address and values, 1 suppression, 1 other mail");
    run.prints("subscribers/weekly.csv:2 still has them");
    assert_eq!(holding(&ledger, ADA), [""; 0]);
    assert_eq!(holding(&ledger, "lovell"), [""; 0]);

    assert_eq!(scratch.run("status 1 --json").ok().json()["counts"], before["counts"]);
    scratch.run("report 1 --json").ok();
    scratch.run("db check").ok();
    scratch.run(&format!("subscribers show {ADA}")).expect_code(1).says("was forgotten");
    scratch.run(&format!("subscribers forget {ADA} --yes")).ok().prints("a row of a list that was not read");
}

#[test]
fn no_file_brings_them_back_and_no_letter_goes_to_them() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    let waiting = scratch
        .sqlite("SELECT l.key FROM letter l JOIN delivery d ON d.letter = l.id WHERE d.state = 'planned'");
    let (theirs, other) = (&waiting[0], &waiting[1]);
    scratch.run(&format!("subscribers forget {theirs} --yes")).ok();
    let run = scratch.run("subscribers sync").ok();
    run.prints("2 subscribers").says("1 row of somebody who is forgotten was left out");
    scratch.run("send 1 --yes --offline").ok();
    let counts = scratch.run("status 1 --json").ok().json()["counts"].clone();
    assert_eq!((&counts["accepted"], &counts["skipped"]), (&2.into(), &1.into()), "{counts}");
    let letters: Vec<String> = scratch.files("outbox/new").iter().map(|file| scratch.read(file)).collect();
    let to = |address: &String| letters.iter().filter(|letter| letter.contains(address.as_str())).count();
    assert_eq!((letters.len(), to(theirs), to(other)), (2, 0, 1));
    let scratch = scratch.issue("002-more", "# More\n\nText.\n");
    assert_eq!(scratch.run("plan 2 --json").ok().json()["chosen"], 2);
}

#[test]
fn a_letter_that_was_refused_is_not_tried_again_for_somebody_who_is_forgotten() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline").ok();
    scratch.sqlite(
        "UPDATE delivery SET state = 'refused' WHERE letter IN (SELECT id FROM letter WHERE key < 'c')",
    );
    scratch.run("subscribers forget ada@example.org --yes").ok();
    scratch.run("retry 1 --refused");
    scratch.run("send 1 --yes --offline");
    let counts = scratch.run("status 1 --json").ok().json()["counts"].clone();
    assert_eq!((&counts["accepted"], &counts["refused"]), (&2.into(), &1.into()), "bob's went: {counts}");
}

#[test]
fn who_may_have_a_letter_or_is_nobody_is_not_forgotten_yet() {
    let scratch = Scratch::weekly();
    scratch.run("subscribers forget ada@example.org --yes").expect_code(1).says("courant subscribers sync");
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("subscribers forget nobody@example.org --yes").expect_code(1).says("never was");
    scratch.sqlite("UPDATE delivery SET state = 'uncertain' WHERE letter = (SELECT id FROM letter WHERE key LIKE 'ada%')");
    scratch.run("subscribers forget ada@example.org --yes").expect_code(1).says("courant reconcile");
    scratch.run("subscribers forget bob@example.org").expect_code(1).says("`--yes`");
}
