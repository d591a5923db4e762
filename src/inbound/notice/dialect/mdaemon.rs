//! MDaemon.

use super::super::found;
use super::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    name: "mdaemon",
    knows: |text| text.mail.head.get("from").is_some_and(|from| from.to_lowercase().contains("mdaemon")),
    find: |text| {
        let found = text.after(&["did not receive a copy of your message", "did not receive"]);
        if found.is_empty() { found::listed(text.lines()) } else { found }
    },
};
