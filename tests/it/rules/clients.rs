//! What mail clients do with the HTML, and readers who do not see it.

use super::{Row, row};

/// A template with these lines in its head and its body, and nothing else that a rule would find.
macro_rules! template {
    ($mjml:literal, $head:literal, $body:literal) => {
        concat!(
            "<mjml ",
            $mjml,
            "><mj-head>",
            $head,
            "</mj-head><mj-body><mj-section><mj-column><mj-text><h1>{{ heading }}</h1></mj-text>",
            $body,
            "{{ body }}<mj-text><a href=\"{{ unsubscribe_url }}\">Unsubscribe</a> {{ site.postal_address }}</mj-text>",
            "</mj-column></mj-section></mj-body></mjml>"
        )
    };
}

macro_rules! head {
    ($head:literal) => {
        template!("lang=\"{{ lang }}\" dir=\"{{ dir }}\"", $head, "")
    };
}

macro_rules! body {
    ($body:literal) => {
        template!("lang=\"{{ lang }}\" dir=\"{{ dir }}\"", "<mj-title>{{ title }}</mj-title>", $body)
    };
}

/// One workspace for all rows.
const FILES: &[(&str, &str)] = &[
    (
        "templates/nested.mjml",
        head!("<mj-style>@media print{@supports (color:red){p{color:red}}}</mj-style>"),
    ),
    (
        "templates/flat.mjml",
        head!("<mj-style>@media print{p{color:red}}@supports (color:red){p{color:red}}</mj-style>"),
    ),
    (
        "templates/heavy.mjml",
        head!("<mj-style>{% for n in range(600) %}.heavy-{{ n }}{margin:0}{% endfor %}</mj-style>"),
    ),
    ("templates/web.mjml", head!("<mj-style>@import url(\"https://example.org/a.css\");</mj-style>")),
    ("templates/untitled.mjml", template!("lang=\"{{ lang }}\" dir=\"{{ dir }}\"", "", "")),
    ("templates/wrong-way.mjml", template!("lang=\"{{ lang }}\" dir=\"rtl\"", "<mj-title>x</mj-title>", "")),
    (
        "templates/form.mjml",
        body!("<mj-raw><tr><td><form><input type=\"text\" name=\"q\" /></form></td></tr></mj-raw>"),
    ),
    ("templates/plain.mjml", body!("")),
    ("templates/short.mjml", body!("<mj-text color=\"#123\">x</mj-text>")),
    ("templates/long.mjml", body!("<mj-text color=\"#112233\">x</mj-text>")),
    ("templates/slip.mjml", body!("<mj-text colour=\"#112233\">x</mj-text>")),
    ("templates/twice.mjml", body!("<mj-text><p id=\"a\">x</p><p id=\"a\">y</p></mj-text>")),
];

/// MJML of the author, as it stands in an issue.
macro_rules! mjml {
    ($inside:literal) => {
        concat!("The boats came in.\n\n```mjml\n<mj-text>", $inside, "</mj-text>\n```\n")
    };
}

macro_rules! with {
    ($template:literal) => {
        concat!("---\ntitle: Boats\ntemplate: ", $template, "\n---\n\nThe boats came in this morning.\n")
    };
}

