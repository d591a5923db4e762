//! A real newsletter through every verb: nothing of it is lost, and it fits every screen.

use std::fs;

use crate::harness::browser::overflowing;
use crate::harness::mail::count_by_message_id;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;
use crate::harness::tools::fixture;

/// The newsletter in a workspace with 200 subscribers, 17 domains and a server to send by.
fn newsletter(sink: &SmtpSink) -> (Scratch, Source) {
    let text = fs::read_to_string(fixture("swift-weekly-brief-126.md")).expect("the fixture is UTF-8");
    let scratch = Scratch::weekly_for(200)
        .issue("001-hello", "---\ndraft: true\n---\n\n# Not this one\n")
        .issue("126", &text)
        .file(".env", format!("SMTP_URL={}\n", sink.url()));
    (scratch, Source::of(&text))
}

/// What an issue says, read without any knowledge of Courant's.
struct Source {
    words: Vec<String>,
    links: Vec<String>,
}

impl Source {
    fn of(markdown: &str) -> Source {
        let body = markdown.splitn(3, "---\n").nth(2).expect("the fixture has front matter");
        let body = body.replace("<!--excerpt-->", "");
        let fences: Vec<&str> = body.lines().filter(|line| line.starts_with("```")).collect();
        let body = fences.iter().fold(body.clone(), |body, fence| body.replacen(fence, "", 1));
        let mut pieces = body.split("](");
        let mut said = pieces.next().expect("a split gives at least one piece").to_owned();
        let mut links = Vec::new();
        for piece in pieces {
            let (link, rest) = piece.split_once(')').expect("every link of the fixture is closed");
            links.push(link.to_owned());
            said.push_str(rest);
        }
        Source { words: words(&said), links }
    }

    /// Fails the test unless the text says every word, in the order of the source.
    #[track_caller]
    fn is_said_by(&self, text: &str) {
        let said = words(text);
        let mut rest = said.iter();
        for (place, word) in self.words.iter().enumerate() {
            let before = self.words[place.saturating_sub(5)..place].join(" ");
            assert!(rest.any(|said| said == word), "`{word}` after `{before}` is lost in\n{text}");
        }
    }
}

/// Runs of letters and digits: punctuation may be made prettier.
fn words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric());
    runs.filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

/// What a page of HTML shows, a blank between any two pieces, and where its links lead.
fn seen(html: &str) -> (String, Vec<String>) {
    let page = scraper::Html::parse_document(html);
    let [body, link] =
        ["body", "a[href]"].map(|css| scraper::Selector::parse(css).expect("the selector is valid"));
    let body = page.select(&body).next().expect("a page has a body");
    let text: Vec<&str> = body.text().collect();
    let links = body.select(&link).filter_map(|link| link.attr("href")).map(str::to_owned);
    (text.join(" "), links.collect())
}

#[test]
fn a_real_newsletter_arrives_whole_in_both_parts_at_each_of_200_subscribers() {
    let sink = SmtpSink::start(&[]);
    let (scratch, source) = newsletter(&sink);
    assert!(source.words.len() > 700 && source.links.len() > 25, "the fixture is not read to its end");
    scratch.run("check 126 --offline").ok();
    scratch.run("send 126 --yes --offline").ok().prints("200 of 200");
    let messages = sink.messages();
    let ids = count_by_message_id(&messages);
    assert_eq!((messages.len(), ids.len()), (200, 200));
    for message in &messages {
        let (text, html) = message.parts();
        let (shown, links) = seen(&html);
        source.is_said_by(&text);
        source.is_said_by(&shown);
        for link in &source.links {
            assert!(text.lines().any(|line| line.ends_with(link.as_str())), "{link} is lost in\n{text}");
            assert!(links.contains(link), "{link} is lost in the HTML part");
        }
    }
}

#[test]
fn what_render_shows_is_what_the_proof_and_the_letter_hold() {
    let sink = SmtpSink::start(&[]);
    let (scratch, _) = newsletter(&sink);
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

#[test]
fn a_real_newsletter_fits_a_window_and_a_phone() {
    let sink = SmtpSink::start(&[]);
    let (scratch, _) = newsletter(&sink);
    let html = scratch.run("render 126 --format html --as user1@example1.org").ok().stdout;
    for width in [600, 375, 320] {
        assert_eq!(overflowing(&html, width, &scratch.path("")), Vec::<String>::new(), "at {width} pixels");
    }
}
