//! Image files in the MJML and HTML of a letter, whoever wrote it there: which are named, what `src` becomes,
//! and how large they are.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE64, HEXLOWER};

use super::html::{attribute, escape, tag_length, unescaped};
use super::markdown::scheme;
use super::merge::{Marks, Part};
use super::page::{PICTURE, Picture};
use crate::model::finding::Finding;
use crate::model::image::{Image, Images};
use crate::model::letter::Attachment;

/// The width of a phone in CSS pixels: what is narrower is not stretched on one.
const PHONE: u32 = 320;

/// The space at both sides of running text, in pixels.
const SIDES: u32 = 64;

/// Bytes of all images together, which base64 makes a third more: many servers take letters up to 10 MB.
const MOST_TOGETHER: usize = 7_000_000;

/// Whether this is a path, and no address on the web.
pub fn is_local(target: &str) -> bool {
    let target = target.trim();
    !target.is_empty() && !target.starts_with("//") && scheme(target).is_none()
}

/// `target` with what is the same for everybody filled in, if it is the path of a file.
pub fn path(target: &str, marks: &Marks) -> Option<String> {
    let path = marks.fill_constants(target);
    let is_whole = marks.split(&path).iter().all(|part| matches!(part, Part::Text(_)));
    (is_whole && is_local(&path)).then_some(path)
}

/// The paths that the images of `mjml` name.
pub fn wanted(mjml: &str, marks: &Marks) -> Vec<String> {
    let sources = tags(mjml).filter_map(|(_, tag)| attribute(tag, "src"));
    sources.filter_map(|src| path(&unescaped(src), marks)).collect()
}

/// `mjml` with images that know where their bytes are and how wide they are, at most `width` pixels.
pub fn settle(mjml: &str, marks: &Marks, images: &Images, width: u32) -> String {
    rewrite(mjml, |tag| {
        let src = attribute(tag, "src")?;
        let image = path(&unescaped(src), marks).and_then(|path| images.shown(&path));
        let Some(image) = image else { return narrow(tag) };
        let tag = tag.replace(&format!(" src=\"{src}\""), &format!(" src=\"{}\"", escape(&image.src)));
        Some(match tag.starts_with("<mj-image") {
            true => component(tag, image, width),
            false => inline(tag, image, width - SIDES),
        })
    })
}

/// MJML makes it as wide as its column where that is narrower.
fn component(tag: String, image: &Image, width: u32) -> String {
    let shown = image.size.within(width).width;
    let tag = match attribute(&tag, "width") {
        Some(_) => tag,
        None => with(&tag, &format!("width=\"{shown}px\"")),
    };
    narrow(&tag).unwrap_or(tag)
}

/// A narrow component is not stretched on a phone.
fn narrow(tag: &str) -> Option<String> {
    let width: u32 = attribute(tag, "width")?.strip_suffix("px")?.parse().ok()?;
    let is_narrow = width < PHONE && tag.starts_with("<mj-image");
    is_narrow.then(|| tag.replace(" fluid-on-mobile=\"true\"", "").replace("c-pad c-image", "c-pad"))
}

fn inline(tag: String, image: &Image, width: u32) -> String {
    let own = attribute(&tag, "width").map(|width| width.trim_end_matches("px").parse());
    let size = match own {
        None => image.size.within(width),
        Some(Ok(own)) => image.size.scaled(own),
        // Per cent: as high as it comes out.
        Some(Err(_)) => return tag,
    };
    let mut tag = tag;
    if own.is_none() {
        tag = with(&tag, &format!("width=\"{}\"", size.width));
    }
    if attribute(&tag, "height").is_none() {
        tag = with(&tag, &format!("height=\"{}\"", size.height));
    }
    match attribute(&tag, "style") {
        Some(style) if style.contains("height") => tag,
        Some(style) => {
            tag.replace(&format!(" style=\"{style}\""), &format!(" style=\"{style};height:auto\""))
        }
        None => with(&tag, "style=\"border:0;max-width:100%;height:auto\""),
    }
}

/// Finished HTML in which every image that has a width says its height, so that nothing jumps when it comes.
pub fn measured(html: &str, images: &Images) -> String {
    let by_src: HashMap<&str, &Image> = images.all().map(|(_, image)| (image.src.as_str(), image)).collect();
    rewrite(html, |tag| {
        let image = by_src.get(unescaped(attribute(tag, "src")?).as_str())?;
        let width = attribute(tag, "width")?.parse().ok()?;
        let height = format!(" height=\"{}\"", image.size.scaled(width).height);
        tag.contains(" height=\"auto\"").then(|| tag.replace(" height=\"auto\"", &height))
    })
}

/// What `html` shows and has to travel with it, each once.
pub fn parts(html: &str, images: &Images) -> Vec<Attachment> {
    let mut missing: HashSet<String> =
        tags(html).filter_map(|(_, tag)| attribute(tag, "src").map(unescaped)).collect();
    let shown = images.all().filter(|(_, image)| missing.remove(&image.src));
    shown.filter_map(|(_, image)| image.part.clone()).collect()
}

