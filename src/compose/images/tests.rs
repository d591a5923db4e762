use super::*;
use crate::compose::testing::{LETTER, issue, places, render_showing, shown};
use crate::compose::{Link, Rendered};
use crate::model::image::{Fault, Size};
use crate::model::letter::{ContentHash, Disposition};

/// Files called by their size: `536x300.png` travels, `web-536x300.png` is linked, all others are missing.
fn file(path: &str) -> Result<Image, Fault> {
    let missing =
        || Fault { rule: "image-local", message: format!("there is no {path}"), help: "look".to_owned() };
    let name = path.rsplit('/').next().unwrap_or(path);
    let (linked, numbers) = name.strip_prefix("web-").map_or((false, name), |rest| (true, rest));
    let (width, height) = numbers.strip_suffix(".png").and_then(|n| n.split_once('x')).ok_or_else(missing)?;
    let number = |text: &str| text.parse().map_err(|_| missing());
    let size = Size { width: number(width)?, height: number(height)? };
    let content_id = format!("{numbers}@x");
    let src = if linked { format!("https://x.example/{name}") } else { format!("cid:{content_id}") };
    let part = Attachment {
        file_name: numbers.to_owned(),
        content_type: "image/png".to_owned(),
        content_id: Some(content_id),
        disposition: Disposition::Inline,
        bytes: vec![1, 2, 3],
    };
    Ok(Image { src, size, part: (!linked).then_some(part), file: ContentHash(path.to_owned()) })
}

const PATHS: [&str; 8] = [
    "900x600.png",
    "100x50.png",
    "20x20.png",
    "536x9.png",
    "web-400x200.png",
    "two boats.png",
    "/40x40.png",
    "a/400x100.png",
];

fn rendered(markdown: &str, template: &str) -> Rendered {
    let images = Images::load(PATHS.map(str::to_owned), file);
    render_showing(&issue(markdown), template, "en", &images).expect("it renders")
}

/// The tags of the images that a letter shows.
fn images_of(markdown: &str) -> Vec<String> {
    let html = shown(&rendered(markdown, LETTER).html);
    tags(&html).map(|(_, tag)| tag.to_owned()).collect()
}

fn only_image(markdown: &str) -> String {
    let images = images_of(markdown);
    assert_eq!(images.len(), 1, "{images:?}");
    images[0].clone()
}

fn says(tag: &str, attributes: &[(&str, &str)]) {
    for (name, value) in attributes {
        assert_eq!(attribute(tag, name), Some(*value), "{tag}");
    }
}

#[test]
fn an_image_is_as_wide_as_it_is_but_no_wider_than_its_column() {
    let wide = [("src", "cid:900x600.png@x"), ("width", "536"), ("height", "357"), ("alt", "boats")];
    says(&only_image("![boats](900x600.png)"), &wide);
    says(&only_image("![](100x50.png)"), &[("width", "100"), ("height", "50")]);
    says(&only_image("::: hero\n![](900x600.png)\n:::\n"), &[("width", "600"), ("height", "400")]);
    let columns = "::: columns\n::: column\n![](900x600.png)\n:::\n::: column\nText\n:::\n:::\n";
    says(&only_image(columns), &[("width", "256"), ("height", "171")]);
}

#[test]
fn a_small_image_is_not_stretched_on_a_phone() {
    let html = |markdown| shown(&rendered(markdown, LETTER).html);
    let is_fluid = |html: String| html.contains("<td class=\"mj-full-width-mobile\"");
    assert!(is_fluid(html("![](900x600.png)")) && !is_fluid(html("![](100x50.png)")));
    assert!(!is_fluid(html("![](900x600.png){width=64}")));
    assert!(!is_fluid(html("![](https://a.example/b.png){width=64}")));
}

#[test]
fn an_image_within_a_line_keeps_its_shape() {
    let tag = only_image("A ![dot](20x20.png) here");
    says(&tag, &[("src", "cid:20x20.png@x"), ("width", "20"), ("height", "20"), ("alt", "dot")]);
    says(&tag, &[("style", "border:0;max-width:100%;height:auto")]);
    says(&only_image("A ![wide](900x600.png) one"), &[("width", "536"), ("height", "357")]);
}

#[test]
fn markup_and_mjml_of_the_author_may_name_files_and_a_width() {
    let own = [("src", "cid:900x600.png@x"), ("width", "300"), ("height", "200")];
    says(&only_image("<img src=\"900x600.png\" alt=\"a\" width=\"300\">"), &own);
    says(&only_image("![a](900x600.png){width=300}"), &own);
    says(&only_image("See ![a](900x600.png){width=300}"), &own);
    says(&only_image("```mjml\n<mj-image src=\"900x600.png\" alt=\"a\" width=\"300px\" />\n```\n"), &own);
    let percent = only_image("<img src=\"900x600.png\" alt=\"a\" width=\"50%\">");
    assert_eq!((attribute(&percent, "width"), attribute(&percent, "height")), (Some("50%"), None));
}

