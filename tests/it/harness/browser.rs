//! Headless Chromium: what a reader would see, as a picture.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::program::{Program, Run};
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
    let draw = [format!("--screenshot={}", picture.display()), format!("--window-size={width},{height}")];
    let dark = (mode == Mode::Dark).then(|| "--blink-settings=preferredColorScheme=0".to_owned());
    let run = chromium(&framed, folder, draw.into_iter().chain(dark));
    assert!(picture.exists(), "Chromium made no picture\n{run}");
    picture
}

/// What of a page of HTML stands out to the right of a window of so many CSS pixels, one line for each
/// element; empty where a reader never has to scroll sideways.
pub fn overflowing(html: &str, width: u32, folder: &Path) -> Vec<String> {
    let (page, framed) = (folder.join("wide.html"), folder.join("wide-frame.html"));
    fs::write(&page, html).expect("there is room for a page");
    fs::write(&framed, frame(&page, width, 1000) + MEASURE).expect("there is room for a page");
    let run = chromium(&framed, folder, ["--dump-dom", "--virtual-time-budget=5000"].map(str::to_owned));
    let dump = scraper::Html::parse_document(&run.stdout);
    let measured = scraper::Selector::parse("#measured").expect("the selector is valid");
    let list = dump.select(&measured).next().unwrap_or_else(|| panic!("Chromium measured nothing\n{run}"));
    list.text().collect::<String>().lines().map(str::to_owned).collect()
}

/// Writes down every element of the framed page that ends right of its window, once the page is laid out.
const MEASURE: &str = r#"<script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const page = frame.contentDocument, width = frame.clientWidth;
  const wide = [...page.querySelectorAll("body, body *")].filter(element =>
    element.getBoundingClientRect().right > width + 0.5 || element.getBoundingClientRect().left < -0.5);
  const lines = wide.map(element => `${element.localName}: ${element.textContent.trim().replace(/\s+/g, " ").slice(0, 60)}`);
  if (page.documentElement.scrollWidth > width) lines.push(`the page is ${page.documentElement.scrollWidth} wide`);
  const list = document.createElement("pre");
  list.id = "measured";
  list.textContent = lines.join("\n");
  document.body.append(list);
};
</script>"#;

/// One run of Chromium with a profile of its own.
fn chromium(page: &Path, folder: &Path, more: impl IntoIterator<Item = String>) -> Run {
    let profile = tempfile::tempdir().expect("there is room for a profile");
    Program::new(&tool("chromium"), folder)
        .args(FLAGS)
        .args([format!("--user-data-dir={}", profile.path().display())])
        .args(more)
        .args([format!("file://{}", page.display())])
        .env("HOME", profile.path())
        .patience(Duration::from_secs(60))
        .run()
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

    #[test]
    fn what_is_wider_than_the_window_is_named() {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let page = format!("{PAGE}<div style=\"width:500px\">too wide</div>");
        assert_eq!(overflowing(&page, 600, folder.path()), Vec::<String>::new());
        let wide = overflowing(&page, 375, folder.path());
        assert!(wide.contains(&"div: too wide".to_owned()), "{wide:?}");
    }
}
