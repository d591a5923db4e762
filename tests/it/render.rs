//! `courant render`: what a reader gets, in each of its forms, and what is said where there is nothing to show.

use crate::harness::mail::Received;
use crate::harness::program::Run;
use crate::harness::reference::html_faults;
use crate::harness::scratch::Scratch;

const MERGED: &str = "---\ntitle: Hello\nsubject: Hi {{ name }}\n---\n\nDear **{{ name }}** of {{ city | default(\"nowhere\") }}.\n\n\
                      {% if plan == \"paid\" %}\n\n[Your bill](https://example.org/bill/{{ number }})\n\n{% endif %}\n\nBye.\n";

/// Ada pays and has a number; Bob does neither.
fn paid() -> Scratch {
    Scratch::weekly().issue("001-hello", MERGED).list(
        "weekly",
        "email,name,city,plan,number\nada@example.org,Ada & Co,Zürich,paid,7\nbob@example.org,Bob,,free,\n",
    )
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
fn each_form_is_what_its_name_says() {
    let scratch = paid();
    scratch.run("render 1").ok().prints("<!doctype html>").prints("<strong>{{ name }}</strong>");
    scratch.run("render 1 --format text").ok().prints("Dear *{{ name }}* of");
    let mjml = scratch.run("render 1 --format mjml").ok();
    mjml.prints("<mj-body").prints("{{ name }}");
    assert!(mjml.stdout.starts_with("<mjml") && mjml.stdout.ends_with("</mjml>\n"), "{mjml}");
    let letter = scratch.run("render 1 --format eml").ok();
    letter
        .prints("Subject: Hi Ada & Co\r\n")
        .prints("multipart/alternative")
        .prints("\r\nTo: Ada & Co <ada@example.org>\r\n");
}

#[test]
fn a_letter_is_shown_as_somebody_in_particular_gets_it() {
    let scratch = paid();
    let html = scratch.run("render 1 --as ADA@example.org").ok();
    html.prints("<strong>Ada &amp; Co</strong> of Zürich").prints("https://example.org/bill/7\"");
    assert_eq!(html_faults(&html.stdout, &scratch.path("")), Vec::<String>::new());
    let text = scratch.run("render 1 --as ada@example.org --format text").ok();
    text.prints("Dear *Ada & Co* of Zürich.\n\nYour bill <https://example.org/bill/7>\n\nBye.\n\n---");
}

#[test]
fn what_a_condition_leaves_out_leaves_no_trace_in_the_text() {
    let text = paid().run("render 1 --as bob@example.org --format text").ok();
    text.prints("Dear *Bob* of nowhere.\n\nBye.\n\n---");
    assert!(!text.stdout.contains("bill"), "{text}");
}

#[test]
fn the_links_of_a_shown_letter_change_nothing_when_they_are_followed() {
    let scratch = paid();
    scratch.run("render 1 --as ada@example.org").ok().prints("https://weekly.example/u/");
    assert_eq!(scratch.files(".courant"), Vec::<String>::new(), "showing writes nothing down");
}

#[test]
fn the_name_of_the_file_says_which_form_and_a_flag_wins() {
    let scratch = paid();
    let run = scratch.run("render 1 -o hello.txt").ok();
    assert_eq!(run.stdout, "");
    assert!(scratch.read("hello.txt").starts_with("Hello\n=====\n"));
    scratch.run("render 1 -o hello.eml").ok();
    assert!(scratch.read("hello.eml").starts_with("From: Wendy Weekly <wendy@weekly.example>\r\n"));
    scratch.run("render 1 -o hello.txt --format mjml").ok();
    assert!(scratch.read("hello.txt").contains("<mjml"));
    let nowhere = scratch.run("render 1 -o no/such/folder/hello.html").expect_code(1);
    nowhere.says("no/such/folder/hello.html").says("help:");
}

#[test]
fn as_json_the_result_says_what_it_is() {
    let scratch = paid();
    let shown = scratch.run("render 1 --format text --json").ok().json();
    assert_eq!((&shown["issue"], &shown["format"]), (&"001-hello".into(), &"text".into()));
    let content = shown["content"].as_str().expect("the content is text");
    assert_eq!(shown["bytes"], content.len());
    let file = scratch.run("render 1 -o hello.html --json").ok().json();
    assert_eq!((&file["file"], &file["content"]), (&"hello.html".into(), &serde_json::Value::Null));
}

#[test]
fn an_issue_comes_from_standard_input_or_from_a_file_outside_of_any_workspace() {
    let scratch = Scratch::empty().file("note.md", "# A note\n\nHello {{ name | default(\"you\") }}\n");
    scratch.run("render note.md --format text").ok().prints("A note\n======\n\nHello {{ name");
    let piped =
        scratch.courant(["render", "-", "--format", "text"]).input("# Piped\n\n*through*\n").run().ok();
    piped.prints("Piped\n=====\n\n_through_\n");
    scratch
        .run("render note.md --format eml")
        .ok()
        .prints("To: Ada Example <ada@example.org>\r\nSubject: A note\r\n");
}

#[test]
fn somebody_who_is_on_no_list_is_shown_without_attributes_and_that_is_said() {
    let scratch = Scratch::weekly();
    let run = scratch.run("render 1 --format text --as zoe@example.org").ok();
    run.prints("Dear reader,").says("zoe@example.org is on none of the issue's lists");
    scratch.run("render 1 --as zoe").expect_code(1).says("there is no `@`");
}

#[test]
fn mjml_is_nobodys_in_particular() {
    let run = Scratch::weekly().run("render 1 --format mjml --as ada@example.org").expect_code(1);
    run.says("the same for everybody").says("leave out --as");
}

#[test]
fn a_field_that_somebody_does_not_have_is_shown_where_it_is_asked_for() {
    let scratch = Scratch::weekly().issue("002-typo", "# Hi\n\nDear {{ nme }}\n");
    let run = scratch.run("render 2 --as ada@example.org").expect_code(1);
    run.says("`nme` has no value").says("issues/002-typo.md:3:6").says("^^^^^^^^^").says("default(");
    scratch.run("render 2").ok().prints("{{ nme }}");
}

#[test]
fn no_such_issue_names_those_that_there_are() {
    let scratch = Scratch::weekly();
    scratch.run("render 7").expect_code(1).says("there is no issue `7`").says("001-hello");
    scratch.run("render issues/001-helo.md").expect_code(1).says("did you mean `issues/001-hello.md`?");
}

#[test]
fn a_mistake_in_a_template_is_shown_in_the_template() {
    let letter = include_str!("../../templates/letter.mjml");
    let broken = |from: &str, to: &str| {
        let scratch = Scratch::weekly().settings("template = \"mine\"");
        scratch.file("templates/mine.mjml", letter.replacen(from, to, 1)).run("render 1")
    };
    let line = |part: &str| letter.lines().position(|line| line.contains(part)).expect("it is there") + 1;
    let unknown = broken("{{ body }}", "{{ bodi }}").expect_code(1);
    unknown.says(&format!("templates/mine.mjml:{}:", line("{{ body }}"))).says("did you mean `body`?");
    let unclosed = broken("<mj-column><mj-spacer", "<mj-colum><mj-spacer").expect_code(1);
    unclosed.says(&format!("templates/mine.mjml:{}:", line("<mj-spacer"))).says("`</mj-colum>` is due");
    let part = broken("theme.width", "theme.widht").expect_code(1);
    part.says("the template does not know `theme.widht`").says("did you mean `theme.width`?");
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
fn a_file_that_is_there_is_replaced() {
    let scratch = paid().file("a.txt", "old");
    scratch.run("render 1 -o a.txt").ok();
    assert!(!scratch.read("a.txt").contains("old"));
}

#[test]
fn the_same_input_gives_the_same_output() {
    let scratch = paid();
    for line in ["render 1", "render 1 --format mjml", "render 1 --format text --as ada@example.org"] {
        let [first, second] = [(); 2].map(|()| scratch.run(line).ok().stdout);
        // The links to leave the list hold a token, which is of this process where there is no secret yet.
        let without = |text: &str| text.split("weekly.example/u/").next().map(str::to_owned);
        assert_eq!(without(&first), without(&second), "{line}");
    }
}

#[test]
fn what_is_not_utf_8_is_named_with_the_place_of_the_first_bad_byte() {
    let scratch = paid().file("issues/001-hello.md", b"# Hi\n\nGr\xfc\xdfe\n");
    fails(scratch.run("render 1"), &["issues/001-hello.md:3:3", "UTF-8", "iconv"]);
    let piped = scratch.courant(["render", "-"]).input(b"Gr\xfc\xdfe".to_vec()).run();
    fails(piped, &["-:1:3", "standard input is not UTF-8"]);
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
        fails(paid().issue("001-hello", issue).run("render 1"), &words);
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
        fails(paid().issue("001-hello", issue).run("render 1"), &words);
    }
}

#[test]
fn a_template_of_ones_own_that_is_broken_is_shown_at_its_line() {
    let with = |template: &str| {
        paid().file("templates/mine.mjml", template).settings("template = \"mine\"").run("render 1")
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
    let scratch = paid()
        .file("templates/plain.mjml", "<mjml></mjml>")
        .issue("001-hello", "---\ntitle: a\ntemplate: plian\n---\n\nx\n");
    fails(scratch.run("render 1"), &["001-hello.md:3:11", "plian", "did you mean `plain`"]);
}

#[test]
fn a_line_break_in_a_subject_is_an_error_and_one_in_a_name_leaves_the_row_out() {
    let broken = "---\ntitle: a\nsubject: \"a\\r\\nBcc: eve@example.net\"\n---\n\nx\n";
    fails(paid().issue("001-hello", broken).run("render 1 --format eml"), &["001-hello.md:3:", "subject"]);
    let csv = "email,name,city\nada@example.org,\"Ada\r\nBcc: eve@example.net\",\"Bath\r\nBcc: eve@example.net\"\n\
        bob@example.org,Bob,\"Bath\r\nBcc: eve@example.net\"\n";
    let issue = "---\nsubject: \"Hello {{ city }}\"\n---\n\n# Hi\n\nDear {{ email }},\n";
    let scratch = paid().issue("001-hello", issue).list("weekly", csv);
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
fn a_loop_over_a_field_goes_through_its_parts() {
    let scratch = Scratch::weekly()
        .issue(
            "001-hello",
            "# Hi\n\n{% for topic in interests %}\n\n- *{{ topic | title }}*\n\n{% endfor %}\n",
        )
        .list("weekly", "email,name,interests\nada@example.org,Ada,tea; <ships>\n");
    scratch
        .run("render 1 --as ada@example.org --format text")
        .ok()
        .prints("- _Tea_\n")
        .prints("- _<Ships>_\n");
    scratch.run("render 1 --as ada@example.org").ok().prints("<em>&lt;Ships&gt;</em>");
}

#[test]
fn emoji_have_names_where_the_settings_say_so() {
    let scratch =
        Scratch::weekly().issue("001-hello", "# Hi\n\n:tada: `:tada:` \\:tada: 12:30:00 :nothing:\n");
    scratch.run("render 1 --format text").ok().prints(":tada: `:tada:` :tada: 12:30:00 :nothing:");
    let scratch = scratch.settings("[markdown]\nemoji = true");
    scratch.run("render 1 --format text").ok().prints("🎉 `:tada:` :tada: 12:30:00 :nothing:");
    scratch.settings("[markdown]\nemoij = true").run("render 1").expect_code(1);
}
