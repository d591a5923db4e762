use std::collections::BTreeSet;

use proptest::prelude::*;
use scraper::{ElementRef, Html};

use super::*;
use crate::compose::front_matter::parse_issue;
use crate::compose::html::tests::any_line;
use crate::compose::testing::{issue, on_web, shown};
use crate::compose::{self, Rendered, masthead};
use crate::model::issue::Issue;
use crate::model::source::Source;

fn page(issue: &Issue) -> Page {
    on_web(|look| compose::page(issue, look)).expect("the text can be rendered")
}

fn body(markdown: &str) -> String {
    shown(&page(&issue(markdown)).body)
}

#[test]
fn a_note_never_has_an_id_that_the_author_s_html_has() {
    for own in [
        "<p id=\"note-1\">Mine.</p>",
        "Some <b id='note-1'>words</b>.",
        "<div id=\"note-1\">\n\nMine.\n\n</div>",
    ] {
        let html = body(&format!("{own}\n\nx[^1]\n\n[^1]: n\n"));
        assert!(html.contains("<li id=\"footnote-1\">") && html.contains("href=\"#footnote-1\""), "{html}");
    }
}

#[test]
fn a_page_holds_elements_for_what_things_are_and_no_style() {
    let html = body(
        "# T\n\n## One\n\nA *b* **c** ~~d~~ `e`.\n\n> q\n\n- a\n- b\n\n3. c\n\n| h | i |\n|---|--:|\n| j | k |\n\n\
         ```rust\nlet x = 1;\n```\n\n---\n\nx[^1]\n\n[^1]: n\n",
    );
    for part in [
        "<h2 id=\"one\">One</h2>",
        "<em>b</em> <strong>c</strong> <s>d</s> <code>e</code>",
        "<blockquote>\n<p>q</p>\n</blockquote>",
        "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
        "<ol start=\"3\">",
        "<th scope=\"col\" class=\"right\">i</th>",
        "<td class=\"right\">k</td>",
        "<pre dir=\"ltr\" tabindex=\"0\"><code><span class=\"k4\">let</span>",
        "<hr>",
        "<sup><a id=\"note-1-at-1\" href=\"#note-1\">1</a></sup>",
        "<li id=\"note-1\">n\u{a0}<a href=\"#note-1-at-1\"",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(!html.contains("style="), "{html}");
}

#[test]
fn what_markdown_has_no_words_for_has_a_class() {
    let html = body(
        "# T\n\n**[Go](https://a.example)**\n\n![i](https://a.example/i.png \"Words\")\n\n> [!TIP]\n> t\n\n\
         ::: columns\n::: column 40%\na\n:::\n::: column\nb\n:::\n:::\n\n::: section\ns\n:::\n\n::: web\nonly here\n:::\n\n\
         ::: mail\nnot here\n:::\n",
    );
    for part in [
        "<p class=\"button\"><a href=\"https://a.example\">Go</a></p>",
        "<figcaption>Words</figcaption></figure>",
        "<div class=\"callout tip\" role=\"note\">",
        "<div class=\"column\" style=\"flex-basis:40%\">",
        "<div class=\"band\">",
        "only here",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(!html.contains("not here"), "{html}");
}

#[test]
fn a_heading_called_note_takes_no_id_of_a_note() {
    let html = body("# T\n\n## Note 1\n\nx[^1]\n\n[^1]: n\n");
    let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{ids:?}");
}

/// The words, without those of addresses and numbers, which the text part makes itself.
fn words(text: &str) -> BTreeSet<String> {
    let plain = figures(text);
    let plain = plain.split_whitespace().filter(|word| !word.contains("://") && !word.contains('@'));
    let each = plain.flat_map(|word| word.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase));
    each.filter(|word| word.chars().any(char::is_alphabetic)).collect()
}

/// Figures above and below the line are elements of a page.
fn figures(text: &str) -> String {
    let plain = |c: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|other| other == c);
    let lower = |c: char| "₀₁₂₃₄₅₆₇₈₉".chars().position(|other| other == c);
    let figure = |c| plain(c).or_else(|| lower(c)).and_then(|digit| char::from_digit(digit as u32, 10));
    text.chars().map(|c| figure(c).unwrap_or(c)).collect()
}

/// What a visitor reads: words, the descriptions of pictures, titles.
fn seen(html: &str) -> String {
    let document = Html::parse_fragment(html);
    let root = document.root_element();
    let mut all: Vec<String> = root.text().map(str::to_owned).collect();
    let attributes = |element: ElementRef<'_>| {
        ["alt", "title", "href"]
            .iter()
            .filter_map(|name| element.value().attr(name))
            .collect::<Vec<_>>()
            .join(" ")
    };
    all.extend(root.descendent_elements().map(attributes));
    // Words that touch in the source touch here, too.
    all.concat()
}

fn missing(issue: &Issue, rendered: &Rendered) -> Vec<String> {
    let page = page(issue);
    let html = format!("{} {}", shown(&page.heading), shown(&page.body));
    let all: String = seen(&html).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let text = shown(&rendered.text);
    let own = text.rsplit_once(&"-".repeat(72)).map_or(text.as_str(), |(own, _)| own);
    // The list of links is looked at below, and a task has a box.
    let is_link = |line: &&str| line.starts_with('[') && line.contains("] ");
    let own: Vec<&str> = own.lines().filter(|line| !is_link(line)).collect();
    let own = own.join("\n").replace("[x] ", "");
    // Words of our own: of the list of links, of pictures, of what stands above the text.
    let (lang, known) = (page.masthead.lang.as_str(), Words::of(&page.masthead.lang));
    let above = [masthead::kicker(&issue.front), masthead::byline(&issue.front, lang, page.masthead.minutes)]
        .concat();
    let ours = words(&format!("{} {} {}", known.links, known.image, above.join(" ")));
    let mut missing: Vec<String> =
        words(&own).difference(&ours).filter(|word| !all.contains(*word)).cloned().collect();
    let targets = rendered.links.iter().filter(|link| link.span.is_some() && !link.is_image);
    let targets = targets.map(|link| crate::compose::html::escape(&shown(&link.target)));
    let bare = |text: &str| text.replace("%20", " ");
    missing.extend(targets.filter(|target| !bare(&html).contains(&bare(target))));
    missing
}

#[test]
fn every_word_and_link_of_the_sample_issues_is_on_the_page() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/issues");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let issue = parse_issue(Source::new(path.file_name().unwrap(), text)).unwrap();
        let rendered = on_web(|look| compose::render(&issue, look)).unwrap();
        assert_eq!(missing(&issue, &rendered), Vec::<String>::new(), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_blocks_become_a_page_with_every_word(lines in proptest::collection::vec(any_line(), 0..24)) {
        let issue = issue(&lines.join("\n"));
        // What makes no letter makes no page.
        if let Ok(rendered) = on_web(|look| compose::render(&issue, look)) {
            prop_assert_eq!(missing(&issue, &rendered), Vec::<String>::new());
        }
    }
}
