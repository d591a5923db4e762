//! Lawrence Livermore's own, and others that say whom a letter was addressed to.

use super::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    name: "llnl",
    knows: |text| text.says(&["your message was addressed,", "message was addressed to"]),
    find: |text| text.after(&["your message was addressed,", "message was addressed to"]),
};
