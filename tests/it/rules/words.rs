//! Headings, paragraphs, tables and code.

use super::{Row, row};

pub const ROWS: &[Row] = &[
    row(
        "heading-order",
        "warning",
        "## Boats\n\nThey came in.\n\n#### Sails\n\nThey were torn.",
        "## Boats\n\nThey came in.\n\n### Sails\n\nThey were torn.\n\n## Fish\n\nPlenty.",
    ),
    row("heading-empty", "warning", "##\n\nThe boats came in.", "## Boats\n\nThe boats came in."),
    row(
        "h1-count",
        "warning",
        "<h1>Boats</h1>\n\nThe boats came in this morning.",
        "# Boats\n\nThe boats came in this morning.",
    ),
    row(
        "doubled-word",
        "warning",
        "We saw the boats of the\nthe harbour.",
        "All that that boat had had was a sail, and what we saw was so, so small.",
    ),
    row(
        "line-long",
        "warning",
        "We saw the Donaudampfschifffahrtsgesellschaftskapitaenswitwe.",
        "We saw it at <https://boats.example/donaudampfschifffahrtsgesellschaft>.",
    ),
    row(
        "table-width",
        "warning",
        "| a | b | c | d | e |\n|---|---|---|---|---|\n| 1 | 2 | 3 | 4 | 5 |",
        "| a | b | c | d |\n|---|---|---|---|\n| 1 | 2 | 3 | 4 |",
    ),
    row(
        "code-width",
        "warning",
        "Run this:\n\n```\nfor boat in harbour: boat.leave(\"before the tide\") or boat.wait(\"until it comes again\")\n```",
        "Run this:\n\n```\nfor boat in harbour: boat.leave()\n```",
    ),
    row(
        "anchor-only",
        "info",
        "Read about [the sails](#sails).\n\n## Sails\n\nThey were torn.",
        "Read about the sails[^1].\n\n[^1]: They were torn.",
    ),
    row(
        "text-caps",
        "warning",
        "ALL BOATS MUST LEAVE THE HARBOUR BEFORE THE STORM COMES IN.",
        "All boats must leave the harbour, say NASA, NOAA and the **DWD**.",
    ),
    row("text-marks", "warning", "The boats are back!!!", "The boats are back! Are they? Yes."),
    row(
        "attachment-missing",
        "warning",
        "For the times of the tide, see the attached plan: see attached.",
        "---\ntitle: Boats\nattachments: [tide.txt]\n---\n\nFor the times of the tide, see attached.\n",
    )
    .files(&[("issues/tide.txt", "high water at noon\n")]),
    row(
        "weekday-mismatch",
        "warning",
        "We leave on Friday, 26 November 2026.",
        "We leave on Thursday, 26 November 2026, and come back on Saturday.",
    ),
    row(
        "mark-leftover",
        "warning",
        "The boats **came in this morning.",
        "The boats **came in** this morning.",
    ),
    row("bidi-control", "warning", "The boats \u{202e}emac\u{202c} in.", "The boats came in this morning."),
];
