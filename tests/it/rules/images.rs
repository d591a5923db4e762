//! Images.

use super::{Row, row};

pub const ROWS: &[Row] = &[
    row(
        "img-alt",
        "warning",
        "The boats: ![IMG_0042.jpg](https://boats.example/IMG_0042.jpg)",
        "The boats: ![Two boats at dusk](https://boats.example/IMG_0042.jpg)",
    ),
    row(
        "img-alt",
        "error",
        "The boats: [![](https://boats.example/1.jpg)](https://boats.example)",
        "The boats: [![All boats of the harbour](https://boats.example/1.jpg)](https://boats.example)",
    ),
    row(
        "img-http",
        "warning",
        "The boats: ![Two boats at dusk](http://boats.example/1.jpg)",
        "The boats: ![Two boats at dusk](https://boats.example/1.jpg)",
    ),
    row(
        "img-format",
        "warning",
        "The boats: ![Two boats at dusk](https://boats.example/1.webp)",
        "The boats: ![Two boats at dusk](https://boats.example/1.jpg?like=webp)",
    ),
    row(
        "img-ratio",
        "warning",
        "![Two boats at dusk](https://boats.example/1.jpg)",
        "The boats came in this morning, with torn sails and hardly any fish, and nobody could tell us what had \
         become of the third one, which left with them.\n\n![Two boats at dusk](https://boats.example/1.jpg)",
    ),
];