#[test]
fn a_template_names_files_of_the_workspace() {
    let template = LETTER.replace("{{ body }}", "<mj-image src=\"/40x40.png\" alt=\"us\" />{{ body }}");
    let rendered = rendered("Text", &template);
    assert!(shown(&rendered.html).contains("src=\"cid:40x40.png@x\""));
    assert_eq!(rendered.images.len(), 1);
    assert_eq!(links(&rendered.links), ["‹unsubscribe_url›"]);
}

fn links(links: &[Link]) -> Vec<String> {
    links.iter().map(|link| shown(&link.target)).collect()
}

#[test]
fn what_travels_is_packed_once_and_only_if_it_is_shown() {
    let rendered = rendered("![a](20x20.png) ![b](20x20.png)\n\n![c](100x50.png)\n", LETTER);
    let names: Vec<&str> = rendered.images.iter().map(|part| part.file_name.as_str()).collect();
    assert_eq!(names, ["100x50.png", "20x20.png"]);
}

#[test]
fn the_text_part_names_an_image_by_its_words_and_only_the_web_by_its_address() {
    let travels = rendered("![two boats](900x600.png \"At dusk\")", LETTER);
    assert!(shown(&travels.text).contains("[image: two boats — At dusk]\n\n"), "{}", shown(&travels.text));
    assert_eq!(links(&travels.links), ["‹unsubscribe_url›"]);
    let linked = rendered("![two boats](web-400x200.png)", LETTER);
    let text = shown(&linked.text);
    assert!(text.contains("[image: two boats] [1]"), "{text}");
    assert!(text.contains("[1] https://x.example/web-400x200.png"), "{text}");
    assert_eq!(links(&linked.links)[0], "https://x.example/web-400x200.png");
    assert!(linked.images.is_empty());
}

#[test]
fn a_file_that_cannot_be_shown_is_found_at_every_place_that_names_it() {
    let rendered = rendered("![a](two%20boats.png)\n\n![b](<two boats.png>) ![c](20x20.png)\n", LETTER);
    assert_eq!(places(&rendered, "image-local"), ["1:1", "3:1"]);
    assert!(rendered.findings[0].message.contains("there is no two boats.png"));
}

#[test]
fn a_path_may_hold_what_is_the_same_for_everybody_and_nothing_else() {
    let mut issue = issue("![a]({{ vars.folder }}/400x100.png) ![b]({{ name }}.png)");
    issue.front.vars.insert("folder".to_owned(), "a".into());
    let look = Images::load(PATHS.map(str::to_owned), file);
    let rendered = render_showing(&issue, LETTER, "en", &look).expect("it renders");
    assert!(shown(&rendered.html).contains("src=\"cid:400x100.png@x\""), "{}", shown(&rendered.html));
}

#[test]
fn a_path_is_what_has_neither_scheme_nor_host() {
    for path in ["a.png", "../a.png", "/a.png", "a b.png"] {
        assert!(is_local(path), "{path}");
    }
    for elsewhere in ["https://a.example/b.png", "//a.example/b.png", "data:image/png,x", "cid:a", "", " "] {
        assert!(!is_local(elsewhere), "{elsewhere}");
    }
}

#[test]
fn a_browser_gets_the_bytes_in_the_page() {
    let rendered = rendered("![a](20x20.png)", LETTER);
    let html = in_browser(&shown(&rendered.html), &rendered.images);
    assert!(html.contains("src=\"data:image/png;base64,AQID\"") && !html.contains("cid:"), "{html}");
}

#[test]
fn images_that_no_server_takes_together_are_found() {
    let part = |bytes| Attachment { bytes: vec![0; bytes], ..file("20x20.png").unwrap().part.unwrap() };
    assert!(weighed(&[part(3_000_000), part(3_000_000)]).is_none());
    let finding = weighed(&[part(4_000_000), part(4_000_000)]).expect("it is too much");
    assert!(finding.message.contains("8000000 bytes"), "{finding:?}");
}

#[test]
fn a_tag_that_never_ends_and_one_within_another_are_left_whole() {
    assert_eq!(rewrite("<img src=\"a\"", |_| None), "<img src=\"a\"");
    assert_eq!(
        rewrite("<img alt=\"<img x>\" b>!", |tag| Some(tag.to_uppercase())),
        "<IMG ALT=\"<IMG X>\" B>!"
    );
    assert_eq!(tags("<imgx a> <img\n/>").count(), 1);
}
