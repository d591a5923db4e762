//! Links that lead over a server of the author's, and the picture, in letters whose readers are counted.
//!
//! An edition keeps the links that the author wrote; they change when a letter is pressed, so that whatever looks at
//! an edition sees where they lead. A link holds the name of a list and a number in it, and never an address: it can
//! lead nowhere that did not stand in the letter. Addresses that merge fields make, those of mail, and those to leave the
//! list stay as they are, and so does the text part.

mod hrefs;

use std::borrow::Cow;
use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE32_NOPAD;
use url::Url;

use super::expression::TRACKING;
use super::html::{escape, unescaped};
use crate::model::letter::{Context, Edition, Hole, Piece, Pieces, Tracking};
use crate::model::path;
use hrefs::Hrefs;

/// Stands in the place of a token in the letters of those who did not agree.
pub const NOBODY: &str = "-";

/// The bytes of a digest that name a list.
const NAME_BYTES: usize = 5;

/// Where the links of an edition lead, each address once. The number of a link is its place, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkList {
    /// Made of the issue and the addresses.
    pub name: String,
    pub targets: Vec<String>,
}

impl LinkList {
    /// `None` for an edition whose readers are not counted.
    pub fn of(edition: &Edition) -> Option<LinkList> {
        let tracking = edition.tracking.as_ref()?;
        let targets = if tracking.clicks { targets(&edition.html, tracking) } else { Vec::new() };
        Some(LinkList { name: name(edition, &targets), targets })
    }

    fn number(&self, target: &str) -> Option<usize> {
        self.targets.iter().position(|known| known == target).map(|place| place + 1)
    }
}

fn targets(html: &Pieces, tracking: &Tracking) -> Vec<String> {
    let (mut hrefs, mut targets) = (Hrefs::default(), Vec::new());
    for piece in html.iter() {
        let Piece::Literal(text) = piece else { continue };
        for (_, target) in links(&mut hrefs, text) {
            if is_counted(&target, tracking) && !targets.contains(&target) {
                targets.push(target);
            }
        }
    }
    targets
}

/// The same for equal links of the same issue.
fn name(edition: &Edition, targets: &[String]) -> String {
    let facts = [edition.issue.0.as_str()].into_iter().chain(targets.iter().map(String::as_str));
    let text: String = facts.map(|fact| format!("{}:{fact},", fact.len())).collect();
    BASE32_NOPAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..NAME_BYTES]).to_ascii_lowercase()
}

/// The HTML as letters have it.
pub fn html(edition: &Edition) -> Cow<'_, Pieces> {
    let (Some(tracking), Some(list)) = (&edition.tracking, LinkList::of(edition)) else {
        return Cow::Borrowed(&edition.html);
    };
    let mut hrefs = Hrefs::default();
    let pieces = edition.html.iter().flat_map(|piece| match piece {
        Piece::Literal(text) => led(text, links(&mut hrefs, text), &list, tracking),
        Piece::Hole(_) | Piece::Logic { .. } => vec![piece.clone()],
    });
    let pieces: Vec<Piece> = pieces.collect();
    Cow::Owned(Pieces::new(if tracking.opens { with_picture(pieces, &list, tracking) } else { pieces }))
}

fn led(text: &str, links: Vec<Link>, list: &LinkList, tracking: &Tracking) -> Vec<Piece> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for (range, target) in links {
        let Some(number) = list.number(&target) else { continue };
        let address = format!("{}/{}/{}/{number}/", tracking.base_url, path::CLICK, list.name);
        pieces.push(Piece::Literal(format!("{}{}", &text[from..range.start], escape(&address))));
        pieces.push(token());
        from = range.end;
    }
    pieces.push(Piece::Literal(text[from..].to_owned()));
    pieces
}

/// At the end of the body: what is shown first is not kept waiting.
fn with_picture(mut pieces: Vec<Piece>, list: &LinkList, tracking: &Tracking) -> Vec<Piece> {
    const END: &str = "</body>";
    let found = pieces.iter().enumerate().rev().find_map(|(place, piece)| match piece {
        Piece::Literal(text) => text.rfind(END).map(|at| (place, at)),
        Piece::Hole(_) | Piece::Logic { .. } => None,
    });
    let address = escape(&format!("{}/{}/{}/", tracking.base_url, path::OPEN, list.name));
    let before = format!("<img src=\"{address}");
    let after = ".gif\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;border:0\">";
    let picture = |head: &str, tail: &str| {
        let head = Piece::Literal(format!("{head}{before}"));
        [head, token(), Piece::Literal(format!("{after}{tail}"))]
    };
    match found {
        Some((place, at)) => {
            let Piece::Literal(text) = pieces[place].clone() else { return pieces };
            pieces.splice(place..=place, picture(&text[..at], &text[at..]));
        }
        None => pieces.extend(picture("", "")),
    }
    pieces
}

fn token() -> Piece {
    Piece::Hole(Hole { expression: TRACKING.to_owned(), context: Context::Url, span: 0..0 })
}

/// Where an address stands in a piece, and what it says.
type Link = (Range<usize>, String);

