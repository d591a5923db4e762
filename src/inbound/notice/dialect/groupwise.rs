//! Novell GroupWise.

use super::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    name: "groupwise",
    knows: |text| {
        text.says(&["undeliverable to the following", "message that you sent was undeliverable"])
            || text.mail.head.get("x-mailer").is_some_and(|mailer| mailer.contains("GroupWise"))
    },
    find: |text| text.after(&["undeliverable to the following", "undeliverable to"]),
};