pub const ROWS: &[Row] = &[
    row(
        "css-support",
        "warning",
        mjml!("<div style=\"width:calc(100% - 20px)\">Boats</div>"),
        mjml!("<div style=\"width:90%;width:calc(100% - 20px);border-radius:4px\">Boats</div>"),
    )
    .files(FILES),
    row(
        "css-important-inline",
        "warning",
        mjml!("<p style=\"margin:0 !important\">Boats</p>"),
        mjml!("<p style=\"margin:0\">Boats</p>"),
    )
    .files(FILES),
    row(
        "css-rgba",
        "warning",
        mjml!("<p style=\"background-color:rgba(0,0,0,.1)\">Boats</p>"),
        mjml!("<p style=\"background-color:#e5e5e5;background-color:rgba(0,0,0,.1)\">Boats</p>"),
    )
    .files(FILES),
    row(
        "css-var",
        "warning",
        mjml!("<p style=\"margin:var(--space)\">Boats</p>"),
        mjml!("<p style=\"margin:0;margin:var(--space)\">Boats</p>"),
    )
    .files(FILES),
    row(
        "css-flex",
        "warning",
        mjml!("<div style=\"display:flex\"><p>Boats</p></div>"),
        mjml!("<div style=\"display:block\"><p>Boats</p></div>"),
    )
    .files(FILES),
    row(
        "css-float",
        "warning",
        mjml!("<div style=\"float:left\">Boats</div>"),
        mjml!("<img style=\"float:left\" align=\"left\" width=\"9\" src=\"https://example.org/a.png\" alt=\"Boats\" />"),
    )
    .files(FILES),
    row(
        "css-position",
        "warning",
        mjml!("<div style=\"position:absolute;top:0\">Boats</div>"),
        mjml!("<div style=\"position:relative\">Boats</div>"),
    )
    .files(FILES),
    row("css-nested-at", "error", with!("nested"), with!("flat")).files(FILES),
    row("size-style", "warning", with!("heavy"), with!("plain")).files(FILES),
    row(
        "rgb-space",
        "warning",
        mjml!("<p style=\"border-color:rgb(0 128 0)\">Boats</p>"),
        mjml!("<p style=\"border-color:rgb(0, 128, 0)\">Boats</p>"),
    )
    .files(FILES),
    row("font-web", "info", with!("web"), with!("plain")).files(FILES),
    row(
        "font-small",
        "warning",
        mjml!("<p style=\"font-size:11px\">Boats</p>"),
        mjml!("<p style=\"font-size:13px\">Boats<sup style=\"font-size:10px\">1</sup></p>"),
    )
    .files(FILES),
    row(
        "tap-target",
        "warning",
        "```mjml\n<mj-button href=\"https://example.org/\" inner-padding=\"4px 8px\" line-height=\"20px\">Boats</mj-button>\n```\n",
        "**[Boats](https://example.org/)**\n\n[Ships](https://example.org/s){.button .quiet}\n",
    )
    .files(FILES),
    row("color-hex6", "info", with!("short"), with!("long")).files(FILES),
    row("mjml-schema", "warning", with!("slip"), with!("long")).files(FILES),
    row("dark-pair", "warning", with!("plain"), "The boats came in this morning.").files(FILES),
    row(
        "contrast",
        "warning",
        mjml!("<p style=\"color:#999999;background-color:#aaaaaa\">Boats</p>"),
        mjml!("<p style=\"color:#ffffff;background-color:#333333\">Boats</p>"),
    )
    .files(FILES),
    row("title-missing", "error", with!("untitled"), with!("plain")).files(FILES),
    row("dir-missing", "error", with!("wrong-way"), with!("plain")).files(FILES),
    row(
        "table-role",
        "warning",
        mjml!("<table><tr><td>Boats</td></tr></table>"),
        mjml!("<table role=\"presentation\"><tr><td>Boats</td></tr></table>"),
    )
    .files(FILES),
    row(
        "table-scope",
        "warning",
        mjml!("<table><tr><th>Boats</th></tr><tr><td>Anna</td></tr></table>"),
        "| Boats |\n| --- |\n| Anna |\n",
    )
    .files(FILES),
    row("html-forbidden", "error", with!("form"), with!("plain")).files(FILES),
    row("html-wellformed", "warning", with!("twice"), with!("plain")).files(FILES),
    row(
        "outlook-background",
        "warning",
        mjml!("<div style=\"background-image:url('https://example.org/a.png')\">Boats</div>"),
        mjml!("<div style=\"background-color:#223344;background-image:url('https://example.org/a.png')\">Boats</div>"),
    )
    .files(FILES),
    row(
        "outlook-padding",
        "warning",
        mjml!("<div style=\"background-color:#eeeeee;padding:12px\">Boats</div>"),
        mjml!("<div style=\"padding:12px\">Boats</div>"),
    )
    .files(FILES),
    row(
        "outlook-max-width",
        "warning",
        mjml!("<div style=\"max-width:300px\">Boats</div>"),
        mjml!("<div style=\"max-width:100%\">Boats</div>"),
    )
    .files(FILES),
];
