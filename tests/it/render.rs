//! `courant render`: what every format shows, for everybody or for one, and what it says about a bad issue.

use crate::harness::mail::Received;
use crate::harness::program::Run;
use crate::harness::reference::html_faults;
use crate::harness::scratch::Scratch;

/// An issue with a merge field, a condition, a link and a footnote.
const ISSUE: &str = "---\ntitle: Tea\npreheader: Mostly green\n---\n\n# Tea\n\nDear {{ name }},\n\n\
    {% if city %}\n\nGreetings to **{{ city }}**, from [a pot](https://example.org/pot).[^1]\n\n{% endif %}\n\n\
    That is all.\n\n[^1]: Of tea.\n";

const LIST: &str = "email,name,city\nada@example.org,Ada <3,Zürich\nbob@example.org,Bob,\n";

fn tea() -> Scratch {
    Scratch::weekly().issue("001-hello", ISSUE).list("weekly", LIST)
}

#[track_caller]
fn lacks(run: &Run, text: &str) {
    assert!(!run.stdout.contains(text), "standard output holds `{text}`\n{run}");
}

/// The failure says where and what to do, and shows nothing of a letter.
#[track_caller]
fn fails(run: Run, words: &[&str]) {
    let run = run.expect_code(1);
    assert_eq!(run.stdout, "", "{run}");
    assert!(!run.stderr.contains("panicked"), "{run}");
    run.says("error: ");
    for word in words {
        run.says(word);
    }
}

#[test]
fn html_is_the_default_and_whole_and_shows_merge_fields_as_they_were_written() {
    let scratch = tea();
    let run = scratch.run("render 1").ok();
    run.prints("Dear {{ name }},").prints("{% if city %}").prints("{% endif %}").prints("Of tea.");
    assert_eq!(run.stdout, scratch.run("render issues/001-hello.md --format html").ok().stdout);
    assert_eq!((run.stderr.as_str(), html_faults(&run.stdout, &scratch.path(""))), ("", Vec::new()));
}

#[test]
fn html_for_one_subscriber_holds_their_values_escaped_and_their_conditions_decided() {
    let scratch = tea();
    let ada = scratch.run("render 1 --as ADA@example.org").ok();
    ada.prints("Dear Ada &lt;3,").prints(">Zürich<").prints("https://example.org/pot");
    lacks(&ada, "{{");
    lacks(&ada, "{%");
    let bob = scratch.run("render 1 --as bob@example.org").ok();
    bob.prints("Dear Bob,").prints("That is all.");
    lacks(&bob, "Greetings");
    assert_eq!(html_faults(&ada.stdout, &scratch.path("")), Vec::<String>::new());
}

#[test]
fn text_for_one_subscriber_lists_no_link_that_they_do_not_get() {
    let scratch = tea();
    let ada = scratch.run("render 1 --format text --as ada@example.org").ok();
    ada.prints("Dear Ada <3,").prints("*Zürich*").prints("https://example.org/pot").prints("Of tea.");
    let bob = scratch.run("render 1 --format text --as bob@example.org").ok();
    bob.prints("Dear Bob,");
    lacks(&bob, "example.org/pot");
}

#[test]
fn mjml_is_the_layout_before_it_is_html_and_nobodys() {
    let scratch = tea();
    let run = scratch.run("render 1 --format mjml").ok();
    run.prints("<mjml").prints("<mj-text").prints("{{ name }}");
    assert!(run.stdout.trim_end().ends_with("</mjml>"), "{run}");
    fails(scratch.run("render 1 --format mjml --as ada@example.org"), &["same for everybody", "--as"]);
}

#[test]
fn an_eml_is_the_letter_of_the_first_subscriber_or_of_the_one_named() {
    let scratch = tea();
    for (line, to, words) in [
        ("render 1 --format eml", "Ada <3", "Greetings to *Zürich*"),
        ("render 1 --format eml --as bob@example.org", "Bob", "Dear Bob,"),
    ] {
        let run = scratch.run(line).ok();
        let raw = run.stdout.into_bytes();
        let letter = Received { sender: String::new(), recipients: Vec::new(), raw };
        let header = |name: &str| letter.header(name).unwrap_or_default();
        assert_eq!(header("Subject"), "Tea");
        assert!(header("To").contains(to), "{}", header("To"));
        assert!(header("Content-Type").starts_with("multipart/alternative"));
        assert!(header("List-Unsubscribe").contains("https://weekly.example/u/"));
        let (text, html) = letter.parts();
        assert!(text.contains(words) && html.contains("That is all."), "{text}");
    }
}

