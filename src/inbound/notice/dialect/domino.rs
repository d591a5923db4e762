//! Lotus Domino.

use super::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    name: "domino",
    knows: |text| text.says(&["was not delivered to:", "not listed in domino", "domino directory"]),
    find: |text| text.after(&["was not delivered to:", "was not delivered to"]),
};
