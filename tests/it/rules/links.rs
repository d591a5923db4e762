//! The words of links, and what their addresses show.

use super::{Row, row};

pub const ROWS: &[Row] = &[
    row(
        "link-text",
        "warning",
        "For the times of the tide click [here](https://tides.example/today).",
        "Look up [the times of the tide](https://tides.example/today).",
    ),
    row(
        "link-long-url",
        "warning",
        "Look up <https://tides.example/harbours/north/times-of-the-tide/2026/november/29>.",
        "Look up <https://tides.example/today>.",
    ),
    row(
        "link-mismatch",
        "error",
        "Look up [tides.example/today](https://elsewhere.example/today).",
        "Look up [www.tides.example](https://tides.example/today) and [Node.js](https://nodejs.example).",
    ),
    row(
        "link-shortener",
        "warning",
        "Look up [the times of the tide](https://bit.ly/3xYzTide).",
        "Look up [the times of the tide](https://tides.example/bit.ly).",
    ),
    row(
        "link-ip",
        "warning",
        "Look up [the times of the tide](https://93.184.216.34/today).",
        "Look up [the times of the tide](https://tides.example/93.184.216.34).",
    ),
    row(
        "link-idn",
        "warning",
        "Look up [the times of the tide](https://t\u{456}des.example/today).",
        "Look up [the times of the tide](https://b\u{fc}cher.example/today).",
    ),
    row(
        "link-tracking",
        "warning",
        "Look up [the times of the tide](https://tides.example/today?fbclid=IwAR0x1).",
        "Look up [the times of the tide](https://tides.example/today?harbour=north).",
    ),
    row(
        "link-tracking",
        "info",
        "Look up [the times of the tide](https://tides.example/today?utm_source=other-letter).",
        "Come to [our page](https://weekly.example/tides?utm_source=letter).",
    ),
    row(
        "link-http",
        "warning",
        "Look up [the times of the tide](http://tides.example/today).",
        "Look up [the times of the tide](https://tides.example/today).",
    ),
    row(
        "link-placeholder",
        "error",
        "Look up [the times of the tide](#).",
        "Look up [the times of the tide](https://tides.example/today).",
    ),
    row(
        "link-relative",
        "error",
        "Look up [the times of the tide](tides.html).",
        "Look up [the times of the tide](https://tides.example/today).",
    ),
    row(
        "link-malformed",
        "error",
        "Look up [the times of the tide](htps://tides.example/today).",
        "Write to [the harbour](mailto:harbour@tides.example).",
    ),
    row(
        "link-localhost",
        "error",
        "Look up [the times of the tide](http://localhost:3000/today).",
        "Look up [the times of the tide](https://tides.example/today).",
    ),
    row(
        "merge-url",
        "error",
        "Look up [the times of the tide](https://{{ name }}/today).",
        "Look up [the times of the tide](https://tides.example/today?for={{ name | default(\"you\") }}).",
    ),
];
