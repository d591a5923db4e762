//! Subject and preheader.

use super::{Row, row};

pub const ROWS: &[Row] = &[
    row(
        "subject-length",
        "warning",
        "---\ntitle: What the boats brought to the harbour this week and what became of it\n---\n\nThey came in.\n",
        "They came in.",
    ),
    row(
        "subject-control",
        "error",
        "---\ntitle: \"Boats \\u202Etaob\"\n---\n\nThe boats came in this morning.\n",
        "The boats came in this morning.",
    ),
    row(
        "subject-caps",
        "warning",
        "---\ntitle: Boats\nsubject: ALL BOATS MUST LEAVE\n---\n\nThe boats came in this morning.\n",
        "---\ntitle: Boats\nsubject: What NASA sees of our boats\n---\n\nThe boats came in this morning.\n",
    ),
    row(
        "subject-spam",
        "warning",
        "---\ntitle: Boats\nsubject: Act now, the boats are leaving\n---\n\nThe boats came in this morning.\n",
        "---\ntitle: Boats\nsubject: The boats are leaving now!\n---\n\nThe boats came in this morning.\n",
    ),
    row(
        "subject-re",
        "error",
        "---\ntitle: Boats\nsubject: \"Re: our boats\"\n---\n\nThe boats came in this morning.\n",
        "---\ntitle: Boats\nsubject: \"Reading: our boats\"\n---\n\nThe boats came in this morning.\n",
    ),
    row(
        "subject-emoji",
        "info",
        "---\ntitle: Boats\nsubject: ⛵ Boats 🌊 and 🐟\n---\n\nThe boats came in this morning.\n",
        "---\ntitle: Boats\nsubject: ⛵ Boats and waves 🌊\n---\n\nThe boats came in this morning.\n",
    ),
    row(
        "preheader-missing",
        "warning",
        "---\ntitle: Boats\n---\n\nThe boats came in this morning.\n",
        "The boats came in this morning.",
    ),
    row(
        "preheader-dup",
        "warning",
        "---\ntitle: Boats\nsubject: What the boats brought to the harbour\n\
         preheader: What the boats brought to the harbour.\n---\n\nThe boats came in this morning.\n",
        "The boats came in this morning.",
    ),
    row(
        "preheader-length",
        "warning",
        "---\ntitle: Boats\npreheader: All of them\n---\n\nThe boats came in this morning.\n",
        "The boats came in this morning.",
    ),
];
