//! Issues that nobody writes by intent: too large, too deep, too wide, never closed. Each ends in a clear finding with
//! its place, within bounds.

use crate::harness::program::Run;
use crate::harness::scratch::Scratch;

/// Address space of a run, in kilobytes: what an author's laptop has to spare.
const MEMORY: u64 = 4 << 20;

/// Checks an issue with bounded memory.
fn check(markdown: &str) -> Run {
    let scratch = Scratch::weekly().issue("001-hello", markdown);
    let limited = format!("ulimit -v {MEMORY}; exec \"$0\" check 1 --offline");
    let shell = crate::harness::program::Program::new(std::path::Path::new("/bin/sh"), &scratch.path(""));
    shell.args(["-c", &limited, env!("CARGO_BIN_EXE_courant")]).env("HOME", scratch.path("")).run()
}

/// Fails unless the check ends with findings that say this.
fn finds(markdown: &str, words: &[&str]) {
    let run = check(markdown);
    for word in words {
        run.prints(word);
    }
    assert!(matches!(run.code, Some(0 | 2)) && !run.stderr.contains("panicked"), "{run}");
}

#[test]
fn an_issue_of_five_megabytes_is_too_large_and_that_is_said() {
    let paragraph = "A paragraph with *some* words and a [link](https://example.org/x) in it, again.\n\n";
    finds(
        &format!("# Big\n\n{}", paragraph.repeat(5 * 1024 * 1024 / paragraph.len())),
        &["KB: Gmail cuts it off at 102"],
    );
}

#[test]
fn ten_thousand_links_are_read() {
    let links: String =
        (0..10_000).map(|number| format!("[l{number}](https://example.org/{number})\n\n")).collect();
    finds(&format!("# Links\n\n{links}"), &["size-clip"]);
}

#[test]
fn what_is_nested_five_hundred_deep_is_laid_flat() {
    let lists: String = (0..500).map(|level| format!("{}- x\n", "  ".repeat(level))).collect();
    for markdown in ["> ".repeat(500) + "x", lists] {
        finds(&format!("# Deep\n\n{markdown}\n"), &["nested too deeply", "issues/001-hello.md:"]);
    }
    finds(&format!("# Deep\n\n{}x\n", "<div>\n\n".repeat(500)), &["`<div>` is never closed"]);
    finds(&format!("# Deep\n\n{}x\n", "*a **b ".repeat(500)), &["issues/001-hello.md"]);
    finds(
        &format!("# Deep\n\n{}x\n{}", "::: columns\n::: column\n".repeat(250), ":::\n".repeat(500)),
        &["issues/001-hello.md"],
    );
    let ifs = format!("# Deep\n\n{}x{}\n", "{% if name %}".repeat(500), "{% endif %}".repeat(500));
    finds(&ifs, &["statements are nested more than 50 deep", "issues/001-hello.md:3:"]);
}

#[test]
fn a_table_of_two_hundred_columns_is_a_table() {
    let row = format!("|{}\n", "a|".repeat(200));
    finds(&format!("# Wide\n\n{row}|{}\n{}", "-|".repeat(200), row.repeat(20)), &["size-clip"]);
}

#[test]
fn whatever_is_never_closed_is_named_with_its_place() {
    for (markdown, words) in [
        ("```rust\nfn", ["this block of code is never closed", ":3:1"]),
        ("````\n```", ["this block of code is never closed", ":3:1"]),
        ("<!-- a remark\n\nand more", ["`<!--` is never closed: nobody sees what follows", ":3:1"]),
        ("::: section\nx", ["`::: section` is never closed", ":3:1"]),
        ("<div>\n\nx", ["`<div>` is never closed", ":3:1"]),
        ("a <b>x", ["`<b>` is never closed", ":3:3"]),
        ("a {{ name", ["`{{` is never closed", ":3:3"]),
        ("a {% if name %} b", ["`{% if %}` is never closed", ":3:"]),
        ("a[^n]", ["there is no footnote `n`", ":3:"]),
    ] {
        finds(&format!("# Open\n\n{markdown}\n"), &words);
    }
}

#[test]
fn characters_that_nobody_sees_are_named() {
    finds("# A\n\nring\u{7} the bell\n", &["U+0007", "issues/001-hello.md:3:5"]);
    finds("# A\n\nno\u{202e}gpj.exe\n", &["U+202E", "issues/001-hello.md:3:3"]);
}
