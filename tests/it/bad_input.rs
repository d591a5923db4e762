//! What is wrong is said in one clear sentence, with its place and what to do; nothing is sent half.

use std::fmt::Write as _;

use crate::harness::program::Run;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

/// Nothing left, nobody panicked, and there is a next step.
#[track_caller]
fn is_clear(run: &Run) {
    assert!(!run.stderr.contains("panicked"), "{run}");
    assert!(run.stderr.contains("error:"), "{run}");
}

#[track_caller]
fn sends_nothing(scratch: &Scratch, code: i32, words: &[&str]) {
    let run = scratch.run("send 1 --yes --offline").expect_code(code);
    is_clear(&run);
    for word in words {
        run.says(word);
    }
    assert_eq!(scratch.files("outbox/new").len(), 0);
}

#[test]
fn no_such_file() {
    let scratch = Scratch::weekly();
    let run = scratch.run("send 99-nowhere --yes").expect_code(1);
    is_clear(&run);
    run.says("99-nowhere").says("001-hello");
    scratch.run("render nowhere.md").expect_code(1).says("nowhere.md");
}

#[test]
fn not_utf_8() {
    let scratch = Scratch::weekly().file("issues/001-hello.md", b"---\ntitle: x\n---\n\nGr\xfc\xdfe\n");
    sends_nothing(&scratch, 1, &["UTF-8", "001-hello.md"]);
}

#[test]
fn broken_front_matter_is_shown_where_it_breaks() {
    let scratch = Scratch::weekly().issue("001-hello", "---\ntitel: Hello\n---\n\nHi\n");
    sends_nothing(&scratch, 1, &["001-hello.md:2:1", "titel", "title", "^"]);
    let scratch = Scratch::weekly().issue("001-hello", "---\ntitle: [a\n---\n\nHi\n");
    sends_nothing(&scratch, 1, &["001-hello.md"]);
    let scratch = Scratch::weekly().issue("001-hello", "+++\nnumber = \"x\"\n+++\n\nHi\n");
    sends_nothing(&scratch, 1, &["001-hello.md:2:"]);
}

#[test]
fn a_template_that_does_not_parse_is_shown_in_the_template() {
    let scratch = Scratch::weekly()
        .file("templates/mine.mjml", "<mjml>\n  <mj-body>\n    <mj-section>\n  </mj-body>\n</mjml>\n")
        .settings("template = \"mine\"");
    sends_nothing(&scratch, 1, &["templates/mine.mjml:"]);
    let scratch = Scratch::weekly()
        .file("templates/mine.mjml", "<mjml>\n<mj-body>\n{{ nonsense }}\n</mj-body>\n</mjml>\n")
        .settings("template = \"mine\"");
    sends_nothing(&scratch, 1, &["templates/mine.mjml:3"]);
}

#[test]
fn a_merge_field_that_nobody_has_is_counted_and_shown() {
    let scratch = Scratch::weekly().issue("001-hello", "# Hi\n\nDear {{ first_nmae }}, hello.\n");
    sends_nothing(&scratch, 2, &["001-hello.md:3:6", "first_nmae", "3 subscribers"]);
}

#[test]
fn a_merge_field_that_one_lacks_is_found_before_anybody_has_the_letter() {
    let scratch = Scratch::weekly().issue("001-hello", "# Hi\n\nDear {{ name }}, hello.\n");
    sends_nothing(&scratch, 2, &["`name`", "1 of 3 subscribers"]);
}

#[test]
fn a_line_break_in_a_name_or_subject_never_becomes_a_header() {
    let csv = "email,name\nada@example.org,\"Ada\r\nBcc: eve@example.net\"\nbob@example.org,Bob\n";
    let scratch = Scratch::weekly().list("weekly", csv);
    scratch.run("send 1 --yes --offline");
    for file in scratch.files("outbox/new") {
        let letter = scratch.read(&file);
        assert!(!letter.lines().any(|line| line.starts_with("Bcc")), "{letter}");
    }
    let scratch =
        Scratch::weekly().issue("001-hello", "---\nsubject: \"a\\r\\nBcc: eve@example.net\"\n---\n\nHi\n");
    sends_nothing(&scratch, 1, &["001-hello.md:2:"]);
}

