//! What stands around the text: the sender, the template, the colours.

use super::{Row, row};

/// A template that says as little as it can.
const BARE: &str = "<mjml><mj-head><mj-title>{{ title }}</mj-title></mj-head><mj-body><mj-section><mj-column>\
    <mj-text><h1>{{ title }}</h1></mj-text>{{ body }}<mj-text><a href=\"{{ unsubscribe_url }}\">Unsubscribe</a> \
    {{ site.postal_address }}</mj-text></mj-column></mj-section></mj-body></mjml>";

pub const ROWS: &[Row] = &[
    row(
        "lang-missing",
        "error",
        "---\ntitle: Boats\ntemplate: bare\n---\n\nThe boats came in this morning.\n",
        "The boats came in this morning.",
    )
    .files(&[("templates/bare.mjml", BARE)]),
    row(
        "contrast",
        "warning",
        "The boats came in this morning.",
        "---\ntitle: Boats\ntheme:\n  muted: { light: \"#5b6670\", dark: \"#9aa6b2\" }\n---\n\nThe boats came in.\n",
    )
    .settings("[theme]\nmuted = { light = \"#eeeeee\", dark = \"#9aa6b2\" }"),
    row("merge-leftover", "error", "Dear *|FNAME|*, the boats came in.", "Dear `*|FNAME|*`, the boats came in."),
    row(
        "merge-leftover",
        "error",
        "---\ntitle: Boats\nsubject: \"Boats: TODO\"\n---\n\nThe boats came in.\n",
        "---\ntitle: Boats\nsubject: What to do with boats\n---\n\nThe boats came in.\n",
    ),
    row("merge-unknown", "error", "Dear {{ nmae }}, the boats came in.", "The boats came in."),
    row(
        "merge-nodefault",
        "error",
        "Dear {{ name }}, the boats came in.",
        "Dear {{ name | default(\"reader\") }}, the boats came in.",
    ),
    row(
        "duplicate-number",
        "warning",
        "---\ntitle: Boats\nnumber: 12\n---\n\nThe boats came in.\n",
        "---\ntitle: Boats\nnumber: 13\n---\n\nThe boats came in.\n",
    )
    .files(&[("issues/900-old.md", "---\ntitle: Old boats\nnumber: 12\n---\n\nThey came in, too.\n")]),
];