#[test]
fn every_line_of_an_eml_ends_in_cr_lf_and_is_as_short_as_mail_wants_it() {
    let long = "A rather long name for a rather long letter ".repeat(6);
    let issue = format!("---\ntitle: \"{long}\"\n---\n\n{}\n", "wörd ".repeat(400));
    let scratch = Scratch::weekly()
        .issue("001-hello", &issue)
        .settings("reply_to = \"wendy-who-answers-every-letter-herself@an-unusually-long-domain.example\"");
    scratch.run("render 1 -o letter.eml").ok();
    let letter = scratch.read("letter.eml");
    assert_eq!(letter.matches('\n').count(), letter.matches("\r\n").count());
    for line in letter.split("\r\n") {
        // An address within brackets cannot be folded; it has a line of its own.
        let is_address = line.starts_with(" <mailto:") && line.len() < 998;
        assert!(line.len() <= 78 || is_address, "{} octets: {line}", line.len());
    }
}

#[test]
fn somebody_on_no_list_gets_the_letter_of_somebody_without_attributes_and_that_is_said() {
    let scratch = Scratch::weekly();
    let run = scratch.run("render 1 --format text --as zoe@example.net").ok();
    run.prints("Dear reader,").says("none of the issue's lists");
}

#[test]
fn the_name_of_the_output_file_says_the_format_unless_a_flag_does() {
    let scratch = tea();
    for (line, file, begin) in [
        ("render 1 -o a.html", "a.html", "<!doctype html>"),
        ("render 1 -o a.TXT", "a.TXT", "Tea\n==="),
        ("render 1 -o a.mjml", "a.mjml", "<mjml"),
        ("render 1 --output a.eml", "a.eml", "From: "),
        ("render 1 --format text -o b.html", "b.html", "Tea\n==="),
    ] {
        let run = scratch.run(line).ok();
        assert_eq!(run.stdout, "", "{line}");
        let written = scratch.read(file);
        assert!(written.starts_with(begin), "{line}: {}", &written[..written.len().min(80)]);
    }
}

#[test]
fn a_file_is_replaced_and_one_that_cannot_be_written_is_named() {
    let scratch = tea().file("a.txt", "old");
    scratch.run("render 1 -o a.txt").ok();
    assert!(!scratch.read("a.txt").contains("old"));
    fails(scratch.run("render 1 -o nowhere/a.txt"), &["nowhere/a.txt", "-o"]);
}

#[test]
fn an_issue_can_come_from_standard_input_even_outside_any_workspace() {
    let scratch = Scratch::empty();
    let run =
        scratch.courant(["render", "-", "--format", "text"]).input("# Hello\n\nFrom a pipe.\n").run().ok();
    run.prints("Hello\n=====").prints("From a pipe.");
    fails(
        scratch.courant(["render", "-"]).input(b"Gr\xfc\xdfe".to_vec()).run(),
        &["standard input", "UTF-8"],
    );
}

#[test]
fn json_names_the_issue_the_format_and_what_was_rendered() {
    let scratch = tea();
    let shown = scratch.run("render 1 --format text --as bob@example.org").ok().stdout;
    let json = scratch
        .courant(["--json", "render", "1", "--as", "bob@example.org", "-o", "a.txt"])
        .run()
        .ok()
        .json();
    assert_eq!((json["issue"].as_str(), json["format"].as_str()), (Some("001-hello"), Some("text")));
    assert_eq!((json["file"].as_str(), json["bytes"].as_u64()), (Some("a.txt"), Some(shown.len() as u64)));
}

#[test]
fn the_same_input_gives_the_same_output() {
    let scratch = tea();
    for line in ["render 1", "render 1 --format mjml", "render 1 --format text --as ada@example.org"] {
        let [first, second] = [(); 2].map(|()| scratch.run(line).ok().stdout);
        // The links to leave the list hold a token, which is of this process where there is no secret yet.
        let without = |text: &str| text.split("weekly.example/u/").next().map(str::to_owned);
        assert_eq!(without(&first), without(&second), "{line}");
    }
}

#[test]
fn an_issue_that_is_not_there_is_answered_with_those_that_are() {
    let scratch = tea().issue("002-coffee", "# Coffee\n");
    fails(scratch.run("render 002-cofee"), &["002-cofee", "did you mean `002-coffee`"]);
    fails(scratch.run("render 001-hallo.md"), &["001-hallo.md", "did you mean `issues/001-hello.md`"]);
    fails(scratch.run("render 9"), &["`9`", "001-hello", "002-coffee"]);
}

#[test]
fn what_is_not_utf_8_is_named_with_the_place_of_the_first_bad_byte() {
    let scratch = tea().file("issues/001-hello.md", b"# Hi\n\nGr\xfc\xdfe\n");
    fails(scratch.run("render 1"), &["issues/001-hello.md:3:3", "UTF-8"]);
}