#[test]
fn a_list_as_spreadsheets_write_it_is_understood() {
    let csv = "\u{feff}Email;Name\r\nada@example.org;\"Ada\"\r\nbob@example.org;Bob\r\n";
    let scratch = Scratch::weekly().list("weekly", csv);
    scratch.run("send 1 --yes --offline").ok().prints("2 of 2");
}

#[test]
fn bad_rows_are_named_by_line_and_the_rest_is_sent() {
    let csv = "email,name\nada@example.org,Ada\nnot an address,X\nbob@example.org,Bob\nbob@example.org,Again\n,None\n";
    let scratch = Scratch::weekly().list("weekly", csv);
    let run = scratch.run("send 1 --yes --offline").ok();
    run.says("subscribers/weekly.csv:3").says("subscribers/weekly.csv:6").prints("2 of 2");
}

#[test]
fn a_list_without_a_column_email_is_refused() {
    let scratch = Scratch::weekly().list("weekly", "name,city\nAda,London\n");
    sends_nothing(&scratch, 1, &["email", "weekly.csv"]);
}

#[test]
fn a_hundred_thousand_rows_are_read() {
    let mut csv = "email,name\n".to_owned();
    for number in 0..100_000 {
        writeln!(csv, "user{number}@example{}.org,\"User\n{number}\"", number % 50).unwrap();
    }
    let csv = csv.replace("\"User\n", "\"User ");
    let scratch = Scratch::weekly().list("weekly", &csv);
    scratch.run("plan 1").ok().prints("100,000 subscribers");
}

#[test]
fn an_empty_audience_is_an_error_that_says_why() {
    let scratch = Scratch::weekly().list("weekly", "email,name\n");
    sends_nothing(&scratch, 1, &["audience is empty"]);
    let scratch = Scratch::weekly().list("weekly", "email,name\nada@example.org,Ada\n");
    scratch.run("subscribers suppress ada@example.org").ok();
    sends_nothing(&scratch, 1, &["audience is empty"]);
}

#[test]
fn a_list_that_shrinks_by_much_wants_a_yes() {
    let scratch = Scratch::weekly_for(50);
    scratch.run("subscribers sync").ok();
    scratch.write("subscribers/weekly.csv", "email,name\nuser1@example1.org,One\n");
    let run = scratch.run("send 1 --offline").expect_code(1);
    run.says("49");
    assert_eq!(scratch.files("outbox/new").len(), 0);
}

#[test]
fn an_unknown_key_of_the_settings_is_shown_with_what_was_meant() {
    let scratch = Scratch::weekly().settings("postal_adress = \"x\"");
    sends_nothing(&scratch, 1, &["courant.toml:", "postal_adress", "postal_address", "^"]);
}

#[test]
fn a_second_send_says_who_holds_the_lock() {
    let sink = SmtpSink::start(&["-w", "1"]);
    let scratch = Scratch::weekly_for(20).file(".env", format!("SMTP_URL={}\n", sink.url()));
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    // By then it holds the lock, and the ledger knows what is sent.
    while sink.begun() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = scratch.run("send 1 --yes --offline").expect_code(5);
    second.says("courant send 1").says(&running.id().to_string());
    scratch.run("run").ok();
    scratch.run("status 1").ok();
    running.signal("INT");
    let first = running.finish();
    assert!(matches!(first.code, Some(75 | 0)), "{first}");
}

#[test]
fn a_live_send_wants_a_postal_address_and_a_rehearsal_only_warns() {
    let without = |scratch: Scratch| {
        let text = scratch.read("courant.toml").replace("postal_address", "# postal_address");
        scratch.file("courant.toml", text)
    };
    let rehearsal = without(Scratch::weekly());
    rehearsal.run("send 1 --yes --offline").ok().says("postal address");
    let sink = SmtpSink::start(&[]);
    let live = without(Scratch::weekly().file(".env", format!("SMTP_URL={}\n", sink.url())));
    live.run("send 1 --yes --offline").expect_code(2).says("POSTAL_ADDRESS");
    assert_eq!(sink.messages(), []);
}