/// The whole addresses of the web that the next piece leads to.
fn links(hrefs: &mut Hrefs, text: &str) -> Vec<Link> {
    let all = hrefs.within(text).into_iter().map(|range| (range.clone(), unescaped(&text[range])));
    all.filter(|(_, target)| is_address(target)).collect()
}

fn is_address(target: &str) -> bool {
    Url::parse(target).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// Nobody is counted on the way out, or twice.
fn is_counted(target: &str, tracking: &Tracking) -> bool {
    let own = [path::LEAVE, path::CLICK, path::OPEN].map(|path| format!("{}/{path}/", tracking.base_url));
    !own.iter().any(|own| target.starts_with(own)) && tracking.preferences_url.as_deref() != Some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::press::tests::edition;
    use crate::compose::testing::{LETTER, issue, render_with, with_preferences};

    fn tracked(html: Pieces) -> Edition {
        let base_url = "https://weekly.example/news".to_owned();
        let tracking = Tracking { opens: true, clicks: true, consent: None, base_url, preferences_url: None };
        Edition { html, tracking: Some(tracking), ..edition() }
    }

    fn written(edition: &Edition) -> String {
        html(edition).as_written()
    }

    #[test]
    fn whole_addresses_of_the_web_are_led_over_the_server_and_all_others_stay() {
        let hole = Piece::Hole(Hole { expression: "city".into(), context: Context::Url, span: 0..0 });
        let kept = "<link href=\"https://fonts.example/a.css\"><a href=\"mailto:ada@example.org\"><a href=\"#part\">\
                    <a href=\"https://weekly.example/news/u/x\"><a data-href=\"https://a.example/\"><a href=\"https://b.example/";
        let edition = tracked(Pieces::new([
            Piece::Literal("<a href=\"https://a.example/?x=1&amp;y=2\">one</a>".into()),
            Piece::Literal(kept.into()),
            hole,
            Piece::Literal("\"><a href=\"https://a.example/?x=1&amp;y=2\">".into()),
        ]));
        let list = LinkList::of(&edition).unwrap();
        assert_eq!(list.targets, ["https://a.example/?x=1&y=2"]);
        let link =
            format!("<a href=\"https://weekly.example/news/c/{}/1/{{{{ courant_tracking }}}}\">", list.name);
        let written = written(&edition);
        assert!(written.starts_with(&format!("{link}one</a>{kept}{{{{ city }}}}\">{link}")), "{written}");
    }

    #[test]
    fn the_page_of_the_preferences_is_reached_directly() {
        let url = "https://news.example.org/prefs?a=1&b='2'";
        let mut edition = tracked(with_preferences("[one](https://a.example/)\n", url));
        edition.tracking.as_mut().unwrap().preferences_url = Some(url.to_owned());
        assert_eq!(LinkList::of(&edition).unwrap().targets, ["https://a.example/"]);
        edition.tracking.as_mut().unwrap().preferences_url = None;
        assert_eq!(LinkList::of(&edition).unwrap().targets, ["https://a.example/", url]);
    }

    #[test]
    fn what_a_letter_says_about_links_stays_as_the_author_wrote_it() {
        let markdown = "<div>\nWrite &lt;a href=\"https://b.example/\"&gt; there.\n</div>\n\n\
                        ```html\n<a href=\"https://c.example/\">\n```\n\n[one](https://a.example/)\n";
        let inlining = "<mjml><mj-head><mj-style inline=\"inline\">p { color: red }</mj-style></mj-head>\
                        <mj-body>{{ body }}</mj-body></mjml>";
        for template in [LETTER, inlining] {
            let rendered = render_with(&issue(markdown), template, "en").unwrap();
            let edition = tracked(rendered.html);
            assert_eq!(LinkList::of(&edition).unwrap().targets, ["https://a.example/"]);
            assert!(written(&edition).contains("https://c.example/"));
        }
    }

    #[test]
    fn the_picture_stands_at_the_end_of_the_body_and_only_where_opens_are_counted() {
        let mut edition = tracked(Pieces::literal("<body>Hi</body></html>"));
        let written_with = written(&edition);
        assert!(
            written_with.starts_with("<body>Hi<img src=\"https://weekly.example/news/o/"),
            "{written_with}"
        );
        assert!(written_with.ends_with("</body></html>"));
        edition.tracking.as_mut().unwrap().opens = false;
        assert_eq!(written(&edition), "<body>Hi</body></html>");
        edition.tracking = None;
        assert!(matches!(html(&edition), Cow::Borrowed(_)) && LinkList::of(&edition).is_none());
    }

    #[test]
    fn the_name_of_a_list_changes_with_its_issue_and_its_links() {
        let name = |issue: &str, link: &str| {
            let mut edition = tracked(Pieces::literal(format!("<a href=\"{link}\">")));
            edition.issue.0 = issue.to_owned();
            LinkList::of(&edition).unwrap().name
        };
        let one = name("1", "https://a.example/");
        assert_eq!((one.len(), &one), (8, &name("1", "https://a.example/")));
        assert!(one != name("2", "https://a.example/") && one != name("1", "https://b.example/"));
    }
}
