//! Headless Chromium: what a reader would see, as a picture, and what they would not.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::program::{Program, Run};
use super::tools::{fixture, installed, tool};

/// What the reader's system is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Light,
    Dark,
}

/// Draws a page of HTML into `folder`, `width` by `height` CSS pixels; the path of the PNG. The background
/// outside of what the page paints is white.
pub fn screenshot(html: &str, width: u32, height: u32, mode: Mode, folder: &Path) -> PathBuf {
    let name = format!("{width}-{}", if mode == Mode::Dark { "dark" } else { "light" });
    let picture = folder.join(format!("{name}.png"));
    let framed = framed(html, &name, (width, height), "", folder);
    let run = chromium(
        folder,
        &[
            format!("--screenshot={}", picture.display()),
            format!("--window-size={width},{height}"),
            if mode == Mode::Dark { "--blink-settings=preferredColorScheme=0" } else { "--lang=en" }
                .to_owned(),
            format!("file://{}", framed.display()),
        ],
    );
    assert!(picture.exists(), "Chromium made no picture\n{run}");
    picture
}

/// What a reader would have to scroll sideways for, in a window of so many CSS pixels: the tag of each element
/// that is cut off, and how its text begins.
pub fn cut_off(html: &str, width: u32, folder: &Path) -> Vec<String> {
    let framed = framed(html, &format!("{width}-measured"), (width, 600), MEASURE, folder);
    let run = chromium(folder, &["--dump-dom".to_owned(), format!("file://{}", framed.display())]).ok();
    let page = scraper::Html::parse_document(&run.stdout);
    let measured = scraper::Selector::parse("body[data-measured]").expect("it is a selector");
    assert!(page.select(&measured).next().is_some(), "the page was not measured\n{run}");
    let found = scraper::Selector::parse("output").expect("it is a selector");
    page.select(&found).map(|output| output.text().collect()).collect()
}

/// Writes down each element beyond the edge of the frame, when the page is there.
const MEASURE: &str = "frame.onload = () => {
    const page = frame.contentDocument;
    for (const element of page.querySelectorAll('body *')) {
        const box = element.getBoundingClientRect();
        if (box.width && (box.right > frame.clientWidth + 1 || box.left < -1)) {
            const words = element.tagName + ' ' + element.textContent.trim().slice(0, 60);
            document.body.append(Object.assign(document.createElement('output'), { textContent: words }));
        }
    }
    document.body.dataset.measured = 'yes';
};";

/// A page that shows `html` in a frame, and runs `script` with it. Chromium lays nothing out narrower than 500
/// pixels and cuts the picture; a frame may be as narrow as a phone.
fn framed(html: &str, name: &str, (width, height): (u32, u32), script: &str, folder: &Path) -> PathBuf {
    let page = folder.join(format!("{name}.html"));
    fs::write(&page, html).expect("there is room for a page");
    let framed = folder.join(format!("{name}-frame.html"));
    let around = format!(
        "<!doctype html><meta name=\"color-scheme\" content=\"light dark\"><body style=\"margin:0\">\
         <iframe id=\"frame\" src=\"file://{}\" style=\"border:0;width:{width}px;height:{height}px\"></iframe>\
         <script>{script}</script>",
        page.display()
    );
    fs::write(&framed, around).expect("there is room for a page");
    framed
}

fn chromium(folder: &Path, args: &[String]) -> Run {
    let profile = tempfile::tempdir().expect("there is room for a profile");
    Program::new(&tool("chromium"), folder)
        .args(FLAGS)
        .args([format!("--user-data-dir={}", profile.path().display())])
        .args(args)
        .env("HOME", profile.path())
        .patience(Duration::from_secs(60))
        .run()
}

/// Walks through pages of ours by a script of the fixtures, which says where it looked and what was wrong there. Its
/// pictures are copied into the folder that KEEP_PICTURES names, if it does.
#[track_caller]
pub fn looks(script: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Vec<Value> {
    let pictures = tempfile::tempdir().expect("there is room for a temporary folder");
    let run = Program::new(&tool("node"), pictures.path())
        .args([fixture(script), installed("node/node_modules"), pictures.path().to_owned()])
        .args(args)
        .env("HOME", pictures.path())
        .patience(Duration::from_secs(600))
        .run()
        .ok();
    if let Some(kept) = std::env::var_os("KEEP_PICTURES") {
        keep(pictures.path(), Path::new(&kept));
    }
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("each line is a look")).collect()
}

fn keep(pictures: &Path, folder: &Path) {
    fs::create_dir_all(folder).expect("there can be a folder for pictures");
    for picture in fs::read_dir(pictures).expect("the folder is ours").flatten() {
        let is_picture = picture.path().extension().is_some_and(|ending| ending == "png");
        let to = folder.join(picture.file_name());
        let _ = is_picture.then(|| fs::copy(picture.path(), to).expect("there is room for a picture"));
    }
}

/// Fails the test unless there were so many looks, and nothing was wrong at any.
#[track_caller]
pub fn all_well(looks: &[Value], number: usize) {
    assert_eq!(looks.len(), number, "{looks:#?}");
    for look in looks {
        assert_eq!(look["faults"], serde_json::json!([]), "{look:#}");
    }
}

/// As root there is no sandbox; without the others Chromium asks the network for things no test needs.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--allow-file-access-from-files",
];

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!doctype html><meta charset=utf-8><meta name=\"color-scheme\" content=\"light dark\">\
        <style>body{background:#ffffff;color:#000000} @media (prefers-color-scheme: dark){body{background:#101418;color:#ffffff}}</style>\
        <p>Привет, Grüße &#9745;";

    #[test]
    fn a_page_is_drawn_at_its_width_in_light_and_in_dark() {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let draw = |width, mode| screenshot(PAGE, width, 200, mode, folder.path());
        let pictures = [draw(600, Mode::Light), draw(375, Mode::Light), draw(375, Mode::Dark)];
        let bytes = pictures.each_ref().map(|path| fs::read(path).expect("the picture is ours"));
        assert!(bytes.iter().all(|png| png.starts_with(b"\x89PNG")));
        let size = imagesize::blob_size(&bytes[0]).expect("it is a PNG");
        assert_eq!((size.width, size.height), (600, 200));
        assert_eq!(imagesize::blob_size(&bytes[1]).expect("it is a PNG").width, 375);
        assert_ne!(bytes[1], bytes[2], "dark and light look the same");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let page = "<!doctype html><p>fits<p style=\"width:500px\">does not";
        assert_eq!(cut_off(page, 375, folder.path()), ["P does not"]);
        assert_eq!(cut_off(page, 600, folder.path()), Vec::<String>::new());
    }
}
