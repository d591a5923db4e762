//! Netscape's and Sun's messaging servers.

use super::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    name: "netscape",
    knows: |text| {
        text.says(&[
            "undeliverable due to the following reason",
            "did not receive your message",
            "cannot be delivered to the following recipients",
        ])
    },
    find: |text| {
        text.after(&["did not receive your message", "cannot be delivered to the following recipients"])
    },
};
