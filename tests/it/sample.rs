//! A real newsletter, from the file to the letters: nothing its author wrote is lost on the way.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::harness::browser::cut_off;
use crate::harness::mail::count_by_message_id;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;
use crate::harness::tools::fixture;

const ISSUE: &str = "126-swift-weekly-brief";

/// A real issue, for so many subscribers.
fn brief_for(subscribers: usize) -> (Scratch, String) {
    let source = std::fs::read_to_string(fixture("swift-weekly-brief-126.md")).expect("the fixture is there");
    (Scratch::weekly_for(subscribers).issue(ISSUE, &source), source)
}

/// The words of the Markdown as another parser sees them, and where its links lead.
fn written(source: &str) -> (Vec<String>, BTreeSet<String>) {
    let body = source.splitn(3, "---\n").nth(2).expect("there is front matter");
    let (mut words, mut links) = (Vec::new(), BTreeSet::new());
    for event in Parser::new_ext(body, Options::all()) {
        match event {
            Event::Text(text) | Event::Code(text) => words.extend(words_of(&text)),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.insert(dest_url.to_string());
            }
            _ => {}
        }
    }
    assert!(words.len() > 500 && links.len() > 20, "this is no issue");
    (words, links)
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// What a reader of the HTML sees, and where its links lead.
fn seen(html: &str) -> (String, BTreeSet<String>) {
    let page = scraper::Html::parse_document(html);
    let [body, link] =
        ["body", "a[href]"].map(|what| scraper::Selector::parse(what).expect("it is a selector"));
    let links = page.select(&link).filter_map(|link| link.value().attr("href")).map(str::to_owned).collect();
    let body = page.select(&body).next().expect("there is a body");
    // Words of two paragraphs are two words.
    (body.text().collect::<Vec<_>>().join(" "), links)
}

/// Fails unless every word of the author is there, in the author's order; between them may stand others.
#[track_caller]
fn has_all_words(text: &str, words: &[String]) {
    let found = words_of(text);
    let mut rest = found.iter();
    for (index, word) in words.iter().enumerate() {
        let before = words[index.saturating_sub(8)..index].join(" ");
        assert!(rest.any(|found| found == word), "`{word}` is missing after `{before}`\n{text}");
    }
}

#[track_caller]
fn has_all(source: &str, text: &str, html: &str) {
    let (words, links) = written(source);
    let (shown, targets) = seen(html);
    has_all_words(text, &words);
    has_all_words(&shown, &words);
    for link in &links {
        assert!(targets.contains(link), "{link} is missing in the HTML part");
        assert!(text.contains(link.as_str()), "{link} is missing in the text part");
    }
}

#[test]
fn a_real_issue_passes_the_check() {
    let run = brief_for(3).0.run("check 126 --offline").ok();
    run.prints("3 subscribers merged");
    assert!(!run.stdout.contains("error"), "{run}");
}

#[test]
fn every_word_and_link_of_a_real_issue_is_in_both_parts() {
    let (scratch, source) = brief_for(3);
    let text = scratch.run("render 126 --format text").ok().stdout;
    let html = scratch.run("render 126 --format html").ok().stdout;
    has_all(&source, &text, &html);
    assert!(text.lines().all(|line| line.chars().count() <= 72 || line.contains("https://")), "{text}");
    assert!(!html.contains("excerpt"), "a comment of the author is for the author");
}

#[test]
fn every_word_and_link_of_a_real_issue_reaches_every_subscriber() {
    let sink = SmtpSink::start(&[]);
    let (scratch, source) = brief_for(200);
    scratch.write(".env", format!("SMTP_URL={}\n", sink.url()));
    scratch.run("test 126").ok();
    scratch.run("send 126 --yes --offline").ok().prints("200 of 200");
    let messages = sink.messages();
    assert_eq!((messages.len(), count_by_message_id(&messages).len()), (201, 201));
    let recipients: BTreeSet<_> = messages.iter().map(|message| &message.recipients[0]).collect();
    assert_eq!(recipients.len(), 201, "200 subscribers, and the author for the proof");
    for message in &messages {
        let (text, html) = message.parts();
        has_all(&source, &text, &html);
        assert!(message.raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 999), "RFC 5322 2.1.1");
    }
}

#[test]
fn a_real_issue_fits_a_large_screen_and_a_phone() {
    let scratch = brief_for(1).0;
    let html = scratch.run("render 126").ok().stdout;
    for width in [600, 375] {
        assert_eq!(cut_off(&html, width, &scratch.path(".")), Vec::<String>::new(), "at {width} pixels");
    }
}

#[test]
fn long_words_wide_tables_and_code_fit_a_phone() {
    let long = "x".repeat(120);
    let markdown = format!(
        "# {long}\n\n{long} `{long}`\n\n- a\n  - b\n    - c\n      - {long}\n\n> > {long}\n\n\
         ```\n{long} {long}\n```\n\n| A | B | C |\n|---|---|---|\n| {long} | b | https://example.org/{long} |\n\n\
         | Name | When | Where | How much |\n|:--|---|:-:|--:|\n| Somebody | tomorrow | in Exampleton | 1,000.00 |\n\n\
         **[{long}](https://example.org)**\n\nTerm\n: {long}\n\n<img src=\"https://example.org/wide.png\" width=\"900\" alt=\"wide\">\n"
    );
    let scratch = Scratch::weekly().issue("002-long", &markdown);
    let html = scratch.run("render 2").ok().stdout;
    for width in [600, 375, 320] {
        assert_eq!(cut_off(&html, width, &scratch.path(".")), Vec::<String>::new(), "at {width} pixels");
    }
}

#[test]
fn what_render_shows_is_what_the_proof_and_the_letter_hold() {
    let sink = SmtpSink::start(&[]);
    let scratch = brief_for(3).0;
    scratch.write(".env", format!("SMTP_URL={}\n", sink.url()));
    let render = |format: &str| {
        let line = format!("render 126 --as user1@example1.org --format {format}");
        without_tokens(&scratch.run(&line).ok().stdout)
    };
    let (text, html) = (render("text"), render("html"));
    scratch.run("test 126 --as user1@example1.org").ok();
    scratch.run("send 126 --yes --offline").ok();
    let messages = sink.messages();
    let both = ["wendy@weekly.example", "user1@example1.org"];
    let of_one = messages.iter().filter(|message| both.contains(&message.recipients[0].as_str()));
    let parts: Vec<_> = of_one.map(|message| message.parts()).collect();
    assert_eq!(parts.len(), 2);
    for (arrived_text, arrived_html) in parts {
        assert_eq!(without_tokens(&arrived_text), text);
        assert_eq!(without_tokens(&arrived_html), html);
    }
}

/// Without the token of the link that leaves the list, which a proof and a letter do not share.
fn without_tokens(part: &str) -> String {
    let unsubscribe = "https://weekly.example/u/";
    let mut pieces = part.split(unsubscribe);
    let first = pieces.next().expect("a split gives at least one piece").to_owned();
    let kept = pieces.map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
    let part = kept.fold(first, |part, piece| part + unsubscribe + piece);
    part.lines().collect::<Vec<_>>().join("\n")
}
