//! What others wrote down about Markdown and HTML: the examples of CommonMark, and html-validate's judgement.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::program::Program;
use super::tools::{fixture, installed, tool};

/// One example of the CommonMark specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// From 1, as the specification counts them.
    pub number: usize,
    pub markdown: String,
    pub html: String,
}

/// All examples of the CommonMark specification, in order.
pub fn commonmark_examples() -> Vec<Example> {
    let path = installed("node/node_modules/commonmark-spec/spec.txt");
    examples_of(&fs::read_to_string(path).expect("the specification is UTF-8"))
}

/// The examples of a text that writes them down as the specification does.
pub fn examples_of(text: &str) -> Vec<Example> {
    let spec = text.replace('→', "\t");
    let fence = "`".repeat(32);
    let open = format!("\n{fence} example\n");
    let close = format!("\n{fence}\n");
    let blocks = spec.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap_or_default());
    blocks.enumerate().map(|(place, block)| example(place + 1, block)).collect()
}

/// The line `.` stands between the Markdown and its HTML.
fn example(number: usize, block: &str) -> Example {
    let block = format!("\n{block}\n");
    let (markdown, html) = block.split_once("\n.\n").expect("every example has both");
    let trimmed = |text: &str| text.strip_prefix('\n').unwrap_or(text).to_owned();
    Example { number, markdown: format!("{}\n", trimmed(markdown)), html: trimmed(html) }
}

/// What is malformed in a page of HTML, one line for each fault; empty for a well-formed one. Matters of taste
/// and of web pages are left out: mail needs what they forbid.
pub fn html_faults(html: &str, folder: &Path) -> Vec<String> {
    let page = folder.join("page.html");
    fs::write(&page, html).expect("there is room for a page");
    faults_of_pages(&[&page], folder)
}

/// The same for pages that are files.
pub fn faults_of_pages(pages: &[&Path], folder: &Path) -> Vec<String> {
    let run = Program::new(&tool("node"), folder)
        .args([installed("node/node_modules/.bin/html-validate")])
        .args(["--formatter", "text", "--config"].map(Path::new))
        .args([fixture("html-validate.json").as_path()])
        .args(pages)
        .env("HOME", folder)
        .run();
    assert!(matches!(run.code, Some(0 | 1)), "html-validate did not run\n{run}");
    run.stdout.lines().filter(|line| line.contains(": error [")).map(str::to_owned).collect()
}

/// What the mail clients of readers cannot show of these pages, by the data of Can I email: each feature once,
/// with the clients that miss it.
pub fn clients_miss(pages: &[&Path], folder: &Path) -> Vec<String> {
    lines_of(node("caniemail.mjs", pages, folder))
}

/// Where these logs break the schema of SARIF 2.1.0.
pub fn faults_of_sarif(logs: &[&Path], folder: &Path) -> Vec<String> {
    lines_of(node("sarif.mjs", logs, folder))
}

/// What mail clients do not or only partly support of each of these pages, by the package `caniemail`: a line of JSON
/// for each.
pub fn clients_say(pages: &[&Path], folder: &Path) -> Vec<String> {
    lines_of(node("clients.mjs", pages, folder))
}

/// The attributes that each component of MJML takes, by its own program, as JSON.
pub fn mjml_attributes(folder: &Path) -> String {
    node("mjml_attributes.mjs", &[], folder)
}

/// What MJML's own program makes of these files of MJML: HTML, in the same order.
pub fn mjml_of_others(files: &[&Path], folder: &Path) -> Vec<String> {
    let pages = lines_of(node("mjml.mjs", files, folder));
    pages.iter().map(|line| serde_json::from_str(line).expect("each line is a text in JSON")).collect()
}

/// A feed as feedparser reads it; it fails the test where there is anything wrong with the file.
#[track_caller]
pub fn feed_of_others(file: &Path, folder: &Path) -> Value {
    let python = Program::new(&installed("python/bin/python"), folder);
    python.args([fixture("feeds.py").as_path(), file]).run().ok().json()
}

/// A script of the fixtures, which finds the packages of the tests.
fn node(script: &str, args: &[&Path], folder: &Path) -> String {
    let run = Program::new(&tool("node"), folder)
        .args([fixture(script).as_path(), &installed("node/node_modules")])
        .args(args)
        .env("HOME", folder)
        .run()
        .ok();
    run.stdout.clone()
}

fn lines_of(text: String) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_has_its_652_examples() {
        let examples = commonmark_examples();
        assert_eq!(examples.len(), 652);
        let first = &examples[0];
        assert_eq!((first.number, first.markdown.as_str()), (1, "\tfoo\tbaz\t\tbim\n"));
        assert_eq!(first.html, "<pre><code>foo\tbaz\t\tbim\n</code></pre>\n");
    }

    #[test]
    fn an_unclosed_tag_is_a_fault_and_a_table_for_layout_is_none() {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let faults = html_faults("<!doctype html><html><body><div><b>x</div></body></html>", folder.path());
        assert!(faults.iter().any(|fault| fault.contains("close-order")), "{faults:?}");
        let table =
            "<!doctype html><html><body><table width=\"100%\"><tr><td>x</td></tr></table></body></html>";
        assert_eq!(html_faults(table, folder.path()), Vec::<String>::new());
    }
}
