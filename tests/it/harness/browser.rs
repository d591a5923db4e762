//! Headless Chromium: what a reader would see, as a picture.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::program::Program;
use super::tools::tool;

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
    let (page, picture) = (folder.join(format!("{name}.html")), folder.join(format!("{name}.png")));
    fs::write(&page, html).expect("there is room for a page");
    // Chromium lays nothing out narrower than 500 pixels and cuts the picture, so the page stands in a frame.
    let framed = folder.join(format!("{name}-frame.html"));
    fs::write(&framed, frame(&page, width, height)).expect("there is room for a page");
    let profile = tempfile::tempdir().expect("there is room for a profile");
    let run = Program::new(&tool("chromium"), folder)
        .args(FLAGS)
        .args([
            format!("--user-data-dir={}", profile.path().display()),
            format!("--screenshot={}", picture.display()),
        ])
        .args([format!("--window-size={width},{height}")])
        .args((mode == Mode::Dark).then_some("--blink-settings=preferredColorScheme=0"))
        .args([format!("file://{}", framed.display())])
        .env("HOME", profile.path())
        .patience(Duration::from_secs(60))
        .run();
    assert!(picture.exists(), "Chromium made no picture\n{run}");
    picture
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

fn frame(page: &Path, width: u32, height: u32) -> String {
    format!(
        "<!doctype html><meta name=\"color-scheme\" content=\"light dark\"><body style=\"margin:0\"><iframe src=\"file://{}\" \
         style=\"border:0;width:{width}px;height:{height}px\"></iframe>",
        page.display()
    )
}

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
}