#[test]
fn broken_front_matter_is_shown_with_a_caret() {
    for (issue, words) in [
        (
            "---\ntitle: a\nsubjekt: b\n---\n",
            ["001-hello.md:3:1", "did you mean `subject`", "3 | subjekt: b", "^^^^^^^"],
        ),
        ("---\ntitle: a\ndate: soon\n---\n", ["001-hello.md:3:7", "date", "3 | date: soon", "^^^^"]),
        ("---\ntitle: [a\n---\n", ["001-hello.md:2:8", "unclosed", "2 | title: [a", "       ^"]),
        ("+++\ntitle = a\n+++\n", ["001-hello.md:2:", "quoted", "2 | title = a", "^"]),
        (
            "---\ntitle: a\n\nThe line that ends it is missing\n",
            ["001-hello.md:1:1", "---", "1 | ---", "^^^"],
        ),
    ] {
        fails(tea().issue("001-hello", issue).run("render 1"), &words);
    }
}

#[test]
fn broken_merge_syntax_is_shown_where_it_stands_in_the_issue() {
    for (issue, words) in [
        ("# Hi\n\nDear {{ name, hello\n", ["001-hello.md:3:6", "{{"]),
        ("# Hi\n\n{% if city %}\n\nx\n", ["001-hello.md:3:1", "{% endif %}"]),
        ("# Hi\n\nDear {{ name | upercase }}\n", ["001-hello.md:3:", "upercase"]),
        ("# Hi\n\na {% highlight swift %} b\n", ["001-hello.md:3:", "highlight"]),
    ] {
        fails(tea().issue("001-hello", issue).run("render 1"), &words);
    }
}

#[test]
fn a_broken_template_is_shown_at_its_own_line() {
    let with = |template: &str| {
        tea().file("templates/mine.mjml", template).settings("template = \"mine\"").run("render 1")
    };
    let layout = |middle: &str| {
        format!(
            "<mjml>\n<mj-body>\n<mj-section><mj-column><mj-text>\n{middle}\n</mj-text>{{{{ body }}}}</mj-column></mj-section>\n\
             <mj-section><mj-column><mj-text><a href=\"{{{{ unsubscribe_url }}}}\">x</a></mj-text></mj-column></mj-section>\n\
             </mj-body>\n</mjml>\n"
        )
    };
    with(&layout("fine")).ok().prints("fine");
    for (template, words) in [
        (layout("{{ isue.title }}"), ["templates/mine.mjml:4:", "isue"]),
        (layout("{% if preheader %}x"), ["templates/mine.mjml:", "endif"]),
        (layout("<b>x"), ["templates/mine.mjml:", "mj-text"]),
        (layout("</mj-column>"), ["templates/mine.mjml:4:", "mj-column"]),
        ("".to_owned(), ["templates/mine.mjml", "mjml"]),
    ] {
        fails(with(&template), &words);
    }
}

#[test]
fn a_template_that_is_not_there_is_answered_with_those_that_are() {
    let scratch = tea()
        .file("templates/plain.mjml", "<mjml></mjml>")
        .issue("001-hello", "---\ntitle: a\ntemplate: plian\n---\n\nx\n");
    fails(scratch.run("render 1"), &["001-hello.md:3:11", "plian", "did you mean `plain`"]);
}

#[test]
fn a_line_break_in_a_subject_is_an_error_and_one_in_a_name_leaves_the_row_out() {
    let broken = "---\ntitle: a\nsubject: \"a\\r\\nBcc: eve@example.net\"\n---\n\nx\n";
    fails(tea().issue("001-hello", broken).run("render 1 --format eml"), &["001-hello.md:3:", "subject"]);
    let csv = "email,name,city\nada@example.org,\"Ada\r\nBcc: eve@example.net\",\"Bath\r\nBcc: eve@example.net\"\n\
        bob@example.org,Bob,\"Bath\r\nBcc: eve@example.net\"\n";
    let issue = "---\nsubject: \"Hello {{ city }}\"\n---\n\n# Hi\n\nDear {{ email }},\n";
    let scratch = tea().issue("001-hello", issue).list("weekly", csv);
    let headers = |run: Run| {
        let raw = run.stdout.into_bytes();
        Received { sender: String::new(), recipients: Vec::new(), raw }.headers()
    };
    let first = headers(scratch.run("render 1 --format eml").ok());
    assert!(first.contains(&("To".to_owned(), "Bob <bob@example.org>".to_owned())), "{first:?}");
    assert!(
        first.contains(&("Subject".to_owned(), "Hello Bath Bcc: eve@example.net".to_owned())),
        "{first:?}"
    );
    let ada = scratch.run("render 1 --format text --as ada@example.org");
    ada.says("subscribers/weekly.csv:2:").says("none of the issue's lists");
    assert!(first.iter().all(|(name, _)| name != "Bcc"), "{first:?}");
}

#[test]
fn without_any_subscriber_the_letter_is_that_of_a_made_up_one_and_that_is_said() {
    let run = Scratch::weekly().list("weekly", "email,name\n").run("render 1 --format eml").ok();
    run.says("made-up").prints("ada@example.org");
}

#[test]
fn an_address_that_is_none_is_refused_before_anything_is_read() {
    fails(tea().run("render 1 --as nobody"), &["nobody", "--as"]);
}
