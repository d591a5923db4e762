//! Issues that nobody means well with, or that a program wrote: each ends in a letter or in one clear sentence
//! with its place, and nothing of them panics or goes on without end.

use proptest::prelude::*;

use crate::harness::letters::{Letter, Refused, letter, said};
use crate::harness::scratch::Scratch;

/// The letter, and what was said about it.
fn written(markdown: &str) -> (Letter, Vec<String>) {
    let letter = letter("001", format!("# Hi\n\n{markdown}")).unwrap_or_else(|Refused(why)| panic!("{why}"));
    let findings = letter.findings.iter().map(said).collect();
    (letter, findings)
}

/// Nothing can be written of it, and this is why.
fn refused(markdown: &str) -> String {
    match letter("001", format!("# Hi\n\n{markdown}")) {
        Ok(_) => panic!("it was rendered"),
        Err(Refused(why)) => why,
    }
}

/// The word is in both parts, however much stands around it.
#[track_caller]
fn keeps(letter: &Letter, word: &str) {
    let (text, html) = letter.received.parts();
    assert!(text.contains(word), "the text part lost `{word}`");
    assert!(html.contains(word), "the HTML part lost `{word}`");
}

#[test]
fn nesting_past_all_sense_is_laid_flat_and_said_once() {
    let nested = |open: &str, close: &str| format!("{}deepest{}", open.repeat(500), close.repeat(500));
    let lists: String = (0..500).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
    for markdown in [
        nested("> ", "\n"),
        nested("1. ", "\n"),
        format!("{lists}{}  deepest\n", "  ".repeat(499)),
        nested("<div>", "</div>"),
        nested("<div>\n\n", "\n\n</div>"),
    ] {
        let (letter, findings) = written(&markdown);
        keeps(&letter, "deepest");
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].contains(": depth-limit: "), "{findings:?}");
        assert!(findings[0].starts_with("issues/001.md:"), "{findings:?}");
    }
}

#[test]
fn marks_within_marks_keep_the_words_in_them() {
    for markdown in [
        format!("{}deepest{}", "*a _b ".repeat(250), "_*".repeat(250)),
        format!("{}deepest{}", "**a".repeat(500), "**".repeat(500)),
        format!("{}deepest{}", "<b>".repeat(500), "</b>".repeat(500)),
        format!("{}deepest{}", "[".repeat(500), "](https://x.example)".repeat(500)),
        format!("{}deepest{}", "![".repeat(500), "](https://x.example/x.png)".repeat(500)),
        format!("{}deepest", "a{".repeat(500)),
        format!("{}deepest", "^a".repeat(500)),
    ] {
        keeps(&written(&markdown).0, "deepest");
    }
}

#[test]
fn containers_within_containers_end_where_they_may() {
    let open: String = (0..500).map(|_| "::: callout\n\n").collect();
    let (letter, findings) = written(&format!("{open}deepest\n\n{}", ":::\n\n".repeat(500)));
    keeps(&letter, "deepest");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains(": depth-limit: "), "{findings:?}");
    let segments = "::: segment city = \"Bath\"\n\n".repeat(500) + "x\n\n" + &":::\n\n".repeat(500);
    assert!(refused(&segments).starts_with("issues/001.md:"));
}

#[test]
fn what_is_never_closed_is_named_where_it_begins() {
    for (markdown, why) in [
        ("Dear {{ name", "issues/001.md:3:6: `{{` is never closed"),
        ("Dear {% if x", "issues/001.md:3:6: `{%` is never closed"),
        ("{% if name %}\n\nx", "issues/001.md:3:1: `{% if %}` is never closed"),
        ("{% for x in name %}\n\nx", "issues/001.md:3:1: `{% for %}` is never closed"),
        ("Dear {# x", "issues/001.md:3:6: `{#` is never closed"),
    ] {
        assert_eq!(refused(markdown), why);
    }
    let (letter, findings) = written("::: callout\n\nopened");
    keeps(&letter, "opened");
    assert_eq!(findings, ["issues/001.md:3:1: container: `::: callout` is never closed"]);
    for markdown in [
        "```\nopened",
        "**opened *and",
        "<div><table><tr><td>opened",
        "<a href=\"x\nopened",
        "[opened](",
        "| opened |\n|-",
    ] {
        keeps(&written(markdown).0, "opened");
    }
}

