//! Exchange up to 5.5 and Internet Mail Service, whose recipients may be X.400 names; later ones write reports.

use super::super::found::{self, Found};
use super::Dialect;
use super::text::Text;

pub(super) static DIALECT: Dialect = Dialect {
    name: "exchange",
    knows: |text| {
        text.says(&[
            "did not reach the following recipient",
            "did not reach some or all",
            "delivery has failed to these recipients",
        ])
    },
    find: |text| {
        let mut found = x400(text);
        found.extend(text.after(&[
            "did not reach the following recipient",
            "recipient(s) could not be reached",
            "recipient(s) cannot be reached",
            "delivery has failed to these recipients",
        ]));
        found
    },
};

/// `c=US;a= ;p=IKON;o=Nexus2;dda:SMTP=ada@example.com; on Fri, 4 Oct`, with the reason below.
fn x400(text: &Text<'_>) -> Vec<Found> {
    let lines = text.lines();
    let starts = (0..lines.len()).filter(|at| lines[*at].to_ascii_lowercase().contains("smtp="));
    let found = starts.filter_map(|at| {
        let address = found::addresses(&lines[at]).next()?.to_owned();
        let below: Vec<&str> = lines[at + 1..].iter().take(6).map(|line| line.trim()).collect();
        Some(Found { address, last: None, text: below.join("\n") })
    });
    found.collect()
}
