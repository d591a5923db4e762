//! What a reader sees of the finished HTML: the way out, words that are hidden or huge, images that are counted.

use super::{Row, row};

macro_rules! template {
    ($body:literal, $foot:literal) => {
        concat!(
            "<mjml lang=\"{{ lang }}\" dir=\"{{ dir }}\"><mj-head><mj-title>{{ title }}</mj-title></mj-head><mj-body>",
            "<mj-section><mj-column><mj-text><h1>{{ heading }}</h1></mj-text>",
            $body,
            "{{ body }}<mj-text>",
            $foot,
            " {{ site.postal_address }}</mj-text></mj-column></mj-section></mj-body></mjml>"
        )
    };
}

/// One workspace for all rows.
const FILES: &[(&str, &str)] = &[
    ("templates/plain.mjml", template!("", "<a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>")),
    (
        "templates/tiny.mjml",
        template!("", "<a href=\"{{ unsubscribe_url }}\" style=\"font-size:6px\">Unsubscribe</a>"),
    ),
    (
        "templates/white.mjml",
        template!("", "<a href=\"{{ unsubscribe_url }}\" style=\"color:#fefefe\">Unsubscribe</a>"),
    ),
    (
        "templates/hidden.mjml",
        template!(
            "<mj-text><span style=\"display:none\">cheap boats for everybody</span></mj-text>",
            "<a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>"
        ),
    ),
    (
        "templates/huge.mjml",
        template!(
            "<mj-text font-size=\"80px\">Boats for everybody</mj-text>",
            "<a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>"
        ),
    ),
    (
        "templates/more.mjml",
        template!(
            "<mj-text><a href=\"https://boats.example/join\">Join the fleet</a></mj-text>",
            "<a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>"
        ),
    ),
];

const GOOD: &str = "---\ntitle: Boats\ntemplate: plain\n---\n\nThe boats came in this morning.\n";

pub const ROWS: &[Row] = &[
    row(
        "unsub-visible",
        "warning",
        "---\ntitle: Boats\ntemplate: tiny\n---\n\nThe boats came in this morning.\n",
        GOOD,
    )
    .files(FILES),
    row(
        "unsub-visible",
        "warning",
        "---\ntitle: Boats\ntemplate: white\n---\n\nThe boats came in this morning.\n",
        GOOD,
    )
    .files(FILES),
    row(
        "text-invisible",
        "warning",
        "---\ntitle: Boats\ntemplate: hidden\n---\n\nThe boats came in this morning.\n",
        "---\ntitle: Boats\npreheader: All about the boats\ntemplate: plain\n---\n\nThe boats came in this morning.\n",
    )
    .files(FILES),
    row(
        "font-huge",
        "warning",
        "---\ntitle: Boats\ntemplate: huge\n---\n\nThe boats came in this morning.\n",
        GOOD,
    )
    .files(FILES),
    row(
        "text-drift",
        "warning",
        "---\ntitle: Boats\ntemplate: more\n---\n\nThe boats came in this morning.\n",
        "---\ntitle: Boats\ntemplate: plain\n---\n\n## H~2~O\n\nSee [the *boats*](https://boats.example/a_b?c=d&e=f).\n",
    )
    .files(FILES),
    row(
        "img-width",
        "warning",
        "The boats: ![Two boats at dusk](https://boats.example/1.jpg)",
        "The boats: ![Two boats at dusk](https://boats.example/1.jpg){width=300}\n\n![A boat](https://boats.example/2.jpg)",
    ),
    row(
        "track-pixel",
        "info",
        "The boats came in.\n\n<img src=\"https://boats.example/open.gif\" width=\"1\" height=\"1\" alt=\"\">",
        "The boats came in.\n\n<img src=\"https://boats.example/boat.gif\" width=\"20\" height=\"20\" alt=\"a boat\">",
    ),
    row(
        "track-pixel",
        "info",
        "The boats came in.\n\n![x y](https://boats.list-manage.com/track/open.php?u=1){width=20}",
        "The boats came in.\n\n![x y](https://boats.example/track/open.php?u=1){width=20}",
    ),
];