#[test]
fn characters_that_nobody_sees_are_found() {
    let (letter, findings) =
        written("a\0b\u{1}c\u{1b}[31md\u{7f}e\u{85}f \u{feff}\u{fffe}\u{ffff} &#x0; &#x1F; &#xD800; last");
    keeps(&letter, "last");
    assert_eq!(
        findings,
        ["issues/001.md:3:2: control-character: the control character U+0000 is not allowed in mail"]
    );
    let (text, html) = letter.received.parts();
    let is_bad = |c: char| c.is_control() && !"\r\n\t".contains(c);
    assert!(!text.contains(is_bad) && !html.contains(is_bad), "{text:?}");
    let scratch = Scratch::weekly().issue("001-hello", "# Hi\n\nPay \u{202e}001\u{202c} pounds, please.\n");
    let run = scratch.run("check 1 --offline");
    run.prints("001-hello.md:3:5").prints("U+202E").prints("[bidi-control]");
    assert!(!run.stdout.contains('\u{202e}'), "a finding turns the terminal around, too\n{run}");
}

#[test]
fn many_of_a_thing_are_all_there() {
    let list: String = (0..10_000).map(|n| format!("- [link {n}](https://example.org/{n})\n")).collect();
    let (letter, findings) = written(&list);
    let (text, html) = letter.received.parts();
    assert_eq!(findings, [""; 0]);
    assert_eq!(html.matches("href=\"https://example.org/").count(), 10_000);
    assert!((0..10_000).all(|n| text.contains(&format!("https://example.org/{n}"))));
    let notes: String = (0..1000).map(|n| format!("a[^{n}]\n\n[^{n}]: note {n}[^{}]\n\n", n + 1)).collect();
    keeps(&written(&notes).0, "note 999");
    keeps(&written(&format!("{}\n\n[^1]: once[^1]\n", "a[^1] ".repeat(1000))).0, "once");
    let row = |cell: &str| format!("|{}\n", format!("{cell}|").repeat(200));
    let table = format!("{}{}{}", row("a"), row("-"), row("b").repeat(19) + &row("last"));
    let (letter, _) = written(&table);
    assert_eq!(letter.received.parts().1.matches("last").count(), 200);
    keeps(&letter, "last");
}

#[test]
fn what_parsers_are_slow_at_ends() {
    for markdown in [
        "[".repeat(20_000),
        "[a](".repeat(20_000),
        "*".repeat(20_000) + "a",
        "*a ".repeat(20_000),
        "a_".repeat(20_000),
        "\"'".repeat(20_000),
        ":a".repeat(20_000),
        "{{ name }} ".repeat(2000),
        "<b>x\n\n".repeat(1000),
        "term\n: definition\n".repeat(1000),
        "x".repeat(100_000),
        format!("<https://example.org/{}>", "x".repeat(20_000)),
        (0..600).map(|n| "`".repeat(n % 100 + 1) + " ").collect(),
        "```mjml\n".to_owned() + &"<mj-text>".repeat(500) + "\n```",
        "```mjml\n<mj-text>é<x é=\"é</mj-text>\n<!--[if é\n```".to_owned(),
    ] {
        keeps(&written(&format!("{markdown}\n\nlast")).0, "last");
    }
}

#[test]
fn a_template_that_includes_itself_is_shown_where_it_does() {
    for around in ["again", "once"] {
        let include =
            |name: &str| format!("<mjml>\n<mj-body>\n{{% include \"{name}\" %}}\n</mj-body>\n</mjml>\n");
        let scratch = Scratch::weekly()
            .settings("template = \"mine\"")
            .file("templates/mine.mjml", include(around))
            .file("templates/parts/once.mjml", "{% include \"again\" %}")
            .file("templates/parts/again.mjml", "{% include \"once\" %}");
        let run = scratch.run("render 1").expect_code(1);
        run.says("the template includes itself without end").says("templates/").says("help:");
    }
    let scratch = Scratch::weekly()
        .settings("template = \"mine\"")
        .file("templates/mine.mjml", "{% extends \"mine\" %}\n");
    let run = scratch.run("render 1").expect_code(1);
    run.says("error: ").says("templates/mine.mjml:1:4");
    let scratch = Scratch::weekly().settings("template = \"mine\"").file(
        "templates/mine.mjml",
        "<mjml><mj-body>\n{% for x in range(100000000) %}x{% endfor %}\n</mj-body></mjml>\n",
    );
    let run = scratch.run("render 1").expect_code(1);
    run.says("error: ").says("templates/mine.mjml:2:");
}

