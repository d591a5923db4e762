//! The files of the page, which are part of the program.

use axum::extract::Path;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};

use super::ask::{Refusal, Why};

const INDEX: &str = include_str!("page/index.html");

/// Files of the folder `page/`, each with its name.
macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_bytes!(concat!("page/", $name)) as &[u8])),*]
    };
}

/// Everything below `assets/`.
const ASSETS: &[(&str, &[u8])] = &files![
    "actions.js" "chooser.js" "controls.css" "dialog.js" "dialogs.css" "dom.js" "findings.js"
    "forced.js" "frame.js" "icons.svg" "inbox.js" "ink.js" "issues.js" "keys.js" "layout.css"
    "letter.css" "links.js" "looks.js" "mailbox.css" "mailbox.js" "main.js" "manuscript.js"
    "mark.svg" "paper.css" "parts.css" "parts.js" "people.js" "proof.css" "say.js" "send.js"
    "server.js" "sizes.js" "stage.js" "store.js" "tabs.js" "theme.js" "toolbar.js" "trouble.js"
];

pub async fn index() -> Response {
    ([(CONTENT_TYPE, kind("index.html"))], INDEX).into_response()
}

pub async fn asset(
    Path(name): Path<String>,
) -> Result<([(HeaderName, &'static str); 1], &'static [u8]), Refusal> {
    let found = ASSETS.iter().find(|(known, _)| *known == name);
    let found = found.map(|(_, bytes)| ([(CONTENT_TYPE, kind(&name))], *bytes));
    found.ok_or_else(|| Refusal::new(Why::NotThere, "the page has no such file", "open the page anew"))
}

/// By the ending of the name.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_served_as_what_it_is() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/preview/page");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "index.html")
            .collect();
        files.sort();
        let mut served: Vec<&str> = ASSETS.iter().map(|(name, _)| *name).collect();
        served.sort_unstable();
        assert_eq!(served, files);
        for name in served {
            assert_ne!(kind(name), "application/octet-stream", "{name}");
        }
    }
}
