//! The lists are the author's files; what the ledger makes of them is a diff, and a suppression always wins.

use std::fmt::Write as _;

use crate::harness::program::Run;
use crate::harness::scratch::Scratch;

fn list(csv: &str) -> Scratch {
    Scratch::weekly().list("weekly", csv)
}

fn addresses(scratch: &Scratch) -> Vec<String> {
    let json = scratch.run("subscribers list weekly --json").ok().json();
    let members = json.as_array().expect("a list").iter();
    members.map(|member| member["email"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_sync_says_what_changed_and_writes_to_no_file() {
    let scratch = list(
        "email,name\nada@example.org,Ada\nbob@example.org,Bob\ncy@example.org,\ndi@example.org,\n\
                        ed@example.org,\nfe@example.org,\n",
    );
    scratch.run("subscribers sync").ok().prints("weekly: 6 subscribers (6 new)");
    scratch.run("subscribers sync").ok().prints("weekly: 6 subscribers (nothing changed)");
    let changed = "email,name\nada@example.org,Ada L.\nbob@example.org,Bob\ncy@example.org,\ndi@example.org,\n\
                   ed@example.org,\ngus@example.org,\n";
    scratch.write("subscribers/weekly.csv", changed);
    scratch.run("subscribers sync").ok().prints("weekly: 6 subscribers (1 new, 1 changed, 1 gone)");
    assert_eq!(scratch.read("subscribers/weekly.csv"), changed);
    scratch.run("subscribers show fe@example.org").ok().prints("left `weekly`");
}

#[test]
fn what_spreadsheets_write_is_understood() {
    let csv = "\u{feff}E-Mail;Name;Note\r\n\"ada@example.org\";\"Lovell; Ada\";\"two\r\nlines\"\r\nbob@example.org;Bob;\r\n";
    let scratch = list(csv);
    scratch.run("subscribers sync").ok().prints("2 subscribers (2 new)");
    let json = scratch.run("subscribers list weekly --json").ok().json();
    assert_eq!(json[0]["name"], "Lovell; Ada", "{json}");
    assert!(json[0]["fields"]["note"].as_str().is_some_and(|note| note.contains("two")), "{json}");
}

#[test]
fn bad_rows_are_shown_with_their_place_and_the_others_count() {
    let scratch =
        list("email,name\nada@example.org,Ada\nnobody,X\nbob@example.org,B,one,two\n,Y\neve@example.org,\n");
    let run = scratch.run("subscribers sync").expect_code(2);
    run.prints("weekly: 2 subscribers (2 new)");
    for place in ["subscribers/weekly.csv:3:1", "subscribers/weekly.csv:4:", "subscribers/weekly.csv:5:1"] {
        run.says(place);
    }
    run.says("weekly: 3 rows were left out");
    let json = scratch.run("subscribers sync --json").expect_code(2).json();
    assert_eq!((&json[0]["bad_rows"], &json[0]["unchanged"]), (&3.into(), &2.into()), "{json}");
    assert_eq!(json[0]["findings"][0]["line"], 3, "{json}");
}

#[test]
fn a_hundred_bad_rows_are_counted_and_twenty_shown() {
    let mut csv = "email\nada@example.org\n".to_owned();
    for number in 0..100 {
        writeln!(csv, "nobody{number}").expect("text takes text");
    }
    let run = list(&csv).run("subscribers sync").expect_code(2);
    run.says("100 rows were left out (80 more are not shown)");
    assert_eq!(run.stderr.matches("--> subscribers/weekly.csv").count(), 20);
}

#[test]
fn one_address_in_many_spellings_is_one_subscriber() {
    let scratch = list(
        "email\nAda@Example.org\nada@example.ORG\nzo\u{eb}@b\u{fc}cher.example\nzo\u{eb}@xn--bcher-kva.example\n",
    );
    scratch.run("subscribers sync").ok().prints("2 subscribers (2 new; 2 named more than once)");
    assert_eq!(addresses(&scratch).len(), 2);
    scratch.run("subscribers show zo\u{eb}@B\u{dc}CHER.example").ok().prints("on `weekly`");
    scratch.run("subscribers suppress ADA@EXAMPLE.ORG").ok();
    let plan = scratch.run("plan 1 --json").ok().json();
    assert_eq!((&plan["chosen"], &plan["left_out"]["suppressed"]), (&1.into(), &1.into()), "{plan}");
}

#[test]
fn a_hundred_thousand_rows_are_taken_and_listed() {
    let mut csv = "email,name\n".to_owned();
    for number in 0..100_000 {
        writeln!(csv, "user{number}@example{}.org,User {number}", number % 50).expect("text takes text");
    }
    let scratch = list(&csv);
    scratch.run("subscribers sync").ok().prints("weekly: 100,000 subscribers (100,000 new)");
    let listed = scratch.run("subscribers list weekly").ok();
    assert_eq!(listed.stdout.lines().count(), 100_000);
}

/// A list of ten that was read, and then lost three.
fn shrunk() -> Scratch {
    let scratch = Scratch::weekly_for(10);
    scratch.run("subscribers sync").ok();
    let csv = scratch.read("subscribers/weekly.csv");
    let kept: Vec<&str> = csv.lines().take(8).collect();
    scratch.write("subscribers/weekly.csv", kept.join("\n") + "\n");
    scratch
}

#[test]
fn a_list_that_loses_more_than_a_fifth_is_kept_until_somebody_says_yes() {
    let scratch = shrunk();
    let held = scratch.run("subscribers sync").expect_code(1);
    held.says("3 of 10 subscribers").says("courant subscribers sync --yes");
    assert_eq!(addresses(&scratch).len(), 10);
    scratch.run("subscribers sync --yes").ok().prints("7 subscribers (3 gone)");
    assert_eq!(addresses(&scratch).len(), 7);
}

#[test]
fn on_a_terminal_the_removal_is_asked_about() {
    let answer = |text: &str| -> (Scratch, Run) {
        let scratch = shrunk();
        let run = scratch.courant(["subscribers", "sync"]).input(format!("{text}\n")).on_terminal().run();
        (scratch, run)
    };
    let (scratch, no) = answer("n");
    assert_eq!((no.code, addresses(&scratch).len()), (Some(1), 10), "{no}");
    let (scratch, yes) = answer("y");
    assert_eq!((yes.code, addresses(&scratch).len()), (Some(0), 7), "{yes}");
}

#[test]
fn a_suppression_wins_over_every_later_import() {
    let scratch = Scratch::weekly();
    scratch.run("subscribers suppress bob@example.org --reason asked").ok().prints("gets nothing any more");
    scratch.run("subscribers sync").ok().prints("1 suppressed");
    scratch.write(
        "subscribers/weekly.csv",
        "email,name\nBOB@example.org,Bob again\nada@example.org,Ada\neve@example.org,\n",
    );
    scratch.run("subscribers sync").ok();
    scratch.run("send 1 --yes --offline").ok().prints("2 of 2");
    scratch.run("subscribers show bob@example.org").ok().prints("suppressed since").prints("asked");
    scratch.run("subscribers unsuppress bob@example.org").ok().prints("can be written to again");
    assert_eq!(scratch.run("plan 1 --json").ok().json()["chosen"], 3);
}

#[test]
fn a_suppression_for_one_list_leaves_the_others() {
    let scratch = Scratch::weekly().list("extra", "email\nada@example.org\n");
    scratch.run("subscribers sync").ok();
    scratch.run("subscribers suppress ada@example.org --list extra").ok().prints("for `extra`");
    let scratch = scratch.issue("001-hello", "---\ntitle: Hello\nlists: weekly\n---\n\nHi\n");
    assert_eq!(scratch.run("plan 1 --json").ok().json()["chosen"], 3);
    let wrong = scratch.run("subscribers unsuppress ada@example.org").expect_code(1);
    wrong.says("`courant subscribers unsuppress ada@example.org --list extra` lifts that");
    scratch.run("subscribers unsuppress ada@example.org --list extra").ok();
    let none = scratch.run("subscribers unsuppress ada@example.org").expect_code(1);
    none.says("is not suppressed").says("courant subscribers show ada@example.org");
}

#[test]
fn a_renamed_list_with_its_id_keeps_its_members() {
    let scratch = Scratch::weekly();
    scratch.run("subscribers sync").ok();
    std::fs::rename(scratch.path("subscribers/weekly.csv"), scratch.path("subscribers/monthly.csv"))
        .expect("the file is there");
    let scratch = scratch.settings("[lists.monthly]\nid = \"weekly\"");
    scratch.run("subscribers sync").ok().prints("monthly: 3 subscribers (nothing changed)");
    let lists = scratch.run("subscribers list --json").ok().json();
    assert_eq!(lists.as_array().map(Vec::len), Some(1), "{lists}");
    assert_eq!((&lists[0]["list"], &lists[0]["id"]), (&"monthly".into(), &"weekly".into()), "{lists}");
}

#[test]
fn fields_are_counted_and_nobody_unknown_is_made_up() {
    let scratch = list("email,name,city\nada@example.org,Ada,Minsk\nbob@example.org,,\n");
    scratch.run("subscribers list").ok().prints("not yet").says("courant subscribers sync");
    scratch.run("subscribers show ada@example.org").expect_code(1).says("courant subscribers sync");
    scratch.run("subscribers sync").ok();
    scratch.run("subscribers list").ok().prints("subscribers/weekly.csv");
    let fields = scratch.run("subscribers show --fields weekly --json").ok().json();
    let city = fields.as_array().expect("a list").iter().find(|field| field["field"] == "city");
    assert_eq!(city.map(|city| city["values"].clone()), Some(1.into()), "{fields}");
    scratch.run("subscribers show nobody@example.org").expect_code(1).says("is on no list and never was");
    scratch.run("subscribers show nobody@").expect_code(1).says("nothing stands after the `@`");
    scratch.run("subscribers list wekly").expect_code(1).says("did you mean `weekly`?");
}

#[test]
fn one_list_that_cannot_be_read_does_not_keep_the_others_from_it() {
    let scratch = Scratch::weekly().list("broken", "name,city\nAda,Minsk\n");
    let run = scratch.run("subscribers sync").expect_code(1);
    run.says("broken.csv").prints("weekly: 3 subscribers (3 new)");
}