/// Pieces that Markdown and its kin are made of, to be thrown together.
fn pieces() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "# ",
        "## ",
        "- ",
        "1. ",
        "  - ",
        "> ",
        "> [!NOTE]\n",
        "```",
        "```rust\n",
        "```mjml\n",
        "~~~\n",
        "    ",
        "\n",
        "\n\n",
        "***",
        "---\n",
        "|",
        "|-|-|\n",
        "| a | b |\n",
        ":::",
        "::: callout\n",
        "::: columns\n",
        "::: button ",
        "::: hero\n",
        "::: if ",
        "\n:::\n",
        ": ",
        "- [x] ",
        "- [ ] ",
        "[^1]",
        "[^1]: ",
        "[",
        "](",
        ")",
        "![",
        "<",
        ">",
        "<b>",
        "</b>",
        "<div>",
        "</div>",
        "<!--",
        "-->",
        "<td>",
        "</table>",
        "<mj-text>",
        "</mj-text>",
        "<![CDATA[",
        "<?",
        "&amp;",
        "&#0;",
        "&",
        "\\",
        "*",
        "**",
        "_",
        "__",
        "~~",
        "~",
        "^",
        "`",
        "``",
        "\"",
        "'",
        "...",
        "--",
        ":smile:",
        "{.button}",
        "{#id}",
        "{",
        "}",
        "{{",
        "}}",
        "{{ name }}",
        "{{ city | upper }}",
        "{% if name %}",
        "{% else %}",
        "{% endif %}",
        "{% for t in topics %}",
        "{{ t }}",
        "{% endfor %}",
        "{#",
        "#}",
        "{% raw %}",
        "https://example.org/a?b=c&d",
        "www.example.org",
        "ada@example.org",
        "javascript:alert(1)",
        " ",
        "  \n",
        "\t",
        "\r\n",
        "\r",
        "word",
        "Wort",
        "слово",
        "שלום",
        "日本",
        "👩‍👩‍👧",
        "é",
        "e\u{301}",
        "\u{a0}",
        "\u{200b}",
        "\u{202e}",
        "\u{feff}",
        "\0",
        "\u{1b}",
        "\u{f0000}",
        "\u{100000}",
        "\u{e000}",
        ".",
        "=",
        "=3D",
        "From ",
        "\n.\n",
    ]);
    prop::collection::vec(prop_oneof![8 => marks.prop_map(str::to_owned), 1 => ".{0,6}"], 0..40)
        .prop_map(|pieces| pieces.concat())
}

/// Either a letter whose lines may be sent as they are, or an error that says where.
fn ends_well(source: &str) {
    match letter("001", source) {
        Err(Refused(why)) => assert!(why.starts_with("issues/001.md:"), "{why}\n{source:?}"),
        Ok(letter) => {
            let raw = &letter.received.raw;
            let lines: Vec<&[u8]> = raw.split(|byte| *byte == b'\n').collect();
            assert!(lines.iter().all(|line| line.len() < 999 && !line.starts_with(b".")), "{source:?}");
            assert!(lines[..lines.len() - 1].iter().all(|line| line.ends_with(b"\r")), "{source:?}");
            assert!(
                raw.iter().all(|byte| byte.is_ascii_graphic() || b" \r\n\t".contains(byte)),
                "{source:?}"
            );
            let (text, html) = letter.received.parts();
            assert!(html.ends_with("</html>\r\n") || html.ends_with("</html>\n"), "{source:?}\n{html}");
            assert!(!text.contains(is_token) || source.contains(is_token), "{source:?}\n{text}");
            assert!(!html.contains(is_token) || source.contains(is_token), "{source:?}");
        }
    }
}

/// What stands for merge syntax on the way.
fn is_token(c: char) -> bool {
    matches!(c, '\u{f0000}'..='\u{10ffff}')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_becomes_a_letter_or_an_error_with_its_place(markdown in pieces()) {
        ends_well(&markdown);
    }

    #[test]
    fn any_bytes_become_a_letter_or_an_error_with_its_place(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        ends_well(&String::from_utf8_lossy(&bytes));
    }
}