/// The HTML of a page whose images say where they are and how large, and those that have to lie beside it, in the order in
/// which they are shown. An image that cannot be shown leaves its words.
pub fn on_page(html: &str, marks: &Marks, images: &Images) -> (String, Vec<Picture>) {
    let mut pictures: Vec<Picture> = Vec::new();
    let html = rewrite(html, |tag| {
        let src = attribute(tag, "src")?;
        let path = path(&unescaped(src), marks)?;
        let Some(image) = images.shown(&path) else { return Some(words_of(tag)) };
        let address = match picture(image) {
            Some(picture) => {
                let address = format!("{PICTURE}{}", picture.name);
                if pictures.iter().all(|known| known.name != picture.name) {
                    pictures.push(picture);
                }
                address
            }
            None => escape(&image.src),
        };
        Some(sized(&tag.replace(&format!(" src=\"{src}\""), &format!(" src=\"{address}\"")), image))
    });
    (html, pictures)
}

/// The HTML of a page without the images of which nobody says where they are: each leaves its words.
pub fn without_empty(html: &str) -> String {
    rewrite(html, |tag| attribute(tag, "src").is_some_and(str::is_empty).then(|| words_of(tag)))
}

/// What stands for an image that cannot be shown.
fn words_of(tag: &str) -> String {
    format!("<span class=\"no-image\">{}</span>", attribute(tag, "alt").unwrap_or_default())
}

/// What travels in the letter, as a file of a page.
pub fn picture(image: &Image) -> Option<Picture> {
    let part = image.part.as_ref()?;
    let ending = part.content_type.rsplit('/').next().unwrap_or_default().replace("jpeg", "jpg");
    let name = format!("{}.{ending}", &HEXLOWER.encode(digest(&SHA256, &part.bytes).as_ref())[..20]);
    let (content_type, bytes) = (part.content_type.clone(), part.bytes.clone());
    Some(Picture { name, content_type, bytes })
}

/// The width that the author names, in pixels, with the height that goes with it; else its own size.
fn sized(tag: &str, image: &Image) -> String {
    let own = attribute(tag, "width").map(|width| width.trim_end_matches("px").parse());
    let tag = match own {
        None => with(tag, &format!("width=\"{}\" height=\"{}\"", image.size.width, image.size.height)),
        Some(Ok(own)) if attribute(tag, "height").is_none() => {
            with(tag, &format!("height=\"{}\"", image.size.scaled(own).height))
        }
        Some(_) => tag.to_owned(),
    };
    with(&tag, "loading=\"lazy\"")
}

/// What is wrong with all of them together.
pub fn weighed(parts: &[Attachment]) -> Option<Finding> {
    let bytes: usize = parts.iter().map(|part| part.bytes.len()).sum();
    (bytes > MOST_TOGETHER).then(|| {
        let message =
            format!("the images of the letter have {bytes} bytes together, and many servers refuse it");
        Finding::warning("image-size", message)
            .help("make them smaller, or put them on the web: `embed = \"link\"` in `[images]`")
    })
}

/// `html` as a browser shows it: the bytes of its images in it.
pub fn in_browser(html: &str, parts: &[Attachment]) -> String {
    let named = parts.iter().filter_map(|part| Some((format!("cid:{}", part.content_id.as_ref()?), part)));
    named.fold(html.to_owned(), |html, (src, part)| match html.contains(&src) {
        true => {
            html.replace(&src, &format!("data:{};base64,{}", part.content_type, BASE64.encode(&part.bytes)))
        }
        false => html,
    })
}

/// The tags of images and where each begins.
fn tags(markup: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = ["<img", "<mj-image"].into_iter().flat_map(|name| {
        markup.match_indices(name).filter_map(move |(at, _)| {
            let tag = &markup[at..];
            let ends = tag[name.len()..].starts_with(|c: char| c.is_whitespace());
            ends.then(|| (at, &tag[..tag_length(tag)]))
        })
    });
    let mut tags: Vec<_> = starts.collect();
    tags.sort_by_key(|(at, _)| *at);
    tags.into_iter()
}

/// `markup` with each image's tag as `change` makes it; `None` leaves it.
fn rewrite(markup: &str, mut change: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut done = 0;
    for (at, tag) in tags(markup) {
        if at < done {
            continue;
        }
        if let Some(changed) = change(tag) {
            out.push_str(&markup[done..at]);
            out.push_str(&changed);
            done = at + tag.len();
        }
    }
    out + &markup[done..]
}

/// The tag with one more attribute.
fn with(tag: &str, attribute: &str) -> String {
    let (name, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    format!("{name} {attribute} {rest}")
}

#[cfg(test)]
mod tests;
